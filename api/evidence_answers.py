"""Rows of evidence as answers: copies, lines of the register, what became of a file."""

from __future__ import annotations

from collections.abc import Mapping

from api import models
from patrol.access import Caller
from patrol.evidence import exports
from patrol.evidence.calls import Call
from patrol.evidence.trace import FileTrace, Trace
from patrol.store.queries import IncidentWhole
from patrol.store.tables import EvidenceExport

_SAME = (
    "number", "evidence", "camera", "taken_at", "incident", "recipient_unit", "reason", "unmasked_reason", "by", "unit", "state",
    "progress", "problem", "created_at", "ready_at", "expires_at", "source_sha256", "sha256", "bytes", "media_type",
)  # fmt: skip


def export_answer(row: EvidenceExport, names: Mapping[str, str], caller: Caller) -> models.Export:
    """A copy; only who asked for it is told where to fetch it."""
    there = row.state == exports.READY and row.by == caller.name
    return models.Export(
        **{name: getattr(row, name) for name in _SAME},
        camera_name=names.get(row.camera),
        case=row.case_number,
        unmasked=row.unmasked_reason is not None,
        url=f"/api/v1/exports/{row.number}/file" if there else None,
    )


def call_answer(call: Call, names: Mapping[str, str]) -> models.EvidenceCall:
    """A line of the register."""
    same = {name: getattr(call, name) for name in models.EvidenceCall.model_fields if name != "camera_name"}
    return models.EvidenceCall(**same, camera_name=names.get(call.camera or ""))


def trace_answer(found: Trace, names: Mapping[str, str], caller: Caller) -> models.EvidenceTrace:
    """What became of a file."""
    return models.EvidenceTrace(
        sha256=found.files[0].file.sha256,
        copy_of=found.copy.number if found.copy is not None else None,
        files=[_file(traced, names) for traced in found.files],
        exports=[export_answer(row, names, caller) for row in found.exports],
        calls=[call_answer(call, names) for call in found.calls],
    )


def _file(traced: FileTrace, names: Mapping[str, str]) -> models.TraceFile:
    file, visit, link = traced.file, traced.visit, traced.link
    return models.TraceFile(
        evidence=file.id,
        role=file.role,
        media_type=file.media_type,
        bytes=file.bytes,
        on_disk=traced.state.value,
        retention=models.TraceRetention(
            key=traced.kept.class_.value,
            since=traced.kept.since,
            until=traced.until,
            holds=list(traced.kept.holds),
            purged_at=file.purged_at,
        ),
        purge=_purge(traced),
        visit=models.TraceVisit(
            id=visit.id,
            camera=visit.camera,
            camera_name=names.get(visit.camera),
            preset=visit.preset,
            started_at=visit.started_at,
            ended_at=visit.ended_at,
            outcome=visit.outcome,
            reason=visit.reason,
        ),
        link=None if link is None else models.TraceLink(position=link.position, hash=link.hash, at=link.at),
        incidents=[_incident(whole) for whole in traced.incidents],
    )


def _purge(traced: FileTrace) -> models.TracePurge | None:
    if traced.purge is None or traced.file.purged_at is None:
        return None
    item, run = traced.purge
    return models.TracePurge(
        at=traced.file.purged_at,
        due_at=item.due_at,
        reason=item.reason,
        run=run.id,
        hash=run.hash,
        found=item.outcome == "deleted",
    )


def _incident(whole: IncidentWhole) -> models.TraceIncident:
    row = whole.incident
    return models.TraceIncident(
        id=row.id,
        kind=row.kind,
        state=row.state,
        summary=row.summary,
        first_seen_at=row.first_seen_at,
        reviews=[
            models.Review(verdict=r.verdict, reason=r.reason, reviewer=r.reviewer, at=r.at) for r in whole.reviews
        ],
        alerts=[
            models.TraceAlert(**{name: getattr(alert, name) for name in models.TraceAlert.model_fields})
            for alert, _ in whole.alerts
        ],
    )
