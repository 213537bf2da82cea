"""Two people never work on one incident: leases on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import update

from patrol import incidents
from patrol.incidents import leases
from patrol.incidents.queue import waits
from patrol.store import Store, open_store
from patrol.store.tables import Incident
from tests.support.incidents import T0, seen


def flag(store: Store, *cameras: str, verdict: str = "flagged") -> list[str]:
    found = []
    for number, camera in enumerate(cameras):
        with store.sessions.begin() as session:
            (change,) = seen(session, verdict, camera=camera, minutes=number)
            found.append(change.incident_id)
    return found


def take_next(store: Store, who: str, now: datetime = T0, **how: Any) -> str | None:
    with store.sessions.begin() as session:
        lease = leases.take_next(session, who, now, **how)
        return lease.incident if lease else None


def test_the_next_one_is_the_oldest_flag_that_nobody_else_works_on(store: Store) -> None:
    first, second = flag(store, "c1", "c2")
    (candidate,) = flag(store, "c3", verdict="candidate")
    assert take_next(store, "li") == first
    assert take_next(store, "wang") == second
    assert take_next(store, "zhao") == candidate
    assert take_next(store, "sun") is None
    assert take_next(store, "li") == first
    assert take_next(store, "sun", T0 + leases.LASTS) == first


def test_many_at_once_take_different_ones(store: Store) -> None:
    ids = flag(store, *(f"c{n}" for n in range(6)))
    together, taken = threading.Barrier(6), []

    def work(who: str) -> None:
        together.wait()
        taken.append(take_next(store, who))

    threads = [threading.Thread(target=work, args=(f"p{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(t for t in taken if t is not None) == sorted(ids)


def test_one_that_is_taken_is_refused_to_others_with_the_holders_name(store: Store) -> None:
    (incident,) = flag(store, "c1")
    with store.sessions.begin() as session:
        leases.take(session, incident, "li", T0)
    with pytest.raises(leases.HeldError, match="li is working on it") as refused, store.sessions.begin() as session:
        leases.take(session, incident, "wang", T0 + timedelta(seconds=119))
    assert (refused.value.holder, refused.value.until) == ("li", T0 + leases.LASTS)
    with store.sessions.begin() as session:
        assert leases.take(session, incident, "wang", T0 + leases.LASTS).holder == "wang"


def test_renewing_holds_it_and_giving_it_back_frees_it(store: Store) -> None:
    (incident,) = flag(store, "c1")
    for minute in range(5):
        with store.sessions.begin() as session:
            leases.take(session, incident, "li", T0 + timedelta(minutes=minute))
    assert take_next(store, "wang", T0 + timedelta(minutes=5)) is None
    with store.sessions.begin() as session:
        assert not leases.give_back(session, incident, "wang")
        assert leases.give_back(session, incident, "li")
    assert take_next(store, "wang", T0 + timedelta(minutes=5)) == incident


def test_what_was_judged_or_went_away_by_itself_waits_no_more(store: Store) -> None:
    judged, flagged = flag(store, "c1", "c2")
    (passed,) = flag(store, "c3", verdict="candidate")
    with store.sessions.begin() as session:
        incidents.review(session, judged, "confirmed", "li", None, T0)
        session.execute(update(Incident).where(Incident.id.in_([flagged, passed])).values(state="ended"))
    assert take_next(store, "li") == flagged
    assert take_next(store, "wang") is None


def test_only_what_is_asked_for_is_taken_and_what_is_told_at_once_goes_first(store: Store) -> None:
    first, second = flag(store, "c1", "c2")
    with store.sessions.begin() as session:
        session.execute(update(Incident).where(Incident.id == second).values(rule="at_once"))
    assert take_next(store, "li", at_once=frozenset({"at_once"})) == second
    assert take_next(store, "wang", among=(Incident.camera == "c9",)) is None
    assert take_next(store, "wang", besides=[first]) is None
    with store.reading() as session:
        assert session.query(Incident).where(waits()).count() == 2


class Desk(RuleBasedStateMachine):
    """Three people, four incidents, a clock that only goes on; the model is who was told that he holds what until when."""

    make: Callable[[], Store]

    def __init__(self) -> None:
        super().__init__()
        self.store = self.make()
        self.ids = flag(self.store, "c1", "c2", "c3", "c4")
        self.now = T0
        self.held: dict[str, tuple[str, datetime]] = {}

    def holder(self, incident: str) -> str | None:
        who, until = self.held.get(incident, ("", self.now))
        return who if until > self.now else None

    @rule(who=st.sampled_from("abc"))
    def next_one(self, who: str) -> None:
        got = take_next(self.store, who, self.now)
        if got is None:
            assert all(self.holder(i) not in {None, who} for i in self.ids)
        else:
            assert self.holder(got) in {None, who}
            self.held[got] = (who, self.now + leases.LASTS)

    @rule(who=st.sampled_from("abc"), number=st.integers(0, 3))
    def this_one(self, who: str, number: int) -> None:
        incident = self.ids[number]
        holder = self.holder(incident)
        if holder not in {None, who}:
            with pytest.raises(leases.HeldError, match=f"^{holder} "), self.store.sessions.begin() as session:
                leases.take(session, incident, who, self.now)
            return
        with self.store.sessions.begin() as session:
            leases.take(session, incident, who, self.now)
        self.held[incident] = (who, self.now + leases.LASTS)

    @precondition(lambda self: self.held)
    @rule(who=st.sampled_from("abc"), number=st.integers(0, 3))
    def back(self, who: str, number: int) -> None:
        incident = self.ids[number]
        with self.store.sessions.begin() as session:
            leases.give_back(session, incident, who)
        if self.held.get(incident, ("",))[0] == who:
            del self.held[incident]

    @rule(seconds=st.integers(1, 150))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def the_store_says_the_same(self) -> None:
        with self.store.reading() as session:
            found = leases.holders(session, self.ids, self.now)
        assert {i: lease.holder for i, lease in found.items()} == {
            i: who for i in self.ids if (who := self.holder(i)) is not None
        }

    def teardown(self) -> None:
        # Whatever happened, all is free again once the leases have run out.
        later = self.now + leases.LASTS
        assert {take_next(self.store, who, later) for who in "wxyz"} == set(self.ids)
        self.store.close()


def test_never_two_holders_and_always_given_back(tmp_path: Path) -> None:
    numbers = iter(range(1_000_000))

    def make() -> Store:
        made = open_store(None, _folder(tmp_path / str(next(numbers))))
        made.upgrade()
        return made

    machine = type("Desk", (Desk,), {"make": staticmethod(make)})
    machine.TestCase.settings = settings(max_examples=8, stateful_step_count=25, deadline=None)
    machine.TestCase("runTest").runTest()


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
