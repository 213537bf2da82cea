"""Silence escalates: what nobody answers climbs the ladder, what a silence held is told after it, and nothing stalls."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from patrol import alerts, incidents
from patrol.alerts import silences
from patrol.alerts.acks import CallError, record_ack, record_call
from patrol.alerts.sweep import Swept, sweep
from patrol.registry import Registry, parse
from patrol.store import Store
from patrol.store.tables import Alert, DispatchTrack, Escalation, Held
from tests.support.county import registry_text
from tests.support.incidents import T0, seen

_DISPATCH = """
dispatch:
  rung: 3m
  again: 15m
  shift_lead: [{name: shift lead, phone: 0730-2}]
  county: police
  limits:
    - {received: 2m, accepted: 5m, on_scene: 40m, disposed: 8h}
"""


def county() -> Registry:
    text = registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}, period="2h")
    registry = parse(text + _DISPATCH, "test").registry
    (department, *others) = registry.departments
    assert department.id == "traffic_police"
    duty = type(department).model_validate(
        {**department.model_dump(), "contacts": [{"name": "desk", "phone": "0730-1"}]}
    )
    routes = tuple(
        r.model_copy(update={"to": "traffic_police", "copy_to": (), "fallback": "fisheries"})
        for r in registry.routes
        if r.kind == "congestion"
    )
    return registry.model_copy(update={"departments": (duty, *others), "routes": routes})


COUNTY = county()


class Desk:
    """One confirmed jam, a county that sweeps, departments that answer or do not."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.incident = ""

    def confirm(self, seconds: float = 0) -> tuple[str, ...]:
        now = T0 + timedelta(seconds=seconds)
        with self.store.sessions.begin() as session:
            (change, *_) = seen(session, "flagged")
            self.incident = change.incident_id
            change = incidents.review(session, self.incident, "confirmed", "li", None, now)
            return alerts.notify(session, COUNTY, change, now, at_once=False)

    def confirm_in(self, registry: Registry) -> None:
        """Confirmed where a registry reaches nobody: the verdict stands, then the caller hears of it."""
        problem: alerts.RouteError | None = None
        with self.store.sessions.begin() as session:
            (change, *_) = seen(session, "flagged")
            change = incidents.review(session, change.incident_id, "confirmed", "li", None, T0)
            try:
                alerts.notify(session, registry, change, T0, at_once=False)
            except alerts.RouteError as error:
                problem = error
        if problem is not None:
            raise problem

    def judge(self, verdict: str, seconds: float) -> None:
        now = T0 + timedelta(seconds=seconds)
        with self.store.sessions.begin() as session:
            change = incidents.review(session, self.incident, verdict, "li", None, now)
            alerts.notify(session, COUNTY, change, now, at_once=False)

    def sweep(self, minutes: float) -> Swept:
        return sweep(self.store, COUNTY, T0 + timedelta(minutes=minutes))

    def next_at(self) -> datetime | None:
        with self.store.reading() as session:
            return session.scalar(select(DispatchTrack.due_at).where(DispatchTrack.closed_at.is_(None)))

    def called(self, *minutes: float) -> list[tuple[float, str, str]]:
        return [(m, c.rung.who, c.rung.whom) for m in minutes for c in self.sweep(m).called]

    def answer(self, department: str, status: str, minutes: float, **more: str) -> None:
        alert = self.alerts(department)[-1]
        payload = json.dumps({"alert": alert.id, "status": status, **more}).encode()
        with self.store.sessions.begin() as session:
            assert record_ack(session, department, payload, T0 + timedelta(minutes=minutes)).taken

    def alerts(self, department: str) -> list[Alert]:
        with self.store.reading() as session:
            return list(session.scalars(select(Alert).where(Alert.department == department).order_by(Alert.seq)))

    def track(self, department: str = "traffic_police") -> DispatchTrack:
        with self.store.reading() as session:
            return session.scalars(select(DispatchTrack).where(DispatchTrack.department == department)).one()


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_an_alert_nobody_receives_climbs_to_the_desk_the_shift_lead_the_fallback_and_the_county(desk: Desk) -> None:
    desk.confirm()
    assert desk.called(1, 2, 4, 5, 8, 11, 14, 25, 26) == [
        (2, "contacts", "desk"),
        (5, "shift_lead", "shift lead"),
        (8, "fallback", "fisheries"),
        (11, "county", "police"),
        (26, "county", "police"),
    ]
    (fallback,) = desk.alerts("fisheries")
    assert (fallback.type, fallback.seq, fallback.envelope["role"]) == ("new", 1, "fallback")
    assert fallback.envelope["escalation"] == {
        "level": 3,
        "from": "traffic_police",
        "because": "traffic_police has not received it, 6 min 0 s over the limit",
    }
    told, reminded = desk.alerts("police")
    assert [(a.type, a.envelope["role"], a.envelope["escalation"]["level"]) for a in (told, reminded)] == [
        ("new", "escalation", 4),
        ("update", "escalation", 5),
    ]
    assert desk.track("police").opened_at == T0 + timedelta(minutes=11), "its time goes on"
    with desk.store.reading() as session:
        written = session.scalars(select(Escalation).where(Escalation.dispatch == desk.track().id)).all()
    assert [(e.rung, e.who, e.phone, e.step) for e in written[:3]] == [
        (1, "contacts", "0730-1", "received"),
        (2, "shift_lead", "0730-2", "received"),
        (3, "fallback", None, "received"),
    ]


