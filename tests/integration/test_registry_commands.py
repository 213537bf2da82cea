"""``patrol registry`` beside a service, and without one: the same desk, the same history."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from patrol.cli import app
from patrol.registry import load
from patrol.store import Store, open_store
from patrol.store.tables import AuditRow
from tests.support.registry_desk import Editing
from tests.unit.registry.county import TEXT


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "camera_registry.yaml"
    made.write_text(TEXT, "utf-8")
    return made


class Shell:
    """Runs commands on one registry and one database."""

    def __init__(self, file: Path, database: str, data: Path) -> None:
        self._about = ["--data", str(data), "--database", database]
        self._registry = ["--registry", str(file)]

    def __call__(self, *words: str, fails: bool = False) -> str:
        about = [] if words[0] == "export" else self._about
        about = about + ([] if words[0] in {"revisions", "diff"} else self._registry)
        done = CliRunner().invoke(app, ["registry", *words, *about])
        assert (done.exit_code != 0) == fails, done.output
        return done.output


@pytest.fixture
def shell(file: Path, database_url: str, tmp_path: Path) -> Shell:
    data = tmp_path / "data"
    data.mkdir()
    return Shell(file, database_url, data)


@pytest.fixture
def service(store: Store, file: Path, tmp_path: Path) -> Editing:
    return Editing(store, file, tmp_path / "data")


def test_a_table_is_taken_in_and_the_service_finds_who_did_it(
    shell: Shell, service: Editing, file: Path, tmp_path: Path
) -> None:
    table = tmp_path / "cameras.csv"
    shell("export", str(table))
    content = table.read_bytes().replace(b"River", "河".encode())
    table.write_bytes(content)
    assert "camera river-1: Name from River to 河" in shell("import", str(table))
    assert file.read_text("utf-8") == TEXT
    shell("import", str(table), "--apply", fails=True)
    shell("import", str(table), "--apply", "--reason", "names in Chinese", "--by", "wang")
    assert "    name: 河\n" in file.read_text("utf-8")
    service.in_force.reload_when_changed()
    assert service.loaded.registry.cameras[1].name == "河"
    newest, first = json.loads(shell("revisions", "--json"))
    assert (newest["kind"], newest["who"], newest["reason"], newest["changes"]) == (
        "import",
        "wang",
        "names in Chinese",
        "+0 -0 ~1",
    )
    assert first["kind"] == "by_hand"
    with service.store.reading() as session:
        row = session.scalars(select(AuditRow).where(AuditRow.action == "registry.import")).one()
        assert (row.shown, row.reason) == ("wang", "names in Chinese")


def test_a_revision_is_compared_and_restored(shell: Shell, service: Editing, file: Path) -> None:
    file.write_text(TEXT.replace("name: River", "name: Stream"), "utf-8")
    service.in_force.reload_when_changed()
    newest, first = (row["revision"] for row in json.loads(shell("revisions", "--json")))
    told = shell("diff", str(first), str(newest))
    assert "camera river-1: Name from River to Stream" in told
    assert "-    name: River\n+    name: Stream\n" in told
    shell("restore", str(first), "--reason", "was right before")
    assert file.read_text("utf-8") == TEXT
    service.in_force.reload_when_changed()
    assert json.loads(shell("revisions", "--json"))[0]["kind"] == "restore"
    assert "no revision 99" in shell("restore", "99", "--reason", "x", fails=True)
    assert "no revision 99" in shell("diff", "99", "1", fails=True)


def test_what_is_wrong_with_a_table_is_told_row_by_row(
    shell: Shell, service: Editing, file: Path, tmp_path: Path
) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id,platform,lon\nriver-1,nowhere,\ngate-12,police,\n", "utf-8")
    assert "row 2, column platform: there is no platform 'nowhere'" in shell("import", str(table), fails=True)
    table.write_text("id,lon\nriver-1,east\n", "utf-8")
    assert "row 2, column lon: 'east' is no number" in shell("import", str(table), fails=True)
    assert file.read_text("utf-8") == TEXT


def test_without_a_service_the_next_start_finds_who_did_it(
    shell: Shell, file: Path, database_url: str, tmp_path: Path
) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id,name\nriver-1,Elbe\n", "utf-8")
    shell("import", str(table), "--apply", "--reason", "before the first start", "--by", "li")
    assert load(file).registry.cameras[1].name == "Elbe"
    store = open_store(database_url, tmp_path / "data")
    Editing(store, file, tmp_path / "data")
    store.close()
    (row,) = json.loads(shell("revisions", "--json"))
    assert (row["kind"], row["who"]) == ("import", "li")
