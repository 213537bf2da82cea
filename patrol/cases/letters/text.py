"""The letter's sentences, the same in every form it is written in."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from patrol.cases.letters.fields import LetterFields

NAMES = ("督办", "再次督办", "升级督办")
"""By step."""
DRAFT = "草稿"
PROVISIONAL = "（暂定）"
REQUIREMENT, HISTORY, CONSEQUENCES, ATTACHED, COPIES = (
    "一、督办要求",
    "二、办理经过",
    "三、结果运用",
    "附件：",
    "抄送：",
)
HISTORY_HEAD = ("时间", "经办", "事项")
NO_HISTORY = "尚无办理记录。"
SEAL = "（印章）"
SIGNER = "签发："
UNDATED = "日期待签发时填写"
SLIP = "督办函回执"
SLIP_ROWS = ("办理情况", "逾期原因", "采取的措施", "办结时间或下一步安排")
SLIP_SIGNED = ("承办单位（印章）", "经办岗位", "联系电话", "日期")


def name_at(step: int) -> str:
    """What kind of letter it is."""
    return NAMES[min(step, len(NAMES) - 1)]


def title(letter: LetterFields) -> str:
    """The title."""
    return "".join(title_parts(letter))


def title_parts(letter: LetterFields) -> tuple[str, ...]:
    """The title, parted where a line may break."""
    return f"关于“{letter.event_title}”", f"逾期未{letter.breached_clock}的{name_at(letter.step)}函"


def number(letter: LetterFields) -> str:
    """Its number; a draft has none yet."""
    return letter.doc_no or "（未编号）"


def opening(letter: LetterFields, zone: ZoneInfo) -> str:
    """The first paragraph."""
    holder = "" if letter.holder == letter.to_unit else f"（责任单位：{letter.holder}）"
    before = "此前已予督办，" if letter.step else ""
    return (
        f"根据《{letter.basis}》，案件{letter.case_no}“{letter.event_title}”{holder}的{letter.breached_clock}时限"
        f"已于{moment(letter.due, zone)}届满{PROVISIONAL if letter.provisional else ''}。{before}截至"
        f"{day(letter.reckoned_on)}，逾期{letter.overdue_working_days}个工作日仍未{letter.breached_clock}，已亮红灯。"
        f"现予{name_at(letter.step)}。"
    )


def asked(letter: LetterFields) -> tuple[str, ...]:
    """What is asked for, and by when and where to answer; a paragraph each."""
    where = "".join(
        f"，{word}{value}" for word, value in (("联系单位：", letter.contact), ("电话：", letter.phone)) if value
    )
    return (
        *letter.requirement.split("\n"),
        f"请于{new_due(letter)}前完成上述事项，并将回执报送{letter.issuer}{where}。",
    )


def new_due(letter: LetterFields) -> str:
    """The day it shall be done by."""
    return day(letter.new_due) + (PROVISIONAL if letter.new_due_provisional else "")


def copies(letter: LetterFields) -> str:
    """Who gets a copy."""
    return f"{COPIES}{'，'.join(letter.cc)}。"


def slip(letter: LetterFields) -> list[tuple[str, str]]:
    """What the reply slip says by itself."""
    return [
        ("来函文号", number(letter)),
        ("案件编号", letter.case_no),
        ("事项名称", letter.event_title),
        ("主送单位", letter.to_unit),
        ("办理期限", new_due(letter)),
    ]


def facts(letter: LetterFields, zone: ZoneInfo) -> list[tuple[str, str]]:
    """What the case is, line by line."""
    star = PROVISIONAL if letter.provisional else ""
    return [
        ("案件编号", letter.case_no),
        ("事项名称", letter.event_title),
        ("事项类别", letter.event_class),
        ("发生时间", moment(letter.occurred_at, zone)),
        ("发生地点", f"{letter.place}（区划代码 {letter.division_code}）"),
        ("责任单位", letter.holder),
        ("主送单位", f"{letter.to_unit}（{letter.to_level}）"),
        ("交办时间", moment(letter.assigned_at, zone) if letter.assigned_at else "未交办"),
        ("逾期时限", f"{letter.breached_clock}时限"),
        ("原定期限", moment(letter.original_due, zone) + star),
        *([("现定期限", moment(letter.due, zone) + star)] if letter.due != letter.original_due else []),
        ("逾期天数", f"{letter.overdue_working_days}个工作日（截至{day(letter.reckoned_on)}）"),
        ("新定期限", new_due(letter)),
    ]


def history(letter: LetterFields, zone: ZoneInfo) -> list[tuple[str, str, str]]:
    """What was done, line by line."""
    return [(moment(step.at, zone), step.who, step.what) for step in letter.history]


def reckoned_by(letter: LetterFields) -> str:
    """The small print: what the dates stand on."""
    provisional = letter.provisional or letter.new_due_provisional
    more = "所涉年度放假安排尚未公布，标明暂定的日期以公布后重算的为准。" if provisional else ""
    return f"时限依据：机制版本 {letter.policy_version}；工作日历 {letter.calendar_version}。{more}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """``2026年11月27日 24时``; a day's last instant is its 24:00."""
    local = at.astimezone(zone)
    if local.time() == time.max:
        return f"{day(local.date())}24时"
    return f"{day(local.date())}{local:%H}时{local:%M}分"


def day(on: date) -> str:
    """``2026年11月27日``, without leading zeros as official letters write it (GB/T 9704, 7.3.5.4)."""
    return f"{on.year}年{on.month}月{on.day}日"