def test_an_answer_begins_the_ladder_anew_for_the_next_step(desk: Desk) -> None:
    desk.confirm()
    desk.sweep(2)
    desk.answer("traffic_police", "received", 3)
    assert (desk.track().state, desk.track().rung, desk.track().due_at) == ("received", 0, T0 + timedelta(minutes=5))
    desk.answer("traffic_police", "accepted", 4)
    assert desk.called(39) == []
    assert desk.called(40) == [(40, "contacts", "desk")]
    desk.answer("traffic_police", "on_scene", 41)
    desk.answer("traffic_police", "disposed", 60)
    track = desk.track()
    assert (track.closed_because, track.due_at) == ("disposed", None)
    assert desk.called(100, 10_000) == []
    assert desk.next_at() is None


def test_a_refusal_goes_to_the_fallback_at_once_and_its_acceptance_takes_the_matter_over(desk: Desk) -> None:
    desk.confirm()
    desk.answer("traffic_police", "refused", 1, reason="not our road")
    assert desk.called(1) == [(1, "fallback", "fisheries")]
    desk.answer("fisheries", "accepted", 2)
    assert desk.track().closed_because == "taken on by fisheries"
    desk.sweep(2)
    told = desk.alerts("traffic_police")[-1]
    assert (told.type, told.envelope["escalation"]["because"]) == ("update", "fisheries has taken it on")
    assert desk.track("fisheries").due_at == T0 + timedelta(minutes=41)
    assert desk.called(10) == []
    assert desk.called(41) == [(41, "shift_lead", "shift lead")], "whoever has taken it on is followed as the first was"


def test_a_late_acceptance_calls_the_departments_told_in_its_place_off(desk: Desk) -> None:
    desk.confirm()
    assert desk.called(2, 5, 8)[-1] == (8, "fallback", "fisheries")
    desk.answer("traffic_police", "accepted", 9)
    assert desk.track("fisheries").closed_because == "taken on by traffic_police"
    assert desk.called(20) == []
    assert desk.alerts("fisheries")[-1].envelope["escalation"]["because"] == "traffic_police has taken it on"


def test_an_end_or_a_false_alarm_calls_nobody_any_more(desk: Desk) -> None:
    desk.confirm()
    desk.judge("false_alarm", 60)
    assert desk.track().closed_because == "false_alarm"
    assert desk.called(60) == []
    desk.judge("confirmed", 120)
    assert (desk.track().state, desk.track().due_at) == ("told", T0 + timedelta(minutes=4))
    assert [a.type for a in desk.alerts("traffic_police")] == ["new", "end", "new"]


