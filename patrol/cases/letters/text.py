"""The letter's sentences, the same in every form it is written in."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from patrol.cases.letters.fields import LetterFields

NAMES = ("督办", "再次督办", "升级督办")
"""By step."""
DRAFT = "草稿"
PROVISIONAL = "（暂定）"
SLIP = "督办函回执"
SLIP_ROWS = ("办理情况", "逾期原因", "采取的措施", "办结时间或下一步安排")

SLIP_SIGNED = ("承办单位（印章）", "经办岗位", "联系电话", "日期")


def name_of(letter: LetterFields) -> str:
    """What kind of letter it is."""
    return NAMES[min(letter.step, len(NAMES) - 1)]


def title(letter: LetterFields) -> str:
    """The title."""
    return f"关于{name_of(letter)}“{letter.event_title}”逾期未{letter.breached_clock}的函"


def number(letter: LetterFields) -> str:
    """Its number; a draft has none yet."""
    return letter.doc_no or "（未编号）"


def opening(letter: LetterFields) -> str:
    """The first paragraph."""
    return (
        f"根据《{letter.basis}》，案件 {letter.case_no}“{letter.event_title}”的{letter.breached_clock}时限已经届满，至今未"
        f"{letter.breached_clock}，逾期 {letter.overdue_working_days} 个工作日，已亮红灯。现予{name_of(letter)}。"
    )


def asked(letter: LetterFields) -> str:
    """What is asked for, and by when."""
    where = "".join(
        f"，{word}{value}" for word, value in (("联系单位：", letter.contact), ("电话：", letter.phone)) if value
    )
    return f"{letter.requirement}请于{day(letter.new_due)}前完成，并将回执报送{letter.issuer}{where}。"


def facts(letter: LetterFields, zone: ZoneInfo) -> list[tuple[str, str]]:
    """What the case is, line by line."""
    star = PROVISIONAL if letter.provisional else ""
    return [
        ("案件编号", letter.case_no),
        ("事项名称", letter.event_title),
        ("事项类别", letter.event_class),
        ("发生时间", moment(letter.occurred_at, zone)),
        ("发生地点", f"{letter.place}（区划代码 {letter.division_code}）"),
        ("主送层级", letter.to_level),
        ("交办时间", moment(letter.assigned_at, zone) if letter.assigned_at else "未交办"),
        ("逾期时限", f"{letter.breached_clock}时限"),
        ("原定期限", moment(letter.original_due, zone) + star),
        *([("现定期限", moment(letter.due, zone) + star)] if letter.due != letter.original_due else []),
        ("逾期天数", f"{letter.overdue_working_days} 个工作日"),
    ]


def history(letter: LetterFields, zone: ZoneInfo) -> list[tuple[str, str, str]]:
    """What was done, line by line."""
    return [(moment(step.at, zone), step.who, step.what) for step in letter.history]


def reckoned_by(letter: LetterFields) -> str:
    """The small print: what the dates stand on."""
    more = "所涉年度放假安排尚未公布，日期为暂定。" if letter.provisional else ""
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
