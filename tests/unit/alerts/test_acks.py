"""Answers: read whatever comes, kept whatever it is, and a status that only moves forward."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from patrol import alerts
from patrol.alerts.acks import ANSWERS, parse, record_ack, record_unwritable
from patrol.store import Store
from patrol.store.tables import Ack, Alert
from tests.support.incidents import T0, seen
from tests.unit.alerts.drill import REGISTRY


def alert_in(session: Session) -> str:
    (change, *_) = seen(session, "flagged")
    (alert,) = alerts.notify(session, REGISTRY, change, T0, at_once=True)
    return alert


def answer(alert: str, status: str, **more: str) -> bytes:
    return json.dumps({"alert": alert, "status": status, **more}).encode()


@given(
    st.binary(max_size=300)
    | st.recursive(
        st.none() | st.text() | st.integers(),
        lambda c: st.lists(c) | st.dictionaries(st.sampled_from(["alert", "status", "note"]), c),
    ).map(lambda v: json.dumps(v).encode())
)
def test_whatever_comes_is_read_into_something_a_database_takes(payload: bytes) -> None:
    read = parse(payload)
    for text in (read.alert, read.status, read.note, read.problem, read.raw):
        if text is not None:
            assert "\x00" not in text
            text.encode("utf-8")
    assert len(read.status) <= 16


@pytest.mark.parametrize(
    "payload",
    [
        b'{"alert": "\\ud800", "status": "received"}',
        b'{"alert": "x", "status": "\\ud800"}',
        b'{"alert": "x", "status": "received", "note": "\\ud800 and \\u0000"}',
        b'{"alert": "x\\u0000", "status": "received"}',
        b"\xff\xfe\x00",
        b"[" * 60_000,
        b"1" * 5_000,
        b"NaN",
        b'{"alert": ["x"], "status": {}}',
        b"",
    ],
)
def test_broken_texts_are_kept_on_both_databases_and_change_nothing(store: Store, payload: bytes) -> None:
    with store.sessions.begin() as session:
        ack = record_ack(session, "police\ud800"[:7], payload, T0)
        assert not ack.taken
        assert ack.problem
    with store.reading() as session:
        assert session.get_one(Ack, ack.id).problem == ack.problem


def test_what_cannot_be_written_is_kept_as_ascii(store: Store) -> None:
    with store.sessions.begin() as session:
        ack = record_unwritable(session, "p\ud800", b"\x00\xff", T0, "why \x00\ud800")
    with store.reading() as session:
        assert session.get_one(Ack, ack.id).raw == "b'\\x00\\xff'"


def test_a_status_moves_forward_and_never_back(sqlite_store: Store) -> None:
    with sqlite_store.sessions.begin() as session:
        alert = alert_in(session)
        row = session.get_one(Alert, alert)
        for status in ("accepted", "received", "on_scene", "phoned", "refused", "disposed"):
            record_ack(session, "traffic_police", answer(alert, status), T0)
        taken = [(a.status, a.taken) for a in session.query(Ack).order_by(Ack.id)]
        assert row.state == "disposed"
    assert taken == [
        ("accepted", True),
        ("received", False),
        ("on_scene", True),
        ("phoned", False),
        ("refused", False),
        ("disposed", True),
    ]


@pytest.mark.parametrize("status", ANSWERS)
def test_any_answer_means_that_it_was_received(sqlite_store: Store, status: str) -> None:
    with sqlite_store.sessions.begin() as session:
        alert = alert_in(session)
        assert record_ack(session, "traffic_police", answer(alert, status, reason="why"), T0).taken
        row = session.get_one(Alert, alert)
        assert (row.state, row.received_at) == (status, T0)


def test_another_department_cannot_answer_for_it(sqlite_store: Store) -> None:
    with sqlite_store.sessions.begin() as session:
        alert = alert_in(session)
        ack = record_ack(session, "police", answer(alert, "disposed"), T0)
        assert (ack.taken, ack.problem) == (False, "the alert is not of police")
        assert session.get_one(Alert, alert).state == "queued"


def test_the_reason_of_a_refusal_is_kept(sqlite_store: Store) -> None:
    with sqlite_store.sessions.begin() as session:
        ack = record_ack(session, "traffic_police", answer(alert_in(session), "refused", reason="不属我辖区"), T0)
        assert (ack.taken, ack.note) == (True, "不属我辖区")
