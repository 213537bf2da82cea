"""What a department answers: read from the wire, kept whatever it is, and put on the alert it answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from pydantic import ValidationError
from sqlalchemy.orm import Session

from patrol.alerts import case_links, tracks
from patrol.alerts.ladder import RANK
from patrol.alerts.message import read_moment
from patrol.alerts.messages import Ack as AckMessage
from patrol.alerts.messages import AckPhoto, AnswerName
from patrol.alerts.mqtt import LONGEST
from patrol.store.tables import Ack, Alert

ANSWERS: tuple[str, ...] = get_args(AnswerName)
STATES = ("queued", "sent", *ANSWERS)
"""In the order in which an alert goes through them; ``refused`` stands beside ``accepted``."""
_RANK = {"queued": -1, "sent": RANK["told"], **RANK}
"""As a track counts answers, with what comes before the first one."""
_LONGEST_RAW = 4096
"""Characters kept of an answer that nobody can read."""
_LONGEST_NOTE = 2000
_SAYS_MORE = tuple(f.alias or name for name, f in AckMessage.model_fields.items() if name not in {"alert", "status"})
"""The fields that may be left out."""
NO_REASON = "refused without a reason"


CALL_OUTCOMES = ("reached", "no_answer", "busy", "wrong_number")
"""How a call of the command centre ended."""


class CallError(Exception):
    """A call that cannot be kept; nothing was written."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One acknowledgement as it came.

    Attributes:
        alert: the alert it answers, None where it names none.
        status: what it says; any text of up to 16 characters where ``problem`` is set.
        note: for people: the reason, then the note.
        problem: why it cannot be understood; None: it can.
        raw: as it came, made storable.
        by: who says so.
        reported_at: when it was so by the sender's clock, UTC.
        phone: ``{"number", "at", "outcome"}``.
        photos: ``{"url", "sha256"}`` each.
        case_number: in the department's or the county's own system.
        eta_min: minutes until somebody is there.
        flaws: what is wrong with it although it is understood.
    """

    alert: str | None
    status: str
    note: str | None
    problem: str | None
    raw: str
    by: str | None = None
    reported_at: datetime | None = None
    phone: dict[str, Any] | None = None
    photos: tuple[dict[str, Any], ...] = ()
    case_number: str | None = None
    eta_min: int | None = None
    flaws: tuple[str, ...] = ()


def parse(payload: bytes) -> Answer:
    """Read an acknowledgement, see :class:`patrol.alerts.messages.Ack`. Never raises."""
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
    shown = _storable(status[:16]) if isinstance(status, str) else ""
    if not isinstance(alert, str) or not alert or len(alert) > 36 or alert != _storable(alert):
        return Answer(None, shown, None, "no alert id in `alert`", cut)
    if status not in ANSWERS:
        return Answer(alert, shown, None, f"`status` is none of {', '.join(ANSWERS)}", cut)
    return _with_more(alert, status, value, raw)


def record_ack(
    session: Session, department: str, payload: bytes, now: datetime, *, case_department: str | None = None
) -> Ack:
    """Keep an answer and move its alert on, never back. A case number that it carries becomes the incident's.

    Args:
        session: an open transaction.
        department: the last level of the topic it came on.
        payload: as it came.
        now: UTC, aware.
        case_department: who keeps the cases, whose number goes before any other's; None: nobody does.
    """
    answer = parse(payload)
    problem = answer.problem
    alert = session.get(Alert, answer.alert, with_for_update=True) if answer.alert and problem is None else None
    if problem is None and alert is None:
        problem = "no such alert"
    elif problem is None and alert is not None and alert.department != department:
        problem = f"the alert is not of {_storable(department)[:64]}"
        alert = None
    taken = False
    if alert is not None and problem is None:
        if alert.received_at is None:
            alert.received_at = now
        if answer.case_number is not None:
            case_links.link(session, alert.incident, answer.case_number, department, case_department, now)
        taken = _RANK[answer.status] > _RANK[alert.state]
        if taken:
            alert.state = answer.status
            tracks.answered(session, alert.incident, alert.department, answer.status, now)
        elif answer.eta_min is None or (answer.status, alert.state) != ("accepted", "accepted"):
            # Whoever is on the way may say anew for how long; the alert stays where it is.
            problem = f"the alert is already {alert.state}"
    row = Ack(
        alert=answer.alert,
        department=_storable(department)[:64],
        status=answer.status,
        note=answer.note,
        at=now,
        taken=taken,
        problem="; ".join([problem, *answer.flaws] if problem else answer.flaws) or None,
        raw=answer.raw,
        by=answer.by,
        reported_at=answer.reported_at,
        phone=answer.phone,
        photos=list(answer.photos) or None,
        case_number=answer.case_number,
        eta_min=answer.eta_min,
    )
    session.add(row)
    session.flush()
    return row


def record_call(
    session: Session,
    alert_id: str,
    *,
    number: str,
    outcome: str,
    by: str,
    note: str | None,
    now: datetime,
    whom: str | None = None,
) -> Ack:
    """Keep a telephone call that the command centre made about an alert. Only a call that reached somebody moves it on.

    Args:
        session: an open transaction.
        alert_id: whole.
        number: that was called.
        outcome: one of ``CALL_OUTCOMES``.
        by: who called.
        note: what was said.
        now: UTC, aware.
        whom: who was called, as the roster has it.

    Raises:
        CallError: no such alert or outcome, no number or no name; nothing was written.
    """
    if outcome not in CALL_OUTCOMES:
        raise CallError(f"no outcome {outcome!r}; there are {', '.join(CALL_OUTCOMES)}")
    if not number.strip() or not by.strip():
        raise CallError("a call needs the number that was called and the name of who called")
    alert = session.get(Alert, alert_id, with_for_update=True)
    if alert is None:
        raise CallError(f"no alert {alert_id!r}")
    said = {
        "alert": alert_id,
        "status": "phoned",
        "by": by.strip(),
        "phone": {"number": number.strip(), "outcome": outcome},
    }
    if note:
        said["note"] = note
    if outcome == "reached":
        row = record_ack(session, alert.department, json.dumps(said, ensure_ascii=False).encode(), now)
    else:
        row = Ack(
            alert=alert_id, department=alert.department, status="phoned", note=note, at=now, taken=False,
            problem=f"nobody was reached ({outcome})", raw=json.dumps(said, ensure_ascii=False), by=by.strip()[:120],
        )  # fmt: skip
        session.add(row)
    row.phone = {"number": number.strip(), "at": now.isoformat(), "outcome": outcome}
    if whom and whom.strip():
        row.phone = {**row.phone, "whom": whom.strip()[:120]}
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


def _with_more(alert: str, status: str, value: dict[str, Any], raw: str) -> Answer:
    """What it says beside its status. A field that is not as the contract describes it is left out and named."""
    said = {name: _plain(value[name]) for name in _SAYS_MORE if name in value}
    said = {name: what for name, what in said.items() if what is not None}
    for name in ("reason", "note"):
        if isinstance(said.get(name), str):
            said[name] = said[name][:_LONGEST_NOTE]
    flaws = []
    try:
        read = AckMessage.model_validate({"alert": alert, "status": status, **said})
    except ValidationError as error:
        wrong = {str(problem["loc"][0]) for problem in error.errors(include_url=False, include_input=False)}
        flaws += [f"`{name}` is not as described" for name in _SAYS_MORE if name in wrong]
        said = {name: what for name, what in said.items() if name not in wrong}
        read = AckMessage.model_validate({"alert": alert, "status": status, **said})
    if status == "refused" and read.reason is None:
        flaws.append(NO_REASON)
    photos = [p if isinstance(p, AckPhoto) else AckPhoto(url=p) for p in read.photos or ()]
    return Answer(
        alert=alert,
        status=status,
        note="\n".join(text for text in (read.reason, read.note) if text is not None) or None,
        problem=None,
        raw=raw,
        by=read.by,
        reported_at=read_moment(read.at) if read.at else None,
        phone=read.phone.model_dump() if read.phone else None,
        photos=tuple(p.model_dump() for p in photos),
        case_number=read.case,
        eta_min=read.eta_min,
        flaws=tuple(flaws),
    )


def _plain(value: Any) -> Any:
    """Texts made storable, two levels deep, which is as deep as the contract goes; a blank one counts as left out."""
    if isinstance(value, str):
        return _storable(value) if value.strip() else None
    if isinstance(value, dict):
        return {key: _plain(v) if isinstance(v, str) else v for key, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) if isinstance(v, (str, dict)) else v for v in value]
    return value


def _storable(text: str) -> str:
    """Without what a database refuses in a text: NUL, and halves of surrogate pairs, which JSON can spell."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
