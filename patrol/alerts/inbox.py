"""A department's own matters as its people see them, and their answers: put on the alert by the same way as over MQTT.

A matter is one incident at one department, whatever alerts it has had; an answer goes to the last of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from patrol.alerts import answer_photos, tracks
from patrol.alerts.acks import ANSWERS, record_ack
from patrol.alerts.ladder import RANK
from patrol.clock import iso
from patrol.store.tables import Ack, Alert, AnswerPhoto, DispatchTrack, Incident

Place = tuple[bool, datetime, int]
"""Where a page ends: whether the matter is closed, when it was opened, its track's number."""
_ON_IT = frozenset({"accepted", "phoned", "on_scene"})


class NotNowError(Exception):
    """An answer that the matter does not take as it stands; nothing was changed. The message says why."""


class NoReasonError(Exception):
    """A refusal without a reason; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One incident at one department.

    Attributes:
        track: where it stands there.
        incident: what it is.
        alerts: all that the department had of it, in the order of ``seq``; at least one.
        acks: all answers, in the order in which they came.
        photos: those that its answers name, and those that wait for one.
    """

    track: DispatchTrack
    incident: Incident
    alerts: tuple[Alert, ...]
    acks: tuple[Ack, ...]
    photos: tuple[AnswerPhoto, ...]

    @property
    def alert(self) -> Alert:
        """The last one."""
        return self.alerts[-1]

    @property
    def answers(self) -> tuple[str, ...]:
        """What may be answered now."""
        return answers_to(self.track, self.alert.state)


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as a person of the department gives it.

    Attributes:
        status: one of ``ANSWERS``.
        by: who gives it.
        note, reason: in words; None: none. A refusal needs a reason.
        reported_at: when it was so, aware; earlier than now where there was no network.
        eta_min: with ``accepted``: minutes until somebody is there.
        photos: ids of photos of this matter that no answer names yet.
    """

    status: str
    by: str
    note: str | None = None
    reason: str | None = None
    reported_at: datetime | None = None
    eta_min: int | None = None
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How many open matters a department has, how many nobody has seen yet, how many are past a limit."""

    open: int
    unseen: int
    overdue: int


def matters(
    session: Session, department: str, *, is_open: bool | None = None, after: Place | None = None, limit: int = 50
) -> tuple[Matter, ...]:
    """A department's matters: open ones first, each the newest first.

    Args:
        session: an open session.
        department: whose.
        is_open: only those that are, or only those that are not; None: both.
        after: the end of the page before.
        limit: at most so many.
    """
    closed = _closed()
    wanted = (
        select(DispatchTrack)
        .where(DispatchTrack.department == department)
        .order_by(closed, DispatchTrack.opened_at.desc(), DispatchTrack.id.desc())
        .limit(limit)
    )
    if is_open is not None:
        wanted = wanted.where(DispatchTrack.closed_at.is_(None) if is_open else DispatchTrack.closed_at.is_not(None))
    if after is not None:
        last_closed, opened_at, number = after
        earlier = (DispatchTrack.opened_at < opened_at) | (
            (DispatchTrack.opened_at == opened_at) & (DispatchTrack.id < number)
        )
        wanted = wanted.where((closed > int(last_closed)) | ((closed == int(last_closed)) & earlier))
    return _whole(session, session.scalars(wanted).all())


def matter_of(session: Session, department: str, alert_id: str) -> Matter | None:
    """The matter that an alert is about; None: it is none of this department's."""
    alert = session.get(Alert, alert_id)
    if alert is None or alert.department != department:
        return None
    track = tracks.track_of(session, alert.incident, department)
    return None if track is None else _whole(session, (track,))[0]


def place_of(matter: Matter) -> Place:
    """Where a page ends that ends with this one."""
    return matter.track.closed_at is not None, matter.track.opened_at, matter.track.id


def counts(session: Session, department: str, now: datetime) -> Counts:
    """Open matters of a department."""
    is_open = (DispatchTrack.department == department) & DispatchTrack.closed_at.is_(None)
    # `due_at` is when somebody else is told: while nobody was, that is the limit of the step that is awaited.
    late = (DispatchTrack.rung > 0) | (DispatchTrack.due_at <= now)
    row = session.execute(
        select(
            func.count(),
            func.count(case((DispatchTrack.state == "told", 1))),
            func.count(case((late, 1))),
        ).where(is_open)
    ).one()
    return Counts(*row)


def answers_to(track: DispatchTrack, alert_state: str) -> tuple[str, ...]:
    """What a matter takes as an answer as it stands.

    Whoever has taken it on may report to the end, also when the incident is over before that; whoever has not is asked
    nothing more once it is closed, and to say that it was seen is always welcome.

    Args:
        track: the matter at the department.
        alert_state: of its last alert. Who refused that one accepts with the next one.
    """
    seen = ("received",) if track.state == "told" else ()
    if track.role == "copy" or (track.closed_at is not None and track.state not in _ON_IT):
        return seen
    if track.state == "refused":
        return ("accepted",) if RANK.get(alert_state, 0) < RANK["accepted"] else ()
    again = {"accepted"} if track.state == "accepted" else set()
    return tuple(status for status in ANSWERS if RANK[status] > RANK[track.state] or status in again)


