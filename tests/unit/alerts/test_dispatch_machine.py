"""Dispatch model-checked: any order of looks, verdicts, silences, answers and hours against a simple model; nothing stalls."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test
from sqlalchemy import select

from patrol import alerts, incidents
from patrol.alerts import silences
from patrol.alerts.acks import record_ack
from patrol.alerts.ladder import RANK
from patrol.alerts.sweep import sweep
from patrol.store import open_store
from patrol.store.tables import Alert, DispatchTrack, Escalation, Held, Incident
from tests.support.incidents import T0, seen
from tests.unit.alerts.test_sweep import COUNTY

CAMERAS = [f"c{n}" for n in range(2)]
STATUSES = ["received", "accepted", "refused", "phoned", "on_scene", "disposed"]
DEPARTMENTS = ["traffic_police", "fisheries", "police"]
_LONGEST = timedelta(hours=8, minutes=1)


_REACHED: Counter[str] = Counter()


class Dispatching(RuleBasedStateMachine):
    """The county of test_sweep: traffic police act, fisheries stand in, the police are told last."""

    alert_ids = Bundle("alert_ids")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="patrol-machine-"))
        self.store = open_store(None, self.folder)
        self.store.upgrade()
        self.now = T0
        self.furthest: dict[tuple[str, str], tuple[object, int]] = {}
        self.silence: int | None = None

    def teardown(self) -> None:
        with self.store.reading() as session:
            _REACHED.update(f"told: {who}" for who in session.scalars(select(Escalation.who)))
            _REACHED.update(f"held: {out}" for out in session.scalars(select(Held.outcome)))
            closed = session.scalars(select(DispatchTrack.closed_because).where(DispatchTrack.closed_at.is_not(None)))
            _REACHED.update(f"closed: {(why or '').partition(' by ')[0]}" for why in closed)
        self.store.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- what happens -------------------------------------------------------------------------------------------------

    @rule(target=alert_ids, camera=st.sampled_from(CAMERAS))
    def jam_is_seen(self, camera: str) -> object:
        return multiple(*self.look(camera, "flagged"))

    def look(self, camera: str, verdict: str) -> list[str]:
        written: list[str] = []
        with self.store.sessions.begin() as session:
            for change in seen(session, verdict, camera=camera, minutes=(self.now - T0).total_seconds() / 60):
                written += alerts.notify(session, COUNTY, change, self.now, at_once=False)
        return written

    @rule(
        target=alert_ids,
        camera=st.sampled_from(CAMERAS),
        verdict=st.sampled_from(["confirmed", "confirmed", "confirmed", "false_alarm", "unclear"]),
    )
    def judge(self, camera: str, verdict: str) -> object:
        written: tuple[str, ...] = ()
        with self.store.sessions.begin() as session:
            found = session.scalar(select(Incident.id).where(Incident.camera == camera, Incident.state == "open"))
            if found is not None:
                change = incidents.review(session, found, verdict, "li", None, self.now)
                written = alerts.notify(session, COUNTY, change, self.now, at_once=False)
        return multiple(*written)

    @rule(target=alert_ids, camera=st.sampled_from(CAMERAS))
    def jam_that_a_person_confirms(self, camera: str) -> object:
        written: list[str] = []
        with self.store.sessions.begin() as session:
            for change in seen(session, "flagged", camera=camera, minutes=(self.now - T0).total_seconds() / 60):
                judged = incidents.review(session, change.incident_id, "confirmed", "li", None, self.now)
                written += alerts.notify(session, COUNTY, judged, self.now, at_once=False)
        return multiple(*written)

    @rule(camera=st.sampled_from(CAMERAS))
    def jam_dissolves(self, camera: str) -> None:
        self.look(camera, "clear")
        self.look(camera, "clear")

    @rule(alert=alert_ids, status=st.sampled_from(STATUSES), stranger=st.booleans())
    def answer(self, alert: str, status: str, stranger: bool) -> None:
        with self.store.sessions.begin() as session:
            row = session.get_one(Alert, alert)
            track = self._track_of(session, row.incident, row.department)
            before, rank = (track.state, RANK[track.state]) if track is not None else ("told", 0)
            department = "education" if stranger else row.department
            payload = json.dumps({"alert": alert, "status": status, "reason": "because"}).encode()
            ack = record_ack(session, department, payload, self.now)
            if stranger:
                assert not ack.taken, "nobody answers for another department"
            if track is not None:
                allowed = rank if not ack.taken else max(rank, RANK[status])
                assert RANK[track.state] == allowed, f"{before} became {track.state} by {status}"

    @rule(target=alert_ids, minutes=st.sampled_from([0, 1, 2, 3, 5, 16, 45, 600]))
    def time_passes(self, minutes: int) -> object:
        self.now += timedelta(minutes=minutes)
        done = sweep(self.store, COUNTY, self.now)
        again = sweep(self.store, COUNTY, self.now)
        assert again.called == [], "nobody is told twice in a moment"
        self._nothing_is_overdue()
        return multiple(*done.alerts, *again.alerts)

    @rule(target=alert_ids)
    def nobody_answers_for_a_while(self) -> object:
        written: list[str] = []
        for _ in range(6):
            self.now += timedelta(minutes=3)
            written += sweep(self.store, COUNTY, self.now).alerts
        self._nothing_is_overdue()
        return multiple(*written)

    @rule(hours=st.sampled_from([1, 48]))
    def the_clock_is_stepped_back(self, hours: int) -> None:
        self.now -= timedelta(hours=hours)
        sweep(self.store, COUNTY, self.now)

    @rule(camera=st.sampled_from(CAMERAS), minutes=st.sampled_from([5, 60]))
    def silence_begins(self, camera: str, minutes: int) -> None:
        with self.store.sessions.begin() as session:
            self.silence = silences.add(
                session, reason="r", by="li", camera=camera, starts_at=self.now, ends_at=self.now + timedelta(minutes=minutes), now=self.now
            ).id  # fmt: skip

    @rule()
    def silence_is_ended(self) -> None:
        if self.silence is None:
            return
        with self.store.sessions.begin() as session, contextlib.suppress(silences.SilenceError):
            silences.end(session, self.silence, "li", self.now)

    # --- what must always be ------------------------------------------------------------------------------------------

    @invariant()
    def an_open_matter_has_its_moment_and_not_too_far_ahead(self) -> None:
        with self.store.reading() as session:
            for track in session.scalars(select(DispatchTrack)):
                assert (track.due_at is None) == (track.closed_at is not None)
                if track.due_at is not None:
                    assert (
                        track.due_at <= max(self.now, track.updated_at, track.opened_at) + timedelta(days=3) + _LONGEST
                    )

    @invariant()
    def answers_are_never_forgotten(self) -> None:
        with self.store.reading() as session:
            for track in session.scalars(select(DispatchTrack)):
                key = (track.incident, track.department)
                opened, rank = self.furthest.get(key, (track.opened_at, 0))
                if opened == track.opened_at and track.state != "refused":
                    assert RANK[track.state] >= rank
                self.furthest[key] = (track.opened_at, RANK[track.state])
                _REACHED[f"state: {track.state}"] += 1

    @invariant()
    def who_is_confirmed_and_open_is_told_or_held(self) -> None:
        with self.store.reading() as session:
            for incident in session.scalars(
                select(Incident).where(Incident.state == "open", Incident.review == "confirmed")
            ):
                told = session.scalars(
                    select(Alert.type).where(Alert.incident == incident.id).order_by(Alert.seq)
                ).all()
                held = session.scalar(select(Held.id).where(Held.incident == incident.id, Held.released_at.is_(None)))
                assert told or held, incident.id

    @invariant()
    def each_department_is_numbered_without_a_gap_and_hears_a_new_one_first(self) -> None:
        with self.store.reading() as session:
            rows = session.scalars(select(Alert).order_by(Alert.department, Alert.seq)).all()
            for department in DEPARTMENTS:
                mine = [row for row in rows if row.department == department]
                assert [row.seq for row in mine] == list(range(1, len(mine) + 1))
                last: dict[str, str] = {}
                for row in mine:
                    assert (row.type == "new") == (last.get(row.incident) in {None, "end"}), (row.incident, row.type)
                    last[row.incident] = row.type

    @invariant()
    def a_closed_matter_says_why(self) -> None:
        with self.store.reading() as session:
            why = Counter(
                session.scalars(select(DispatchTrack.closed_because).where(DispatchTrack.closed_at.is_not(None)))
            )
        assert all(
            w in {"disposed", "received", "it ended", "false_alarm"} or w.startswith("taken on by ") for w in why
        ), why

    def _nothing_is_overdue(self) -> None:
        with self.store.reading() as session:
            for track in session.scalars(select(DispatchTrack).where(DispatchTrack.closed_at.is_(None))):
                assert track.due_at is not None
                assert track.due_at > self.now, "what was overdue has been followed"
                if track.rung:
                    last = session.scalars(
                        select(Escalation).where(Escalation.dispatch == track.id).order_by(Escalation.id.desc())
                    ).first()
                    assert last is not None
                    assert last.rung == track.rung

    @staticmethod
    def _track_of(session, incident: str, department: str) -> DispatchTrack | None:  # type: ignore[no-untyped-def]
        return session.scalar(  # type: ignore[no-any-return]
            select(DispatchTrack).where(DispatchTrack.incident == incident, DispatchTrack.department == department)
        )


def walk(examples: int) -> None:
    _REACHED.clear()
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Dispatching,
        settings=settings(
            max_examples=examples,
            stateful_step_count=50,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_dispatch_in_any_order_of_events() -> None:
    walk(25)
    assert {"told: contacts", "state: told", "state: accepted"} <= set(_REACHED)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_dispatch_in_any_order_of_events_and_every_part_of_it_reached() -> None:
    walk(400)
    wanted = {
        *(f"told: {who}" for who in ("contacts", "shift_lead", "fallback", "county")),
        *(f"closed: {why}" for why in ("disposed", "it ended", "false_alarm", "taken on")),
        *(f"held: {out}" for out in ("told", "over")),
        *(f"state: {state}" for state in RANK),
    }
    assert wanted <= set(_REACHED), f"never reached: {wanted - set(_REACHED)}"
