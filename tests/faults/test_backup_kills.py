"""Kills of backup and restore at every step: nothing half done has a good name, and the next try is as good as the first."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect

from patrol import backup
from patrol.store import Store, open_store
from tests.support.backups import county, made, rows
from tests.support.databases import Postgres
from tests.support.faults import BACKUP_STEPS, RESTORE_STEPS, StruckProcess

_CODE = "from pathlib import Path; from tests.support import struck_backup as s; "


@pytest.mark.timeout(300)
def test_a_backup_that_was_killed_has_no_name_and_the_next_one_is_whole(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    data, registry = county(store, tmp_path)
    destination = tmp_path / "backups"
    call = f"s.back_up({database_url!r}, Path({str(data)!r}), Path({str(registry)!r}), Path({str(destination)!r}))"
    process = StruckProcess(tmp_path, _CODE + call)
    for step in BACKUP_STEPS:
        process.start()
        process.strike(step, 3 if step == "backup_file_copied" else 1)
        assert list(destination.glob("patrol-*")) == [], step
        assert len(list(destination.glob(".unfinished-*"))) == 1, step
    assert process.kills.total() == len(BACKUP_STEPS)
    done = made(store, data, registry, destination)
    assert backup.verify(done.folder).problems == ()
    assert list(destination.glob(".unfinished-*")) == []


@pytest.mark.timeout(300)
def test_a_restore_that_was_killed_left_no_data_folder_and_the_next_one_is_whole(
    store: Store, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    done = made(store, *county(store, tmp_path), tmp_path / "backups")
    before = rows(store)
    target = tmp_path / "restored"
    steps = [("backup_file_copied", 3), ("restore_files_there", 1)]
    url: str | None = None
    if database_url.startswith("postgres"):
        server: Postgres = request.getfixturevalue("postgres")
        url = server.new()
    else:
        # With PostgreSQL a kill after this leaves the tables, and the next try asks for an empty database.
        steps += [("restore_proved", 1), ("backup_read_back", 1)]
        assert {step for step, _ in steps} >= RESTORE_STEPS.keys()
    process = StruckProcess(tmp_path, f"{_CODE}s.restore(Path({str(done.folder)!r}), Path({str(target)!r}), {url!r})")
    for step, call in steps:
        process.start()
        process.strike(step, call)
        assert not target.exists(), step
    assert process.kills.total() == len(steps)
    backup.restore(done.folder, target, url)
    again = open_store(url, target)
    assert rows(again) == before
    again.close()
    assert list(tmp_path.glob(".restoring-*")) == []


@pytest.mark.timeout(300)
def test_a_restore_into_postgresql_that_was_killed_after_the_tables_came_says_that_the_database_is_not_empty(
    postgres: Postgres, tmp_path: Path
) -> None:
    store = open_store(postgres.new(), tmp_path)
    store.upgrade()
    done = made(store, *county(store, tmp_path), tmp_path / "backups")
    store.close()
    url, target = postgres.new(), tmp_path / "restored"
    process = StruckProcess(tmp_path, f"{_CODE}s.restore(Path({str(done.folder)!r}), Path({str(target)!r}), {url!r})")
    process.start()
    process.strike("restore_proved", 1)
    assert not target.exists()
    with pytest.raises(backup.RestoreError, match="is not empty"):
        backup.restore(done.folder, target, url)
    left = open_store(url, tmp_path)
    assert "visit" in inspect(left.engine).get_table_names(), "what somebody's database holds is never emptied"
    left.close()
