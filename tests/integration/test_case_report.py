"""``patrol case report`` and ``patrol case figures`` on a real store."""

from __future__ import annotations

import json
from pathlib import Path

import pymupdf
import pytest
import typer
from openpyxl import load_workbook
from typer.testing import CliRunner

from patrol.commands import case_report
from patrol.store import open_store
from patrol.store.tables import RegistryRevision
from tests.support.case_months import NOW, START, some_cases
from tests.support.case_rows import put_cases
from tests.unit.cases.months import TEXT

app = typer.Typer()
app.command("report")(case_report.report)
app.command("figures")(case_report.figures)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    store = open_store(None, folder)
    store.upgrade()
    with store.sessions.begin() as session:
        put_cases(session, some_cases(5, 120))
        session.add(RegistryRevision(sha256="0" * 64, loaded_at=START, cameras=1, text=TEXT))
    store.close()
    return folder


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.stdout, done.stderr


def test_a_month_becomes_a_document_and_a_workbook(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "october.pdf"
    assert run("report", "--month", "2026-10", "--out", str(out), "--data", str(data)) == (0, f"{out}\n", "")
    with pymupdf.open(out) as document:
        assert "湘阴县“13710”案件月报 2026-10" in document[0].get_text()
    book = out.with_suffix(".xlsx")
    assert run("report", "--month", "2026-10", "--out", str(book), "--data", str(data), "--lang", "en")[0] == 0
    assert load_workbook(book).sheetnames[0] == "Summary"
    assert sorted(out.parent.iterdir()) == [out, book]


def test_the_report_for_machines_needs_no_file(data: Path) -> None:
    code, said, problem = run("report", "--year", "2026", "--json", "--data", str(data))
    assert (code, problem) == (0, "")
    value = json.loads(said)
    assert (value["period"], value["files"]) == ("2026", [])
    assert value["appraisal"]["terms"]["least_cases"] == 18


def test_figures_are_lines_or_json(data: Path) -> None:
    code, said, _ = run("figures", "--month", "2026-10", "--json", "--data", str(data))
    assert code == 0
    value = json.loads(said)["overall"]
    code, said, _ = run("figures", "--month", "2026-10", "--lang", "en", "--data", str(data))
    assert code == 0
    lines = said.splitlines()
    assert lines[0] == "2026-10"
    assert f"Opened: {value['opened']}" in lines
    assert any(line.startswith(f"Resolve: Judged {value['clocks']['resolve']['judged']}, In time") for line in lines)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--month", "2026-10"), "name a file with --out"),
        (("--month", "2026-10", "--out", "a.docx"), "must end in .pdf or .xlsx"),
        (("--month", "2026-10", "--out", "a.pdf", "--lang", "both"), "one file has one language"),
        (("--out", "a.pdf"), "give either --month YYYY-MM or --year YYYY"),
        (("--month", "2026-10", "--year", "2026", "--out", "a.pdf"), "give either"),
        (("--month", "2026", "--out", "a.pdf"), "--month: '2026' is not one"),
        (("--month", "2026-13", "--out", "a.pdf"), "is no month like 2026-10"),
        (("--month", "2999-01", "--out", "a.pdf"), "2999-01 has not begun"),
    ],
)
def test_what_is_asked_wrongly_is_told_and_nothing_is_written(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], problem: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, said, told = run("report", *words, "--data", str(data))
    assert (code, said) == (2, "")
    assert problem in told
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(data: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, told = run("report", "--month", "2026-10", "--out", str(tmp_path / "file" / "a.pdf"), "--data", str(data))
    assert code == 2
    assert "cannot be written" in told


def test_a_store_without_a_registry_says_so(tmp_path: Path) -> None:
    code, _, told = run("figures", "--month", f"{NOW:%Y-%m}", "--data", str(tmp_path))
    assert code == 2
    assert "no registry was ever in force here" in told
