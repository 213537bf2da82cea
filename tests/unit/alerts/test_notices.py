"""Who gets a message about what, and when: everybody on duty who has channels, few messages, every matter in one of them."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from patrol import alerts, incidents
from patrol.alerts import notices, outgoing
from patrol.alerts.acks import record_ack
from patrol.alerts.notices import Addressee, Matter
from patrol.alerts.sweep import sweep
from patrol.registry import Registry
from patrol.store import Store
from patrol.store.tables import Alert, DispatchTrack, Notice, NoticeItem
from tests.support.examples import examples
from tests.support.incidents import T0, seen
from tests.support.people import confirm, county, items, messages

_AGAIN = (60.0,)


class Desk:
    """A county that is told, a herald's hand that sends at once, a clock that the test turns (seconds from ``T0``)."""

    def __init__(self, store: Store, registry: Registry) -> None:
        self.store, self.registry = store, registry

    def confirm(self, seconds: float = 0, camera: str = "jam-portrait") -> str:
        return confirm(self.store, self.registry, T0 + timedelta(seconds=seconds), camera)

    def answer(self, incident: str, status: str, seconds: float, department: str = "traffic_police") -> None:
        with self.store.sessions.begin() as session:
            alert = session.scalars(
                select(Alert.id).where(Alert.incident == incident, Alert.department == department)
            ).first()
            payload = json.dumps({"alert": alert, "status": status}).encode()
            assert record_ack(session, department, payload, T0 + timedelta(seconds=seconds)).taken

    def go(self, seconds: float) -> list[Notice]:
        """What goes out at that time."""
        now = T0 + timedelta(seconds=seconds)
        notices.repeat_due(self.store, self.registry, now)
        outgoing.close_due(self.store, self.registry, now)
        sent = []
        while due := outgoing.take_due(self.store, now, again=_AGAIN, busy=(), room=9):
            for one in due:
                outgoing.mark_sent(self.store, self.registry, one.id, now, digest=False)
                sent.append(one.id)
        return [m for m in messages(self.store) if m.id in sent]

    def contacts(self, *seconds: float) -> list[tuple[float, str, str]]:
        return [(s, m.contact, m.channel) for s in seconds for m in self.go(s)]


GROUPED = "wait: 20s, interval: 5m, repeat: 30m, most: 3"


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return Desk(store, county({"mail": "x", "hook": "y"}, tmp_path, grouping=GROUPED))


def test_everybody_on_duty_with_channels_hears_of_it_and_a_copy_asks_for_nothing(desk: Desk) -> None:
    incident = desk.confirm()
    assert [(m.state, m.department, m.contact, m.channel) for m in messages(desk.store)] == [
        ("collecting", m.department, m.contact, m.channel) for m in messages(desk.store)
    ]
    assert sorted(desk.contacts(19, 20)) == [(20, "desk", "hook"), (20, "desk", "mail"), (20, "station", "mail")]
    assert {(i.department, i.asks, i.why, i.incident) for i in items(desk.store)} == {
        ("traffic_police", "accept", "new", incident),
        ("police", "receive", "new", incident),
    }


def test_a_message_is_undone_with_its_cause(desk: Desk) -> None:
    with desk.store.sessions() as session:
        (change, *_) = seen(session, "flagged")
        change = incidents.review(session, change.incident_id, "confirmed", "li", None, T0)
        alerts.notify(session, desk.registry, change, T0, at_once=False)
        assert session.scalars(select(NoticeItem)).all()
        session.rollback()
    assert messages(desk.store) == []


def test_whoever_is_not_on_duty_hears_nothing_and_whoever_comes_on_duty_is_told_again(desk: Desk) -> None:
    police, *others = desk.registry.departments
    night = police.contacts[0].model_validate(
        {"name": "night", "channels": ["mail"], "windows": [{"from": "16:30", "to": "08:00"}]}
    )
    day = police.contacts[0].model_validate(
        {"name": "day", "channels": ["hook"], "windows": [{"from": "08:00", "to": "16:30"}]}
    )
    roster = police.model_copy(update={"contacts": (day, night)})
    desk.registry = desk.registry.model_copy(update={"departments": (roster, *others)})
    desk.confirm()
    assert ("day", "hook") in {(m.contact, m.channel) for m in desk.go(20)}
    assert desk.go(1799) == []
    # 16:30 in the county: the shift has changed.
    assert desk.contacts(1840) == []
    assert desk.contacts(1860) == [(1860, "night", "mail")]
    assert [i.why for i in items(desk.store)][-1] == "repeat"


def test_matters_are_named_again_until_somebody_accepts_and_copies_never(desk: Desk) -> None:
    incident = desk.confirm()
    desk.go(20)
    assert desk.contacts(1819) == []
    assert desk.contacts(1820) == []
    assert sorted(desk.contacts(1840)) == [(1840, "desk", "hook"), (1840, "desk", "mail")]
    desk.answer(incident, "received", 1900)
    desk.go(3640)
    assert sorted(desk.contacts(3660)) == [(3660, "desk", "hook"), (3660, "desk", "mail")]
    desk.answer(incident, "accepted", 3700)
    assert desk.contacts(5460, 5500, 9000) == []


def test_a_rung_that_is_climbed_does_not_wait_and_the_shift_lead_answers_for_nobody(desk: Desk) -> None:
    desk.confirm()
    desk.go(20)
    sweep(desk.store, desk.registry, T0 + timedelta(minutes=2))
    assert sorted(desk.contacts(120)) == [(120, "desk", "hook"), (120, "desk", "mail"), (120, "station", "mail")]
    sweep(desk.store, desk.registry, T0 + timedelta(minutes=5))
    assert desk.contacts(300) == [(300, "shift lead", "mail")]
    last = next(i for i in reversed(items(desk.store)) if i.department == "traffic_police")
    assert (last.why, last.asks, last.step, last.department) == ("escalation", "call", "received", "traffic_police")
    assert last.repeat_at is None


