"""Kills of what keeps the cases: each incident has one case, each alert its number, each notice and letter is there once."""

from __future__ import annotations

import itertools
import json
import random
import signal
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import pytest
from sqlalchemy import Select, func, or_, select

from patrol.cases.sweep import sweep
from patrol.store import Store, open_store
from patrol.store.tables import CaseFile, CaseLetter, CaseNotice
from tests.support.case_campaign import CaseCampaign, Figures, of_notices
from tests.support.cases import T0, opened
from tests.support.county import TOPIC
from tests.support.databases import Postgres
from tests.support.faults import StruckProcess
from tests.support.mosquitto import Mosquitto, Subscriber
from tests.support.relays import wait_for
from tests.support.struck_cases import DESK, RED, of_clocks, of_letters

LINE_STEPS = (
    "case_in_hands",
    "case_written",
    "case_committed",
    "case_answered",
    "case_confirmed",
    "notices_read",
    "notice_published",
    "notice_heard",
    "notice_marked",
)
ANSWER_STEPS = ("ack_in_hands", "ack_written", "ack_committed", "alert_written", "published", "sent_written")


def campaign(database: str, folder: Path, kills: Iterable[tuple[str, int]], at_random: Iterable[float] = ()) -> Figures:
    """Run it and print what it came to; every kill has fired, and nothing is wrong."""
    run = CaseCampaign(folder, database)
    planned = 0
    with run.running():
        for step, call in kills:
            run.process.strike(step, call)
            run.process.start()
            planned += 1
        for after_s in at_random:
            run.process.strike_at_random(after_s)
            run.process.start()
            planned += 1
        figures = run.finish()
    sys.stdout.write(f"\n{database.partition(':')[0]}: {figures}\n")
    assert figures.wrong == (), "\n".join(figures.wrong)
    assert figures.kills.total() == planned
    # How many come between the kills is a matter of the machine; several of them can hit one alert on its way.
    assert figures.cases == figures.alerts > 0
    return figures


@pytest.mark.timeout(180)
def test_kills_from_alert_to_notice_lose_no_case_and_open_none_twice(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    """Before the alert is written, before and after its answer, before and after a notice is marked as said."""
    steps = ("case_in_hands", "case_committed", "case_answered", "notice_heard", "notice_marked")
    campaign(database_url, tmp_path / "run", [(step, 3) for step in steps])


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_hundred_kills_of_the_case_line_lose_no_case_and_open_none_twice(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    chance = random.Random(2026_11)
    kills = [(step, chance.randint(1, 8)) for step in (*LINE_STEPS, *ANSWER_STEPS) * 3]
    chance.shuffle(kills)
    figures = campaign(database_url, tmp_path / "run", kills, [chance.uniform(0.6, 3.0) for _ in range(20)])
    assert figures.answered + figures.said > figures.alerts + figures.notices, "no kill made anything come twice"


# --- letters ------------------------------------------------------------------------------------------------------

LETTER_STEPS = (("letter_numbered", 1), ("letter_file_made", 1), ("letter_file_written", 2), ("letter_committed", 1))
"""Step, and how often a letter comes to it: before and after a half of it is on the disk, after all of it, after the commit."""


def letters_under(store: Store, database: str, folder: Path, kills: Iterable[tuple[str, int]], cases: int) -> str:
    """Draft letters, issue them under kills, and look at the register after each; what it came to."""
    with store.sessions.begin() as session:
        for _ in range(cases):
            opened(session, DESK)
    assert len(sweep(store, DESK, RED).letters) == cases
    code = f"from pathlib import Path; from tests.support import struck_cases as s; s.issue_all({database!r}, Path({str(folder)!r}))"
    process = StruckProcess(folder, code)
    process.start()
    planned = 0
    try:
        for step, call in kills:
            process.strike(step, call)
            planned += 1
            with store.reading() as session:
                assert list(of_letters(session, cases, folder)) == [], step
            process.start()
        wait_for("all are issued", lambda: issued(store) == cases, 60)
    finally:
        process.stop()
    with store.reading() as session:
        assert list(of_letters(session, cases, folder)) == []
    assert process.kills.total() == planned
    kept = [file for file in (folder / "letters").rglob("*") if not file.name.startswith(".new-")]
    assert len([file for file in kept if file.is_file()]) == 2 * cases
    left = len(list((folder / "letters").rglob(".new-*")))
    return f"{planned} kills; {cases} letters issued, {left} half files left"


def issued(store: Store) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).where(CaseLetter.state == "issued")) or 0


@pytest.mark.timeout(120)
def test_kills_while_letters_are_issued_leave_no_gap_no_wrong_file_and_no_draft_behind(
    sqlite_store: Store, tmp_path: Path
) -> None:
    """Files written and nothing committed; committed and nobody told."""
    kills = [("letter_file_written", 4), ("letter_committed", 1)]
    database = f"sqlite:///{tmp_path / 'patrol.sqlite'}"
    sys.stdout.write(f"\n{letters_under(sqlite_store, database, tmp_path, kills, 5)}\n")


