"""Alerts become cases: each incident once, whatever comes twice, in whatever order; numbers without gaps."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from patrol.cases import notices
from patrol.cases.book import history, move
from patrol.cases.desk import Desk
from patrol.cases.intake import NotAnAlertError, take_alert
from patrol.cases.moves import Command, Move
from patrol.store import Store
from patrol.store.tables import CaseAlert, CaseFile
from tests.support.cases import T0, VILLAGE, alert, case_registry, opened

DESK = Desk(case_registry())


def test_an_alert_opens_a_case_with_what_it_says(store: Store) -> None:
    with store.sessions.begin() as session:
        taken = take_alert(session, DESK, alert("i-1", severity="major"), T0)
        assert (taken.number, taken.opened) == ("43062420261126000001", True)
        row = session.get_one(CaseFile, taken.number)
        assert (row.kind, row.severity, row.source, row.stage) == ("congestion", "major", "video_ai", "received")
        assert (row.division, row.address, row.lon, row.lat) == (VILLAGE, "旭东路与东湖路交叉口", 112.88, 28.68)
        assert row.title == "旭东路口出现拥堵"
        assert row.opened_at == T0


def test_the_same_alert_again_changes_nothing_and_gives_the_same_number(store: Store) -> None:
    said = alert("i-1", alert_id="a-1")
    with store.sessions.begin() as session:
        first = take_alert(session, DESK, said, T0)
    with store.sessions.begin() as session:
        again = take_alert(session, DESK, said, T0 + timedelta(minutes=1))
        assert (again.number, again.opened, again.again) == (first.number, False, True)
        assert len(history(session, first.number or "")) == 1


def test_another_alert_of_the_incident_is_noted_in_its_case(store: Store) -> None:
    with store.sessions.begin() as session:
        first = take_alert(session, DESK, alert("i-1"), T0)
        update = take_alert(session, DESK, alert("i-1", kind="update", summary="拥堵加剧"), T0 + timedelta(minutes=5))
        end = take_alert(session, DESK, alert("i-1", kind="end", summary="已疏通"), T0 + timedelta(minutes=50))
        assert first.number == update.number == end.number
        told = history(session, first.number or "")
        assert [event.move for event in told] == [Move.OPEN, Move.NOTE, Move.NOTE]
        assert [event.data["text"] for event in told[1:]] == ["拥堵加剧", "已疏通"]


def test_an_update_that_comes_first_opens_the_case_and_the_new_one_after_it_is_noted(store: Store) -> None:
    with store.sessions.begin() as session:
        update = take_alert(session, DESK, alert("i-1", kind="update"), T0)
        new = take_alert(session, DESK, alert("i-1"), T0)
        assert update.opened
        assert not new.opened
        assert update.number == new.number


def test_the_end_of_something_nobody_heard_of_opens_nothing(store: Store) -> None:
    with store.sessions.begin() as session:
        assert take_alert(session, DESK, alert("i-1", kind="end"), T0).number is None
        assert session.scalars(select(CaseFile)).all() == []


def test_after_a_merge_alerts_go_to_the_case_that_took_over(store: Store) -> None:
    with store.sessions.begin() as session:
        first = take_alert(session, DESK, alert("i-1"), T0)
        other = take_alert(session, DESK, alert("i-2"), T0)
        assert first.number is not None
        assert other.number is not None
        merge = Command(Move.MERGE, "坐席一", T0, reason="同一路口", into=first.number)
        move(session, DESK, other.number, merge)
        before = len(notices.unsaid(session, 100))
        later = take_alert(session, DESK, alert("i-2", kind="update", alert_id="a-9"), T0)
        assert later.number == first.number
        # Whoever is told the other number hears behind it how that case stands, though nothing in it has changed.
        assert [n.case for n in notices.unsaid(session, 100)[before:]] == [first.number]
        again = take_alert(session, DESK, alert("i-2", kind="update", alert_id="a-9"), T0)
        assert again.number == first.number
        trail = history(session, first.number)
        assert trail[1].data["merged_from"] == other.number
        assert trail[2].data["alert"] == "a-9"
        assert session.scalars(select(CaseAlert.case).where(CaseAlert.alert == "a-9")).all() == [first.number]


@pytest.mark.parametrize(
    ("division", "kept"),
    [
        ("430624", "430624"),
        ("4306240", "430624"),
        ("430624001", "430624001"),
        ("43062400100", "430624001"),
        ("430624001001", "430624001001"),
        ("430626001", "430624"),
        (None, "430624"),
    ],
)
def test_the_place_is_the_most_exact_division_of_the_county(store: Store, division: str | None, kept: str) -> None:
    camera = {"id": "c", "name": "路口", "division_code": division}
    with store.sessions.begin() as session:
        taken = take_alert(session, DESK, alert("i-1", camera=camera), T0)
        assert session.get_one(CaseFile, taken.number).division == kept


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        (b"", "not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"schema": "patrol.alert/1"}', "`type`"),
        (alert("i", schema="county.alarm/3"), "county.alarm/3"),
        (alert("i", occurred_at="yesterday"), "`occurred_at`"),
        (alert("i", occurred_at="2026-11-26T01:58:00"), "`occurred_at`"),
        (alert("", type="new"), "`incident`"),
        (alert("i", camera=None), "`camera`"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_alert_is_refused_with_the_place(sqlite_store: Store, payload: bytes, problem: str) -> None:
    with sqlite_store.sessions.begin() as session:
        with pytest.raises(NotAnAlertError, match=problem.replace("[", r"\[")):
            take_alert(session, DESK, payload, T0)
        assert session.scalars(select(CaseFile)).all() == []


def test_texts_a_database_would_refuse_are_kept_without_them(store: Store) -> None:
    said = alert("i-1").replace("旭东路口出现拥堵".encode(), b"\\u0000\\ud800\xe6\x8b\xa5\xe5\xa0\xb5")
    with store.sessions.begin() as session:
        taken = take_alert(session, DESK, said, T0)
        assert session.get_one(CaseFile, taken.number).title == "?拥堵"


def test_numbers_begin_anew_each_county_day_and_a_rollback_leaves_no_gap(store: Store) -> None:
    midnight = T0.replace(hour=16, minute=0)  # 00:00 in the county
    with store.sessions.begin() as session:
        before = opened(session, DESK, midnight - timedelta(microseconds=1)).number
        after = opened(session, DESK, midnight).number
    session = store.sessions()
    opened(session, DESK, midnight)
    session.rollback()
    session.close()
    with store.sessions.begin() as session:
        assert [before, after] == ["43062420261126000001", "43062420261127000001"]
        assert opened(session, DESK, midnight).number == "43062420261127000002"


def test_many_at_once_get_numbers_without_gaps_or_repeats(store: Store) -> None:
    found: list[str] = []

    def some() -> None:
        for _ in range(12):
            with store.sessions.begin() as session:
                number = opened(session, DESK).number
            found.append(number)

    threads = [threading.Thread(target=some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [f"43062420261126{n:06d}" for n in range(1, 49)]


def test_two_alerts_of_one_incident_at_the_same_moment_open_one_case(store: Store) -> None:
    start, problems = threading.Barrier(2), []

    def take(alert_id: str) -> None:
        start.wait()
        try:
            with store.sessions.begin() as session:
                take_alert(session, DESK, alert("i-1", alert_id=alert_id), T0)
        except Exception as error:  # noqa: BLE001 - whoever comes second may be refused and is sent again
            problems.append(error)

    threads = [threading.Thread(target=take, args=(name,)) for name in ("a-1", "a-2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.sessions.begin() as session:
        for name in ("a-1", "a-2"):
            take_alert(session, DESK, alert("i-1", alert_id=name), T0)
        assert [row.number for row in session.scalars(select(CaseFile))] == ["43062420261126000001"]
        assert len(session.scalars(select(CaseAlert)).all()) == 2
    assert len(problems) <= 1
