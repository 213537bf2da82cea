"""Backups on both databases: whole and proved, or refused with a sentence and nothing left behind."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import inspect, text

from patrol import backup, retention
from patrol.ledger import roots
from patrol.ledger.verify import verify as verify_ledger
from patrol.store import Store, newest_revision, open_store
from patrol.store._open import alembic_config
from tests.support.backups import PASSWORD, county, entry_of, files, made, rows, sealed_anew
from tests.support.command import patrol
from tests.support.databases import Postgres
from tests.support.keeping import NOW, differences, kept_look
from tests.support.ledger import CHINA


@pytest.fixture
def empty_url(database_url: str, request: pytest.FixtureRequest) -> str | None:
    """Where a backup of this database may be restored."""
    if database_url.startswith("sqlite"):
        return None
    server: Postgres = request.getfixturevalue("postgres")
    return server.new()


@pytest.fixture
def sqlite_county(tmp_path: Path) -> Iterator[tuple[Store, Path, Path]]:
    store = open_store(None, tmp_path)
    store.upgrade()
    yield (store, *county(store, tmp_path))
    store.close()


def test_what_was_backed_up_comes_back_to_the_last_row_and_byte(
    store: Store, empty_url: str | None, tmp_path: Path
) -> None:
    data, registry = county(store, tmp_path)
    done = made(store, data, registry, tmp_path / "backups")
    assert done.manifest.problems == ()
    assert backup.verify(done.folder).problems == ()
    before = rows(store)
    kept = {path: content for path, content in files(data).items() if "lock" not in path}
    with store.sessions.begin() as session:
        kept_look(session, data, days_ago=0.5)
    assert rows(store) != before, "the restored state must differ from the present one, or nothing is shown"
    target = tmp_path / "restored"
    restored = backup.restore(done.folder, target, empty_url, sealed=done.sha256)
    assert not restored.migrated
    assert restored.files > 0
    again = open_store(empty_url, target)
    try:
        assert rows(again) == before
        with again.reading() as session:
            assert verify_ledger(session, evidence=target).problems == ()
        assert differences(again, target) == []
    finally:
        again.close()
    assert files(target, but=("registry", "patrol.sqlite")) == kept
    assert restored.registry.read_bytes() == registry.read_bytes()
    assert [file.name for file in target.parent.glob(".restoring*")] == []


def test_the_next_backup_copies_only_what_is_new(sqlite_county: tuple[Store, Path, Path], tmp_path: Path) -> None:
    store, data, registry = sqlite_county
    first = made(store, data, registry, tmp_path / "backups")
    with store.sessions.begin() as session:
        _, (clip, _) = kept_look(session, data, days_ago=0.5)
    second = made(store, data, registry, tmp_path / "backups", now=NOW + timedelta(hours=1))
    same = "data/references/cam.jpg"
    assert (second.folder / same).stat().st_ino == (first.folder / same).stat().st_ino
    assert (second.folder / f"data/{clip}").is_file()
    assert second.linked > 0
    (database,) = [one.bytes for one in second.manifest.files if one.path == "database.sqlite"]
    assert second.copied - database < first.copied
    shutil.rmtree(first.folder)
    assert backup.verify(second.folder).problems == ()
    damaged = second.folder / same
    damaged.write_bytes(b"damaged")
    third = made(store, data, registry, tmp_path / "backups", now=NOW + timedelta(hours=2))
    assert (third.folder / same).read_bytes() == b"reference", "a damaged file was lent to the next backup"


def test_evidence_is_copied_whole_of_thirty_days_or_not_at_all(
    sqlite_county: tuple[Store, Path, Path], tmp_path: Path
) -> None:
    store, data, registry = sqlite_county

    def copied(number: int, evidence: str) -> tuple[int, int]:
        done = made(store, data, registry, tmp_path / f"b{number}", evidence=evidence)
        return sum(one.path.startswith("data/evidence") for one in done.manifest.files), done.manifest.left_out

    assert [copied(n, what) for n, what in enumerate(("all", "30d", "none"))] == [(8, 0), (6, 2), (0, 8)]
    assert backup.restore(next((tmp_path / "b2").glob("patrol-*")), tmp_path / "r", None).files == 0


@pytest.mark.timeout(300)
def test_secrets_are_for_the_owner_alone_or_left_out_and_never_said(
    sqlite_county: tuple[Store, Path, Path], tmp_path: Path
) -> None:
    _, data, registry = sqlite_county
    store_address = f"sqlite:///{tmp_path / 'patrol.sqlite'}"
    words = ["--registry", str(registry), "--data", str(data), "--database", store_address, "--json"]
    code, out, err = patrol("backup", str(tmp_path / "with"), *words, cwd=tmp_path, timeout=60)
    assert code == 0, err
    folder = Path(json.loads(out)["folder"])
    assert (folder / "registry" / "platform.secret").read_text() == PASSWORD
    for file in folder.rglob("*"):
        assert file.stat().st_mode & 0o077 == 0, file
    assert PASSWORD not in out + err
    code, out, err = patrol("backup", str(tmp_path / "without"), "--without-secrets", *words, cwd=tmp_path, timeout=60)
    assert code == 0, err
    (bare,) = (tmp_path / "without").glob("patrol-*")
    assert not any(PASSWORD.encode() in content for content in files(bare).values())
    assert not (bare / "data" / "link.key").exists()
    code, out, err = patrol("backup", "verify", str(tmp_path / "with"), cwd=tmp_path, timeout=60)
    assert (code, "whole" in out) == (0, True), err
    code, out, err = patrol(
        "restore", str(tmp_path / "with"), "--data", str(tmp_path / "back"), cwd=tmp_path, timeout=60
    )
    assert (code, "restored to" in out) == (0, True), err
    assert (tmp_path / "back" / "link.key").stat().st_mode & 0o777 == 0o600
    code, out, err = patrol(
        "restore", str(tmp_path / "with"), "--data", str(tmp_path / "back"), cwd=tmp_path, timeout=60
    )
    assert (code, out) == (1, "")
    assert "is not empty" in err


def flip(file: Path) -> None:
    """Change one byte."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def a_picture(folder: Path) -> None:
    flip(next((folder / "data" / "evidence").rglob("picture.jpg")))


