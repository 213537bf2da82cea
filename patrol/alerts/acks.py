"""What a department answers: read from the wire, kept whatever it is, and put on the alert it answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from patrol.store.tables import Ack, Alert

STATES = ("queued", "sent", "received", "accepted", "refused", "phoned", "on_scene", "disposed")
"""In the order in which an alert goes through them; ``refused`` stands beside ``accepted``."""
_RANK = {"queued": 0, "sent": 1, "received": 2, "accepted": 3, "refused": 3, "phoned": 4, "on_scene": 5, "disposed": 6}
ANSWERS = STATES[2:]
_LONGEST = 64 * 1024


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
    raw = payload[:4096].decode("utf-8", "replace").replace("\x00", "\ufffd")
    if len(payload) > _LONGEST:
        return Answer(None, "", None, f"longer than {_LONGEST} bytes", raw)
    try:
        value: Any = json.loads(payload)
    except (ValueError, RecursionError):
        return Answer(None, "", None, "not JSON", raw)
    if not isinstance(value, dict):
        return Answer(None, "", None, "not a JSON object", raw)
    alert, status = value.get("alert", value.get("id")), value.get("status")
    note = value.get("reason") or value.get("note")
    if not isinstance(alert, str) or not alert or len(alert) > 36:
        return Answer(None, str(status)[:16], None, "no alert id in `alert`", raw)
    if status not in ANSWERS:
        return Answer(alert, str(status)[:16], None, f"`status` is none of {', '.join(ANSWERS)}", raw)
    return Answer(alert, status, str(note)[:2000] if note is not None else None, None, raw)


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
        else:
            problem = f"the alert is already {alert.state}"
    row = Ack(
        alert=answer.alert,
        department=department[:64],
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
