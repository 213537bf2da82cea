"""What a department answers: read from the wire, kept whatever it is, and put on the alert it answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from patrol.alerts import tracks
from patrol.alerts.mqtt import LONGEST
from patrol.store.tables import Ack, Alert

STATES = ("queued", "sent", "received", "accepted", "refused", "phoned", "on_scene", "disposed")
"""In the order in which an alert goes through them; ``refused`` stands beside ``accepted``."""
_RANK = {"queued": 0, "sent": 1, "received": 2, "accepted": 3, "refused": 3, "phoned": 4, "on_scene": 5, "disposed": 6}
ANSWERS = STATES[2:]
_LONGEST_RAW = 4096
"""Characters kept of an answer that nobody can read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One acknowledgement as it came. ``problem`` says why it cannot be understood."""

    alert: str | None
    status: str
    note: str | None
    problem: str | None
    raw: str


def parse(payload: bytes) -> Answer:
    """Read an acknowledgement: ``{"alert": id, "status": …, "reason"/"note": …}``. Never raises."""
    raw = _storable(payload.decode("utf-8", "replace"))
    cut = raw[:_LONGEST_RAW]
    if len(payload) > LONGEST:
        return Answer(None, "", None, f"longer than {LONGEST} bytes", cut)
    try:
        value: Any = json.loads(payload)
    except (ValueError, RecursionError):
        return Answer(None, "", None, "not JSON", cut)
    if not isinstance(value, dict):
        return Answer(None, "", None, "not a JSON object", cut)
    alert, status = value.get("alert", value.get("id")), value.get("status")
    note = value.get("reason") or value.get("note")
    shown = _storable(str(status)[:16])
    if not isinstance(alert, str) or not alert or len(alert) > 36 or alert != _storable(alert):
        return Answer(None, shown, None, "no alert id in `alert`", cut)
    if status not in ANSWERS:
        return Answer(alert, shown, None, f"`status` is none of {', '.join(ANSWERS)}", cut)
    return Answer(alert, status, _storable(str(note)[:2000]) if note is not None else None, None, raw)


def record_ack(session: Session, department: str, payload: bytes, now: datetime) -> Ack:
    """Keep an answer and move its alert on, never back.

    Args:
        session: an open transaction.
        department: the last level of the topic it came on.
        payload: as it came.
        now: UTC, aware.
    """
    answer = parse(payload)
    problem = answer.problem
    alert = session.get(Alert, answer.alert, with_for_update=True) if answer.alert and problem is None else None
    if problem is None and alert is None:
        problem = "no such alert"
    elif problem is None and alert is not None and alert.department != department:
        problem = f"the alert is not of {department}"
        alert = None
    taken = False
    if alert is not None and problem is None:
        if alert.received_at is None:
            alert.received_at = now
        taken = _RANK[answer.status] > _RANK[alert.state]
        if taken:
            alert.state = answer.status
            tracks.answered(session, alert.incident, alert.department, answer.status, now)
        else:
            problem = f"the alert is already {alert.state}"
    row = Ack(
        alert=answer.alert,
        department=_storable(department)[:64],
        status=answer.status,
        note=answer.note,
        at=now,
        taken=taken,
        problem=problem,
        raw=answer.raw,
    )
    session.add(row)
    session.flush()
    return row


def record_unwritable(session: Session, department: str, payload: bytes, now: datetime, problem: str) -> Ack:
    """Keep an answer that :func:`record_ack` could not write: as plain ASCII, taken for nothing."""
    row = Ack(
        alert=None,
        department=ascii(department)[1:65],
        status="",
        note=None,
        at=now,
        taken=False,
        problem=ascii(problem)[1:-1][:500],
        raw=ascii(payload[:_LONGEST_RAW]),
    )
    session.add(row)
    session.flush()
    return row


def _storable(text: str) -> str:
    """Without what a database refuses in a text: NUL, and halves of surrogate pairs, which JSON can spell."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
