"""Writes what people must be told over their channels, in the transaction of its cause. The herald sends it.

A message collects matters until its time has come (``grouping``); from then on nothing is added to it, because whoever
has its id already would not look into it again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from patrol.alerts import tracks
from patrol.alerts.grouping import goes_at, named_again_at
from patrol.alerts.ladder import Rung
from patrol.alerts.pace import CLOCK_SLACK
from patrol.alerts.route import contacts_of, department_of, on_duty
from patrol.registry import Contact, Grouping, Registry
from patrol.store import Store
from patrol.store.tables import DispatchTrack, Notice, NoticeItem

_LOCK = 0x6E6F7469
"""Key of the PostgreSQL advisory lock under which messages are put together."""
_AT_ONCE = 50
_NOBODY_HAS_IT = frozenset({"told", "received"})


@dataclass(frozen=True, slots=True)
class Addressee:
    """A contact over one channel. ``department`` is None for a shift lead."""

    channel: str
    department: str | None
    contact: str


@dataclass(frozen=True, slots=True)
class Matter:
    """What is to be told: one incident at one department. ``step`` is what is overdue, see :class:`NoticeItem`."""

    incident: str
    alert: str
    department: str
    why: str
    asks: str
    step: str | None = None

    @property
    def urgent(self) -> bool:
        """Whether it does not wait."""
        return self.why == "escalation"


def department_told(
    session: Session, registry: Registry, track: DispatchTrack, alert: str, now: datetime, *, escalated: bool
) -> None:
    """A department has been told: everybody on duty there who has channels gets the matter.

    Args:
        session: the open transaction of the cause.
        registry: the registry in force.
        track: the matter at the department.
        alert: id of the alert that was written.
        now: UTC, aware.
        escalated: it is told in another department's place.
    """
    asks = "receive" if track.role == "copy" else "accept"
    matter = Matter(track.incident, alert, track.department, "escalation" if escalated else "new", asks)
    for to in _on_duty_there(registry, track.department, now):
        add(session, registry, to, matter, now)


def rung_climbed(session: Session, registry: Registry, track: DispatchTrack, rung: Rung, now: datetime) -> None:
    """Somebody is told because a step is overdue: over the channels too, where the contact has any."""
    if rung.who not in {"contacts", "shift_lead"}:
        return
    local = now.astimezone(registry.county.zone)
    leads = rung.who == "shift_lead"
    roster = (
        on_duty(registry, registry.dispatch.shift_lead, local)
        if leads
        else contacts_of(registry, track.department, local)
    )
    alert = tracks.last_alert(session, track.incident, track.department)
    if alert is None:
        return
    asks = "call" if leads else "receive" if track.role == "copy" else "accept"
    step = tracks.view(track).awaits
    matter = Matter(track.incident, alert, track.department, "escalation", asks, step)
    named = [contact for contact in roster if contact.name == rung.whom]
    for to in _over_channels(named, None if leads else track.department):
        add(session, registry, to, matter, now)


def repeat_due(store: Store, registry: Registry, now: datetime) -> int:
    """Name again what was named, is due to be named again, and nobody has accepted. Each matter is one transaction.

    It goes to whoever is on duty now; where nobody is, it stays due. Returns how many were looked at.
    """
    latest = now + max(g.repeat for g in _all_groupings(registry)) + CLOCK_SLACK
    with store.reading() as session:
        due = session.scalars(
            select(NoticeItem.id)
            .where((NoticeItem.repeat_at <= now) | (NoticeItem.repeat_at > latest))
            .order_by(NoticeItem.repeat_at)
            .limit(_AT_ONCE)
        ).all()
    for item in due:
        with store.sessions.begin() as session:
            one_writer(session)
            _repeat(session, registry, item, now)
    return len(due)


def add(session: Session, registry: Registry, to: Addressee, matter: Matter, now: datetime) -> None:
    """Put a matter into the addressee's message that collects, or begin one. What waits to be told is not told twice."""
    one_writer(session)
    waiting = _waiting_item(session, to, matter)
    if waiting is not None:
        item, notice = waiting
        if notice.state != "collecting":
            return
        item.alert, item.step = matter.alert, matter.step or item.step
        if not matter.urgent or notice.urgent:
            return
        # It need not wait any longer with the others.
        item.why = matter.why
        item.notice = _collecting(session, registry, to, now, urgent=True).id
        session.flush()
        if session.scalar(select(func.count()).where(NoticeItem.notice == notice.id)) == 0:
            session.delete(notice)
        session.flush()
        return
    session.add(
        NoticeItem(
            notice=_collecting(session, registry, to, now, urgent=matter.urgent).id,
            incident=matter.incident,
            alert=matter.alert,
            department=matter.department,
            why=matter.why,
            asks=matter.asks,
            step=matter.step,
            at=now,
        )
    )
    session.flush()


