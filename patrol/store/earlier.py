"""Looks of one camera at the hour of another one, on the days before: what the place usually looks like then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from patrol.store.tables import Visit

DAYS = 7
AROUND = timedelta(minutes=30)
A_DAY = 3
"""Looks shown of one day at most, those nearest to the hour."""


def at_this_hour(session: Session, look: str, at: datetime, zone: ZoneInfo) -> Sequence[Visit]:
    """Looks within half an hour of the same time of day, of the last seven days and of the same day before, newest first.

    Args:
        session: reads.
        look: key of the look.
        at: start of the look that they are put beside; UTC.
        zone: county time, by which it is the same hour.
    """
    local = at.astimezone(zone)
    spans = [(day, (local - timedelta(days=day)).astimezone(at.tzinfo)) for day in range(DAYS + 1)]
    around = [and_(Visit.started_at >= m - AROUND, Visit.started_at < (m + AROUND if d else at)) for d, m in spans]
    wanted = select(Visit).where(Visit.look == look, Visit.outcome != "missed", or_(*around))
    near: dict[int, list[tuple[timedelta, Visit]]] = {}
    for visit in session.scalars(wanted):
        off, day = min((abs(visit.started_at - moment), day) for day, moment in spans)
        near.setdefault(day, []).append((off, visit))
    kept = [visit for found in near.values() for _, visit in sorted(found, key=lambda pair: pair[0])[:A_DAY]]
    return sorted(kept, key=lambda visit: visit.started_at, reverse=True)
