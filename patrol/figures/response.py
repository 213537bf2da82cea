"""How fast departments answer: from the moment an alert was written until it was sent, received, accepted, answered on scene, disposed.

For a reviewed incident that moment is the confirmation: the alert is written in its transaction. Copies are for information and
are left out. Answers later than a limit, and limits that passed without one, are late.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from patrol.alerts.ladder import RANK
from patrol.figures._sql import on_cameras, seconds_between
from patrol.figures.period import Range
from patrol.ledger.day import percentile
from patrol.store.tables import Ack, Alert, DispatchTrack, Incident

By = Literal["department", "kind"]
Step = Literal["sent", "received", "accepted", "on_scene", "disposed"]
STEPS: tuple[Step, ...] = ("sent", "received", "accepted", "on_scene", "disposed")
_LIMITS = {
    "received": DispatchTrack.received_by,
    "accepted": DispatchTrack.accepted_by,
    "on_scene": DispatchTrack.on_scene_by,
    "disposed": DispatchTrack.disposed_by,
}


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
    """Matters that were opened in the range; ``steps`` in the order of ``STEPS``."""

    matters: int
    steps: tuple[tuple[Step, StepFigures], ...]


@dataclass(frozen=True, slots=True)
class ResponseFigures:
    """The whole, and by department or kind."""

    whole: Response
    groups: tuple[tuple[str, Response], ...]


@dataclass(slots=True)
class _Tally:
    matters: int = 0
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    due: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    in_time: dict[str, int] = field(default_factory=lambda: defaultdict(int))


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
    whole, groups = _Tally(), defaultdict[str, _Tally](_Tally)
    for key, values in _rows(session, asked, by, cameras, department):
        for tally in (whole, groups[key]):
            _count(tally, values)
    return ResponseFigures(_figures(whole), tuple((key, _figures(groups[key])) for key in sorted(groups)))


def _rows(
    session: Session, asked: Range, by: By, cameras: frozenset[str] | None, department: str | None
) -> Iterable[tuple[str, Sequence[Any]]]:
    """One row a matter: ``(group, [sent_s, received_s, limit_s, open_s, accepted_s, limit_s, open_s, …])``."""
    track = DispatchTrack
    mine = [track.opened_at >= asked.start, track.opened_at < asked.end, track.role != "copy"]
    mine += [track.department == department] if department is not None else []
    answered = and_(Ack.alert == Alert.id, Ack.taken, Ack.at >= track.opened_at)
    columns: list[Any] = [seconds_between(track.opened_at, func.min(Alert.sent_at))]
    for step, limit in _LIMITS.items():
        reached = [s for s, rank in RANK.items() if rank >= RANK[step] and (s != "refused" or step == "received")]
        columns.append(seconds_between(track.opened_at, func.min(case((Ack.status.in_(reached), Ack.at)))))
        columns.append(seconds_between(track.opened_at, limit))
    # Nobody is late with what was closed before its time, by another's taking it on or by its end.
    columns.append(seconds_between(track.opened_at, func.coalesce(track.closed_at, asked.now)))
    rows = (
        select(getattr(track, by), *columns)
        .join(Alert, and_(Alert.incident == track.incident, Alert.department == track.department), isouter=True)
        .join(Ack, answered, isouter=True)
        .where(*mine)
        .group_by(track.id)
    )
    if cameras is not None:
        rows = rows.join(Incident, Incident.id == track.incident).where(*on_cameras(Incident.camera, cameras))
    for key, *values in session.execute(rows):
        yield key, values


def _count(tally: _Tally, values: Sequence[Any]) -> None:
    tally.matters += 1
    sent, lasted = values[0], values[-1]
    if sent is not None:
        tally.seconds["sent"].append(sent)
    for place, step in enumerate(_LIMITS):
        reached, limit = values[1 + 2 * place], values[2 + 2 * place]
        if reached is not None:
            tally.seconds[step].append(reached)
            tally.due[step] += 1
            tally.in_time[step] += reached <= limit
        elif lasted > limit:
            tally.due[step] += 1


def _figures(tally: _Tally) -> Response:
    steps = []
    for step in STEPS:
        seconds = sorted(tally.seconds[step])
        limited = step in _LIMITS
        steps.append(
            (
                step,
                StepFigures(
                    reached=len(seconds),
                    median_s=_rounded(percentile(seconds, 0.5)),
                    p90_s=_rounded(percentile(seconds, 0.9)),
                    due=tally.due[step] if limited else None,
                    in_time=tally.in_time[step] if limited else None,
                ),
            )
        )
    return Response(tally.matters, tuple(steps))


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
