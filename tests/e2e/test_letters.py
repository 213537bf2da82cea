"""A red case at the desk: found by its light, its letter issued, another one dropped, in a real browser in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from patrol.cases.desk import Desk
from patrol.registry import load
from patrol.store import open_store
from patrol.store.tables import CaseLetter
from tests.support.cases import TOWN, opened
from tests.support.county import wait_for
from tests.support.journeys import Demo, journey


@pytest.mark.timeout(400)
def test_a_letter_is_issued_and_another_one_dropped_at_the_desk(tmp_path: Path, shared_demo: Demo) -> None:
    data = shared_demo.data
    store = open_store(None, data)
    desk = Desk(load(data / "demo_registry.yaml").registry)
    with store.sessions.begin() as session:
        long_ago = datetime.now(UTC) - timedelta(days=60)
        number = opened(session, desk, long_ago, division=TOWN).number

    def drafts() -> list[CaseLetter]:
        with store.reading() as session:
            return list(session.scalars(select(CaseLetter).where(CaseLetter.case == number)))

    # The service itself turns the light and drafts the letters: nobody asked it to.
    wait_for("the letters are drafted", lambda: len(drafts()) == 9, 30)
    journey("letters", shared_demo.url, str(tmp_path), number, within_s=200)
    decided = {letter.state: letter for letter in drafts() if letter.state != "draft"}
    assert decided["dropped"].reason == "已当面督办"
    # What was written into the draft stands in the letter that went out.
    issued = [letter for letter in drafts() if letter.state == "issued"]
    assert all(str(letter.fields["requirement"]).endswith("并附现场照片。") for letter in issued)
    assert min(letter.doc_no or "" for letter in drafts() if letter.state == "issued").endswith("001号")
    assert len(list((data / "letters").rglob("*.pdf"))) == 2
    store.close()