def grouping_of(registry: Registry, department: str | None) -> Grouping:
    """How messages to a department's contacts, or (None) to shift leads, are put together."""
    own = department_of(registry, department) if department is not None else None
    return own.grouping if own is not None and own.grouping is not None else registry.dispatch.grouping


def last_of(session: Session, notice: Notice) -> datetime | None:
    """When the last message of the same kind went to the same contact over the same channel."""
    to = Addressee(notice.channel, notice.department, notice.contact)
    return _last(session, to, urgent=notice.urgent)


def one_writer(session: Session) -> None:
    """Until the transaction ends nobody else puts messages together. SQLite has one writer at a time by itself."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _repeat(session: Session, registry: Registry, number: int, now: datetime) -> None:
    item = session.get(NoticeItem, number)
    if item is None or item.repeat_at is None:
        return
    item.repeat_at = None
    track = tracks.track_of(session, item.incident, item.department)
    if track is None or track.closed_at is not None or track.role == "copy" or track.state not in _NOBODY_HAS_IT:
        return
    there = _on_duty_there(registry, item.department, now)
    if not there:
        item.repeat_at = named_again_at(grouping_of(registry, item.department), now)
        return
    alert = tracks.last_alert(session, item.incident, item.department) or item.alert
    matter = Matter(item.incident, alert, item.department, "repeat", "accept")
    for to in there:
        if not _named_since(session, to, matter, now):
            add(session, registry, to, matter, now)


def _named_since(session: Session, to: Addressee, matter: Matter, now: datetime) -> bool:
    """Whether the addressee was told of it later than whoever it is repeated for, so that its own turn comes."""
    return (
        session.scalar(
            select(NoticeItem.id)
            .join(Notice, Notice.id == NoticeItem.notice)
            .where(*_to(to), NoticeItem.incident == matter.incident, NoticeItem.repeat_at > now)
            .limit(1)
        )
        is not None
    )


def _waiting_item(session: Session, to: Addressee, matter: Matter) -> tuple[NoticeItem, Notice] | None:
    found = session.execute(
        select(NoticeItem, Notice)
        .join(Notice, Notice.id == NoticeItem.notice)
        .where(
            *_to(to),
            Notice.state.in_(("collecting", "queued")),
            NoticeItem.incident == matter.incident,
            NoticeItem.department == matter.department,
        )
        .order_by(NoticeItem.id.desc())
        .limit(1)
    ).first()
    return (found[0], found[1]) if found is not None else None


def _collecting(session: Session, registry: Registry, to: Addressee, now: datetime, *, urgent: bool) -> Notice:
    found = session.scalar(select(Notice).where(*_to(to), Notice.state == "collecting", Notice.urgent == urgent))
    if found is not None:
        return found
    last = _last(session, to, urgent=urgent)
    notice = Notice(
        id=uuid.uuid4().hex,
        channel=to.channel,
        department=to.department,
        contact=to.contact,
        urgent=urgent,
        state="collecting",
        created_at=now,
        send_at=goes_at(grouping_of(registry, to.department), now, last, urgent=urgent),
        attempts=0,
        digest=False,
    )
    session.add(notice)
    session.flush()
    return notice


def _last(session: Session, to: Addressee, *, urgent: bool) -> datetime | None:
    # One that could not be sent yet counts from when it was to go.
    went = func.coalesce(Notice.sent_at, Notice.send_at)
    return session.scalar(
        select(went)
        .where(*_to(to), Notice.urgent == urgent, Notice.state != "collecting")
        .order_by(went.desc())
        .limit(1)
    )


def _to(to: Addressee) -> tuple[ColumnElement[bool], ...]:
    return (Notice.channel == to.channel, Notice.department == to.department, Notice.contact == to.contact)


def _on_duty_there(registry: Registry, department: str, now: datetime) -> tuple[Addressee, ...]:
    local = now.astimezone(registry.county.zone)
    return _over_channels(contacts_of(registry, department, local), department)


def _over_channels(contacts: Iterable[Contact], department: str | None) -> tuple[Addressee, ...]:
    found = (Addressee(key, department, contact.name[:120]) for contact in contacts for key in contact.channels)
    return tuple(dict.fromkeys(found))


def _all_groupings(registry: Registry) -> tuple[Grouping, ...]:
    own = (d.grouping for d in registry.departments if d.grouping is not None)
    return (registry.dispatch.grouping, *own)


def longest(registry: Registry) -> timedelta:
    """The longest time that a message may collect, by the registry in force."""
    return max(g.wait + g.interval for g in _all_groupings(registry))