def test_a_call_that_reached_somebody_counts_as_accepted_and_one_that_did_not_counts_for_nothing(desk: Desk) -> None:
    (alert,) = desk.confirm()

    def call(outcome: str, minutes: float) -> bool:
        with desk.store.sessions.begin() as session:
            at = T0 + timedelta(minutes=minutes)
            row = record_call(session, alert, number="0730-1", outcome=outcome, by="li", note="on their way", now=at)
            assert row.phone == {"number": "0730-1", "at": at.isoformat(), "outcome": outcome}
            return row.taken

    assert not call("no_answer", 3)
    assert (desk.track().state, len(desk.called(3))) == ("told", 1)
    assert call("reached", 4)
    assert (desk.track().state, desk.track().due_at) == ("phoned", T0 + timedelta(minutes=40))
    with desk.store.sessions.begin() as session:
        for more, why in (
            ({"outcome": "maybe"}, "no outcome"),
            ({"number": " "}, "needs the number"),
            ({"by": ""}, "name"),
        ):
            given = {"number": "1", "outcome": "reached", "by": "li", "note": None, "now": T0, **more}
            with pytest.raises(CallError, match=why):
                record_call(session, alert, **given)  # type: ignore[arg-type]


def test_a_matter_that_a_silence_holds_is_told_when_it_ends_and_not_before(desk: Desk) -> None:
    with desk.store.sessions.begin() as session:
        silence = silences.add(
            session,
            reason="marathon",
            by="wang",
            camera="jam-portrait",
            starts_at=T0,
            ends_at=T0 + timedelta(hours=1),
            now=T0,
        ).id
    assert desk.confirm(60) == ()
    with desk.store.reading() as session:
        held = session.scalars(select(Held)).one()
    assert (held.because, held.silence, held.released_at) == ("silence 1: marathon", silence, None)
    assert desk.sweep(59).alerts == []
    assert len(desk.sweep(60).alerts) == 1
    assert desk.sweep(61).alerts == []
    with desk.store.reading() as session:
        assert session.scalars(select(Held.outcome)).all() == ["told"]
    assert desk.track().opened_at == T0 + timedelta(hours=1)


def test_a_silence_ended_early_lets_go_at_once_and_what_is_over_by_then_is_not_told(desk: Desk) -> None:
    with desk.store.sessions.begin() as session:
        silence = silences.add(
            session, reason="works", by="wang", kind="congestion", starts_at=T0, ends_at=T0 + timedelta(hours=9), now=T0
        ).id
    desk.confirm()
    with desk.store.sessions.begin() as session:
        silences.end(session, silence, "wang", T0 + timedelta(minutes=5))
    desk.judge("false_alarm", 330)
    assert desk.sweep(6).alerts == []
    with desk.store.reading() as session:
        assert session.scalars(select(Held.outcome)).all() == ["over"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"reason": " "}, "needs a reason"),
        ({"ends_at": T0 - timedelta(hours=1)}, "must end after"),
        ({"camera": None}, "names a kind, category, camera or place"),
    ],
)
def test_a_silence_that_cannot_be_says_why(store: Store, more: dict[str, object], why: str) -> None:
    given = {
        "reason": "works",
        "by": "wang",
        "camera": "c",
        "starts_at": T0,
        "ends_at": T0 + timedelta(hours=1),
        "now": T0,
    }
    with store.sessions.begin() as session, pytest.raises(silences.SilenceError, match=why):
        silences.add(session, **{**given, **more})  # type: ignore[arg-type]


def test_what_no_route_matches_is_held_and_told_when_a_route_is_there(desk: Desk) -> None:
    nowhere = COUNTY.model_copy(update={"routes": ()})
    with desk.store.sessions.begin() as session:
        (change, *_) = seen(session, "flagged")
        with pytest.raises(alerts.RouteError):
            alerts.notify(session, nowhere, change, T0, at_once=True)
    assert sweep(desk.store, nowhere, T0).problems == [
        "no route for congestion at a camera of road: nobody was told; add one to `routes`"
    ]
    assert len(desk.sweep(1).alerts) == 1


def test_a_clock_stepped_back_leaves_no_track_waiting(desk: Desk) -> None:
    desk.confirm(86_400 * 3)
    assert desk.track().due_at == T0 + timedelta(days=3, minutes=2)
    desk.sweep(0)
    due = desk.track().due_at
    assert due is not None
    assert due <= T0 + timedelta(hours=9)
