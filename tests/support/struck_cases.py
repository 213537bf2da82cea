"""Processes that follow the clocks of cases or issue letters, to be struck; what clocks and letters should be afterwards."""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol._board import Board
from patrol._cases import Cases
from patrol.cases.book import clock_rows, state_of
from patrol.cases.clocks import letter_due
from patrol.cases.desk import Desk
from patrol.cases.letters import register
from patrol.cases.lights import case_light
from patrol.clock import Clock
from patrol.store import Store, open_store
from patrol.store.tables import CaseFile, CaseLetter, CaseNotice
from tests.support.letters import REGISTRY

DESK = Desk(REGISTRY)
RED = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
"""The assign clock of a case opened at T0 ran out on Friday; it is Saturday, 00:00, in the county."""


def issue_one(store: Store, letter: int, data: Path) -> None:
    """Issue a draft as the API does: the transaction is over when this returns."""
    with store.sessions.begin() as session:
        register.issue(session, DESK, letter, 1, by="值班长", data_folder=data, now=RED)


def issue_all(database: str, data: Path) -> None:
    """Issue every draft, oldest first; then wait for what comes. Never returns."""
    store = open_store(database, data)
    while True:
        with store.reading() as session:
            waiting = select(CaseLetter.id).where(CaseLetter.state == "draft").order_by(CaseLetter.id)
            drafts = session.scalars(waiting).all()
        for letter in drafts:
            issue_one(store, letter, data)
        time.sleep(0.1)


def follow(database: str, folder: Path, broker: str) -> None:
    """Look at the clocks as the service does, at the instant that the file ``now`` says. Never returns."""
    store = open_store(database, folder)
    cases = Cases(
        store,
        lambda: REGISTRY,
        lambda: datetime.fromisoformat((folder / "now").read_text("ascii")),
        Board(Clock()),
        broker,
    )
    while True:
        cases.look()
        time.sleep(0.1)


def of_letters(session: Session, drafted: int, data: Path) -> Iterator[str]:
    """What is wrong with letters: none is gone, numbers run from 1, each file is that of its row and says its number."""
    rows = list(session.scalars(select(CaseLetter).order_by(CaseLetter.id)))
    if len(rows) != drafted:
        yield f"{len(rows)} letters of {drafted}"
    issued = [row for row in rows if row.state == "issued"]
    prefix = f"{REGISTRY.cases.letters.prefix}[2026]"
    wanted = [f"{prefix}{number:03d}号" for number in range(1, len(issued) + 1)]
    if sorted(row.doc_no or "" for row in issued) != wanted:
        yield f"numbers {sorted(row.doc_no or '' for row in issued)}"
    for row in rows:
        if (row.state == "draft") != (row.doc_no is None) or (row.state == "draft") != (row.files is None):
            yield f"letter {row.id} is {row.state} as {row.doc_no} with {row.files}"
    for row, form in itertools.product(issued, register.FORMS):
        try:
            register.file_of(row, form, DESK, data)
        except register.LetterError as error:
            yield str(error)


def of_clocks(session: Session, now: datetime) -> Iterator[str]:
    """What is wrong with lights and letters at an instant, reckoned anew from the clocks of each case."""
    letters = defaultdict(list)
    for row in session.scalars(select(CaseLetter)):
        letters[row.case].append((row.clock, row.step))
    turns = defaultdict(list)
    for notice in session.scalars(select(CaseNotice).order_by(CaseNotice.id)):
        turns[notice.case].append(notice.payload["light"])
    for case in session.scalars(select(CaseFile)):
        state = state_of(case, clock_rows(session, case.number))
        reckoning = DESK.reckoning(session, case.policy)
        light = case_light(state.stage, state.clocks, now)
        if case.light != light:
            yield f"{case.number} is {case.light} and not {light}"
        owed = [
            (clock.name, step)
            for clock in state.clocks
            for step in range(1 + len(reckoning.policy.letter_steps))
            if (at := letter_due(reckoning.calendar, reckoning.policy, clock, step)) is not None and at <= now
        ]
        if sorted(letters[case.number]) != sorted(owed):
            yield f"{case.number} has letters {letters[case.number]} and not {owed}"
        said = turns[case.number]
        if said[-1] != light or any(one == other for one, other in itertools.pairwise(said)):
            yield f"{case.number} said {said}"