def test_what_still_waits_is_not_told_twice_when_it_becomes_urgent(desk: Desk) -> None:
    desk.confirm()
    desk.go(20)
    other = desk.confirm(100, "c2")
    assert desk.go(120) == []
    with desk.store.sessions.begin() as session:
        track = session.scalars(
            select(DispatchTrack).where(DispatchTrack.incident == other, DispatchTrack.department == "traffic_police")
        ).one()
        track.due_at = T0 + timedelta(seconds=130)
        track.received_by = T0 + timedelta(seconds=130)
    sweep(desk.store, desk.registry, T0 + timedelta(seconds=130))
    assert ("desk", "mail") in {(m.contact, m.channel) for m in desk.go(130)}
    assert [i.why for i in items(desk.store) if i.incident == other and i.department == "traffic_police"] == [
        "escalation",
        "escalation",
    ]
    assert [m.contact for m in desk.go(320)] == ["station"], "what was taken out left no empty message behind"


def test_while_a_channel_is_broken_the_next_messages_collect(desk: Desk) -> None:
    for number in range(12):
        now = T0 + timedelta(minutes=10 * number)
        desk.confirm(600 * number, f"c{number}")
        for seconds in (20, 320):
            outgoing.close_due(desk.store, desk.registry, now + timedelta(seconds=seconds))
    unsent = messages(desk.store, "hook")
    assert [m.state for m in unsent] == ["queued"] * 3 + ["collecting"]
    named = [i for i in items(desk.store) if i.notice == unsent[-1].id]
    assert len(named) == 9, "every matter is in one of them"


def test_a_clock_stepped_back_leaves_no_message_waiting(desk: Desk) -> None:
    desk.confirm(86_400)
    assert desk.go(0) == []
    assert len(desk.go(20)) == 3
    desk.confirm(86_400, "c2")
    outgoing.close_due(desk.store, desk.registry, T0 + timedelta(days=2))
    due = outgoing.take_due(desk.store, T0 + timedelta(days=2), again=_AGAIN, busy=(), room=9)
    assert len(due) == 2, "one for each channel"
    assert len(outgoing.take_due(desk.store, T0, again=_AGAIN, busy=(), room=9)) == 2


def test_many_who_tell_at_the_same_time_put_it_into_one_message(desk: Desk) -> None:
    threads = [threading.Thread(target=desk.confirm, args=(0, f"c{n}")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted((m.contact, m.channel) for m in messages(desk.store)) == [
        ("desk", "hook"),
        ("desk", "mail"),
        ("station", "mail"),
    ]
    assert len(items(desk.store)) == 24


_ARRIVALS = st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 11), st.booleans()), min_size=1, max_size=25)


@given(_ARRIVALS)
@settings(examples(12), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_every_matter_goes_out_in_time_in_one_message_and_messages_keep_their_distance(
    sqlite_store: Store, tmp_path: Path, arrivals: Sequence[tuple[int, int, bool]]
) -> None:
    registry = county({"mail": "x"}, tmp_path, grouping="wait: 20s, interval: 5m, repeat: 0s")
    known = _known(sqlite_store, registry)
    tick, to = 10, Addressee("mail", "traffic_police", "desk")
    asked = sorted(arrivals)
    desk = Desk(sqlite_store, registry)
    sent: list[tuple[int, Notice]] = []
    for second in range(0, asked[-1][0] + 350, tick):
        while asked and asked[0][0] <= second:
            _, number, urgent = asked.pop(0)
            matter = Matter(*known[number], "traffic_police", "escalation" if urgent else "new", "accept")
            with sqlite_store.sessions.begin() as session:
                notices.add(session, registry, to, matter, T0 + timedelta(seconds=second))
        sent += [(second, m) for m in desk.go(second)]
    named = items(sqlite_store)
    out = {m.id: second for second, m in sent}
    assert all(i.notice in out for i in named), "every matter is in one message that went out"
    for second, number, _ in arrivals:
        came = -(-second // tick) * tick
        waits = [out[i.notice] - came for i in named if i.incident == known[number][0] and out[i.notice] >= came]
        assert min(waits) <= 20 + 300 + tick
    ordinary = [second for second, m in sent if not m.urgent]
    pressing = [second for second, m in sent if m.urgent]
    assert all(later - earlier >= 300 for earlier, later in itertools.pairwise(ordinary))
    assert all(later - earlier >= 20 for earlier, later in itertools.pairwise(pressing))
    first = {m.id: min(i.at for i in named if i.notice == m.id) for _, m in sent}
    for second, m in sent:
        waited = T0 + timedelta(seconds=second) - first[m.id]
        assert waited <= timedelta(seconds=20 + tick if m.urgent else 320 + tick)
        assert m.urgent or waited >= timedelta(seconds=20)


def _known(store: Store, registry: Registry) -> list[tuple[str, str]]:
    """Twelve incidents with their alerts, and no message yet."""
    with store.reading() as session:
        there = session.execute(
            select(Alert.incident, Alert.id).where(Alert.department == "traffic_police").order_by(Alert.seq)
        ).all()
    for number in range(len(there), 12):
        confirm(store, registry, T0, f"c{number}")
    with store.sessions.begin() as session:
        session.execute(delete(NoticeItem))
        session.execute(delete(Notice))
    return [(row.incident, row.id) for row in there] if there else _known(store, registry)