@pytest.mark.long
@pytest.mark.timeout(900)
def test_forty_kills_at_every_step_of_issuing_leave_no_gap_no_wrong_file_and_no_draft_behind(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    chance = random.Random(2026_12)
    kills = [(step, each * chance.randint(1, 3)) for step, each in LETTER_STEPS * 10]
    chance.shuffle(kills)
    sys.stdout.write(f"\n{letters_under(store, database_url, tmp_path, kills, 150)}\n")


# --- clocks -------------------------------------------------------------------------------------------------------


class Clocks:
    """A process that follows the clocks of many cases, on a broker and a PostgreSQL that die; somebody listens.

    Args:
        postgres: with the database.
        folder: for everything.
        cases: so many, opened and handed to nobody.
    """

    def __init__(self, postgres: Postgres, folder: Path, cases: int) -> None:
        self.postgres, self.cases = postgres, cases
        database = postgres.new()
        self.store = open_store(database, folder)
        self.store.upgrade()
        self.broker = Mosquitto(folder / "mosquitto")
        self._now = folder / "now"
        self._folder = folder
        code = f"s.follow({database!r}, Path({str(folder)!r}), {self.broker.url!r})"
        self.process = StruckProcess(
            folder, f"from pathlib import Path; from tests.support import struck_cases as s; {code}"
        )

    def __enter__(self) -> Self:
        self.broker.start()
        self.told = Subscriber(self.broker.port, f"patrol/v1/{TOPIC}/case/+", self._folder / "told", client="told")
        with self.store.sessions.begin() as session:
            for _ in range(self.cases):
                opened(session, DESK)
        self.at(T0)
        self.process.start()
        self.settled(T0)
        # What a broker never knew when it died, nobody can expect back: it shall know who listens.
        self.broker.stop()
        self.broker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stop()
        self.told.stop()
        self.broker.stop()
        self.store.close()

    def at(self, now: datetime) -> None:
        """It is so late."""
        draft = self._now.with_suffix(".new")
        draft.write_text(now.isoformat(), "ascii")
        draft.replace(self._now)

    def kill_database(self, step: str, call: int) -> None:
        pid = self.postgres.pid
        self.process.strike_another(step, call, pid, with_children=True)
        wait_for("it is gone", lambda: not Path(f"/proc/{pid}").exists(), 10)
        self.postgres.start_again()

    def kill_broker(self, step: str, call: int) -> None:
        assert self.broker.process is not None
        self.process.strike_another(step, call, self.broker.process.pid)
        assert self.broker.process.wait(10) == -signal.SIGKILL
        self.broker.start()

    def kill_process(self, step: str, call: int) -> None:
        self.process.strike(step, call)
        self.process.start()

    def settled(self, now: datetime) -> None:
        """Every light is turned and said, and all that was said has come."""
        wait_for(f"nothing is due at {now}", lambda: self._due(now) == 0, 60)
        wait_for("all was said", lambda: self._unsaid() == 0, 60)
        wait_for("all has come", lambda: len(self._came()) >= self._notices(), 30)
        with self.store.reading() as session:
            said = [(m["topic"].rsplit("/", 1)[1], m["payload"]) for m in self.told.messages()]
            wrong = [*of_clocks(session, now), *of_notices(session, said)]
        assert wrong == [], "\n".join(wrong[:20])

    def figures(self) -> str:
        kills, rows, came = self.process.kills, self._notices(), len(self.told.messages())
        with self.store.reading() as session:
            letters = session.scalar(select(func.count()).select_from(CaseLetter))
        return f"{kills.total()} kills; {self.cases} cases, {rows} notices, {came - rows} came twice, {letters} letters"

    def _due(self, now: datetime) -> int:
        due = or_(CaseFile.light_due_at <= now, CaseFile.letter_due_at <= now)
        return self._count(select(func.count()).select_from(CaseFile).where(due))

    def _unsaid(self) -> int:
        return self._count(select(func.count()).where(CaseNotice.published_at.is_(None)))

    def _notices(self) -> int:
        return self._count(select(func.count()).select_from(CaseNotice))

    def _came(self) -> set[str]:
        return {json.dumps(m["payload"], sort_keys=True) for m in self.told.messages()}

    def _count(self, wanted: Select[tuple[int]]) -> int:
        with self.store.reading() as session:
            return session.scalar(wanted) or 0


@pytest.mark.timeout(180)
def test_kills_of_postgresql_and_broker_while_a_thousand_lights_turn_say_each_turn_and_draft_each_letter_once(
    postgres: Postgres, tmp_path: Path
) -> None:
    with Clocks(postgres, tmp_path, 1000) as clocks:
        clocks.at(RED)
        clocks.kill_database("letters_drafted", 1)
        clocks.kill_database("swept", 1)
        clocks.kill_broker("notice_published", 200)
        clocks.settled(RED)
        sys.stdout.write(f"\n{clocks.figures()}\n")
        assert clocks.process.kills.total() == 3
        with clocks.store.reading() as session:
            assert session.scalar(select(func.count()).select_from(CaseLetter)) == 1000


@pytest.mark.long
@pytest.mark.timeout(900)
def test_kills_of_all_three_at_every_step_of_a_look_through_three_weeks_of_clocks_leave_lights_and_letters_right(
    postgres: Postgres, tmp_path: Path
) -> None:
    yellow, red, *later = (
        datetime(2026, 11, 27, 9, tzinfo=UTC),
        RED,
        # The first clock's second letter, its third, then what the second and third clock ask for.
        *(datetime(2026, 12, day, 17, tzinfo=UTC) for day in (2, 8, 14, 18)),
    )
    with Clocks(postgres, tmp_path, 1000) as clocks:
        kinds = itertools.cycle((clocks.kill_database, clocks.kill_process))
        planned = 0
        for now in (yellow, red, *later):
            clocks.at(now)
            # What is rolled back comes first: then there is still something to do for the next one.
            for step, call in (
                *([("letters_drafted", 1)] if now != yellow else []),
                ("light_turned", 300),
                ("swept", 1),
            ):
                next(kinds)(step, call)
                planned += 1
            if now in {yellow, red}:
                clocks.kill_broker("notice_published", 90)
                clocks.kill_process("notice_marked", 1)
                planned += 2
            clocks.settled(now)
        sys.stdout.write(f"\n{clocks.figures()}\n")
        assert clocks.process.kills.total() == planned
