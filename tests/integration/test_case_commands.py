"""``patrol case``: what an operator does on the server, by hand, and what is said to wrong words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pymupdf
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from patrol.cases.desk import Desk
from patrol.cases.sweep import sweep
from patrol.cli import app
from patrol.registry import parse
from patrol.store import open_store
from tests.support.cases import TOWN, case_registry_text, opened


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "registry.yaml").write_text(case_registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}), "utf-8")
    return tmp_path


def patrol(home: Path, *words: str) -> Result:
    where = ["--registry", str(home / "registry.yaml"), "--data", str(home / "data")]
    return CliRunner().invoke(app, ["case", *words, *where])


def said(done: Result) -> dict[str, object]:
    assert done.exit_code == 0, done.output
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_a_case_is_opened_moved_and_listed(home: Path) -> None:
    opened_ = said(
        patrol(home, "open", "--title", "路口拥堵", "--place", "旭东路", "--division", TOWN, "--by", "坐席一", "--json")
    )
    number = str(opened_["number"])
    moved = said(
        patrol(home, "move", number, "assign", "--unit", "police", "--by", "坐席一", "--version", "1", "--json")
    )
    assert (moved["stage"], moved["version"]) == ("assigned", 2)
    shown = patrol(home, "show", number).stdout
    assert "路口拥堵" in shown
    assert "now: " in shown
    listed = patrol(home, "list", "--unit", "police", "--json")
    assert [case["number"] for case in json.loads(listed.stdout)] == [number]
    assert "路口" in patrol(home, "list").stdout
    assert json.loads(patrol(home, "list", "--light", "red", "--json").stdout) == []


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("open", "--title", " ", "--place", "x"), "needs `title`"),
        (("open", "--title", "x", "--place", "x", "--division", "110101"), "`division`"),
        (("open", "--title", "x", "--place", "x", "--kind", "litter"), "no 'litter'"),
        (("move", "43062420260101000001", "assign", "--unit", "police"), "no case"),
        (("move", "1", "promote"), "no 'promote'"),
        (("move", "1", "extend", "--until", "tomorrow"), "not a day"),
        (("move", "1", "consult", "--step", "清障|police|soon"), "not a day"),
        (("list", "--stage", "lost"), "no 'lost'"),
        (("show", "1"), "no case 1"),
        (("letter", "7"), "no letter 7"),
        (("letter", "7", "--issue", "--drop"), "either"),
        (("letters", "--state", "lost"), "no 'lost'"),
        (("letters", "--out", "x.pdf"), "ends in .xlsx"),
        (("recompute", "--apply"), "--reason"),
    ],
)
def test_wrong_words_end_with_one_sentence(home: Path, words: tuple[str, ...], problem: str) -> None:
    done = patrol(home, *words)
    assert done.exit_code != 0
    assert problem in done.stderr
    assert "Traceback" not in done.output


def test_letters_are_listed_issued_written_and_registered(home: Path) -> None:
    store = open_store(None, home / "data")
    store.upgrade()
    desk = Desk(parse((home / "registry.yaml").read_text("utf-8"), "test").registry)
    begun = datetime.now(UTC) - timedelta(days=60)
    with store.sessions.begin() as session:
        opened(session, desk, begun)
    sweep(store, desk, datetime.now(UTC))
    store.close()
    drafts = json.loads(patrol(home, "letters", "--state", "draft", "--json").stdout)
    assert len(drafts) == 9, "three clocks, three steps each"
    letter = str(drafts[-1]["id"])
    out = home / "letter.pdf"
    issued = said(patrol(home, "letter", letter, "--issue", "--by", "值班长", "--out", str(out), "--json"))
    with pymupdf.open(out) as document:
        text = "".join("".join(page.get_text().split()) for page in document)
    assert str(issued["doc_no"]) in text
    year = str(issued["doc_no"]).partition("[")[2][:4]
    assert patrol(home, "letters", "--year", year, "--out", str(home / "register.xlsx")).exit_code == 0
    page = load_workbook(home / "register.xlsx").worksheets[0]
    assert issued["doc_no"] in [row[0].value for row in page.iter_rows(min_row=2)]


def test_provisional_dates_are_shown_and_then_put_in_force(home: Path) -> None:
    store = open_store(None, home / "data")
    store.upgrade()
    text = (home / "registry.yaml").read_text("utf-8")
    desk = Desk(parse(text, "test").registry)
    with store.sessions.begin() as session:
        number = opened(session, desk, datetime(2026, 12, 30, 2, tzinfo=UTC)).number
    store.close()
    assert "0 cases" in patrol(home, "recompute").stderr
    notice = "calendar: {announced: [2027], holidays: [2027-01-04]}\n"
    (home / "registry.yaml").write_text(text.replace("cases:\n", f"{notice}cases:\n", 1), "utf-8")
    shown = patrol(home, "recompute")
    assert number in shown.stdout
    assert "2027-01-05 23:59 → 2027-01-06 23:59" in shown.stdout
    assert "--apply does it" in shown.stderr
    done = patrol(home, "recompute", "--apply", "--reason", "国办通知", "--by", "值班长")
    assert "1 cases recomputed" in done.stderr
    assert "0 cases" in patrol(home, "recompute").stderr
    assert "recompute" in patrol(home, "show", number).stdout
