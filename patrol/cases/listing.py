"""The list of cases for screens: filters, two orders, pages by cursor, and how many there are by light and stage.

A page is put together from one short run along an index for each stage (or light) that is asked for, so that it costs the same
at the start and deep inside. Text is searched by LIKE, which reads every case that the other filters leave until the page is full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union_all
from sqlalchemy.orm import Session

from patrol.cases.types import CaseKind, Level, Light, Severity, Source, Stage
from patrol.store.tables import CaseFile

Order = Literal["resolve_due", "opened_at"]
"""``resolve_due``: what is due first comes first. ``opened_at``: the newest comes first."""


class CursorError(ValueError):
    """A cursor that no page gave; the message says so."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What is asked for: what is None or empty is not asked; all that is given must hold.

    Attributes:
        stages, lights, levels, kinds, severities, sources: one of these.
        unit: who has it.
        mine: who has it or helps with it (co-handling).
        division: it lies in this division or in one below it.
        opened_from, opened_to, due_from, due_to: aware; from is in it, to is not. Due is that of the resolve clock.
        suspended, provisional: only those that are, or are not.
        text: stands in its number, title or address; capitals do not matter for ASCII.
        scope: what a department may see: see :func:`scope_of`.
        brought_by: who opened it: what a reporter may see.
        places, cameras: what somebody with limited grants may see: it lies in one of these divisions, or one of these cameras saw
            it; both None: no limit.
    """

    stages: tuple[Stage, ...] = ()
    lights: tuple[Light, ...] = ()
    levels: tuple[Level, ...] = ()
    kinds: tuple[CaseKind, ...] = ()
    severities: tuple[Severity, ...] = ()
    sources: tuple[Source, ...] = ()
    unit: str | None = None
    mine: str | None = None
    division: str | None = None
    opened_from: datetime | None = None
    opened_to: datetime | None = None
    due_from: datetime | None = None
    due_to: datetime | None = None
    suspended: bool | None = None
    provisional: bool | None = None
    text: str | None = None
    scope: str | None = None
    brought_by: str | None = None
    places: tuple[str, ...] | None = None
    cameras: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page. ``cursor`` is given for the page after it; None: this is the last."""

    cases: tuple[CaseFile, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """How many cases a filter finds; every light and every stage stands in it."""

    total: int
    lights: dict[Light, int]
    stages: dict[Stage, int]


def page(
    session: Session,
    wanted: Filter,
    *,
    order: Order = "resolve_due",
    cursor: str | None = None,
    limit: int = 50,
) -> CasePage:
    """One page of cases. Cases that come or go meanwhile make no other case stand twice or be left out.

    Args:
        session: an open session.
        wanted: the filter.
        order: see :data:`Order`; equals by number.
        cursor: of the page before.
        limit: at most so many.

    Raises:
        CursorError: the cursor is none of these pages.
    """
    by = CaseFile.resolve_due if order == "resolve_due" else CaseFile.opened_at
    rising = order == "resolve_due"
    conditions = _conditions(wanted)
    if cursor is not None:
        conditions.append(_after(by, _place(cursor, order), rising=rising))

    def along(*more: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
        found = select(CaseFile.number, by.label("place")).where(*conditions, *more)
        way = (by, CaseFile.number) if rising else (by.desc(), CaseFile.number.desc())
        return found.order_by(*way).limit(limit + 1)

    parts = [along(branch).subquery() for branch in _branches(wanted)]
    found = union_all(*(select(part.c.number, part.c.place) for part in parts)).subquery()
    best = (found.c.place, found.c.number) if rising else (found.c.place.desc(), found.c.number.desc())
    numbers = select(found.c.number).order_by(*best).limit(limit + 1)
    rows = session.scalars(
        select(CaseFile)
        .where(CaseFile.number.in_(numbers))
        .order_by(*((by, CaseFile.number) if rising else (by.desc(), CaseFile.number.desc())))
    ).all()
    shown = rows[:limit]
    more = len(rows) > limit
    return CasePage(tuple(shown), _cursor(order, shown[-1]) if more else None)


def counts(session: Session, wanted: Filter) -> CaseCounts:
    """How many cases the filter finds, by light and by stage."""
    lights, stages = Counter[str](), Counter[str]()
    rows = session.execute(
        select(CaseFile.stage, CaseFile.light, func.count())
        .where(*_conditions(wanted), *_only(wanted))
        .group_by(CaseFile.stage, CaseFile.light)
    )
    for stage, light, number in rows:
        stages[stage] += number
        lights[light] += number
    return CaseCounts(
        sum(stages.values()), {light: lights[light] for light in Light}, {stage: stages[stage] for stage in Stage}
    )


def scope_of(unit: str) -> ColumnElement[bool]:
    """What a unit may see: cases it has or helps with, and, of a division, those that divisions below it have or help with.

    The same rule as :func:`patrol.access.lies_with`, which is asked of a single case.
    """
    if not unit.isdecimal():
        return _handles(unit)
    return or_(CaseFile.unit.between(unit, unit.ljust(15, "9")), CaseFile.helpers.contains(f'"{unit}', autoescape=True))


def _handles(unit: str) -> ColumnElement[bool]:
    return or_(CaseFile.unit == unit, CaseFile.helpers.contains(f'"{unit}"', autoescape=True))


def _lies_in(division: str) -> ColumnElement[bool]:
    # A range and no LIKE: it takes the index on both databases, whatever their collation.
    return CaseFile.division.between(division, division.ljust(15, "9"))


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """All but stages and lights."""
    found: list[ColumnElement[bool]] = []
    listed: tuple[tuple[Any, Sequence[str]], ...] = (
        (CaseFile.level, wanted.levels),
        (CaseFile.kind, wanted.kinds),
        (CaseFile.severity, wanted.severities),
        (CaseFile.source, wanted.sources),
    )
    found += [column.in_(values) for column, values in listed if values]
    exact: tuple[tuple[Any, Any], ...] = (
        (CaseFile.unit, wanted.unit),
        (CaseFile.opened_by, wanted.brought_by),
        (CaseFile.suspended, wanted.suspended),
        (CaseFile.provisional, wanted.provisional),
    )
    found += [column == value for column, value in exact if value is not None]
    for column, start, end in (
        (CaseFile.opened_at, wanted.opened_from, wanted.opened_to),
        (CaseFile.resolve_due, wanted.due_from, wanted.due_to),
    ):
        if start is not None:
            found.append(column >= start)
        if end is not None:
            found.append(column < end)
    if wanted.division is not None:
        found.append(_lies_in(wanted.division))
    if wanted.mine is not None:
        found.append(_handles(wanted.mine))
    if wanted.scope is not None:
        found.append(scope_of(wanted.scope))
    if wanted.places is not None or wanted.cameras is not None:
        found.append(
            or_(
                CaseFile.camera.in_(wanted.cameras or ()),
                *(CaseFile.division.startswith(place, autoescape=True) for place in wanted.places or ()),
            )
        )
    if wanted.text:
        places = (CaseFile.number, CaseFile.title, CaseFile.address)
        found.append(or_(*(place.icontains(wanted.text, autoescape=True) for place in places)))
    return found


def _only(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.stages:
        found.append(CaseFile.stage.in_(wanted.stages))
    if wanted.lights:
        found.append(CaseFile.light.in_(wanted.lights))
    return found


def _branches(wanted: Filter) -> list[ColumnElement[bool]]:
    """Conditions that exclude each other, each the head of an index that goes on by due instant or by opening."""
    if wanted.lights:
        stages = [CaseFile.stage.in_(wanted.stages)] if wanted.stages else []
        return [and_(CaseFile.light == light, *stages) for light in dict.fromkeys(wanted.lights)]
    return [CaseFile.stage == stage for stage in dict.fromkeys(wanted.stages or Stage)]


def _after(by: Any, place: tuple[datetime, str], *, rising: bool) -> ColumnElement[bool]:
    at, number = place
    # The first part says nothing that the second does not: it is there for the index.
    if rising:
        return (by >= at) & ((by > at) | (CaseFile.number > number))
    return (by <= at) & ((by < at) | (CaseFile.number < number))


def _cursor(order: Order, last: CaseFile) -> str:
    at = last.resolve_due if order == "resolve_due" else last.opened_at
    return f"{order}~{at.isoformat()}~{last.number}"


def _place(cursor: str, order: Order) -> tuple[datetime, str]:
    problem = f"{cursor!r} is no cursor of this list; ask for the first page again, without one"
    parts = cursor.split("~")
    if len(parts) != 3 or parts[0] != order:
        raise CursorError(problem)
    try:
        at = datetime.fromisoformat(parts[1])
    except ValueError:
        raise CursorError(problem) from None
    if at.tzinfo is None:
        raise CursorError(problem)
    return at, parts[2]


__all__ = [
    "CaseCounts",
    "CasePage",
    "CursorError",
    "Filter",
    "Order",
    "counts",
    "page",
    "scope_of",
]