def the_database(folder: Path) -> None:
    flip(next(folder.glob("database.*")))


def the_manifest(folder: Path) -> None:
    flip(folder / "manifest.json")


def a_file_more(folder: Path) -> None:
    (folder / "data" / "evidence" / "more.jpg").write_bytes(b"slipped in")


def a_file_less(folder: Path) -> None:
    next((folder / "data" / "evidence").rglob("clip.mp4")).unlink()


def a_link(folder: Path) -> None:
    picture = next((folder / "data" / "evidence").rglob("picture.jpg"))
    picture.rename(folder.parent / "elsewhere.jpg")
    picture.symlink_to(folder.parent / "elsewhere.jpg")


def a_way_out(folder: Path) -> None:
    def change(value: dict[str, object]) -> None:
        entry_of(value, "data/link.key")
        value["files"] = [{"path": "data/../../out", "sha256": "a" * 64, "bytes": 1}]

    sealed_anew(folder, change)


@pytest.mark.parametrize(
    ("tamper", "words"),
    [(a_picture, "SHA-256 is another"), (the_database, "SHA-256 is another"), (the_manifest, "was changed after"),
     (a_file_more, "is not in the manifest"), (a_file_less, "cannot be read"), (a_link, "cannot be read"),
     (a_way_out, "leads out of the backup")],
)  # fmt: skip
def test_a_backup_that_was_tampered_with_is_refused_and_leaves_nothing(
    store: Store, empty_url: str | None, tmp_path: Path, tamper: Callable[[Path], None], words: str
) -> None:
    done = made(store, *county(store, tmp_path), tmp_path / "backups")
    tamper(done.folder)
    refused(done.folder, tmp_path, empty_url, words)


