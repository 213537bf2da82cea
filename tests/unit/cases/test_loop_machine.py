"""Lives of cases: any move from any state; only legal ones are made, and the trail gives the same case again."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import func, select

from patrol.cases import loop
from patrol.cases.book import StaleError, clock_rows, history, move, state_of
from patrol.cases.desk import Desk
from patrol.cases.lights import case_light
from patrol.cases.moves import Command, Move, MoveError, PlanStep
from patrol.cases.sweep import sweep
from patrol.cases.types import ClockName, Light
from patrol.store import open_store
from patrol.store.tables import CaseEvent, CaseFile
from tests.support.cases import HOUSES, OTHER_TOWN, T0, TOWN, VILLAGE, case_registry, opened

# Written out by hand from issue and domain facts, not from the code's table.
LEGAL: dict[str, set[str]] = {
    "received": {"assign", "regrade", "urge", "merge", "withdraw", "recompute", "note", "attach", "letter"},
    "assigned": {
        "accept", "return", "transfer", "co_handle", "hand_down", "report_up", "suspend", "extend", "consult", "regrade",
        "urge", "merge", "withdraw", "recompute", "note", "attach", "letter",
    },
    "handling": {
        "feedback", "report", "return", "transfer", "co_handle", "hand_down", "report_up", "suspend", "extend", "consult",
        "regrade", "urge", "merge", "withdraw", "recompute", "note", "attach", "letter",
    },
    "supervised": {"close", "return", "co_handle", "merge", "withdraw", "recompute", "note", "attach", "letter"},
    "closed": {"evaluate", "return", "recompute", "note", "attach", "letter"},
    "evaluated": {"note", "attach", "letter"},
    "merged": {"note", "attach", "letter"},
    "withdrawn": {"note", "attach", "letter"},
}  # fmt: skip
WHILE_SUSPENDED = {"resume", "merge", "withdraw", "recompute", "note", "attach", "letter"}
LEADS_TO = {
    ("received", "assign"): "assigned",
    ("assigned", "accept"): "handling",
    ("handling", "report"): "supervised",
    ("supervised", "close"): "closed",
    ("closed", "evaluate"): "evaluated",
    ("assigned", "return"): "received",
    ("handling", "return"): "received",
    ("supervised", "return"): "handling",
    ("closed", "return"): "handling",
    **{
        (stage, move): "assigned"
        for stage in ("assigned", "handling")
        for move in ("transfer", "hand_down", "report_up")
    },
    **{(stage, "merge"): "merged" for stage in ("received", "assigned", "handling", "supervised")},
    **{(stage, "withdraw"): "withdrawn" for stage in ("received", "assigned", "handling", "supervised")},
}
UNITS = ("traffic_police", "police", TOWN, OTHER_TOWN, VILLAGE, HOUSES, "430624")
NEEDS_APPROVER = {"return", "transfer", "suspend", "extend", "consult", "regrade", "withdraw"}
# Whether these are refused in a legal stage depends on more than the stage; the machine asks no more of them than that.
DEPENDS = {"transfer", "co_handle", "hand_down", "report_up", "extend", "consult", "regrade", "recompute", "merge"}


@cache
def _template() -> Path:
    """A folder with an empty store; to migrate one for each life would take most of the time."""
    folder = Path(tempfile.mkdtemp(prefix="patrol-cases-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    store = open_store(None, folder)
    store.upgrade()
    store.close()
    return folder


class CaseLife(RuleBasedStateMachine):
    """One case (and a second one to merge into), driven by the book."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        shutil.copytree(_template(), self.folder.name, dirs_exist_ok=True)
        self.store = open_store(None, Path(self.folder.name))
        self.desk = Desk(case_registry())
        self.now: datetime = T0
        with self.store.sessions.begin() as session:
            self.number = opened(session, self.desk, self.now).number
            self.other = opened(session, self.desk, self.now).number
        self.stage, self.suspended, self.version = "received", False, 1
        self.unit: str | None = None
        with self.store.reading() as session:
            self.first_dues = {c.name: c.original_due for c in clock_rows(session, self.number)}
        self.original_dues = dict(self.first_dues)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(hours=st.sampled_from([0, 1, 5, 26, 75, 24 * 9, 24 * 40]))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def the_clocks_are_looked_at(self) -> None:
        sweep(self.store, self.desk, self.now)

    @rule(
        what=st.sampled_from([m.value for m in Move]),
        unit=st.sampled_from(UNITS),
        co=st.sampled_from(UNITS),
        clock=st.sampled_from(list(ClockName)),
        days=st.integers(-3, 60),
        severity=st.sampled_from(["general", "major"]),
        approved=st.booleans(),
    )
    def somebody_tries(
        self, what: str, unit: str, co: str, clock: ClockName, days: int, severity: Any, approved: bool
    ) -> None:
        day: date = (self.now + timedelta(days=days)).date()
        command = Command(
            Move(what), "坐席一", self.now, reason="因故", approver="值班长" if approved else "坐席一", document="会议纪要〔2026〕3号",
            text="现场已疏导", unit=unit, co_units=(co,), clock=clock, until=day, severity=severity, into=self.other,
            plan=(PlanStep("清障", "police", day),), grade="good", satisfaction=4,
        )  # fmt: skip
        may = what in (WHILE_SUSPENDED if self.suspended else LEGAL[self.stage])
        if what == "resume" and not self.suspended:
            may = False
        if what in NEEDS_APPROVER and not approved:
            may = False
        row, refused = None, ""
        try:
            with self.store.sessions.begin() as session:
                row = move(session, self.desk, self.number, command, seen=self.version)
        except MoveError as error:
            refused = str(error)
        if row is None:
            assert refused
            assert not may or what in DEPENDS, f"{what} was refused in {self.stage}: {refused}"
            return
        assert may, f"{what} was made in {self.stage}, suspended: {self.suspended}"
        assert row.stage == LEADS_TO.get((self.stage, what), self.stage)
        self.stage, self.version = row.stage, self.version + 1
        self.suspended = what == "suspend" or (self.suspended and what not in {"resume", "merge", "withdraw"})
        if what == "recompute":
            with self.store.reading() as session:
                self.original_dues = {c.name: c.original_due for c in clock_rows(session, self.number)}

    @precondition(lambda self: self.version > 1)
    @rule(back=st.integers(1, 5))
    def somebody_who_has_read_an_older_version_is_refused(self, back: int) -> None:
        command = Command(Move.NOTE, "坐席二", self.now, text="晚了一步")
        with pytest.raises(StaleError), self.store.sessions.begin() as session:
            move(session, self.desk, self.number, command, seen=max(0, self.version - back))

    @invariant()
    def the_trail_gives_the_same_case_again(self) -> None:
        with self.store.reading() as session:
            row = session.get_one(CaseFile, self.number)
            clocks = clock_rows(session, self.number)
            events = history(session, self.number)
            assert loop.replay(events) == state_of(row, clocks)
            assert row.version == len(events) == self.version
            seqs = session.scalars(select(CaseEvent.seq).where(CaseEvent.case == self.number)).all()
            assert sorted(seqs) == list(range(1, self.version + 1))
            assert (row.stage, row.suspended) == (self.stage, self.suspended)
            assert {c.name: c.original_due for c in clocks} == self.original_dues
            assert all(later.at >= earlier.at for earlier, later in pairwise(events))
            assert set(loop.legal_moves(state_of(row, clocks))) == {
                Move(m)
                for m in (WHILE_SUSPENDED & {*LEGAL[self.stage], "resume"} if self.suspended else LEGAL[self.stage])
            }

    @invariant()
    def the_clocks_stand_as_the_stage_says(self) -> None:
        with self.store.reading() as session:
            row = session.get_one(CaseFile, self.number)
            state = state_of(row, clock_rows(session, self.number))
        if row.stage in {"merged", "withdrawn"}:
            assert all(clock.void for clock in state.clocks)
            assert case_light(state.stage, state.clocks, self.now) is Light.UNLIT
            return
        assert (state.clock(ClockName.ASSIGN).stopped_at is None) == (row.stage == "received")
        stopped = row.stage in {"supervised", "closed", "evaluated"}
        assert (state.clock(ClockName.RESOLVE).stopped_at is not None) == stopped
        assert all(
            (clock.paused_at is not None) == self.suspended for clock in state.clocks if clock.stopped_at is None
        )
        if stopped:
            assert state.clock(ClockName.FEEDBACK).stopped_at is not None

    @invariant()
    def a_look_brings_the_light_up_to_date(self) -> None:
        sweep(self.store, self.desk, self.now)
        with self.store.reading() as session:
            row = session.get_one(CaseFile, self.number)
            state = state_of(row, clock_rows(session, self.number))
            assert row.light == case_light(state.stage, state.clocks, self.now)
            assert row.light_due_at is None or row.light_due_at > self.now
            assert session.scalar(select(func.count()).select_from(CaseFile)) == 2


class TestLivesOfCases(CaseLife.TestCase):
    settings = settings(
        max_examples=60,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )


@pytest.mark.long
@pytest.mark.timeout(1800)
class TestManyLivesOfCases(CaseLife.TestCase):
    settings = settings(
        max_examples=1500, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
    )
