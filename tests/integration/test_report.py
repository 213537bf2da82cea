"""``patrol report`` on a real store with a day of 800 cameras."""

from __future__ import annotations

import json
from pathlib import Path

import pymupdf
import pytest
from openpyxl import load_workbook
from sqlalchemy import event
from typer.testing import CliRunner

from patrol.cli import app
from patrol.ledger.day import read_day
from patrol.store import Store, open_store
from tests.unit.ledger_day.county_day import DAY, local
from tests.unit.report.busy_day import fill


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    data = tmp_path_factory.mktemp("data")
    opened = open_store(None, data)
    opened.upgrade()
    with opened.sessions.begin() as session:
        written = fill(session, 800)
    opened.close()
    return data, written


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["report", *words])
    return done.exit_code, done.stdout, done.stderr


def test_a_day_of_800_cameras_becomes_four_files(county: tuple[Path, dict[str, int]], tmp_path: Path) -> None:
    data, written = county
    out = tmp_path / "new" / "reports"
    code, said, problem = run("--day", "2026-11-20", "--data", str(data), "--out", str(out))
    assert (code, problem) == (0, "")
    files = [Path(line) for line in said.split()]
    assert [file.name for file in files] == [
        f"patrol-430624-2026-11-20-{lang}.{form}" for lang in ("zh", "en") for form in ("xlsx", "pdf")
    ]
    assert sorted(out.iterdir()) == sorted(files)
    book = load_workbook(files[0], read_only=True)
    assert sum(1 for _ in book["巡查台账"].iter_rows()) == written["visits"] + 1
    assert sum(1 for _ in book["漏巡"].iter_rows()) == written["missed"] + 1
    with pymupdf.open(files[1]) as document:
        assert f"/ {written['missed']}" in document[0].get_text()


def test_the_figures_are_one_json_object(county: tuple[Path, dict[str, int]], tmp_path: Path) -> None:
    data, written = county
    code, said, _ = run("--day", "2026-11-20", "--data", str(data), "--json")
    assert code == 0
    value = json.loads(said)
    f = value["overall"]
    assert value["schema"] == "patrol.report/1"
    assert value["files"] == []
    assert f["attempts"] + f["missed"] == written["visits"]
    assert f["missed"] == len(value["misses"]) == written["missed"]
    assert f["looks"] - f["answering"] >= written["away"]
    assert f["kept"] <= f["answering"] <= f["looks"]
    assert 0 < f["coverage"] < f["coverage_answering"] < f["window_coverage_answering"] < 1
    assert sum(group["looks"] for group in value["categories"]) == f["looks"]
    assert value["looks_paused"] == 8
    assert value["spot_checks"]["overlooked"] == 1


def test_reports_of_looks_are_not_read_for_the_figures(county: tuple[Path, dict[str, int]]) -> None:
    opened = open_store(None, county[0])
    asked: list[str] = []
    event.listen(opened.engine, "before_cursor_execute", lambda _c, _x, statement, *_: asked.append(statement))
    with opened.reading() as session:
        read_day(session, DAY, local("09:00", days=1))
    opened.close()
    of_visits = [statement for statement in asked if "visit.report" in statement]
    # Only of misses, and of them only the one line a person reads.
    assert len(of_visits) == 1
    assert "sign_off" in of_visits[0]
    assert len(asked) < 40


def test_a_day_reads_the_same_on_both_databases(store: Store) -> None:
    with store.sessions.begin() as session:
        written = fill(session, 40)
    with store.reading() as session:
        from patrol.ledger.day import ledger_lines

        report = read_day(session, DAY, local("09:00", days=1))
        lines = list(ledger_lines(session, report.span))
    assert len(lines) == written["visits"]
    assert report.overall.missed == written["missed"]
    inspected = next(line for line in lines if line.outcome == "inspected")
    assert (inspected.seconds, inspected.decoded, inspected.luma, inspected.model) == (20.0, 500, 101.2, "test.onnx")
    assert inspected.findings == (("congestion", "clear", 0.04),)
    assert {miss.detail for miss in report.misses} == {"more was due than streams"}
    assert report.misses[0].signed_by == "李班长"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--day", "2026-13-01"), "not a day"),
        (("--day", "yesterday"), "not a day"),
        (("--day", "2024-01-01"), "no registry was in force"),
        (("--day", "2126-01-01"), "has not begun"),
    ],
)
def test_a_day_that_cannot_be_is_refused(
    county: tuple[Path, dict[str, int]], tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    code, said, problem = run(*words, "--data", str(county[0]), "--out", str(tmp_path / "out"))
    assert (code, said) == (2, "")
    assert says in problem
    assert not (tmp_path / "out").exists()


def test_an_unknown_database_is_refused_and_none_is_made(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for words in (
        ("--data", str(tmp_path / "nowhere")),
        ("--data", str(tmp_path / "empty")),
        ("--database", f"sqlite:///{tmp_path / 'no.sqlite'}"),
        ("--database", "oracle://x/y"),
        ("--database", "postgresql://patrol@127.0.0.1:1/none"),
    ):
        code, said, problem = run("--day", "2026-11-20", *words)
        assert (code, said) == (2, ""), words
        assert problem.startswith("patrol: "), words
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "empty"]


def test_nothing_half_written_is_left_when_writing_fails(
    county: tuple[Path, dict[str, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fired = []

    def full(*_: object) -> None:
        fired.append(True)
        raise OSError(28, "No space left on device", "somewhere")

    monkeypatch.setattr("patrol.report.write_pdf", full)
    code, said, problem = run("--day", "2026-11-20", "--data", str(county[0]), "--out", str(tmp_path), "--lang", "zh")
    assert fired
    assert (code, said) == (2, "")
    assert "No space left on device" in problem
    assert list(tmp_path.iterdir()) == []
