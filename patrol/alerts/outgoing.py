"""The outbox of messages to people as the herald sees it: what stops collecting, what is due, what became of it.

Each call that marks a message is one transaction for it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from patrol.alerts.grouping import MOST_UNSENT, goes_at, is_time, named_again_at
from patrol.alerts.notices import grouping_of, last_of, longest, one_writer
from patrol.alerts.pace import CLOCK_SLACK, wait_after
from patrol.registry import Registry
from patrol.store import Store
from patrol.store.tables import Notice, NoticeItem

_AT_ONCE = 50
_LOOK_AGAIN = timedelta(seconds=10)
"""When a message that may not go out yet, because others before it could not be sent, is looked at again."""


@dataclass(frozen=True, slots=True)
class Due:
    """A message to send now."""

    id: str
    channel: str
    department: str | None
    attempts: int


def close_due(store: Store, registry: Registry, now: datetime) -> int:
    """Let messages go whose time has come: from now on nothing is added to them. Returns how many were looked at."""
    with store.reading() as session:
        due = session.scalars(
            select(Notice.id)
            .where(
                Notice.state == "collecting",
                or_(Notice.send_at <= now, Notice.send_at > now + longest(registry) + CLOCK_SLACK),
            )
            .order_by(Notice.send_at)
            .limit(_AT_ONCE)
        ).all()
    for notice in due:
        with store.sessions.begin() as session:
            one_writer(session)
            _close(session, registry, notice, now)
    return len(due)


def take_due(store: Store, now: datetime, *, again: tuple[float, ...], busy: Collection[str], room: int) -> list[Due]:
    """The next messages to send, one for each channel that is free, with their next attempt already written down.

    Args:
        store: the store.
        now: UTC, aware.
        again: seconds until the next attempt, by attempts made; the last repeats.
        busy: channels over which a message is being sent.
        room: how many at most.
    """
    if room <= 0:
        return []
    is_due = _is_due(now, again)
    with store.reading() as session:
        channels = session.scalars(
            select(Notice.channel)
            .where(is_due, Notice.channel.not_in(busy))
            .group_by(Notice.channel)
            .order_by(func.min(Notice.next_attempt_at))
            .limit(room)
        ).all()
        first = [
            session.scalars(
                select(Notice)
                .where(is_due, Notice.channel == channel)
                # What has failed least first: one that cannot be sent must not hold up those behind it.
                .order_by(Notice.urgent.desc(), Notice.attempts, Notice.send_at)
                .limit(1)
            ).one()
            for channel in channels
        ]
    due = [Due(row.id, row.channel, row.department, row.attempts) for row in first]
    if due:
        planned = [
            {"id": one.id, "attempts": one.attempts + 1, "next_attempt_at": now + wait_after(one.attempts, again)}
            for one in due
        ]
        with store.sessions.begin() as session:
            session.execute(update(Notice), planned)
    return due


def mark_sent(store: Store, registry: Registry, notice: str, now: datetime, *, digest: bool) -> None:
    """It is out: from now on runs the time after which its matters are named again."""
    with store.sessions.begin() as session:
        one_writer(session)
        row = session.get_one(Notice, notice)
        row.state, row.sent_at, row.digest, row.last_error = "sent", now, digest, None
        row.next_attempt_at = None
        before = (
            select(Notice.id)
            .where(
                Notice.channel == row.channel,
                Notice.department == row.department,
                Notice.contact == row.contact,
                Notice.id != row.id,
            )
            .scalar_subquery()
        )
        named = select(NoticeItem.incident).where(NoticeItem.notice == row.id).scalar_subquery()
        session.execute(
            update(NoticeItem)
            .where(NoticeItem.repeat_at.is_not(None), NoticeItem.notice.in_(before), NoticeItem.incident.in_(named))
            .values(repeat_at=None)
        )
        _name_again(session, registry, row, now)


def mark_refused(store: Store, notice: str, problem: str) -> None:
    """It could not be sent; it is tried again when its next attempt is due."""
    with store.sessions.begin() as session:
        session.execute(
            update(Notice).where(Notice.id == notice, Notice.state == "queued").values(last_error=problem[:500])
        )


def mark_failed(store: Store, registry: Registry, notice: str, problem: str, now: datetime) -> None:
    """It can never be sent. Its matters are named again, to whoever can be reached by then, as those of a sent one."""
    with store.sessions.begin() as session:
        one_writer(session)
        row = session.get_one(Notice, notice)
        row.state, row.next_attempt_at, row.last_error = "failed", None, problem[:500]
        _name_again(session, registry, row, now)


def _name_again(session: Session, registry: Registry, row: Notice, now: datetime) -> None:
    session.execute(
        update(NoticeItem)
        .where(NoticeItem.notice == row.id, NoticeItem.asks == "accept")
        .values(repeat_at=named_again_at(grouping_of(registry, row.department), now))
    )


def _close(session: Session, registry: Registry, notice: str, now: datetime) -> None:
    row = session.get(Notice, notice)
    if row is None or row.state != "collecting":
        return
    grouping = grouping_of(registry, row.department)
    # Of a clock that was stepped back since: it waits from now on, and no longer than if it had come now.
    row.created_at = min(row.created_at, now)
    # The last one may have gone out later than it should have, and the registry may have changed.
    at = goes_at(grouping, row.created_at, last_of(session, row), urgent=row.urgent)
    if not is_time(grouping, at, now):
        row.send_at = at
        return
    unsent = session.scalar(
        select(func.count()).where(
            Notice.channel == row.channel,
            Notice.department == row.department,
            Notice.contact == row.contact,
            Notice.urgent == row.urgent,
            Notice.state == "queued",
        )
    )
    if (unsent or 0) >= MOST_UNSENT:
        row.send_at = now + _LOOK_AGAIN
        return
    row.state, row.send_at, row.next_attempt_at = "queued", now, now


def _is_due(now: datetime, again: tuple[float, ...]) -> ColumnElement[bool]:
    # A wall clock stepped back must not hold messages up.
    implausible = now + timedelta(seconds=max(again)) + CLOCK_SLACK
    return (Notice.state == "queued") & or_(Notice.next_attempt_at <= now, Notice.next_attempt_at > implausible)
