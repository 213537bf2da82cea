"""Kills of what keeps the cases: each incident has one case, each alert its number, each notice and letter is there once."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from patrol.store import Store
from tests.support.case_campaign import CaseCampaign, Figures

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
            run.strike(step, call)
            planned += 1
        for after_s in at_random:
            run.strike_at_random(after_s)
            planned += 1
        figures = run.finish()
    sys.stdout.write(f"\n{database.partition(':')[0]}: {figures}\n")
    assert figures.wrong == (), "\n".join(figures.wrong)
    assert figures.kills.total() == planned
    assert figures.cases == figures.alerts > planned
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
