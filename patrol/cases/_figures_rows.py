"""Reads a period's figures from the store: each fact counted once by unit, level, kind and township, then summed up."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from patrol.cases._figures_types import GRADES, ClockFigures, Figures, nearest_rank
from patrol.cases.period import Period
from patrol.cases.types import OPEN_STAGES, ClockName, Stage
from patrol.store.tables import CaseClock, CaseEvent, CaseFile, CaseLetter

Place = tuple[str | None, str | None, str, str]
"""Unit, level, kind, township: the finest line there is."""

_PLACE = (CaseFile.unit, CaseFile.level, CaseFile.kind, func.substr(CaseFile.division, 1, 9))
_VOID = (Stage.MERGED, Stage.WITHDRAWN)
_LIVE = CaseFile.stage.not_in(_VOID)
# Not as a list of stages: SQLite would read all closed cases along the stages' index, instead of some by their closing.
_CLOSED = CaseFile.stage.not_in((*_VOID, *OPEN_STAGES))
_MOVES = {"return": "returned", "transfer": "transferred", "extend": "extended", "consult": "extended"}
_BATCH = 5000


@dataclass
class Tally:
    """Counts of one line while they are summed up.

    Attributes:
        counts: by name of the figure; ``(name, clock)``, ``("letters", step)`` and ``("grade", grade)`` for those that have parts.
        used: working seconds of the clocks judged.
    """

    counts: Counter[Any] = field(default_factory=Counter)
    used: dict[str, array[float]] = field(default_factory=lambda: {name: array("d") for name in ClockName})

    def add(self, other: Tally) -> None:
        """Take in the counts of another line."""
        self.counts.update(other.counts)
        for name, values in other.used.items():
            self.used[name].extend(values)

    def figures(self) -> Figures:
        """As they stand."""
        c = self.counts
        steps = [key[1] for key in c if isinstance(key, tuple) and key[0] == "letters"]
        return Figures(
            opened=c["opened"],
            closed=c["closed"],
            in_time=c["in_time"],
            late=c["late"],
            open=c["open"],
            suspended=c["suspended"],
            provisional=c["provisional"],
            returned=c["returned"],
            transferred=c["transferred"],
            extended=c["extended"],
            closed_returned=c["closed_returned"],
            letters=tuple(c["letters", step] for step in range(max(steps, default=-1) + 1)),
            evaluated=c["evaluated"],
            grades=tuple((grade, c["grade", grade]) for grade in GRADES),
            satisfied=c["satisfied"],
            satisfaction=c["satisfaction"] / c["satisfied"] if c["satisfied"] else None,
            merged=c[Stage.MERGED.value],
            withdrawn=c[Stage.WITHDRAWN.value],
            clocks=tuple(self._clock(name) for name in ClockName),
        )

    def _clock(self, name: ClockName) -> ClockFigures:
        c, used = self.counts, sorted(self.used[name])
        return ClockFigures(
            name=name,
            judged=c["judged", name],
            in_time=c["in_time", name],
            mean_s=sum(used) / len(used) if used else None,
            p90_s=nearest_rank(used, 90),
            breached=c["breached", name],
            overdue=c["overdue", name],
        )


def tallies(session: Session, period: Period) -> dict[Place, Tally]:
    """The counts of a period, by the finest lines.

    Args:
        session: reading.
        period: see :class:`patrol.cases.period.Period`.
    """
    found: dict[Place, Tally] = defaultdict(Tally)
    for place, key, number in (
        *_of_files(session, period),
        *_of_clocks(session, period),
        *_of_events(session, period),
        *_of_letters(session, period),
    ):
        found[place].counts[key] += number
    for place, name, used in _judged(session, period, found):
        found[place].used[name].append(used)
    return found


_Counts = Iterable[tuple[Place, Any, int]]


def _during(column: Any, period: Period) -> ColumnElement[bool]:
    return (column >= period.start) & (column < period.until)


def _by_place(session: Session, keys: tuple[str, ...], wanted: Select[Any]) -> Iterator[tuple[Place, Any, int]]:
    for row in session.execute(wanted.group_by(*_PLACE)):
        place = tuple(row[:4])
        for key, number in zip(keys, row[4:], strict=True):
            yield place, key, int(number or 0)


def _number(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))


def _of_files(session: Session, period: Period) -> Iterator[tuple[Place, Any, int]]:
    opened = select(*_PLACE, func.count()).where(_during(CaseFile.opened_at, period), _LIVE)
    yield from _by_place(session, ("opened",), opened)
    closed = (
        select(
            *_PLACE,
            func.count(),
            _number(CaseClock.stopped_at <= CaseClock.due),
            _number(CaseClock.stopped_at > CaseClock.due),
            _number(CaseFile.returned > 0),
        )
        .outerjoin(CaseClock, (CaseClock.case == CaseFile.number) & (CaseClock.name == ClockName.RESOLVE))
        .where(_during(CaseFile.closed_at, period), _CLOSED)
    )
    yield from _by_place(session, ("closed", "in_time", "late", "closed_returned"), closed)
    # In two parts, so that each can take its own index.
    for still in (
        CaseFile.stage.in_(OPEN_STAGES),
        _CLOSED & (CaseFile.closed_at >= period.until),
    ):
        suspended = CaseFile.suspended & CaseFile.stage.in_(OPEN_STAGES)
        wanted = select(*_PLACE, func.count(), _number(suspended), _number(CaseFile.provisional))
        yield from _by_place(
            session, ("open", "suspended", "provisional"), wanted.where(still, CaseFile.opened_at < period.until)
        )


def _of_clocks(session: Session, period: Period) -> Iterator[tuple[Place, Any, int]]:
    def counted(key: str, *conditions: ColumnElement[bool]) -> _Counts:
        wanted = (
            select(*_PLACE, CaseClock.name, func.count())
            .join(CaseFile, CaseFile.number == CaseClock.case)
            .where(*conditions, CaseClock.void.is_(False), _LIVE)
            .group_by(*_PLACE, CaseClock.name)
        )
        return ((tuple(row[:4]), (key, row[4]), row[5]) for row in session.execute(wanted))

    yield from counted("breached", _during(CaseClock.breached_at, period))
    yield from counted(
        "overdue",
        CaseClock.breached_at < period.until,
        CaseClock.due < period.until,
        or_(CaseClock.stopped_at.is_(None), CaseClock.stopped_at >= period.until),
    )


def _judged(session: Session, period: Period, found: dict[Place, Tally]) -> Iterator[tuple[Place, str, float]]:
    """Count the judged clocks; yields what each of them used."""
    wanted = (
        select(*_PLACE, CaseClock.name, CaseClock.stopped_at <= CaseClock.due, CaseClock.used_s)
        .join(CaseFile, CaseFile.number == CaseClock.case)
        .where(_during(CaseClock.stopped_at, period), CaseClock.void.is_(False), _LIVE)
    )
    for unit, level, kind, township, name, in_time, used in session.execute(wanted.execution_options(yield_per=_BATCH)):
        key = (unit, level, kind, township)
        counts = found[key].counts
        counts["judged", name] += 1
        counts["in_time", name] += bool(in_time)
        if used is not None:
            yield key, name, used


def _of_events(session: Session, period: Period) -> Iterator[tuple[Place, Any, int]]:
    moved = (
        select(*_PLACE, CaseEvent.move, func.count())
        .join(CaseFile, CaseFile.number == CaseEvent.case)
        .where(CaseEvent.move.in_(_MOVES), _during(CaseEvent.at, period), _LIVE)
        .group_by(*_PLACE, CaseEvent.move)
    )
    for row in session.execute(moved):
        yield tuple(row[:4]), _MOVES[row[4]], row[5]

    def cases(move: str) -> Any:
        return select(CaseEvent.case).where(CaseEvent.move == move, _during(CaseEvent.at, period))

    for move, stage in (("merge", Stage.MERGED), ("withdraw", Stage.WITHDRAWN)):
        gone = select(*_PLACE, func.count()).where(CaseFile.number.in_(cases(move)), CaseFile.stage == stage)
        yield from _by_place(session, (stage.value,), gone)
    judged = (
        select(*_PLACE, CaseFile.grade, CaseFile.satisfaction, func.count())
        .where(CaseFile.number.in_(cases("evaluate")), CaseFile.stage == Stage.EVALUATED)
        .group_by(*_PLACE, CaseFile.grade, CaseFile.satisfaction)
    )
    for row in session.execute(judged):
        place: Place = tuple(row[:4])
        grade, satisfaction, number = row[4:]
        yield place, "evaluated", number
        yield place, ("grade", grade), number
        if satisfaction is not None:
            yield place, "satisfied", number
            yield place, "satisfaction", number * satisfaction


def _of_letters(session: Session, period: Period) -> Iterator[tuple[Place, Any, int]]:
    wanted = (
        select(*_PLACE, CaseLetter.step, func.count())
        .join(CaseFile, CaseFile.number == CaseLetter.case)
        .where(CaseLetter.state == "issued", _during(CaseLetter.decided_at, period), _LIVE)
        .group_by(*_PLACE, CaseLetter.step)
    )
    for row in session.execute(wanted):
        yield tuple(row[:4]), ("letters", row[4]), row[5]
