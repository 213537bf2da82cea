"""The registry's words for how long things are kept, class by class, with the floors that no county may go below.

Where each length comes from: docs/retention.md.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from patrol.registry._entry import Entry
from patrol.registry.durations import Duration, format_duration

VIDEO_FLOOR: Final = timedelta(days=30)
"""Article 17 of the 2025 regulation on public-security video systems (国务院令第799号): at least 30 days."""
LOG_FLOOR: Final = timedelta(days=184)
"""Cybersecurity Law, article 21(3), since 2026 article 23(3): logs for no less than six months; the longest six have 184 days."""

SIGN_IN_FLOOR: Final = timedelta(days=1)
"""So that what a session did yesterday can still be laid beside it."""


def _video(value: timedelta) -> timedelta:
    if value < VIDEO_FLOOR:
        raise ValueError(f"{format_duration(value)} is too short: video evidence is kept for at least 30d")
    return value


def _log(value: timedelta) -> timedelta:
    if value < LOG_FLOOR:
        raise ValueError(f"{format_duration(value)} is too short: logs are kept for at least six months, 184d")
    return value


def _sign_in(value: timedelta) -> timedelta:
    if value < SIGN_IN_FLOOR:
        raise ValueError(f"{format_duration(value)} is too short: a session is known for at least 1d after its end")
    return value


VideoTerm = Annotated[Duration, AfterValidator(_video)]
LogTerm = Annotated[Duration, AfterValidator(_log)]
SignInTerm = Annotated[Duration, AfterValidator(_sign_in)]


class Retention(Entry):
    """How long what is kept is kept. Nothing goes before its day; the purge says what went."""

    routine: VideoTerm = Field(
        timedelta(days=30),
        title="Clear and candidate looks",
        description="Clips and pictures of looks that nothing came of, from the end of the look, and of false alarms, from the "
        "incident's end; at least 30d.",
    )
    flagged: VideoTerm = Field(
        timedelta(days=90),
        title="Flagged, not judged",
        description="Evidence of flagged incidents that nobody confirmed and nobody called a false alarm, from the incident's "
        "end; at least 30d.",
    )
    confirmed: VideoTerm = Field(
        timedelta(days=1095),
        title="Confirmed incidents",
        description="Evidence of incidents that a person confirmed, from the incident's end; at least 30d.",
    )
    spot_checks: VideoTerm = Field(
        timedelta(days=90),
        title="Spot-checks",
        description="Clips and pictures of looks that were put before a person, from the end of the look; at least 30d.",
    )
    answer_photos: VideoTerm = Field(
        timedelta(days=1095),
        title="Photos of departments",
        description="Photos that departments brought with their answers, from the end of the matter: the incident's end, the "
        "dispatch's closing or the photo's coming, whichever was last; at least 30d.",
    )
    case_files: VideoTerm = Field(
        timedelta(days=3650),
        title="Case files",
        description="Attachments and letters of cases, from the day the case was closed; at least 30d.",
    )
    messages: LogTerm = Field(
        timedelta(days=1095),
        title="Messages and escalations",
        description="Rows of messages to people and of rungs that were climbed, from the end of the matter; at least 184d.",
    )
    sign_ins: SignInTerm = Field(
        timedelta(days=30),
        title="Sessions and one-time links",
        description="Rows of sessions that ended and of links that were used or ran out; who signed in when stays in the audit "
        "trail. At least 1d.",
    )
    least_free_gb: float = Field(
        10.0,
        ge=0,
        le=1_000_000,
        title="Least free space",
        description="Gigabytes (10⁹ bytes) on the data folder's disk below which the board says so; nothing is deleted for it.",
    )
