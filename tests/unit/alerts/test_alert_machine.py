"""Whatever happens in whatever order, an alert goes forward, is numbered without a gap, and comes due until it is received.

A machine made up by Hypothesis drives one store through everything that touches an alert: looks, reviews, the relay's
turns under a virtual clock that may be stepped, what the broker says, reconnects, answers right and wrong. A model beside
it, which keeps only lists and dictionaries, says what the store must hold.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from patrol import alerts, incidents
from patrol.alerts import due
from patrol.alerts.acks import record_ack
from patrol.alerts.pace import Pace
from patrol.incidents import Change
from patrol.registry import Dispatch
from patrol.store import Store, open_store
from patrol.store.tables import Alert
from tests.support.examples import examples
from tests.support.incidents import T0, seen
from tests.unit.alerts.drill import COPIED
from tests.unit.alerts.fuzzed import ANSWERS, DEPARTMENTS, FORWARD

AGAIN = Pace().again
LONGEST = timedelta(seconds=max(AGAIN))
UNSAVED = timedelta(minutes=31)
OPEN = frozenset({"queued", "sent"})
SLACK = timedelta(minutes=1)
"""A wall clock stepped back by less is waited for."""
CAMERAS = ("jam-portrait", "gate", "pier")
TOLD = re.compile(r"(new (update )*end )*(new (update )*)?")
MUTED = ("false_alarm", "duplicate", "exempt")


EAGER = COPIED.model_copy(update={"dispatch": Dispatch(update_interval=timedelta(milliseconds=1))})


@dataclass
class Modelled:
    """An alert as the model knows it."""

    department: str
    incident: str
    type: str
    seq: int
    next_at: datetime
    state: str = "queued"
    attempts: int = 0
    sent_at: datetime | None = None
    refused: bool = False
    """The broker would not have it: it steps aside until its time."""


class Machine(RuleBasedStateMachine):
    """See the module. ``template`` is an empty, migrated database."""

    template: Path
    reached: set[str]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="patrol-machine-"))
        shutil.copy(self.template, self.folder / "patrol.sqlite")
        self.store = hasty(self.folder)
        self.now = T0
        self.minutes = 0.0
        self.alerts: dict[str, Modelled] = {}
        self.incidents: list[str] = []
        self.in_flight: set[str] = set()
        self.ranks: dict[str, int] = {}
        self.stepped_back = False

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @initialize()
    def begin(self) -> None:
        """Nothing can happen to alerts before there are any."""
        self._look("jam-portrait", "flagged", at_once=True)

    # --- incidents ------------------------------------------------------------------------------------------------

    @rule(
        camera=st.sampled_from(CAMERAS),
        verdict=st.sampled_from(["flagged", "flagged", "candidate"]),
        at_once=st.booleans(),
    )
    def look(self, camera: str, verdict: str, at_once: bool) -> None:
        self._look(camera, verdict, at_once=at_once)

    @rule(camera=st.sampled_from(CAMERAS))
    def look_until_it_is_over(self, camera: str) -> None:
        for _ in range(4):
            self._look(camera, "clear", at_once=True)

    def _look(self, camera: str, verdict: str, *, at_once: bool) -> None:
        self.minutes += 30
        with self.store.sessions.begin() as session:
            for change in seen(session, verdict, camera=camera, minutes=self.minutes):
                if change.incident_id not in self.incidents:
                    self.incidents.append(change.incident_id)
                self._tell(session, change, at_once=at_once)

    @precondition(lambda self: self.incidents)
    @rule(which=st.integers(0, 50), verdict=st.sampled_from(["confirmed", "confirmed", "unclear", *MUTED]))
    def review(self, which: int, verdict: str) -> None:
        incident = self.incidents[which % len(self.incidents)]
        with self.store.sessions.begin() as session:
            change = incidents.review(session, incident, verdict, "li", None, self.now)
            self._tell(session, change, at_once=False)

    def _tell(self, session: Session, change: Change, *, at_once: bool) -> None:
        # Updates of one moment would be put together; how is another test's subject.
        self.now += timedelta(milliseconds=1)
        written = alerts.notify(session, EAGER, change, self.now, at_once=at_once)
        said = {d: self._said(change.incident_id, d) for d in DEPARTMENTS}
        wanted = {d: kind for d in DEPARTMENTS if (kind := self._owed(change, said[d], at_once=at_once)) is not None}
        rows = [session.get_one(Alert, alert) for alert in written]
        assert {row.department: row.type for row in rows} == wanted
        for row in rows:
            mine = [a.seq for a in self.alerts.values() if a.department == row.department]
            self.alerts[row.id] = Modelled(row.department, row.incident, row.type, len(mine) + 1, self.now)
            self.reached.add(row.type)

    def _said(self, incident: str, department: str) -> list[str]:
        mine = [a for a in self.alerts.values() if (a.incident, a.department) == (incident, department)]
        return [a.type for a in sorted(mine, key=lambda a: a.seq)]

    @staticmethod
    def _owed(change: Change, said: list[str], *, at_once: bool) -> str | None:
        """What a department must be told: opened by a confirmation or at once, then followed to its one end."""
        if said and said[-1] != "end":
            return "end" if change.what == "end" or change.review in MUTED else "update"
        if change.what == "reviewed":
            return "new" if change.review == "confirmed" else None
        if said or change.what == "end":
            return None
        flagged_lead = at_once and change.verdict == "flagged" and change.review is None
        return "new" if change.review == "confirmed" or flagged_lead else None

    # --- the relay ------------------------------------------------------------------------------------------------

    @rule(room=st.integers(1, 64), seconds=st.sampled_from([0, 1, 30, 61, 600, 4000]))
    def turn(self, room: int, seconds: int) -> None:
        """Time passes, and the relay publishes what is due."""
        self.now += timedelta(seconds=seconds)
        implausible = self.now + LONGEST + SLACK
        ready = [
            (a.state != "queued", a.department, a.seq, alert)
            for alert, a in self.alerts.items()
            if a.state in {"queued", "sent"}
            and alert not in self.in_flight
            and ((a.state == "queued" and not a.refused) or a.next_at <= self.now or a.next_at > implausible)
        ]
        wanted = [alert for *_, alert in sorted(ready)][:room]
        taken = due.take_due(self.store, self.now, again=AGAIN, room=room, in_flight=set(self.in_flight))
        assert [t.id for t in taken] == wanted
        for alert in wanted:
            a = self.alerts[alert]
            a.next_at = self.now + timedelta(seconds=AGAIN[min(a.attempts, len(AGAIN) - 1)])
            a.attempts += 1
            self.in_flight.add(alert)
            self.reached.add("sent again" if a.attempts > 1 else "sent first")

    @precondition(lambda self: self.in_flight)
    @rule(
        which=st.sets(st.integers(0, 20), min_size=1, max_size=5), refused=st.sampled_from([False, False, False, True])
    )
    def broker_answers(self, which: set[int], refused: bool) -> None:
        flying = sorted(self.in_flight, key=lambda alert: (self.alerts[alert].department, self.alerts[alert].seq))
        chosen = {flying[number % len(flying)] for number in which}
        self.in_flight -= chosen
        if refused:
            for alert in chosen:
                due.mark_refused(self.store, alert, "not allowed")
                self.alerts[alert].refused = True
            return
        due.mark_sent(self.store, chosen, self.now)
        for alert in chosen:
            self._is_sent(alert)

    def _is_sent(self, alert: str) -> None:
        a = self.alerts[alert]
        if a.state == "queued":
            a.state, a.refused, a.sent_at = "sent", False, a.sent_at or self.now

    @rule(forgot=st.booleans())
    def turn_answered_and_broker_lost(self, forgot: bool) -> None:
        """The broker has all that was due, then the connection goes; mostly it still knows us when it is back."""
        self.turn(room=10_000, seconds=0)
        if self.in_flight:
            self.broker_answers(which=set(range(len(self.in_flight))), refused=False)
        self.now += timedelta(seconds=1)
        self.reconnect(forgot=forgot)

    @rule(forgot=st.booleans())
    def reconnect(self, forgot: bool) -> None:
        self.in_flight.clear()
        due.all_again(self.store, self.now, broker_forgot=forgot, unsaved_s=UNSAVED.total_seconds())
        for a in self.alerts.values():
            if a.state == "sent" and (forgot or (a.sent_at is not None and a.sent_at > self.now - UNSAVED)):
                self.reached.add("the broker forgot" if forgot else "the broker may have lost it")
                a.state, a.refused = "queued", False
            if a.state == "queued" and a.attempts > 0:
                a.next_at = self.now

    @rule(seconds=st.sampled_from([-90_000, -3_600, -45, 90_000]))
    def clock_is_stepped(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.stepped_back |= seconds < 0
        self.reached.add("clock back" if seconds < 0 else "clock forward")

    @rule()
    def all_come_due(self) -> None:
        """After the longest wait nothing is left that nobody has received and that is not published."""
        self.reconnect(forgot=False)
        # The relay looks every second: what a clock stepped back has put too far off is seen before time goes on.
        self.turn(room=10_000, seconds=0)
        self.turn(room=10_000, seconds=int((LONGEST + SLACK).total_seconds()))
        assert self.in_flight == {alert for alert, a in self.alerts.items() if a.state in {"queued", "sent"}}

    # --- answers --------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.alerts)
    @rule(which=st.integers(0, 200), status=st.sampled_from(ANSWERS), own=st.sampled_from([True, True, True, False]))
    def answer(self, which: int, status: str, own: bool) -> None:
        alert = list(self.alerts)[which % len(self.alerts)]
        a = self.alerts[alert]
        department = a.department if own else next(d for d in DEPARTMENTS if d != a.department)
        moves = own and FORWARD[status] > FORWARD[a.state]
        with self.store.sessions.begin() as session:
            ack = record_ack(session, department, json.dumps({"alert": alert, "status": status}).encode(), self.now)
            assert ack.taken == moves
        if moves:
            a.state = status
            self.reached.add(status)

    @rule(
        department=st.sampled_from([*DEPARTMENTS, "fisheries"]),
        payload=st.sampled_from([b"{", b"[]", b'{"alert": "nobody", "status": "received"}', b'{"alert": 5}', b"\xff"]),
    )
    def wrong_answer(self, department: str, payload: bytes) -> None:
        with self.store.sessions.begin() as session:
            assert not record_ack(session, department, payload, self.now).taken

    @precondition(lambda self: self.in_flight)
    @rule(which=st.integers(0, 20), status=st.sampled_from(ANSWERS))
    def department_is_faster_than_the_broker(self, which: int, status: str) -> None:
        """An answer comes before the broker's word on the same alert, which then must change nothing."""
        flying = sorted(self.in_flight, key=lambda alert: (self.alerts[alert].department, self.alerts[alert].seq))
        alert = flying[which % len(flying)]
        self.answer(which=list(self.alerts).index(alert), status=status, own=True)
        self.in_flight.remove(alert)
        self.reached.add("faster than the broker")
        due.mark_sent(self.store, [alert], self.now)

    # --- always ---------------------------------------------------------------------------------------------------

    @invariant()
    def all_promises_hold(self) -> None:
        with self.store.reading() as session:
            rows = session.scalars(select(Alert).order_by(Alert.department, Alert.seq)).all()
        held = {
            r.id: Modelled(
                r.department,
                r.incident,
                r.type,
                r.seq,
                r.next_attempt_at,
                r.state,
                r.attempts,
                r.sent_at,
                # Who has answered has it, whatever the broker once said.
                r.last_error is not None and r.state in OPEN,
            )
            for r in rows
        }
        for alert in self.alerts.values():
            alert.refused &= alert.state in OPEN
        assert held == self.alerts
        for row in rows:
            assert (row.received_at is not None) == (FORWARD[row.state] >= FORWARD["received"])
        self._no_state_moves_back(rows)
        for department in DEPARTMENTS:
            numbers = [row.seq for row in rows if row.department == department]
            assert numbers == list(range(1, len(numbers) + 1))
        self._none_waits_longer_than_the_longest_wait(rows)
        told: dict[tuple[str, str], str] = {}
        for row in rows:
            told[row.incident, row.department] = told.get((row.incident, row.department), "") + f"{row.type} "
        for story in told.values():
            assert TOLD.fullmatch(story), story

    def _no_state_moves_back(self, rows: Sequence[Alert]) -> None:
        # A new connection puts back what the broker may not have; nothing else moves back.
        ranks = {row.id: max(FORWARD[row.state], FORWARD["sent"]) for row in rows}
        assert all(ranks[alert] >= rank for alert, rank in self.ranks.items())
        self.ranks = ranks

    def _none_waits_longer_than_the_longest_wait(self, rows: Sequence[Alert]) -> None:
        longest = self.now + LONGEST + SLACK
        for row in rows:
            if row.state in {"queued", "sent"} and row.next_attempt_at > longest:
                # Only a clock stepped back can do that, and such a one is due at once.
                assert self.stepped_back


