"""Whether the disk will hold out: free space against what last week added. Nothing is deleted before its day for it."""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from patrol.store.tables import EvidenceFile, RetentionItem, Visit

WEEK = timedelta(days=7)
_SOON_DAYS = 7
_GB = 1e9


@dataclass(frozen=True, slots=True)
class Space:
    """The data folder's disk.

    Attributes:
        free: bytes.
        growth: bytes a day that evidence grew by in the last week, what was purged of it taken off; may be negative.
        days_left: until the disk is full at that growth; None: it does not grow.
    """

    free: int
    growth: float
    days_left: int | None


def measure(session: Session, data: Path, now: datetime) -> Space:
    """Measure it.

    Raises:
        OSError: the folder cannot be read.
    """
    since = now - WEEK
    added = session.scalar(
        select(func.coalesce(func.sum(EvidenceFile.bytes), 0))
        .join(Visit, Visit.id == EvidenceFile.visit)
        .where(Visit.started_at >= since)
    )
    purged = session.scalar(
        select(func.coalesce(func.sum(RetentionItem.bytes), 0)).where(
            RetentionItem.kind == "evidence", RetentionItem.outcome == "deleted", RetentionItem.done_at >= since
        )
    )
    return outlook(shutil.disk_usage(data).free, (int(added or 0) - int(purged or 0)) / WEEK.days)


def outlook(free: int, growth: float) -> Space:
    """From free bytes and bytes a day."""
    return Space(free, growth, math.floor(free / growth) if growth > 0 else None)


def problem(space: Space, least_free_gb: float) -> str | None:
    """What people must know; None: all is well."""
    short = space.free < least_free_gb * _GB
    soon = space.days_left is not None and space.days_left < _SOON_DAYS
    if not short and not soon:
        return None
    ahead = (
        f"at last week's growth of {space.growth / _GB:.1f} GB a day it is full in {space.days_left} days"
        if space.days_left is not None
        else "it did not grow in the last week"
    )
    return (
        f"the data folder's disk has {space.free / _GB:.1f} GB free (limit {least_free_gb:g} GB); {ahead}. Nothing is deleted "
        "before its day for that: add space, or shorten terms in the registry's section retention"
    )