def answer(
    session: Session, department: str, alert_id: str, given: Given, now: datetime, *, case_department: str | None = None
) -> Ack | None:
    """Take an answer. ``received`` may come again, and changes nothing then.

    Args:
        session: an open transaction, which must be rolled back when this raises.
        department: who answers.
        alert_id: any alert of the matter.
        given: the answer.
        now: UTC, aware.
        case_department: who keeps the cases; None: nobody does.

    Returns:
        What was written; None: it was said before, and once is enough.

    Raises:
        NotNowError: the matter does not take it as it stands.
        NoReasonError: a refusal without a reason.
        PhotoError: a photo that is none of this matter's, or that an answer names already.
        NoResultFound: the department has no such alert.
    """
    named = session.query(Alert).where(Alert.id == alert_id, Alert.department == department).one()
    of_matter = (Alert.incident == named.incident, Alert.department == department)
    # In the order in which answers over MQTT take them: alert, track.
    alerts = session.scalars(
        select(Alert).where(*of_matter).order_by(Alert.seq).with_for_update().execution_options(populate_existing=True)
    ).all()
    if given.status == "received":
        return _seen(session, alerts, given, now, case_department)
    track = tracks.track_of(session, named.incident, department, lock=True)
    last = alerts[-1]
    if track is None or given.status not in answers_to(track, last.state):
        raise NotNowError(_why_not(track, given.status))
    if given.status == "accepted" and track.state == "accepted" and given.eta_min is None:
        raise NotNowError("it is accepted already; say in how many minutes you are there, or that you are")
    if given.status == "refused" and not (given.reason and given.reason.strip()):
        raise NoReasonError("reason: a refusal says why")
    photos = answer_photos.waiting(session, named.incident, department, given.photos)
    row = _record(session, last, given, photos, now, case_department)
    for photo in photos:
        photo.ack = row.id
    session.flush()
    return row


def _seen(
    session: Session, alerts: Iterable[Alert], given: Given, now: datetime, case_department: str | None
) -> Ack | None:
    """Say of every alert of the matter that it is there: what is not received is sent again and again."""
    row = None
    for alert in alerts:
        if alert.received_at is None:
            row = _record(session, alert, given, (), now, case_department)
    return row


def _record(
    session: Session,
    alert: Alert,
    given: Given,
    photos: tuple[AnswerPhoto, ...],
    now: datetime,
    case_department: str | None,
) -> Ack:
    said = {
        "alert": alert.id,
        "status": given.status,
        "by": given.by[:120],
        "note": given.note,
        "reason": given.reason,
        "at": iso(given.reported_at) if given.reported_at is not None else None,
        "eta_min": given.eta_min if given.status == "accepted" else None,
    }
    value = {name: what for name, what in said.items() if what is not None}
    row = record_ack(
        session, alert.department, json.dumps(value, ensure_ascii=False).encode(), now, case_department=case_department
    )
    if photos:
        row.photos = [{"url": f"/{photo.path}", "sha256": photo.sha256} for photo in photos]
    return row


def _why_not(track: DispatchTrack | None, status: str) -> str:
    if track is None:
        return "nothing more is asked here: it is from before departments were followed"
    by = tracks.taken_on_by(track)
    if by is not None:
        return f"{by} has taken it on; nothing more is asked here"
    if track.role == "copy":
        return "you were told beside those who act; only that you have received it is asked"
    if track.closed_at is not None and track.state not in {*_ON_IT, "disposed"}:
        return f"it is closed ({track.closed_because}); nothing more is asked here"
    return f"it is already {track.state}; {status} would be a step back"


def _closed() -> ColumnElement[int]:
    return case((DispatchTrack.closed_at.is_(None), 0), else_=1)


def _whole(session: Session, found: Iterable[DispatchTrack]) -> tuple[Matter, ...]:
    rows = tuple(found)
    if not rows:
        return ()
    department, of = rows[0].department, [row.incident for row in rows]
    incidents = {row.id: row for row in session.scalars(select(Incident).where(Incident.id.in_(of)))}
    alerts: dict[str, list[Alert]] = {}
    for alert in session.scalars(
        select(Alert).where(Alert.incident.in_(of), Alert.department == department).order_by(Alert.seq)
    ):
        alerts.setdefault(alert.incident, []).append(alert)
    incident_of = {alert.id: alert.incident for each in alerts.values() for alert in each}
    acks: dict[str, list[Ack]] = {}
    for ack in session.scalars(select(Ack).where(Ack.alert.in_(incident_of)).order_by(Ack.id)):
        acks.setdefault(incident_of[ack.alert or ""], []).append(ack)
    photos = answer_photos.of_matters(session, of, department)
    return tuple(
        Matter(
            track=row,
            incident=incidents[row.incident],
            alerts=tuple(alerts[row.incident]),
            acks=tuple(acks.get(row.incident, ())),
            photos=photos.get(row.incident, ()),
        )
        for row in rows
    )