def refused(folder: Path, tmp_path: Path, url: str | None, words: str, **given: object) -> None:
    """A restore is refused for this reason; neither a folder nor a table is left of it."""
    place = tmp_path / "place"
    place.mkdir()
    with pytest.raises((backup.RestoreError, backup.ManifestError), match=words):
        backup.restore(folder, place / "data", url, **given)  # type: ignore[arg-type]
    assert list(place.iterdir()) == []
    if url is not None:
        opened = open_store(url, tmp_path)
        assert inspect(opened.engine).get_table_names() == []
        opened.close()


def test_a_ledger_that_was_changed_with_all_its_hashes_in_the_backup_is_refused(
    store: Store, empty_url: str | None, tmp_path: Path
) -> None:
    """Somebody changes a look in the database that is backed up: every file of the backup is as it was made."""
    data, registry = county(store, tmp_path)
    with store.engine.begin() as connection:
        for name in ("visit_no_update",) if empty_url is None else ():
            connection.execute(text(f"DROP TRIGGER {name}"))
        if empty_url is not None:
            connection.execute(text("DROP TRIGGER visit_sealed ON visit"))
        connection.execute(text("UPDATE visit SET outcome = 'missed' WHERE seq = 3"))
    done = made(store, data, registry, tmp_path / "backups")
    refused(done.folder, tmp_path, empty_url, "ledger")


def test_a_manifest_or_a_root_that_was_written_down_elsewhere_must_be_the_same(
    sqlite_county: tuple[Store, Path, Path], tmp_path: Path
) -> None:
    store, data, registry = sqlite_county
    with store.sessions.begin() as session:
        roots.close_days(session, CHINA, NOW + timedelta(days=2))
        kept = [roots.Root(r.day, r.first_position, r.last_position, r.root) for r in roots.all_of(session)]
    done = made(store, data, registry, tmp_path / "backups")
    assert backup.restore(done.folder, tmp_path / "good", None, sealed=done.sha256, kept=kept).links > 0
    refused(done.folder, tmp_path, None, "not the one that was written down", sealed="0" * 64)
    shutil.rmtree(tmp_path / "place")
    other = [roots.Root(kept[0].day, 1, 2, "0" * 64)]
    refused(done.folder, tmp_path, None, "written down elsewhere", kept=other)


def test_a_newer_schema_is_refused_and_an_older_one_is_brought_up_to_date(sqlite_store: Store, tmp_path: Path) -> None:
    # The version before knew no purge, so none was made.
    done = made(sqlite_store, *county(sqlite_store, tmp_path, purge=False), tmp_path / "backups")
    newer, older = tmp_path / "newer", tmp_path / "older"
    for folder in (newer, older):
        shutil.copytree(done.folder, folder)
    sealed_anew(newer, lambda value: value.update(revision="9999", version="9.9"))
    refused(newer, tmp_path, None, "newer version")
    shutil.rmtree(tmp_path / "place")

    def as_before(value: dict[str, object]) -> None:
        """As the version before would have written it."""
        downgrade(older / "database.sqlite")
        with closing(sqlite3.connect(older / "database.sqlite")) as connection:
            (value["revision"],) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        counts = value["counts"]
        assert isinstance(counts, dict)
        value["counts"] = {name: n for name, n in counts.items() if name in there}
        if "retention_run" not in there:
            value["purges"] = [0, "0" * 64]
        entry = entry_of(value, "database.sqlite")
        raw = (older / "database.sqlite").read_bytes()
        entry.update(sha256=hashlib.sha256(raw).hexdigest(), bytes=len(raw))
        others = [one for one in value["files"] if one["path"] != "database.sqlite"]  # type: ignore[attr-defined]
        value["files"] = [*others, entry]

    sealed_anew(older, as_before)
    restored = backup.restore(older, tmp_path / "migrated", None)
    assert restored.migrated
    again = open_store(None, tmp_path / "migrated")
    with again.reading() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == newest_revision()
    again.close()


