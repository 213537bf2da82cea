"""How fast departments answer: from the moment an alert was written until it was sent, received, accepted, answered on scene, disposed.

For a reviewed incident that moment is the confirmation: the alert is written in its transaction. Sent counts new alerts, copies
too; the other steps count matters to act on, and copies are left out. Answers later than a limit, and limits that passed without one, are late.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from patrol.figures._sql import on_cameras, seconds_between
from patrol.figures.period import Range
from patrol.ledger.day import percentile
from patrol.store.tables import Alert, DispatchTrack, Incident

By = Literal["department", "kind"]
Step = Literal["sent", "received", "accepted", "on_scene", "disposed"]
_Moment: TypeAlias = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
_STEPS: tuple[tuple[Step, _Moment, _Moment], ...] = (
    ("received", DispatchTrack.received_at, DispatchTrack.received_by),
    ("accepted", DispatchTrack.accepted_at, DispatchTrack.accepted_by),
    ("on_scene", DispatchTrack.on_scene_at, DispatchTrack.on_scene_by),
    ("disposed", DispatchTrack.disposed_at, DispatchTrack.disposed_by),
)
"""When each step was reached, and its limit."""


@dataclass(frozen=True, slots=True)
class StepFigures:
    """One step of some matters.

    Attributes:
        reached: how many reached it.
        median_s, p90_s: seconds from the alert to it, nearest rank.
        due: how many had to by now: reached, or the limit has passed while the matter was open. None: it has no limit.
        in_time: of these, reached by the limit.
    """

    reached: int
    median_s: float | None
    p90_s: float | None
    due: int | None = None
    in_time: int | None = None

    @property
    def share(self) -> float | None:
        """In time, of those that were due."""
        return self.in_time / self.due if self.due and self.in_time is not None else None


@dataclass(frozen=True, slots=True)
class Response:
    """Matters that were opened in the range; ``steps`` in their order."""

    matters: int
    steps: tuple[tuple[Step, StepFigures], ...]


@dataclass(frozen=True, slots=True)
class ResponseFigures:
    """The whole, and by department or kind."""

    whole: Response
    groups: tuple[tuple[str, Response], ...]


def response_of(
    session: Session,
    asked: Range,
    by: By,
    *,
    cameras: frozenset[str] | None = None,
    department: str | None = None,
) -> ResponseFigures:
    """Measure the answers to what was told in a range.

    Args:
        session: reading.
        asked: the days on which the matters were opened.
        by: what the groups are.
        cameras: only of these; None: all.
        department: only its own.
    """
    keys, values = _rows(session, asked, by, cameras, department)
    told, sent = _sent(session, asked, by, cameras, department)
    groups = ((key, _figures(values[keys == key], sent[told == key])) for key in sorted(set(keys)))
    return ResponseFigures(_figures(values, sent), tuple((str(key), each) for key, each in groups))


def _rows(
    session: Session, asked: Range, by: By, cameras: frozenset[str] | None, department: str | None
) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
    """One row a matter: its group, and seconds from its alert to: each step and its limit, then its end or now.

    ``(N,)`` and ``(N, 2 * len(_STEPS) + 1)``; NaN: not reached.
    """
    track = DispatchTrack
    moments = [moment for _, reached, limit in _STEPS for moment in (reached, limit)]
    # Nobody is late with what was closed before its time, by another's taking it on or by its end.
    columns = [seconds_between(track.opened_at, each) for each in (*moments, func.coalesce(track.closed_at, asked.now))]
    rows = select(getattr(track, by), *columns).where(
        track.opened_at >= asked.start, track.opened_at < asked.end, track.role != "copy"
    )
    return _read(session, rows, track, cameras, department, len(columns))


def _sent(
    session: Session, asked: Range, by: By, cameras: frozenset[str] | None, department: str | None
) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
    """Seconds from writing a new alert to handing it to the broker: the group ``(N,)``, and ``(N, 1)``; NaN: not yet."""
    rows = select(getattr(Alert, by), seconds_between(Alert.created_at, Alert.sent_at)).where(
        Alert.created_at >= asked.start, Alert.created_at < asked.end, Alert.type == "new"
    )
    return _read(session, rows, Alert, cameras, department, 1)


def _read(
    session: Session,
    rows: Select[Any],
    table: type[DispatchTrack] | type[Alert],
    cameras: frozenset[str] | None,
    department: str | None,
    columns: int,
) -> tuple[NDArray[np.str_], NDArray[np.float64]]:
    if department is not None:
        rows = rows.where(table.department == department)
    if cameras is not None:
        rows = rows.join(Incident, Incident.id == table.incident).where(*on_cameras(Incident.camera, cameras))
    found = [tuple(row) for row in session.execute(rows)]
    keys = np.array([row[0] for row in found], np.str_)
    return keys, np.array([row[1:] for row in found], np.float64).reshape(len(found), columns)


def _figures(values: NDArray[np.float64], sent: NDArray[np.float64]) -> Response:
    """The steps of some matters, rows as :func:`_rows` and :func:`_sent` give them."""
    steps: list[tuple[Step, StepFigures]] = [("sent", StepFigures(*_spread(sent[:, 0])))]
    lasted = values[:, -1]
    for place, (step, _, _) in enumerate(_STEPS):
        reached, limit = values[:, 2 * place], values[:, 2 * place + 1]
        there = ~np.isnan(reached)
        due = int(there.sum()) + int((~there & (lasted > limit)).sum())
        in_time = int((reached[there] <= limit[there]).sum())
        steps.append((step, StepFigures(*_spread(reached), due=due, in_time=in_time)))
    return Response(len(values), tuple(steps))


def _spread(seconds: NDArray[np.float64]) -> tuple[int, float | None, float | None]:
    """How many reached it, median and 90th percentile."""
    ordered = np.sort(seconds[~np.isnan(seconds)]).tolist()
    return len(ordered), _rounded(percentile(ordered, 0.5)), _rounded(percentile(ordered, 0.9))


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