def hasty(folder: Path) -> Store:
    """A store that does not wait for the disk: nothing is killed here."""
    store = open_store(None, folder)

    @event.listens_for(store.engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    return store


def play(tmp_path: Path, count: int) -> set[str]:
    """Drive ``count`` machines; what they reached."""
    store = open_store(None, tmp_path)
    store.upgrade()
    store.close()
    # Closed, it is one file again, which can be copied.
    assert not (tmp_path / "patrol.sqlite-wal").exists()
    Played = type("Played", (Machine,), {"template": tmp_path / "patrol.sqlite", "reached": set()})  # noqa: N806 - a class
    run_state_machine_as_test(Played, settings=settings(examples(count), stateful_step_count=40, database=None))
    reached: set[str] = Played.reached
    return reached


REACHABLE = {
    *("new", "update", "end", "sent first", "sent again", "clock back", "clock forward"),
    *("the broker forgot", "the broker may have lost it", "faster than the broker"),
    *ANSWERS,
}


@pytest.mark.timeout(600)  # a failure is made smaller first
def test_an_alert_goes_forward_without_a_gap_and_comes_due_until_it_is_received(tmp_path: Path) -> None:
    assert play(tmp_path, 80) == REACHABLE


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_it_does_so_in_a_thousand_lives(tmp_path: Path) -> None:
    assert play(tmp_path, 1000) == REACHABLE
