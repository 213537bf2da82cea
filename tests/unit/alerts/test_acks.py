"""Answers: read whatever comes, kept whatever it is, and a status that only moves forward."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from patrol import alerts
from patrol.alerts.acks import ANSWERS, NO_REASON, parse, record_ack, record_unwritable
from patrol.store import Store
from patrol.store.tables import Ack, Alert
from tests.support.incidents import T0, seen
from tests.unit.alerts.drill import REGISTRY


def alert_in(session: Session) -> str:
    (change, *_) = seen(session, "flagged")
    (alert,) = alerts.notify(session, REGISTRY, change, T0, at_once=True)
    return alert


def answer(alert: str, status: str, **more: Any) -> bytes:
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


SAID = {
    "schema": "patrol.ack/1",
    "at": "2026-03-01T16:07:00.5+08:00",
    "by": "值班员 李",
    "reason": "why",
    "note": "for people",
    "phone": {"number": "0730-2222222", "at": "2026-03-01T08:06:40Z", "outcome": "马上挪车"},
    "photos": ["https://police.example/1.jpg", {"url": "http://police.example/2.jpg", "sha256": "a" * 64}],
    "case": "湘阴公交〔2026〕17号",
}


def test_all_that_an_answer_says_is_kept_on_both_databases(store: Store) -> None:
    with store.sessions.begin() as session:
        number = record_ack(session, "traffic_police", answer(alert_in(session), "phoned", **SAID), T0).id
    with store.reading() as session:
        ack = session.get_one(Ack, number)
    assert (ack.taken, ack.problem, ack.at) == (True, None, T0)
    assert ack.reported_at == datetime(2026, 3, 1, 8, 7, 0, 500_000, tzinfo=UTC)
    assert (ack.by, ack.note, ack.case_number) == (SAID["by"], "why\nfor people", SAID["case"])
    assert ack.phone == SAID["phone"]
    assert ack.photos == [
        {"url": "https://police.example/1.jpg", "sha256": None},
        {"url": "http://police.example/2.jpg", "sha256": "a" * 64},
    ]


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("schema", "patrol.ack/2"),
        ("at", "2026-03-01T08:00:00"),
        ("at", 1772352000),
        ("at", "0001-01-01T00:00:00+14:00"),
        ("by", ["li"]),
        ("by", "x" * 121),
        ("reason", 5),
        ("note", {"zh": "x"}),
        ("phone", "0730-2222222"),
        ("phone", {"outcome": "nobody there"}),
        ("phone", {"number": 7302222222}),
        ("photos", "https://police.example/1.jpg"),
        ("photos", [{"url": "javascript:alert(1)"}]),
        ("photos", [{"url": "https://police.example/1.jpg", "sha256": "short"}]),
        ("photos", ["https://police.example/1.jpg"] * 101),
        ("case", 17),
        ("case", "x" * 65),
    ],
)
def test_a_field_that_is_wrong_is_left_out_and_named_and_all_else_is_taken(
    sqlite_store: Store, field: str, wrong: Any
) -> None:
    with sqlite_store.sessions.begin() as session:
        alert = alert_in(session)
        ack = record_ack(session, "traffic_police", answer(alert, "accepted", **{**SAID, field: wrong}), T0)
        assert (ack.taken, ack.problem) == (True, f"`{field}` is not as described")
        assert session.get_one(Alert, alert).state == "accepted"
        columns = {"at": "reported_at", "by": "by", "phone": "phone", "photos": "photos", "case": "case_number"}
        for name, column in columns.items():
            assert (getattr(ack, column) is None) == (name == field)
        assert ack.note == {"reason": "for people", "note": "why"}.get(field, "why\nfor people")


@pytest.mark.parametrize("reason", [{}, {"reason": ""}, {"reason": " \n"}, {"reason": None}, {"note": "not ours"}])
def test_a_refusal_without_a_reason_is_taken_and_marked(sqlite_store: Store, reason: dict[str, Any]) -> None:
    with sqlite_store.sessions.begin() as session:
        alert = alert_in(session)
        ack = record_ack(session, "traffic_police", answer(alert, "refused", **reason), T0)
        assert (ack.taken, ack.problem) == (True, NO_REASON)
        assert session.get_one(Alert, alert).state == "refused"


def test_everything_that_is_wrong_is_named_in_one_line(sqlite_store: Store) -> None:
    with sqlite_store.sessions.begin() as session:
        alert = alert_in(session)
        record_ack(session, "traffic_police", answer(alert, "disposed"), T0)
        ack = record_ack(session, "traffic_police", answer(alert, "refused", by=5, at="soon", reason=["x"]), T0)
    assert ack.problem == (
        "the alert is already disposed; `at` is not as described; `by` is not as described; "
        "`reason` is not as described; refused without a reason"
    )
    assert not ack.taken


def test_long_words_for_people_are_cut_and_the_whole_is_kept_as_it_came(sqlite_store: Store) -> None:
    with sqlite_store.sessions.begin() as session:
        payload = answer(alert_in(session), "refused", reason="r" * 3000, note="n" * 3000)
        ack = record_ack(session, "traffic_police", payload, T0)
    assert (ack.taken, ack.problem, ack.note) == (True, None, "r" * 2000 + "\n" + "n" * 2000)
    assert ack.raw == payload.decode()
