"""An answer given through the link of a message: put on the alert as the department's own, by the same way as over MQTT."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from patrol.alerts import tracks
from patrol.alerts.acks import record_ack
from patrol.store.tables import Alert, NoticeItem

ALLOWED: dict[str, tuple[str, ...]] = {
    "accept": ("received", "accepted", "refused"),
    "receive": ("received",),
    "call": (),
}
"""What may be answered, by what is asked. Whoever has a copy takes nothing on, a shift lead answers for nobody."""
LONGEST_NAME = 60
LONGEST_REASON = 500

Problem = Literal["not_asked", "no_name", "long_name", "no_reason", "long_reason", "used", "too_late"]


class AnswerError(Exception):
    """An answer that was not taken; nothing was changed."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem: Problem = problem


@dataclass(frozen=True, slots=True)
class ByLink:
    """What was typed in on the page."""

    status: str
    name: str
    reason: str


def answer_by_link(session: Session, item: int, given: ByLink, now: datetime) -> None:
    """Take an answer. ``accepted`` and ``refused`` use the link up; ``received`` may come again and changes nothing then.

    Args:
        session: an open transaction, which must be rolled back when this raises.
        item: number of the ``notice_item`` that the link was signed for.
        given: the answer.
        now: UTC, aware.

    Raises:
        AnswerError: it cannot be taken; says why.
        NoResultFound: there is no such item.
    """
    given = ByLink(given.status, _plain(given.name), _plain(given.reason))
    row = session.get_one(NoticeItem, item)
    _check(row, given)
    # In the order in which answers over MQTT take them: alert, track; the item last, and nothing is waited for after it.
    alert = session.get_one(Alert, row.alert, with_for_update=True)
    track = tracks.track_of(session, row.incident, row.department, lock=True)
    if given.status == "received":
        if alert.received_at is None:
            _record(session, alert, given, now)
        return
    past = track is not None and (track.closed_at is not None or not tracks.moves_on(track, given.status))
    if past or not _record(session, alert, given, now):
        raise AnswerError("too_late")
    taken = session.execute(
        update(NoticeItem)
        .where(NoticeItem.id == item, NoticeItem.answer.is_(None))
        .values(answer=given.status, answered_at=now, answered_by=given.name)
        .execution_options(synchronize_session=False)
    )
    if not isinstance(taken, CursorResult) or taken.rowcount != 1:
        raise AnswerError("used")


def _check(row: NoticeItem, given: ByLink) -> None:
    if given.status not in ALLOWED[row.asks]:
        raise AnswerError("not_asked")
    if row.answer is not None:
        raise AnswerError("used")
    if len(given.name) > LONGEST_NAME:
        raise AnswerError("long_name")
    if given.status != "received" and not given.name:
        raise AnswerError("no_name")
    if len(given.reason) > LONGEST_REASON:
        raise AnswerError("long_reason")
    if given.status == "refused" and not given.reason:
        raise AnswerError("no_reason")


def _record(session: Session, alert: Alert, given: ByLink, now: datetime) -> bool:
    value = {"alert": alert.id, "status": given.status, "note": "by link"}
    if given.name:
        value["by"] = given.name
    if given.status == "refused":
        value["reason"] = given.reason
    return record_ack(session, alert.department, json.dumps(value).encode(), now).taken


def _plain(typed: str) -> str:
    """One line without what a database or a terminal would stumble over."""
    return " ".join("".join(c if c.isprintable() else " " for c in typed).split())
