"""Numbers without gaps or repeats: given out in the transaction that uses them, taken back with it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

_NEXT = text(
    "INSERT INTO case_number (prefix, last) VALUES (:prefix, 1) "
    "ON CONFLICT (prefix) DO UPDATE SET last = case_number.last + 1 RETURNING last"
)
_MOST = 999_999


class NumberError(Exception):
    """There is no number left."""


def take(session: Session, prefix: str) -> int:
    """The next number under a prefix, from 1. Whoever comes at the same time waits until this transaction has ended."""
    return int(session.execute(_NEXT, {"prefix": prefix}).scalar_one())


def case_number(session: Session, county: str, zone: ZoneInfo, now: datetime) -> str:
    """County code, day of intake, six digits: ``43062420261126000001``.

    Raises:
        NumberError: a million cases on one day.
    """
    prefix = f"{county}{now.astimezone(zone):%Y%m%d}"
    number = take(session, prefix)
    if number > _MOST:
        raise NumberError(f"all {_MOST} case numbers of {prefix} are given out")
    return f"{prefix}{number:06d}"
