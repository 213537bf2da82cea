"""The commands of retention on a data folder: plan, hold, purge, verify."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from patrol.ledger import book
from patrol.store import Store
from patrol.store.tables import (
    RetentionItem,
)
from tests.support.command import patrol
from tests.support.county import registry_text
from tests.support.keeping import NOW, kept_look, there


@pytest.mark.timeout(300)
def test_the_commands_plan_hold_purge_and_verify(sqlite_store: Store, tmp_path: Path) -> None:
    data = tmp_path
    with sqlite_store.sessions.begin() as session:
        registry = registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}, period="2h")
        book.record_revision(session, sha256="a" * 64, text=registry, cameras=1, now=NOW - timedelta(days=400))
        _, (clip, picture) = kept_look(session, data, days_ago=60)

    def said(*words: str, code: int = 0) -> str:
        got, out, err = patrol("retention", *words, "--data", str(data), cwd=tmp_path, timeout=60)
        assert got == code, err
        return out + err

    assert {one["path"] for one in json.loads(said("plan", "--json"))["due"]} == {clip, picture}
    assert "hold 1 on the file" in said("hold", "file", clip, "--reason", "复议", "--by", "班长")
    assert "a reason is needed" in said("hold", "file", clip, "--reason", " ", code=2)
    (held,) = json.loads(said("plan", "--json"))["held"]
    assert held["path"] == clip
    record = json.loads(said("run", "--json", "--by", "li", "--yes-the-clock-is-right"))["record"]
    assert (record["by"], record["items"], record["held"]["items"]) == ("li", 1, 1)
    assert json.loads(said("list", "--json"))["holds"][0]["reason"] == "复议"
    assert json.loads(said("verify", "--share", "1", "--json"))["holds"]
    said("lift", "1", "--because", "结案")
    said("run")
    assert there(data) == set()
    assert "everything agrees" in said("verify")
    with sqlite_store.reading() as session:
        assert session.scalar(select(func.count()).select_from(RetentionItem)) == 2
