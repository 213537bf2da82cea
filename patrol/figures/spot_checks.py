"""What the detectors overlook, measured by people: clear looks drawn by chance, by day and by what the camera belongs to."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.figures._sql import on_cameras
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
    # A look is drawn after it was made: the index on the drawing leads to few rows, that on the look's beginning to all visits.
    rows = session.execute(
        select(Visit.started_at, Visit.camera, SpotCheck.answer, SpotCheck.kind)
        .join(Visit, Visit.id == SpotCheck.visit)
        .where(
            SpotCheck.drawn_at >= asked.start,
            Visit.started_at >= asked.start,
            Visit.started_at < asked.end,
            *on_cameras(Visit.camera, cameras),
        )
    )
    whole, kinds = Counter[str | None](), Counter[str]()
    by_day = defaultdict[date, Counter[str | None]](Counter)
    groups = defaultdict[str, Counter[str | None]](Counter)
    for at, camera, answer, kind in rows:
        for each in (whole, by_day[at.astimezone(asked.zone).date()], groups[places.key(by, camera)]):
            each[answer] += 1
        if kind is not None:
            kinds[kind] += 1
    return SpotChecks(
        whole=figures_of(whole),
        kinds=dict(sorted(kinds.items())),
        days=tuple((span.day, figures_of(by_day[span.day])) for span in asked.spans()),
        groups=tuple((key, figures_of(groups[key])) for key in sorted(groups)),
    )
