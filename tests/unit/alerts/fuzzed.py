"""Answers made up by Hypothesis, right, wrong and broken, and an oracle that says what each may change."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from patrol import alerts
from patrol.alerts.acks import record_ack
from patrol.store import Store
from patrol.store.tables import Ack, Alert
from tests.support.incidents import T0, seen
from tests.unit.alerts.drill import COPIED

FORWARD = {
    "queued": 0,
    "sent": 1,
    "received": 2,
    "accepted": 3,
    "refused": 3,
    "phoned": 4,
    "on_scene": 5,
    "disposed": 6,
}
"""Written down here again, so that the test does not take the code's word for it."""
ANSWERS = tuple(list(FORWARD)[2:])
DEPARTMENTS = ("traffic_police", "police")
LONGEST = 64 * 1024

Said = tuple[str, bytes]
"""Department and payload."""


@dataclass(frozen=True)
class Stands:
    """Where an alert stands."""

    department: str
    state: str
    received_at: datetime | None


def understood(said: Said, stands: dict[str, Stands]) -> tuple[str, str] | None:
    """The alert and the status that an answer is about; None: it must change nothing."""
    department, payload = said
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if len(payload) > LONGEST or not isinstance(value, dict):
        return None
    alert, status = value.get("alert", value.get("id")), value.get("status")
    if not isinstance(alert, str) or alert not in stands or stands[alert].department != department:
        return None
    return (alert, status) if isinstance(status, str) and status in ANSWERS else None


def after(stands: dict[str, Stands], what: tuple[str, str] | None, now: datetime) -> dict[str, Stands]:
    """Where all alerts stand then."""
    if what is None:
        return stands
    alert, status = what
    before = stands[alert]
    state = status if FORWARD[status] > FORWARD[before.state] else before.state
    return {**stands, alert: Stands(before.department, state, before.received_at or now)}


