"""The register of letters on real databases: drafted at red, edited, issued under numbers without gaps, dropped."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from patrol.cases import book
from patrol.cases.desk import Desk
from patrol.cases.letters import register
from patrol.cases.letters.book import register_rows, write_register
from patrol.cases.letters.fields import FieldError, LetterError, LetterFields
from patrol.cases.letters.register import NoLetterError, StaleLetterError
from patrol.cases.moves import Command, Move, MoveError
from patrol.cases.sweep import sweep
from patrol.store import Store
from patrol.store.tables import CaseFile, CaseLetter, CaseNumber
from tests.support.cases import T0, case_registry, opened
from tests.support.letters import HEAD, LETTER_HEAD, ZONE, lines_of_pdf, squeezed

DESK = Desk(case_registry(extra=HEAD))
RED = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
"""The assign clock of a case opened at T0 ran out on Friday; it is Saturday, 00:00, in the county."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def drafts(store: Store, cases: int, now: datetime = RED) -> list[int]:
    """The drafts of so many cases that nobody was given, by id."""
    with store.sessions.begin() as session:
        for _ in range(cases):
            opened(session, DESK)
    return list(sweep(store, DESK, now).letters)


def issue(
    store: Store, letter: int, data: Path, now: datetime = RED, version: int = 1, desk: Desk = DESK
) -> CaseLetter:
    with store.sessions.begin() as session:
        return register.issue(session, desk, letter, version, by="值班长", data_folder=data, now=now)


def row(store: Store, letter: int) -> CaseLetter:
    with store.reading() as session:
        return session.get_one(CaseLetter, letter)


def trail(session: Session, case: str) -> list[tuple[str, str, dict[str, Any]]]:
    return [(e.move, e.by, dict(e.data)) for e in book.history(session, case) if e.move is Move.LETTER]


def files(data: Path) -> set[str]:
    return {str(file.relative_to(data)) for file in data.rglob("*") if file.is_file()}


def test_a_red_light_drafts_one_letter_and_a_later_look_no_second_one(store: Store) -> None:
    [letter] = drafts(store, 1)
    assert list(sweep(store, DESK, RED + timedelta(hours=1)).letters) == []
    said = LetterFields.from_json(row(store, letter).fields)
    assert (said.to_unit, said.breached_clock, said.step) == ("县社会治理指挥中心值班长", "交办", 0)
    assert said.issuer == LETTER_HEAD.issuer
    assert row(store, letter).to_unit == DESK.county


def test_each_step_drafts_a_letter_to_the_next_level(store: Store) -> None:
    with store.sessions.begin() as session:
        case = opened(session, DESK)
        for command in (
            Command(Move.ASSIGN, "坐席一", T0, unit="430624001001"),
            Command(Move.ACCEPT, "村值班岗", T0),
            Command(Move.FEEDBACK, "村值班岗", T0, text="已到场"),
        ):
            book.move(session, DESK, case.number, command)
    ids = [
        letter
        for day in (8, 9, 12, 20)
        for letter in sweep(store, DESK, datetime(2026, 12, day, 2, tzinfo=UTC)).letters
    ]
    with store.reading() as session:
        found = session.scalars(select(CaseLetter).order_by(CaseLetter.id)).all()
    assert [each.id for each in found] == ids
    assert [(each.clock, each.step, each.to_unit) for each in found] == [
        ("resolve", 0, "430624001001"),
        ("resolve", 1, "430624001"),
        ("resolve", 2, "430624"),
    ]
    assert [LetterFields.from_json(each.fields).to_unit for each in found] == [
        "文星街道第一社区",
        "文星街道",
        "分管县领导",
    ]


