"""What the detectors overlook, measured by people: clear looks drawn by chance, by day and by what the camera belongs to."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from patrol.figures._sql import days_of, on_cameras
from patrol.figures.period import Range
from patrol.figures.places import By, Places
from patrol.ledger.spot_checks import Figures, figures_of
from patrol.store.tables import SpotCheck, Visit


@dataclass(frozen=True, slots=True)
class SpotChecks:
    """The looks of a range that were drawn; ``kinds``: what was overlooked."""

    whole: Figures
    kinds: dict[str, int]
    days: tuple[tuple[date, Figures], ...]
    groups: tuple[tuple[str, Figures], ...]


def spot_checks_of(
    session: Session, asked: Range, by: By, places: Places, cameras: frozenset[str] | None = None
) -> SpotChecks:
    """Count the checks of looks made in a range, as the printed report does.

    Args:
        session: reading.
        asked: the days of the looks.
        by: ``category``, ``platform`` or ``division`` of the camera.
        places: of the cameras.
        cameras: only of these; None: all.
    """
    days = days_of(asked)
    columns = (days.c.day, Visit.camera, SpotCheck.answer, SpotCheck.kind)
    rows = session.execute(
        select(*columns, func.count())
        .select_from(SpotCheck)
        .join(Visit, Visit.id == SpotCheck.visit)
        .join(days, (Visit.started_at >= days.c.start) & (Visit.started_at < days.c.until))
        .where(*on_cameras(Visit.camera, cameras))
        .group_by(*columns)
    )
    whole, kinds = Counter[str | None](), Counter[str]()
    by_day = defaultdict[str, Counter[str | None]](Counter)
    groups = defaultdict[str, Counter[str | None]](Counter)
    for day, camera, answer, kind, number in rows:
        for each in (whole, by_day[day], groups[places.key(by, camera)]):
            each[answer] += number
        if kind is not None:
            kinds[kind] += number
    return SpotChecks(
        whole=figures_of(whole),
        kinds=dict(sorted(kinds.items())),
        days=tuple((span.day, figures_of(by_day[span.day.isoformat()])) for span in asked.spans()),
        groups=tuple((key, figures_of(groups[key])) for key in sorted(groups)),
    )
