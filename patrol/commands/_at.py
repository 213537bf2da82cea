"""The moment that ``--at`` names: county time unless it says otherwise, now where it is left out."""

from __future__ import annotations

from datetime import datetime, tzinfo

from patrol.commands import _say


def moment(at: str | None, zone: tzinfo) -> datetime:
    """Aware, in ``zone``; what is no time ends the command with a sentence."""
    if at is None:
        return datetime.now(zone)
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        _say.stop(f"--at: {at!r} is not an ISO 8601 time like 2026-02-16T20:00", _say.USAGE)
    return found.replace(tzinfo=zone) if found.tzinfo is None else found.astimezone(zone)
