"""The number of a case: county, day, six digits."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from patrol.store.numbers import take

_MOST = 999_999


class NumberError(Exception):
    """There is no number left."""


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
