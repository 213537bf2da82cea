"""Who keeps the cases hears of every matter once, follows it to its end, and takes nothing on in anybody's place."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from patrol import alerts, incidents
from patrol.alerts.acks import record_ack
from patrol.alerts.dry_run import dry_run
from patrol.alerts.route import Matter
from patrol.alerts.sweep import sweep
from patrol.registry import Registry, parse
from patrol.store import Store
from patrol.store.tables import Alert, DispatchTrack, Escalation
from tests.support.county import registry_text
from tests.support.incidents import T0, seen

KEEPER, ACTS = "centre", "traffic_police"
_MORE = """
dispatch:
  rung: 3m
  again: 15m
  shift_lead: [{name: shift lead, phone: 0730-2}]
  county: water
  limits:
    - {received: 2m, accepted: 5m, on_scene: 40m, disposed: 8h}
cases: {system: external, department: centre}
"""


def county(system: str = "external", to: str = ACTS) -> Registry:
    text = registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}, period="2h") + _MORE
    text = text.replace("system: external", f"system: {system}")
    text = text.replace(
        "departments:\n",
        "departments:\n  - {id: centre, name: {zh: 中心, en: Centre}, contacts: [{name: case desk, phone: 0730-9}]}\n"
        "  - {id: water, name: {zh: 水利, en: Water}}\n",
    )
    return parse(
        text.replace(
            "{kind: congestion, to: traffic_police}",
            f"{{kind: congestion, to: {to}, copy_to: [police], fallback: fisheries}}",
        ),
        "test",
    ).registry


class Matters:
    """A jam that a person confirms, and what became of it."""

    def __init__(self, store: Store, registry: Registry) -> None:
        self.store, self.registry = store, registry
        self.incident = ""

    def look(self, verdict: str, minutes: float = 0) -> None:
        with self.store.sessions.begin() as session:
            for change in seen(session, verdict, minutes=minutes):
                self.incident = change.incident_id
                alerts.notify(session, self.registry, change, moment(minutes), at_once=False)

    def judge(self, verdict: str = "confirmed", minutes: float = 0) -> None:
        with self.store.sessions.begin() as session:
            change = incidents.review(session, self.incident, verdict, "li", None, moment(minutes))
            alerts.notify(session, self.registry, change, moment(minutes), at_once=False)

    def answer(self, department: str, status: str, minutes: float = 0, **more: Any) -> None:
        alert = self.of(department)[-1].id
        payload = json.dumps({"alert": alert, "status": status, **more}).encode()
        with self.store.sessions.begin() as session:
            keeper = self.registry.cases.keeper
            assert record_ack(session, department, payload, moment(minutes), case_department=keeper).taken

    def sweep(self, *minutes: float) -> list[tuple[str, str, str]]:
        """Who was called for whose step."""
        return [
            (called.department, called.rung.who, called.rung.whom)
            for minute in minutes
            for called in sweep(self.store, self.registry, moment(minute)).called
        ]

    def of(self, department: str) -> list[Alert]:
        with self.store.reading() as session:
            return list(session.scalars(select(Alert).where(Alert.department == department).order_by(Alert.seq)))

    def types(self, department: str = KEEPER) -> list[str]:
        return [alert.type for alert in self.of(department)]

    def told(self) -> set[str]:
        with self.store.reading() as session:
            return set(session.scalars(select(Alert.department)))

    def track(self, department: str) -> DispatchTrack:
        with self.store.reading() as session:
            return session.scalars(select(DispatchTrack).where(DispatchTrack.department == department)).one()


def moment(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


@pytest.fixture
def matters(sqlite_store: Store) -> Matters:
    found = Matters(sqlite_store, county())
    found.look("flagged")
    found.judge()
    return found


def test_it_hears_of_what_anybody_is_told_as_a_copy_that_says_who_acts(matters: Matters) -> None:
    (alert,) = matters.of(KEEPER)
    assert (alert.type, alert.envelope["role"], alert.envelope["ack_topic"][-11:]) == ("new", "copy", "/ack/centre")
    everybody = [
        {"department": ACTS, "role": "primary"},
        {"department": "police", "role": "copy"},
        {"department": KEEPER, "role": "copy"},
    ]
    assert alert.envelope["told"] == everybody
    assert {d: a.envelope["told"] for d in (ACTS, "police") for a in matters.of(d)} == {
        ACTS: everybody,
        "police": everybody,
    }


def test_where_nobody_keeps_cases_nobody_more_is_told(sqlite_store: Store) -> None:
    found = Matters(sqlite_store, county("none"))
    found.look("flagged")
    found.judge()
    assert found.told() == {ACTS, "police"}


def test_one_that_the_route_tells_already_is_told_once_and_in_the_routes_part(sqlite_store: Store) -> None:
    found = Matters(sqlite_store, county(to=KEEPER))
    found.look("flagged")
    found.judge()
    assert [a.envelope["role"] for a in found.of(KEEPER)] == ["primary"]
    assert found.told() == {KEEPER, "police"}


def test_it_gets_one_new_however_many_are_told_later_and_then_the_end(matters: Matters) -> None:
    matters.answer(ACTS, "refused", 1, reason="no car")
    matters.sweep(1)
    assert matters.types("fisheries") == ["new"], "the fallback is told"
    assert matters.of("fisheries")[0].envelope["told"] is None
    matters.answer("fisheries", "refused", 2, reason="no boat")
    matters.sweep(4, 7, 10, 13)
    assert matters.types("water") == ["new", *["update"] * (len(matters.of("water")) - 1)], "the county is told"
    for number in range(1, 8):
        matters.look("clear", 30.0 * number)
    assert matters.types().count("new") == 1
    assert matters.types()[-1] == "end"
    assert matters.types().count("end") == 1


def test_what_is_written_after_its_number_is_known_carries_it_to_everybody(matters: Matters) -> None:
    assert {a.envelope["case"] for d in (ACTS, "police", KEEPER) for a in matters.of(d)} == {None}
    matters.answer(KEEPER, "received", case="XYZ-2026-0001")
    matters.judge("unclear", 1)
    matters.judge("false_alarm", 2)
    for department in (ACTS, "police", KEEPER):
        assert [(a.type, a.envelope["case"]) for a in matters.of(department)] == [
            ("new", None),
            ("update", "XYZ-2026-0001"),
            ("end", "XYZ-2026-0001"),
        ]


@pytest.mark.parametrize("status", ["received", "accepted", "on_scene", "disposed"])
def test_whatever_it_answers_those_who_act_are_called_all_the_same(matters: Matters, status: str) -> None:
    matters.answer(KEEPER, status, 1, case="A-1")
    matters.answer("police", "received", 1)
    called = matters.sweep(2, 5, 8)
    assert called == [(ACTS, "shift_lead", "shift lead"), (ACTS, "fallback", "fisheries"), (ACTS, "county", "water")]
    assert matters.track(KEEPER).closed_because == status
    assert matters.track(ACTS).closed_at is None


def test_one_that_does_not_even_receive_it_calls_its_own_people_and_no_department(matters: Matters) -> None:
    matters.answer(ACTS, "accepted", 1)
    matters.answer("police", "received", 1)
    called = matters.sweep(2, 5, 8, 23, 38)
    assert called == [
        (KEEPER, "contacts", "case desk"),
        (KEEPER, "shift_lead", "shift lead"),
        *[(KEEPER, "shift_lead", "shift lead")] * 2,
    ]
    assert matters.told() == {ACTS, "police", KEEPER}
    with matters.store.reading() as session:
        assert set(session.scalars(select(Escalation.step))) == {"received"}
    assert matters.track(ACTS).state == "accepted", "nobody has taken it from who acts"


def test_another_copy_is_still_followed_over_the_whole_ladder(matters: Matters) -> None:
    matters.answer(ACTS, "accepted", 1)
    matters.answer(KEEPER, "received", 1)
    assert [who for _, who, _ in matters.sweep(2, 5, 8)] == ["shift_lead", "fallback", "county"]


def test_a_dry_run_names_it_too() -> None:
    found = dry_run(county(), Matter("congestion", ("road",), "jam-portrait", None, None), T0)
    assert [(told.department, told.role) for told in found.told] == [
        (ACTS, "primary"),
        ("police", "copy"),
        (KEEPER, "copy"),
    ]
