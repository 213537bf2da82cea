"""Letters as the clocks draft them, and letters that say anything at all; what is written in their files."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pymupdf
from hypothesis import strategies as st

from patrol.cases.clocks import open_clocks
from patrol.cases.letters import text
from patrol.cases.letters.draft import Matter, draft
from patrol.cases.letters.fields import Attached, LetterFields, Step
from patrol.cases.types import Clock, ClockName
from patrol.cases.worktime import WorkCalendar
from patrol.registry import LetterHead, Registry
from tests.support.cases import VILLAGE, case_registry

ZONE = ZoneInfo("Asia/Shanghai")
COUNTY = "430624"
HEAD = """  letters:
    signer: 县社会治理指挥中心主任
    contact: 县社会治理指挥中心督办组
    phone: 0730-2220000
    cc: [县委政法委, 县政府督查室]
"""
REGISTRY: Registry = case_registry(extra=HEAD)
LETTER_HEAD: LetterHead = REGISTRY.cases.letters
CALENDAR = WorkCalendar.of(REGISTRY)
OPENED = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""A Friday, ten o'clock in the county."""
NAMES = {d.id: d.name.zh for d in REGISTRY.departments} | {d.code: d.name for d in REGISTRY.cases.divisions}
NAMES |= {COUNTY: "湘阴县"}
RARE = "镕喆㛃𠮷堃犇"


def clock_of(name: ClockName, opened: datetime = OPENED) -> Clock:
    clocks = open_clocks(CALENDAR, REGISTRY.cases.policy, opened, "general")
    return next(clock for clock in clocks if clock.name is name)


def matter(unit: str | None = "traffic_police", **more: object) -> Matter:
    said: dict[str, object] = {
        "number": "43062420261120000017",
        "title": "旭东路与东湖路交叉口早高峰持续拥堵",
        "kind": "congestion",
        "address": "旭东路与东湖路交叉口东北侧",
        "division": VILLAGE,
        "division_name": "文星街道第一社区",
        "occurred_at": OPENED - timedelta(minutes=7),
        "unit": unit,
        "assigned_at": OPENED + timedelta(hours=2) if unit else None,
        "policy_version": "13710-1",
        "calendar_version": CALENDAR.version,
        "basis": REGISTRY.cases.policy.basis,
        "history": (Step(OPENED, "视频巡查系统", "受理登记"), Step(OPENED + timedelta(hours=5), "值班岗", "接收办理")),
        "attachments": (Attached("现场照片一.jpg", "ab" * 32),),
    }
    return Matter(**{**said, **more})  # type: ignore[arg-type]


def drafted(
    clock: Clock | None = None,
    step: int = 0,
    unit: str | None = "traffic_police",
    now: datetime | None = None,
    **more: object,
) -> LetterFields:
    clock = clock or clock_of(ClockName.RESOLVE)
    return draft(
        matter(unit, **more), clock, step, LETTER_HEAD, NAMES, COUNTY, CALENDAR, now or clock.due + timedelta(hours=12)
    )


def issued(letter: LetterFields, number: int = 12) -> LetterFields:
    return replace(letter, doc_no=f"湘阴治督[2026]{number:03d}号", issue_date=date(2026, 12, 2))


_HANZI = st.sampled_from(
    "湘阴县社会治理指挥中心督办函逾期未结案件道路拥堵燃放烟花爆竹禁捕水域垂钓东塘镇第一社区" + RARE
)
_MARKS = st.sampled_from("，。、；：？！（）《》“”‘’—…·％ 0123456789ABab-/<>&\"'.,")
WORDS = st.text(st.one_of(_HANZI, _HANZI, _MARKS), min_size=1, max_size=60).map(lambda said: f"文{said.strip()}字")
LONG = st.text(st.one_of(_HANZI, _MARKS), min_size=1, max_size=700).map(lambda said: f"文{said.strip()}字")
_AT = st.integers(0, 1200 * 86400).map(lambda s: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=s))
_ON = st.dates(date(2024, 1, 1), date(2027, 6, 1))