def test_an_issued_letter_has_a_number_its_files_and_a_line_in_the_case(store: Store, data: Path) -> None:
    [letter] = drafts(store, 1)
    issue(store, letter, data)
    kept = row(store, letter)
    assert (kept.state, kept.doc_no, kept.decided_by, kept.decided_at) == (
        "issued",
        "湘阴治督[2026]001号",
        "值班长",
        RED,
    )
    assert files(data) == {f"letters/2026/湘阴治督[2026]001号.{form}" for form in ("pdf", "docx")}
    assert kept.files is not None
    for form in ("pdf", "docx"):
        content = register.file_of(kept, form, DESK, data)
        assert hashlib.sha256(content).hexdigest() == kept.files[form]["sha256"]
    said = LetterFields.from_json(kept.fields)
    # 00:00 on Saturday in the county, still Friday in UTC.
    assert (said.doc_no, f"{said.issue_date}") == (kept.doc_no, "2026-11-28")
    assert "湘阴治督[2026]001号" in lines_of_pdf(data / kept.files["pdf"]["path"])
    assert "2026年11月28日" in [p.text for p in Document(str(data / kept.files["docx"]["path"])).paragraphs]
    with store.reading() as session:
        told = {
            "letter": letter,
            "clock": "assign",
            "step": 0,
            "state": "issued",
            "doc_no": kept.doc_no,
            "to": said.to_unit,
        }
        assert trail(session, kept.case) == [("letter", "值班长", told)]


def test_what_was_decided_is_decided_once(store: Store, data: Path) -> None:
    first, second = drafts(store, 2)
    issue(store, first, data)
    with store.sessions.begin() as session:
        register.drop(session, DESK, second, 1, by="值班长", reason=" 已办结，误发 ", now=RED)
    assert (row(store, second).state, row(store, second).reason, row(store, second).doc_no) == (
        "dropped",
        "已办结，误发",
        None,
    )
    before = files(data)
    for letter, why in ((first, "issued already as 湘阴治督"), (second, "dropped already")):
        with pytest.raises(LetterError, match=why):
            issue(store, letter, data)
        with pytest.raises(LetterError, match=why), store.sessions.begin() as session:
            register.drop(session, DESK, letter, 1, by="值班长", reason="误发", now=RED)
        with pytest.raises(LetterError, match=why), store.sessions.begin() as session:
            register.edit(session, DESK, letter, 1, {"phone": "0730-1"}, RED)
    with pytest.raises(NoLetterError):
        issue(store, 999, data)
    with pytest.raises(LetterError, match="say why"), store.sessions.begin() as session:
        register.drop(session, DESK, drafts(store, 1)[0], 1, by="值班长", reason=" ", now=RED)
    assert files(data) == before


def test_who_has_read_an_older_draft_issues_nothing(store: Store, data: Path) -> None:
    [letter] = drafts(store, 1)
    with store.sessions.begin() as session:
        assert register.edit(session, DESK, letter, 1, {"phone": "0730-2229999"}, RED).version == 2
    for doing in (
        lambda s: register.issue(s, DESK, letter, 1, by="值班长", data_folder=data, now=RED),
        lambda s: register.edit(s, DESK, letter, 1, {"phone": "0730-1"}, RED),
        lambda s: register.drop(s, DESK, letter, 1, by="值班长", reason="误发", now=RED),
    ):
        with pytest.raises(StaleLetterError, match="version 2, not 1"), store.sessions.begin() as session:
            doing(session)
    kept = issue(store, letter, data, version=2)
    assert kept.files is not None
    assert "0730-2229999" in squeezed("".join(lines_of_pdf(data / kept.files["pdf"]["path"])))


def test_a_draft_that_lay_too_long_is_not_issued_until_its_day_is_set_anew(store: Store, data: Path) -> None:
    [letter] = drafts(store, 1)
    late = datetime(2026, 12, 21, 2, tzinfo=UTC)
    with pytest.raises(FieldError, match="has passed"):
        issue(store, letter, data, now=late)
    assert files(data) == set()
    with store.sessions.begin() as session:
        register.edit(session, DESK, letter, 1, {"new_due": "2026-12-23"}, late)
    assert issue(store, letter, data, now=late, version=2).doc_no == "湘阴治督[2026]001号"


def test_of_a_case_that_was_withdrawn_nothing_is_issued(store: Store, data: Path) -> None:
    [letter] = drafts(store, 1)
    with store.sessions.begin() as session:
        case = session.scalars(select(CaseFile)).one().number
        book.move(session, DESK, case, Command(Move.WITHDRAW, "坐席一", RED, reason="误立案", approver="值班长"))
    with pytest.raises(LetterError, match="merged or withdrawn; drop letter"):
        issue(store, letter, data)
    with store.sessions.begin() as session:
        assert register.drop(session, DESK, letter, 1, by="值班长", reason="案件已撤销", now=RED).state == "dropped"


