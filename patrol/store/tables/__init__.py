"""The tables. One row of ``look_state`` per camera (or preset) decides what is due; the rest is what happened.

All times are UTC. Rows are written in the transaction of their cause: a visit, its incident and the alerts that
follow from it are one commit.
"""

from __future__ import annotations

from patrol.store.tables._base import Base, UtcDateTime
from patrol.store.tables.access import Account, AccountSession, ApiToken, KeptAnswer, OneTimeLink, SignInTries
from patrol.store.tables.alerts import Ack, Alert, AnswerPhoto, CaseLink
from patrol.store.tables.audit import AuditHead, AuditRow
from patrol.store.tables.cases import (
    CaseAlert,
    CaseAttachment,
    CaseClock,
    CaseEvent,
    CaseFile,
    CaseLetter,
    CaseNotice,
    CaseNumber,
    CasePolicy,
)
from patrol.store.tables.dispatch import DispatchTrack, Escalation, Held, Silence
from patrol.store.tables.evidence import EvidenceExport
from patrol.store.tables.figures import FigureDay, FigureLooks
from patrol.store.tables.incidents import FollowUp, Incident, IncidentLook, Review
from patrol.store.tables.notices import Notice, NoticeItem
from patrol.store.tables.proof import ChainEntry, ChainHead, DailyRoot, SignOff, SpotCheck
from patrol.store.tables.registry import RegistryEdit
from patrol.store.tables.retention import RetentionHead, RetentionHold, RetentionItem, RetentionRun
from patrol.store.tables.review import ReviewLease
from patrol.store.tables.rotation import EvidenceFile, LookState, Outage, PlatformOutage, RegistryRevision, Visit

__all__ = [
    "Account",
    "AccountSession",
    "Ack",
    "Alert",
    "AnswerPhoto",
    "ApiToken",
    "AuditHead",
    "AuditRow",
    "Base",
    "CaseAlert",
    "CaseAttachment",
    "CaseClock",
    "CaseEvent",
    "CaseFile",
    "CaseLetter",
    "CaseLink",
    "CaseNotice",
    "CaseNumber",
    "CasePolicy",
    "ChainEntry",
    "ChainHead",
    "DailyRoot",
    "DispatchTrack",
    "Escalation",
    "EvidenceExport",
    "EvidenceFile",
    "FigureDay",
    "FigureLooks",
    "FollowUp",
    "Held",
    "Incident",
    "IncidentLook",
    "KeptAnswer",
    "LookState",
    "Notice",
    "NoticeItem",
    "OneTimeLink",
    "Outage",
    "PlatformOutage",
    "RegistryEdit",
    "RegistryRevision",
    "RetentionHead",
    "RetentionHold",
    "RetentionItem",
    "RetentionRun",
    "Review",
    "ReviewLease",
    "SignInTries",
    "SignOff",
    "Silence",
    "SpotCheck",
    "UtcDateTime",
    "Visit",
]