def downgrade(file: Path) -> None:
    """One revision back."""
    old = open_store(f"sqlite:///{file}", file.parent)
    with old.engine.connect() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.downgrade(config, "-1")
    old.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def test_a_restore_needs_an_empty_place_of_the_same_kind(
    store: Store, database_url: str, empty_url: str | None, tmp_path: Path
) -> None:
    done = made(store, *county(store, tmp_path), tmp_path / "backups")
    full = tmp_path / "full"
    full.mkdir()
    (full / "there.txt").write_text("somebody's")
    with pytest.raises(backup.RestoreError, match="is not empty"):
        backup.restore(done.folder, full, empty_url)
    assert (full / "there.txt").read_text() == "somebody's"
    wrong = "postgresql://x@127.0.0.1:1/x" if empty_url is None else None
    with pytest.raises(backup.RestoreError, match=r"leave --database out|name an empty database"):
        backup.restore(done.folder, tmp_path / "other", wrong)
    if empty_url is not None:
        with pytest.raises(backup.RestoreError, match="empty database only"):
            backup.restore(done.folder, tmp_path / "other", database_url)
        assert rows(store)["visit"], "the database that was in the way was emptied"
    assert not (tmp_path / "other").exists()


def test_a_file_that_is_gone_or_changed_is_told_and_the_rest_is_backed_up(
    sqlite_county: tuple[Store, Path, Path], tmp_path: Path
) -> None:
    store, data, registry = sqlite_county
    clips = sorted(data.glob("evidence/*/*/clip.mp4"))
    clips[0].unlink()
    clips[1].write_bytes(b"changed")
    done = made(store, data, registry, tmp_path / "backups")
    told = "\n".join(done.manifest.problems)
    assert f"{clips[0].relative_to(data)}: a row names it and it is not there" in told
    assert f"{clips[1].relative_to(data)}: it is not the file that was kept" in told
    assert backup.verify(done.folder).problems == ()
    restored = backup.restore(done.folder, tmp_path / "back", None)
    assert restored.links > 0
    assert not (tmp_path / "back" / clips[1].relative_to(data)).exists()


def test_a_backup_waits_for_no_purge_and_lies_nowhere_in_the_data_folder(
    sqlite_county: tuple[Store, Path, Path], tmp_path: Path
) -> None:
    store, data, registry = sqlite_county
    with retention.alone(data), pytest.raises(retention.BusyError, match="try again"):
        made(store, data, registry, tmp_path / "backups")
    with pytest.raises(backup.BackupError, match="lies in the data folder"):
        made(store, data, registry, data / "backups")
    assert not (data / "backups").exists()
    assert list((tmp_path / "backups").glob("patrol-*")) == []


def test_without_postgresqls_programs_the_sentence_names_them(
    postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.new()
    store = open_store(url, tmp_path)
    store.upgrade()
    data, registry = county(store, tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(backup.DatabaseError, match=r"pg_dump is not on the PATH.*postgresql-client"):
        made(store, data, registry, tmp_path / "backups")
    assert list((tmp_path / "backups").glob("*patrol-*")) == []
    store.close()


def test_what_a_killed_backup_left_is_taken_away_by_the_next(
    sqlite_county: tuple[Store, Path, Path], tmp_path: Path
) -> None:
    store, data, registry = sqlite_county
    left = tmp_path / "backups" / ".unfinished-patrol-20261125T000000Z"
    left.mkdir(parents=True)
    (left / "database.sqlite").write_bytes(b"half")
    made(store, data, registry, tmp_path / "backups")
    assert not left.exists()
    assert len(list((tmp_path / "backups").glob("patrol-*"))) == 1