def test_thirty_letters_issued_by_two_at_once_have_the_numbers_1_to_30(store: Store, data: Path) -> None:
    ids = drafts(store, 30)
    start, errors = threading.Barrier(2), []

    def work(mine: list[int]) -> None:
        start.wait()
        try:
            for letter in mine:
                issue(store, letter, data)
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=work, args=(ids[at::2],)) for at in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    numbers = {row(store, letter).doc_no for letter in ids}
    assert numbers == {f"湘阴治督[2026]{number:03d}号" for number in range(1, 31)}
    assert len(files(data)) == 60
    for letter in ids:
        kept = row(store, letter)
        assert kept.files is not None
        assert kept.doc_no in lines_of_pdf(data / kept.files["pdf"]["path"])
        assert kept.case in squeezed("".join(lines_of_pdf(data / kept.files["pdf"]["path"])))


def test_the_same_draft_issued_by_two_at_once_goes_out_once(store: Store, data: Path) -> None:
    [letter] = drafts(store, 1)
    start, said = threading.Barrier(2), []

    def work() -> None:
        start.wait()
        try:
            said.append(issue(store, letter, data).doc_no)
        except LetterError as error:
            said.append(type(error).__name__)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, said)) == ["LetterError", "湘阴治督[2026]001号"]


class StruckError(Exception):
    """The process ended here."""


@contextmanager
def struck(store: Store) -> Iterator[Session]:
    """A transaction that does all and is not committed."""
    try:
        with store.sessions.begin() as session:
            yield session
            session.flush()
            raise StruckError
    except StruckError:
        return


def test_a_crash_before_the_commit_leaves_no_gap_and_its_files_are_written_over(store: Store, data: Path) -> None:
    first, second = drafts(store, 2)
    with struck(store) as session:
        register.issue(session, DESK, first, 1, by="值班长", data_folder=data, now=RED)
    assert len(files(data)) == 2, "the fault came before the files"
    assert (row(store, first).state, row(store, first).doc_no) == ("draft", None)
    with store.reading() as session:
        assert trail(session, row(store, first).case) == []
    kept = issue(store, second, data)
    assert kept.doc_no == "湘阴治督[2026]001号"
    assert kept.files is not None
    assert kept.case in squeezed("".join(lines_of_pdf(data / kept.files["pdf"]["path"])))
    assert issue(store, first, data).doc_no == "湘阴治督[2026]002号"
    assert len(files(data)) == 4


def test_a_disk_that_takes_no_file_leaves_a_draft_and_no_number(store: Store, data: Path) -> None:
    [letter] = drafts(store, 1)
    data.mkdir()
    (data / "letters").write_text("in the way")
    with pytest.raises(OSError, match="letters"):
        issue(store, letter, data)
    (data / "letters").unlink()
    assert issue(store, letter, data).doc_no == "湘阴治督[2026]001号"


def test_nothing_half_written_stays_where_the_store_refuses_the_mover(store: Store, data: Path) -> None:
    [letter] = drafts(store, 1)
    with pytest.raises(MoveError, match="`by` is empty"), store.sessions.begin() as session:
        register.issue(session, DESK, letter, 1, by=" ", data_folder=data, now=RED)
    assert files(data) == set()


def test_numbers_begin_anew_with_the_county_s_year_and_with_another_prefix(store: Store, data: Path) -> None:
    ids = drafts(store, 4)
    before, after = datetime(2026, 12, 31, 15, 59, tzinfo=UTC), datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    for letter in ids:
        with store.sessions.begin() as session:
            register.edit(session, DESK, letter, 1, {"new_due": "2027-01-06"}, before)
    renamed = Desk(case_registry(extra=HEAD.replace("letters:", "letters:\n    prefix: 湘/阴 督", 1)))
    found = [issue(store, letter, data, now, 2, desk).doc_no for letter, now, desk in zip(
        ids, (before, after, before, after), (DESK, DESK, renamed, DESK), strict=True
    )]  # fmt: skip
    assert found == ["湘阴治督[2026]001号", "湘阴治督[2027]001号", "湘/阴 督[2026]001号", "湘阴治督[2027]002号"]
    names = {
        "2026/湘阴治督[2026]001号",
        "2027/湘阴治督[2027]001号",
        "2026/湘%2f%阴%20%督[2026]001号",
        "2027/湘阴治督[2027]002号",
    }
    assert files(data) == {f"letters/{name}.{form}" for name in names for form in ("pdf", "docx")}
    for letter in ids:
        register.file_of(row(store, letter), "pdf", DESK, data)


