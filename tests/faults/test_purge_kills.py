"""Kills of the purge at every step: nothing goes that was not due, all that was due goes, and the proof says so."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from patrol import retention
from patrol.store import Store
from patrol.store.tables import RetentionItem, RetentionRun
from tests.support.faults import KEEPING_STEPS, StruckProcess
from tests.support.keeping import LEAD, NOW, differences, incident_of, kept_look, kept_photo, marked, there
from tests.support.relays import wait_for

CALLS = {"purge_begun": 2, "purge_removing": 3, "purge_removed": 2}
"""At which time of a step the kill comes, where it is not the first: in the middle of a run."""


def campaign(
    store: Store, database: str, folder: Path, kills: Iterable[tuple[str, int]], *, looks: int, photos: int
) -> str:
    """Purge under kills; after each, nothing is gone that may not be, and in the end all is gone that must be.

    Looks are taken before photos of departments, so photos come under the kills where there are few looks.
    Files that a kill left between the intent and the mark are gone and not marked: the next run says that it took them.
    """
    data = folder / "data"
    data.mkdir()
    due: set[str] = set()
    stay: set[str] = set()
    with store.sessions.begin() as session:
        for number in range(looks):
            due.update(kept_look(session, data, days_ago=31 + number)[1])
            if number % 4 == 0:
                stay.update(kept_look(session, data, days_ago=29)[1])
        held = [kept_look(session, data, days_ago=200, verdict="flagged") for _ in range(3)]
        stay.update(path for _, paths in held for path in paths)
        over = kept_look(session, data, days_ago=1095, verdict="flagged", review="false_alarm")
        due.update(over[1])
    with store.sessions.begin() as session:
        due.update(kept_photo(session, data, incident_of(store, over[0]), days_ago=1095) for _ in range(photos))
        stay.update(kept_photo(session, data, incident_of(store, held[0][0]), days_ago=1095) for _ in range(4))
        for visit, _ in held:
            retention.put(session, "incident", incident_of(store, visit), reason="held in a test", by=LEAD, now=NOW)
    code = f"from pathlib import Path; from tests.support import struck_keeping as s; s.purge_on({database!r}, Path({str(data)!r}))"
    process = StruckProcess(folder, code)
    planned = 0
    process.start()
    try:
        for step, call in kills:
            process.strike(step, call)
            planned += 1
            assert stay <= there(data), step
            assert marked(store) <= due - there(data), f"{step}: marked as gone, and there"
            process.start()
        wait_for("all that is due is gone and marked", lambda: marked(store) == due, 60)
        wait_for("no run is open", lambda: not open_runs(store), 30)
    finally:
        process.stop()
    assert process.kills.total() == planned
    assert there(data) == stay
    with retention.alone(data):
        assert differences(store, data) == []
    with store.reading() as session:
        taken = session.scalars(select(RetentionItem.path).where(RetentionItem.outcome == "deleted")).all()
        cut = session.scalar(select(func.count()).select_from(RetentionItem).where(RetentionItem.outcome == "kept"))
    assert sorted(str(path) for path in taken) == sorted(due), "each file is in exactly one run's proof"
    return f"{planned} kills; {len(due)} files purged, {cut} were planned anew after a kill"


def open_runs(store: Store) -> int:
    with store.reading() as session:
        wanted = select(func.count()).select_from(RetentionRun).where(RetentionRun.position.is_(None))
        return session.scalar(wanted) or 0


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("looks", "photos"), [(30, 0), (0, 60)], ids=["looks", "photos"])
def test_a_kill_at_each_step_of_the_purge_loses_nothing_and_leaves_no_gap_in_the_proof(
    store: Store, database_url: str, tmp_path: Path, looks: int, photos: int
) -> None:
    # The end of a run that was cut off is a step only after a kill: it comes right after another one.
    kills = [(step, CALLS.get(step, 1)) for step in KEEPING_STEPS if step != "purge_settled"]
    kills.insert(4, ("purge_settled", 1))
    sys.stdout.write(f"\n{campaign(store, database_url, tmp_path, kills, looks=looks, photos=photos)}\n")


@pytest.mark.long
@pytest.mark.timeout(900)
def test_sixty_kills_at_random_steps_of_the_purge_leave_the_proof_whole(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    chance = random.Random(2026_13)
    steps = [step for step in KEEPING_STEPS if step != "purge_settled"]
    kills = [(chance.choice(steps), chance.randint(1, 3)) for _ in range(60)]
    sys.stdout.write(f"\n{campaign(store, database_url, tmp_path, kills, looks=180, photos=140)}\n")