class World:
    """Two departments with an alert in each state. Every example begins there."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.counts: Counter[str] = Counter()
        self.owners: dict[str, str] = {}
        """Alerts with their departments, in the order of making, so that a run can be repeated."""
        with store.sessions.begin() as session:
            for state in FORWARD:
                (change, *_) = seen(session, "flagged", camera=state)
                made = alerts.notify(session, COPIED, change, T0, at_once=True)
                received = T0 if FORWARD[state] >= FORWARD["received"] else None
                session.execute(update(Alert).where(Alert.id.in_(made)).values(state=state, received_at=received))
                self.owners |= {alert: session.get_one(Alert, alert).department for alert in made}
        with store.reading() as session:
            self.start = self.stands(session)
        assert {s.department for s in self.start.values()} == set(DEPARTMENTS)

    def stands(self, session: Session) -> dict[str, Stands]:
        rows = session.execute(select(Alert.id, Alert.department, Alert.state, Alert.received_at))
        return {row.id: Stands(row.department, row.state, row.received_at) for row in rows}

    def play(self, session: Session, answers: list[Said]) -> None:
        """Take the answers one by one, in a savepoint that is given up at the end, and hold each against the oracle."""
        point = session.begin_nested()
        try:
            stands = self.start
            for number, said in enumerate(answers, 1):
                now = T0 + timedelta(minutes=number)
                what = understood(said, stands)
                wanted = after(stands, what, now)
                moved = what is not None and wanted[what[0]].state != stands[what[0]].state
                row = record_ack(session, *said, now)
                session.refresh(row)
                check_row(row, what, moved=moved)
                assert self.stands(session) == wanted
                assert session.scalar(select(func.count()).select_from(Ack)) == number
                self.counts["all"] += 1
                self.counts["taken" if moved else "too late" if what else "not understood"] += 1
                self.counts["with a flaw"] += bool(what and row.problem)
                stands = wanted
        finally:
            point.rollback()
            session.expire_all()


def check_row(row: Ack, what: tuple[str, str] | None, *, moved: bool) -> None:
    """What is kept is what was understood, and nothing that a screen or a database could trip over."""
    assert row.taken == moved
    assert moved or row.problem
    if what is not None:
        assert (row.alert, row.status) == what
    if what and what[1] == "refused" and row.note is None:
        assert "refused without a reason" in (row.problem or "")
    for text, longest in ((row.note, 4001), (row.by, 120), (row.case_number, 64), (row.status, 16), (row.raw, LONGEST)):
        assert text is None or ("\x00" not in text and len(text) <= longest)
    if row.phone is not None:
        assert row.phone.keys() == {"number", "at", "outcome"}
        assert isinstance(row.phone["number"], str)
    for photo in row.photos or ():
        assert photo.keys() == {"url", "sha256"}
        assert photo["url"].startswith(("http://", "https://"))
    assert row.reported_at is None or 1999 <= row.reported_at.year <= 2100


# --- strategies ---------------------------------------------------------------------------------------------------

_texts = st.text(max_size=12) | st.sampled_from(
    ["", " ", "\x00", "\ud800", "\udfff\x00", "值班员", "x" * 40, "x" * 3000, "😀" * 130]
)
_numbers = st.sampled_from([0, -1, 2**63, 10**400, 1e308, float("inf"), float("nan"), -0.0, True]) | st.integers()
_values = st.recursive(
    st.none() | st.booleans() | _numbers | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=6,
)
_nested = st.builds(
    # Either far below or far above what Python's reader takes: between, its stack decides, and oracle and code differ in depth.
    lambda depth, kind: json.loads(kind[0] * depth + kind[1] * depth),
    st.sampled_from([2, 20, 60]),
    st.sampled_from([("[", "]"), ('{"url":[', "]}")]),
)
_moments = st.sampled_from(
    ["2026-03-01T08:07:00Z", "2026-03-01T16:07:00.123456789+08:00", "2026-03-01T08:07:00", "9999-12-31T23:59:59-14:00", "2000-01-01T00:00:00+14:00"]
)  # fmt: skip
_hashes = st.sampled_from(["a" * 64, "A" * 64, "a" * 63])
_links = st.sampled_from(
    ["https://p.example/1.jpg", "http://p.example/\x00", "javascript:alert(1)", "https://" + "x" * 2100]
)
_photos = st.lists(_links | st.fixed_dictionaries({"url": _links}, optional={"sha256": _hashes}), max_size=3)
_phone = st.fixed_dictionaries({"number": _texts}, optional={"at": _moments, "outcome": _texts})
_MORE: dict[Any, st.SearchStrategy[Any]] = {
    "schema": st.sampled_from(["patrol.ack/1", "patrol.ack/2"]),
    "at": _moments,
    "by": _texts,
    "reason": _texts,
    "note": _texts,
    "phone": _phone,
    "photos": _photos | st.just(["https://p.example/1.jpg"] * 101),
    "case": _texts,
}
_FIELDS = ("alert", "id", "status", *_MORE, "tomorrow")


@st.composite
def _acks(draw: st.DrawFn, alert: str) -> dict[str, Any]:
    """A right one, or one with a few things wrong."""
    ack = draw(st.fixed_dictionaries({"alert": st.just(alert), "status": st.sampled_from(ANSWERS)}, optional=_MORE))
    for _ in range(draw(st.sampled_from([0, 0, 1, 2]))):
        field = draw(st.sampled_from(_FIELDS))
        how = draw(st.sampled_from(["value", "nested", "gone", "near"]))
        text = ack.get(field)
        if how == "gone":
            ack.pop(field, None)
        elif how == "near" and isinstance(text, str):
            ack[field] = draw(st.sampled_from([text + "x", text[:-1], text.upper(), [text], text + "\x00"]))
        else:
            ack[field] = draw(_nested if how == "nested" else _values)
    return ack


@st.composite
def _said(draw: st.DrawFn, owners: dict[str, str]) -> Said:
    alert = draw(st.sampled_from(list(owners)))
    others = [d for d in DEPARTMENTS if d != owners[alert]]
    department = draw(st.sampled_from([owners[alert]] * 5 + [*others, "fisheries", "no\ud800body"]))
    return department, draw(_payloads(alert))


@st.composite
def _payloads(draw: st.DrawFn, alert: str) -> bytes:
    how = draw(st.sampled_from(["ack"] * 6 + ["json", "bytes", "bent", "bent", "absurd"]))
    if how == "bytes":
        return draw(st.binary(max_size=60))
    if how == "json":
        return json.dumps(draw(_values)).encode()
    if how == "absurd":
        return draw(st.sampled_from(_absurd(alert)))
    ack = draw(_acks(alert))
    if draw(st.booleans()):
        payload = json.dumps(ack).encode()
    else:
        payload = json.dumps(ack, ensure_ascii=False).encode("utf-8", "surrogatepass")
    if how == "bent":
        at = draw(st.integers(0, len(payload)))
        cut = draw(st.integers(0, 3))
        payload = payload[:at] + draw(st.binary(max_size=3)) + payload[at + cut :]
    return payload


def _absurd(alert: str) -> list[bytes]:
    whole = json.dumps({"alert": alert, "status": "disposed"})
    start = whole.encode()[:-1]
    return [
        b"[" * 60_000,
        start + b', "photos": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
        start + b', "at": ' + b"9" * 5_000 + b"}",
        start + b', "note": "' + b"x" * LONGEST + b'"}',
        start + b', "note": "' + b"x" * (LONGEST - len(whole) - 15) + b'"}',
        start + b', "alert": "another"}',
        start + b', "status": "received"}',
        start + b', "photos": [' + b"0," * 20_000 + b"0]}",
        whole.encode("utf-16"),
        b"\xef\xbb\xbf" + whole.encode(),
    ]


def batches(owners: dict[str, str]) -> st.SearchStrategy[list[Said]]:
    """Four answers, one of them a second time. ``owners``: alerts with their departments."""
    three = st.lists(_said(owners), min_size=3, max_size=3)
    return st.builds(lambda said, again: [*said, said[again]], three, st.integers(0, 2))