def test_a_number_that_is_given_out_already_writes_over_no_file(store: Store, data: Path) -> None:
    first, second = drafts(store, 2)
    issue(store, first, data)
    kept = {name: (data / name).read_bytes() for name in files(data)}
    with store.sessions.begin() as session:
        session.get_one(CaseNumber, "湘阴治督[2026]").last = 0
    with pytest.raises(Exception, match=r"(?i)unique"):
        issue(store, second, data)
    assert {name: (data / name).read_bytes() for name in files(data)} == kept


def test_a_file_that_was_changed_or_lost_is_not_given_out(store: Store, data: Path) -> None:
    [letter] = drafts(store, 1)
    kept = issue(store, letter, data)
    assert kept.files is not None
    file = data / kept.files["pdf"]["path"]
    file.write_bytes(file.read_bytes() + b" ")
    with pytest.raises(LetterError, match="was changed after it was issued"):
        register.file_of(kept, "pdf", DESK, data)
    file.unlink()
    with pytest.raises(LetterError, match="cannot be read"):
        register.file_of(kept, "pdf", DESK, data)


def test_a_draft_is_shown_as_it_stands_and_marked_as_one(store: Store, data: Path, tmp_path: Path) -> None:
    [letter] = drafts(store, 1)
    (tmp_path / "draft.pdf").write_bytes(register.file_of(row(store, letter), "pdf", DESK, data))
    assert "（未编号）" in lines_of_pdf(tmp_path / "draft.pdf")
    assert files(data) == set()


def test_the_register_of_a_year_lists_every_letter_by_number(store: Store, data: Path, tmp_path: Path) -> None:
    ids = drafts(store, 4)
    with store.sessions.begin() as session:
        session.add(CaseNumber(prefix="湘阴治督[2026]", last=998))
    for letter in (ids[2], ids[0]):
        issue(store, letter, data)
    with store.sessions.begin() as session:
        register.drop(session, DESK, ids[1], 1, by="值班长", reason="=误发", now=RED)
    with store.reading() as session:
        rows = list(register_rows(session, 2026, ZONE))
        assert [(each.id, each.state) for each in rows] == [
            (ids[2], "issued"), (ids[0], "issued"), (ids[1], "dropped"), (ids[3], "draft"),
        ]  # fmt: skip
        assert [each.doc_no for each in rows[:2]] == ["湘阴治督[2026]999号", "湘阴治督[2026]1000号"]
        assert [each.id for each in register_rows(session, 2026, ZONE, "draft")] == [ids[3]]
        assert list(register_rows(session, 2025, ZONE)) == []
        write_register(session, 2026, ZONE, tmp_path / "zh.xlsx")
        write_register(session, 2026, ZONE, tmp_path / "en.xlsx", lang="en")
    sheet = load_workbook(tmp_path / "zh.xlsx")["督办函登记簿"]
    head, *lines = sheet.iter_rows(values_only=True)
    assert len(lines) == 4
    first, dropped = (dict(zip(head, lines[at], strict=True)) for at in (0, 2))
    kept = row(store, ids[2])
    assert kept.files is not None
    assert first["文号"] == "湘阴治督[2026]999号"
    assert (first["状态"], first["种类"], first["逾期时限"]) == ("已签发", "督办", "交办")
    assert (first["案件编号"], first["事项名称"]) == (kept.case, "旭东路口拥堵")
    assert first["签发或作废时间"] == datetime(2026, 11, 28, 0, 0)  # noqa: DTZ001 - a spreadsheet has county time
    assert first["PDF 校验值（SHA-256）"] == kept.files["pdf"]["sha256"]
    assert (dropped["文号"], dropped["状态"], dropped["作废理由"]) == (None, "已作废", "=误发")
    english = load_workbook(tmp_path / "en.xlsx")["Register of letters"]
    assert next(english.iter_rows(min_row=2, values_only=True))[1:3] == ("issued", "first")
