"""The register of letters (督办函登记簿) of a year as a workbook: one line for every letter, whatever became of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from patrol.cases.letters.fields import LetterFields
from patrol.cases.letters.text import NAMES, name_at
from patrol.paper.book import write_book
from patrol.paper.cells import Column, Row, Sheet
from patrol.paper.words import Lang, Words
from patrol.store.tables import CaseLetter

State = Literal["draft", "issued", "dropped"]

_AT, _DAY = "yyyy-mm-dd hh:mm", "yyyy-mm-dd"
_TEXTS = {
    "register": ("督办函登记簿", "Register of letters"),
    "doc_no": ("文号", "Number"),
    "state": ("状态", "State"),
    "state.draft": ("草稿", "draft"),
    "state.issued": ("已签发", "issued"),
    "state.dropped": ("已作废", "dropped"),
    "name": ("种类", "Kind"),
    **{f"name.{name}": (name, english) for name, english in zip(NAMES, ("first", "second", "escalated"), strict=True)},
    "case": ("案件编号", "Case"),
    "title": ("事项名称", "Matter"),
    "clock": ("逾期时限", "Clock"),
    "clock.交办": ("交办", "assign"),
    "clock.反馈": ("反馈", "feedback"),
    "clock.办结": ("办结", "resolve"),
    "holder": ("责任单位", "Responsible"),
    "to": ("主送单位", "Sent to"),
    "due": ("期限", "Due"),
    "overdue": ("起草时逾期工作日", "Working days overdue when drafted"),
    "new_due": ("新定期限", "New due day"),
    "drafted": ("起草时间", "Drafted"),
    "decided": ("签发或作废时间", "Issued or dropped"),
    "by": ("经办", "By"),
    "reason": ("作废理由", "Why dropped"),
    "pdf": ("PDF 校验值（SHA-256）", "PDF SHA-256"),
    "docx": ("DOCX 校验值（SHA-256）", "DOCX SHA-256"),
}
_COLUMNS = (
    Column("doc_no", 22),
    Column("state", 10),
    Column("name", 12),
    Column("case", 22),
    Column("title", 36),
    Column("clock", 10),
    Column("holder", 24),
    Column("to", 24),
    Column("due", 17, _AT),
    Column("overdue", 12),
    Column("new_due", 12, _DAY),
    Column("drafted", 17, _AT),
    Column("decided", 17, _AT),
    Column("by", 18),
    Column("reason", 30),
    Column("pdf", 30),
    Column("docx", 30),
)


def register_rows(session: Session, year: int, zone: tzinfo, state: State | None = None) -> Iterator[CaseLetter]:
    """The letters of a year: those decided in it, and drafts of it; by number, then those that have none by their drafting.

    Args:
        session: an open session.
        year: in the county.
        zone: the county's.
        state: only letters in this one.
    """
    start, end = (datetime(each, 1, 1, tzinfo=zone) for each in (year, year + 1))
    at = func.coalesce(CaseLetter.decided_at, CaseLetter.drafted_at, type_=CaseLetter.drafted_at.type)
    wanted = select(CaseLetter).where(at >= start, at < end)
    if state is not None:
        wanted = wanted.where(CaseLetter.state == state)
    # 湘阴治督[2026]999号 comes before 湘阴治督[2026]1000号.
    number = (CaseLetter.doc_no.is_(None), func.length(CaseLetter.doc_no), CaseLetter.doc_no)
    return iter(session.scalars(wanted.order_by(*number, CaseLetter.drafted_at, CaseLetter.id)))


def write_register(session: Session, year: int, zone: tzinfo, file: Path, *, lang: Lang = "zh") -> None:
    """Write the register of a year.

    Args:
        session: an open session.
        year: in the county.
        zone: the county's.
        file: where to; replaced if it is there.
        lang: of headings and closed lists; what letters say is Chinese.
    """
    words = Words(lang, zone, _TEXTS)
    rows = (_row(letter, words) for letter in register_rows(session, year, zone))
    title = f"{words('register')} {year}"
    write_book([Sheet("register", _COLUMNS, rows)], words, file, title=title, creator="patrol letters")


def _row(letter: CaseLetter, words: Words) -> Row:
    said = LetterFields.from_json(letter.fields)
    files = letter.files or {}

    def sha256(form: str) -> str:
        return str(files.get(form, {}).get("sha256", ""))

    decided: datetime | None = letter.decided_at and words.local(letter.decided_at)
    new_due: date = said.new_due
    return (
        letter.doc_no or "",
        words.value("state", letter.state),
        words.value("name", name_at(letter.step)),
        letter.case,
        said.event_title,
        words.value("clock", said.breached_clock),
        said.holder,
        said.to_unit,
        words.local(said.due),
        said.overdue_working_days,
        new_due,
        words.local(letter.drafted_at),
        decided,
        letter.decided_by or "",
        letter.reason or "",
        sha256("pdf"),
        sha256("docx"),
    )
