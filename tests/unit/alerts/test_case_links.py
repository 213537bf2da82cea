"""Whose case number counts, and how what the case system says of a case reaches the incidents that it follows."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from patrol import alerts
from patrol.alerts.acks import record_ack
from patrol.alerts.case_links import NotACaseError, Said, link, record_case
from patrol.alerts.messages import LightName
from patrol.store import Store
from patrol.store.tables import Ack, Alert, CaseLink
from tests.support.incidents import T0, seen
from tests.unit.alerts.drill import COPIED

EXAMPLES = sorted((Path(__file__).parents[2] / "data" / "contract" / "examples").glob("case-*.json"))
KEEPER = "fisheries"
NOW = T0 + timedelta(hours=12)


class Desk:
    """An incident that two departments and the case system are told of."""

    def __init__(self, store: Store, keeper: str | None) -> None:
        self.store, self.keeper = store, keeper
        self.incidents: list[str] = []
        system = "external" if keeper else "none"
        cases = COPIED.cases.model_copy(update={"system": system, "department": keeper})
        self.registry = COPIED.model_copy(update={"cases": cases})
        self.incident = self.another("jam-portrait")

    def another(self, camera: str) -> str:
        with self.store.sessions.begin() as session:
            (change, *_) = seen(session, "flagged", camera=camera)
            alerts.notify(session, self.registry, change, T0, at_once=True)
        return change.incident_id

    def answers(self, department: str, case: Any, incident: str | None = None, status: str = "received") -> Ack:
        with self.store.sessions.begin() as session:
            alert = session.scalars(
                select(Alert.id).where(Alert.department == department, Alert.incident == (incident or self.incident))
            ).one()
            payload = json.dumps({"alert": alert, "status": status, "case": case}).encode()
            return record_ack(session, department, payload, T0, case_department=self.keeper)

    def says(self, number: str = "A-1", *, topic: str | None = None, minutes: float = 0, **more: Any) -> Said:
        value = {"number": number, "stage": "办理中", "light": "unlit", "at": at(minutes), **more}
        with self.store.sessions.begin() as session:
            payload = json.dumps({k: v for k, v in value.items() if v is not ...}).encode()
            return record_case(session, topic or number, payload, NOW, case_department=self.keeper)

    def shown(self, incident: str | None = None) -> tuple[str, str, str | None, str | None] | None:
        with self.store.reading() as session:
            row = session.get(CaseLink, incident or self.incident)
            return None if row is None else (row.number, row.department, row.stage, row.light)


def at(minutes: float) -> str:
    return (T0 + timedelta(minutes=minutes)).isoformat()


@pytest.fixture
def desk(sqlite_store: Store) -> Desk:
    return Desk(sqlite_store, KEEPER)


@pytest.fixture
def without(sqlite_store: Store) -> Desk:
    return Desk(sqlite_store, None)


# --- whose number ---------------------------------------------------------------------------------------------------


def test_the_case_systems_number_goes_before_any_other_whoever_comes_first(desk: Desk) -> None:
    desk.answers("police", "P-9")
    assert desk.shown() == ("P-9", "police", None, None), "better than none"
    desk.answers(KEEPER, "A-1")
    assert desk.shown() == ("A-1", KEEPER, None, None)
    desk.answers("traffic_police", "T-3", status="accepted")
    desk.answers("police", "P-10", status="accepted")
    assert desk.shown() == ("A-1", KEEPER, None, None)


def test_without_a_case_system_the_first_departments_number_stands_and_only_it_may_change_it(without: Desk) -> None:
    without.answers("traffic_police", "T-3")
    without.answers("police", "P-9")
    assert without.shown() == ("T-3", "traffic_police", None, None)
    without.answers("traffic_police", "T-4", status="accepted")
    assert without.shown() == ("T-4", "traffic_police", None, None)


def test_a_number_that_the_case_system_changes_is_replaced_and_both_answers_are_kept(desk: Desk) -> None:
    desk.answers(KEEPER, "A-1")
    desk.says("A-1", light="red")
    again = desk.answers(KEEPER, "B-2")
    assert not again.taken, "`received` a second time moves nothing"
    assert desk.shown() == ("B-2", KEEPER, None, None), "what was said was said of the other case"
    with desk.store.reading() as session:
        assert session.scalars(select(Ack.case_number).order_by(Ack.id)).all() == ["A-1", "B-2"]


def test_the_same_answer_again_changes_nothing(desk: Desk) -> None:
    desk.answers(KEEPER, "A-1")
    desk.says("A-1", light="yellow")
    before = desk.shown()
    for _ in range(3):
        desk.answers(KEEPER, "A-1")
    assert desk.shown() == before == ("A-1", KEEPER, "办理中", "yellow")


@pytest.mark.parametrize("case", [None, "", "  ", 17, "x" * 65, ["A-1"]])
def test_an_answer_without_a_number_that_can_be_read_links_nothing(desk: Desk, case: Any) -> None:
    desk.answers(KEEPER, case)
    assert desk.shown() is None


def test_a_number_on_an_alert_of_another_department_links_nothing(desk: Desk) -> None:
    with desk.store.sessions.begin() as session:
        alert = session.scalars(select(Alert.id).where(Alert.department == "police")).one()
        payload = json.dumps({"alert": alert, "status": "received", "case": "A-1"}).encode()
        assert not record_ack(session, KEEPER, payload, T0, case_department=KEEPER).taken
    assert desk.shown() is None


def test_another_system_that_takes_over_the_cases_replaces_the_numbers_of_the_one_before(desk: Desk) -> None:
    desk.answers(KEEPER, "A-1")
    with desk.store.sessions.begin() as session:
        link(session, desk.incident, "N-1", "police", "police", T0)
    assert desk.shown() == ("N-1", "police", None, None)


# --- how it stands --------------------------------------------------------------------------------------------------


def test_stage_and_light_reach_every_incident_that_the_case_follows_and_no_other(desk: Desk) -> None:
    second, third = desk.another("second"), desk.another("third")
    for incident, number in ((desk.incident, "A-1"), (second, "A-1"), (third, "A-2")):
        desk.answers(KEEPER, number, incident)
    said = desk.says("A-1", stage="局长批示", light="red")
    assert set(said.incidents) == {desk.incident, second}
    assert desk.shown() == desk.shown(second) == ("A-1", KEEPER, "局长批示", "red")
    assert desk.shown(third) == ("A-2", KEEPER, None, None)


def test_messages_that_overtake_each_other_leave_the_newest(desk: Desk) -> None:
    desk.answers(KEEPER, "A-1")
    lights = ["unlit", "yellow", "red", "closed_late"]
    for number in (1, 3, 0, 2, 3):
        desk.says("A-1", stage=f"s{number}", light=lights[number], minutes=number)
    assert desk.shown() == ("A-1", KEEPER, "s3", "closed_late")
    assert desk.says("A-1", minutes=2).problem == "older than what is there"


def test_a_clock_that_once_ran_far_ahead_does_not_keep_out_what_comes_after_it(desk: Desk) -> None:
    desk.answers(KEEPER, "A-1")
    desk.says("A-1", light="yellow", at="2031-01-01T00:00:00Z")
    desk.says("A-1", light="red", minutes=1)
    assert desk.shown() == ("A-1", KEEPER, "办理中", "red")


def test_a_number_nobody_has_named_is_kept_nowhere(desk: Desk) -> None:
    assert desk.says("A-1").problem == "no incident has this case"
    desk.answers(KEEPER, "A-1")
    assert desk.shown() == ("A-1", KEEPER, None, None)


def test_a_departments_own_number_is_not_taken_for_the_case_systems(desk: Desk) -> None:
    desk.answers("police", "17")
    assert desk.says("17", light="red").incidents == ()
    assert desk.shown() == ("17", "police", None, None)


def test_where_nobody_keeps_cases_nothing_is_taken(without: Desk) -> None:
    without.answers("police", "17")
    with pytest.raises(NotACaseError, match=r"cases\.system"):
        without.says("17", light="red")
    assert without.shown() == ("17", "police", None, None)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"light": "blue"}, "`light` not as described"),
        ({"light": ...}, "`light` not as described"),
        ({"stage": "x" * 33}, "`stage` not as described"),
        ({"stage": "a\x1b[2J"}, "`stage` not as described"),
        ({"stage": ""}, "`stage` not as described"),
        ({"stage": 3, "light": None}, "`light` and `stage` not as described"),
        ({"at": "yesterday"}, "`at` not as described"),
        ({"at": "2026-03-01T08:00:00"}, "`at` not as described"),
        ({"number": "A-2", "topic": "A-1"}, "`number` is 'A-2', and the topic says 'A-1'"),
        ({"number": "a/b", "topic": "b"}, "`number` not as described"),
        ({"number": "\ud800"}, "`number` not as described"),
    ],
)
def test_what_is_needed_and_wrong_is_named_and_nothing_is_written(desk: Desk, wrong: dict[str, Any], why: str) -> None:
    desk.answers(KEEPER, "A-1")
    with pytest.raises(NotACaseError) as caught:
        desk.says(**{"number": "A-1", **wrong})
    assert str(caught.value) == why
    assert desk.shown() == ("A-1", KEEPER, None, None)


def test_what_is_not_needed_may_be_anything(desk: Desk) -> None:
    desk.answers(KEEPER, "A-1")
    said = desk.says("A-1", clocks="none", unit=7, url="javascript:alert(1)", merged_into=[], schema="own/2", more={})
    assert said.incidents == (desk.incident,)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_every_message_that_was_ever_valid_is_taken(desk: Desk, file: Path) -> None:
    value = json.loads(file.read_text("utf-8"))
    desk.answers(KEEPER, value["number"])
    with desk.store.sessions.begin() as session:
        record_case(session, value["number"], file.read_bytes(), T0, case_department=KEEPER)
    assert desk.shown() == (value["number"], KEEPER, value["stage"], value["light"])


# --- whatever comes -------------------------------------------------------------------------------------------------


def test_two_thousand_payloads_made_up_by_a_fuzzer_crash_nothing_and_leave_no_wrong_state(desk: Desk) -> None:
    desk.answers(KEEPER, "A-1")
    chance = random.Random(13710)
    taken = older = 0
    refused: list[str] = []
    with desk.store.sessions.begin() as session:
        for _ in range(2000):
            payload = made_up(chance)
            before = state_of(session, desk.incident)
            try:
                said = record_case(session, "A-1", payload, NOW, case_department=KEEPER)
            except NotACaseError as error:
                refused.append(str(error))
                assert state_of(session, desk.incident) == before
                continue
            after = state_of(session, desk.incident)
            value = json.loads(payload)
            taken += bool(said.incidents)
            older += not said.incidents
            # The oracle reads the message by itself.
            moment = datetime.fromisoformat(value["at"]).astimezone(UTC)
            assert bool(said.incidents) == (before[2] is None or before[2] <= moment)
            assert value["number"] == "A-1"
            assert value["light"] in get_args(LightName)
            assert 1 <= len(value["stage"]) <= 32
            assert after == ((value["stage"], value["light"], moment) if said.incidents else before)
        assert session.scalar(select(func.count()).select_from(CaseLink)) == 1
    assert all(why.isprintable() for why in refused)
    assert min(taken, older, len(refused)) > 5, "of each kind there were some"
    assert taken + older + len(refused) == 2000


def state_of(session: Session, incident: str) -> tuple[str | None, str | None, datetime | None]:
    row = session.get_one(CaseLink, incident)
    return row.stage, row.light, row.said_at


def made_up(chance: random.Random) -> bytes:
    """A right message, of which some fields are replaced, left out or torn; or no message at all."""
    strange: list[Any] = [
        None, True, 0, -1, 1e308, "", " ", "A-1", "\x00", "\ud800", "x" * 40, "red", "2026-03-01T09:00:00Z", [], [[]], {},
        {"a": 1}, "1970-01-01T00:00:00Z", "2026-03-01T08:00:60Z", "\u202e", "办理中",
    ]  # fmt: skip
    value: dict[str, Any] = {
        "schema": "patrol.case/1",
        "number": "A-1",
        "stage": chance.choice(["received", "办理中", "handling"]),
        "light": chance.choice(get_args(LightName)),
        "at": at(chance.uniform(0, 600)),
    }
    for _ in range(chance.choice([0, 1, 1, 2, 3])):
        name = chance.choice([*value, "clocks", "incident", "unit"])
        if chance.random() < 0.3:
            value.pop(name, None)
        else:
            value[name] = chance.choice(strange)
    raw = json.dumps(value, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    kind = chance.random()
    if kind < 0.15:
        return raw[: chance.randrange(len(raw))]
    if kind < 0.25:
        torn = bytearray(raw)
        for _ in range(chance.randint(1, 8)):
            torn[chance.randrange(len(torn))] = chance.randrange(256)
        return bytes(torn)
    if kind < 0.3:
        return chance.choice(
            [b"[" * 60_000, b"9" * 5000, b"null", b"[]", b'"A-1"', raw + b" " * 70_000, chance.randbytes(64)]
        )
    return raw