@st.composite
def any_letter(draw: st.DrawFn) -> LetterFields:
    """A letter with anything in its fields that may stand there, issued or not."""
    number = draw(st.none() | st.integers(1, 1200))
    due = draw(_AT)
    return LetterFields(
        issuer=draw(WORDS),
        to_unit=draw(WORDS),
        to_level=draw(WORDS),
        holder=draw(WORDS),
        cc=tuple(draw(st.lists(WORDS, max_size=4))),
        case_no=f"{draw(st.integers(10**19, 10**20 - 1))}",
        event_title=draw(WORDS),
        event_class=draw(WORDS),
        place=draw(LONG),
        division_code=VILLAGE,
        occurred_at=draw(_AT),
        assigned_at=draw(st.none() | _AT),
        original_due=draw(st.just(due) | _AT),
        due=due,
        overdue_working_days=draw(st.integers(1, 400)),
        reckoned_on=draw(_ON),
        breached_clock=draw(st.sampled_from(("交办", "反馈", "办结"))),
        step=draw(st.integers(0, 3)),
        history=tuple(draw(st.lists(st.builds(Step, _AT, WORDS, LONG), max_size=6))),
        requirement="\n".join(draw(st.lists(LONG, min_size=1, max_size=3))),
        new_due=draw(_ON),
        new_due_provisional=draw(st.booleans()),
        basis=draw(WORDS),
        consequences=draw(LONG),
        signer=draw(st.just("") | WORDS),
        contact=draw(st.just("") | WORDS),
        phone=draw(st.just("") | WORDS),
        attachments=tuple(draw(st.lists(st.builds(Attached, WORDS, st.just("0f" * 32)), max_size=3))),
        provisional=draw(st.booleans()),
        policy_version="13710-1",
        calendar_version=CALENDAR.version,
        doc_no=None if number is None else f"湘阴治督[2026]{number:03d}号",
        issue_date=None if number is None else draw(_ON),
    )


def sentences(letter: LetterFields) -> list[str]:
    """All that a letter says, paragraph by paragraph and cell by cell, in order."""
    rows = text.history(letter, ZONE)
    attached = ((f"{at}. {each.name}", f"SHA-256 {each.sha256}") for at, each in enumerate(letter.attachments, 1))
    return [
        letter.issuer,
        text.number(letter),
        text.title(letter),
        f"{letter.to_unit}：",
        text.opening(letter, ZONE),
        *(each for pair in text.facts(letter, ZONE) for each in pair),
        text.REQUIREMENT,
        *text.asked(letter),
        text.HISTORY,
        *((each for row in (text.HISTORY_HEAD, *rows) for each in row) if rows else (text.NO_HISTORY,)),
        text.CONSEQUENCES,
        *letter.consequences.split("\n"),
        text.reckoned_by(letter),
        *([text.ATTACHED] if letter.attachments else ()),
        *(each for pair in attached for each in pair),
        *([text.SIGNER + letter.signer] if letter.signer else ()),
        letter.issuer,
        text.day(letter.issue_date) if letter.issue_date else text.UNDATED,
        text.SEAL,
        *([text.copies(letter)] if letter.cc else ()),
        text.SLIP,
        *(each for pair in text.slip(letter) for each in pair),
        *text.SLIP_ROWS,
        *text.SLIP_SIGNED,
    ]


def fields_said(letter: LetterFields) -> list[str]:
    """Each field as a reader must find it, taken from the fields and not from the sentences made of them."""
    told = letter.to_json()
    names = (
        "issuer",
        "to_unit",
        "to_level",
        "holder",
        "case_no",
        "event_title",
        "event_class",
        "place",
        "division_code",
    )
    names += ("breached_clock", "basis", "signer", "contact", "phone", "policy_version", "calendar_version", "doc_no")
    return [
        *(told[name] for name in names if told[name]),
        *letter.cc,
        *letter.requirement.split("\n"),
        *letter.consequences.split("\n"),
        *(said for step in letter.history for said in (step.who, step.what)),
        *(said for each in letter.attachments for said in (each.name, each.sha256)),
        f"{letter.overdue_working_days}个工作日",
        f"{letter.new_due.year}年{letter.new_due.month}月{letter.new_due.day}日",
        *(f"{at.year}年{at.month}月{at.day}日" for at in _local(letter)),
    ]


def _local(letter: LetterFields) -> list[datetime]:
    at = [letter.occurred_at, letter.original_due, letter.due, *(step.at for step in letter.history)]
    return [each.astimezone(ZONE) for each in (*at, *([letter.assigned_at] if letter.assigned_at else ()))]


def squeezed(said: str) -> str:
    return re.sub(r"\s+", "", said)


def lines_of_pdf(file: Path) -> list[str]:
    """The lines that stand upright between head and foot of the pages."""
    with pymupdf.open(file) as document:
        return [
            "".join(span["text"] for span in line["spans"])
            for page in document
            for block in page.get_text("dict")["blocks"]
            for line in block.get("lines", ())
            if line["dir"] == (1.0, 0.0) and line["bbox"][3] < page.rect.height - 40
        ]


def slanting(file: Path) -> list[str]:
    """What is written across each page."""
    with pymupdf.open(file) as document:
        return [
            "".join(
                span["text"]
                for block in page.get_text("dict")["blocks"]
                for line in block.get("lines", ())
                if line["dir"] != (1.0, 0.0)
                for span in line["spans"]
            )
            for page in document
        ]
