"""Drafts a supervision letter: to whom it goes at each step, and what it says by clock and step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from patrol.cases.letters.fields import Attached, LetterFields, Step
from patrol.cases.types import Clock, ClockName, Level, level_of, parent_of
from patrol.cases.worktime import WorkCalendar
from patrol.registry import LetterHead

CLOCKS = {ClockName.ASSIGN: "交办", ClockName.FEEDBACK: "反馈", ClockName.RESOLVE: "办结"}
KINDS = {"congestion": "道路拥堵", "fireworks": "燃放烟花爆竹", "fishing": "禁捕水域垂钓捕捞", "other": "其他"}
LEVELS = {
    Level.COUNTY: "县级",
    Level.TOWNSHIP: "乡镇（街道）级",
    Level.VILLAGE: "村（社区）网格级",
    Level.REPRESENTATIVE: "村（居）民代表级",
}
MOVES = {
    "open": "受理登记",
    "note": "备注",
    "attach": "补充附件",
    "assign": "交办",
    "accept": "接收办理",
    "feedback": "反馈办理情况",
    "report": "上报办结",
    "close": "核查销号",
    "evaluate": "评价",
    "return": "回退",
    "transfer": "转办",
    "co_handle": "联办",
    "hand_down": "下派",
    "report_up": "上报",
    "suspend": "挂账",
    "resume": "恢复办理",
    "extend": "延期",
    "consult": "会商",
    "regrade": "调整等级",
    "urge": "催办",
    "merge": "合并",
    "withdraw": "撤销",
    "recompute": "重算时限",
    "letter": "督办",
}
_CENTRE = "县社会治理指挥中心值班长"
_LEADER = "分管县领导"
_ASKED = {
    ClockName.ASSIGN: "立即研究部署，明确承办单位和责任岗位，完成任务交办，并书面说明逾期原因。",
    ClockName.FEEDBACK: "立即反馈办理情况，写明已采取的措施、存在的困难和下一步安排，并书面说明逾期原因。",
    ClockName.RESOLVE: "立即组织力量办理，限期办结并上报办理结果及佐证材料；确实无法按期办结的，按规定报请会商，提出有明确时限的解决方案，"
    "并书面说明逾期原因。",
}
_FOLLOWS = (
    "仍未按要求办理的，将再次督办并抄送上一级，在全县范围内通报，按考核办法计入考核。",
    "本函为再次督办。仍未按要求办理的，将升级督办，在全县范围内通报，按考核办法扣分。",
    "本函为升级督办，列入全县通报，按考核办法扣分。仍未按要求办理的，提请县督查部门督查。",
)


@dataclass(frozen=True, slots=True)
class Matter:
    """What a letter is drafted from.

    Attributes:
        number, title, kind, address, division, division_name, occurred_at: of the case.
        unit: who has it; None: nobody.
        assigned_at: when it was last assigned.
        policy_version, calendar_version, basis: what it is reckoned by.
        history: what was done, in words.
        attachments: evidence.
    """

    number: str
    title: str
    kind: str
    address: str
    division: str
    division_name: str
    occurred_at: datetime
    unit: str | None
    assigned_at: datetime | None
    policy_version: str
    calendar_version: str
    basis: str
    history: tuple[Step, ...] = ()
    attachments: tuple[Attached, ...] = ()


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who gets a letter: unit (department id, division code, or the county's code for the posts above), name, level."""

    unit: str
    name: str
    level: Level


def addressee(unit: str | None, county: str, step: int, names: Mapping[str, str]) -> Addressee:
    """Who gets the step-th letter: first who has the case, then one level up each time, at last the county's leadership.

    Args:
        unit: who has the case; None: nobody, which is the command centre's own omission.
        county: the county's six digits.
        step: from 0.
        names: of units, by id.
    """
    here = unit
    for _ in range(step):
        here = parent_of(here) if here is not None and here.isdecimal() else None
        if here is None or here == county:
            # The centre is who writes; above it stands who is in charge of it.
            return Addressee(county, _LEADER, Level.COUNTY)
    if here is None or here == county:
        return Addressee(county, _CENTRE, Level.COUNTY)
    return Addressee(here, full_name(here, county, names), level_of(here, county))


def full_name(unit: str, county: str, names: Mapping[str, str]) -> str:
    """What a unit is called by somebody who does not stand in it: a division with those above it, below the county.

    Args:
        unit: department id or division code.
        county: six digits.
        names: of units, by id.
    """
    if not unit.isdecimal() or unit == county:
        return names.get(unit, unit)
    chain = [unit[:length] for length in range(len(county) + 3, len(unit) + 1, 3)]
    return "".join(names.get(code, "") for code in chain) or unit


def copied(unit: str | None, county: str, step: int, names: Mapping[str, str]) -> tuple[str, ...]:
    """Who gets a copy of the step-th letter: whoever had an earlier one, and from the second letter on who stands above.

    Args:
        unit, county, step, names: as of :func:`addressee`.
    """
    to = addressee(unit, county, step, names)
    others = (*range(step), step + 1) if step else ()
    found = (addressee(unit, county, other, names).name for other in others)
    return tuple(dict.fromkeys(name for name in found if name != to.name))


def draft(
    matter: Matter,
    clock: Clock,
    step: int,
    head: LetterHead,
    names: Mapping[str, str],
    county: str,
    cal: WorkCalendar,
    now: datetime,
) -> LetterFields:
    """The letter as the clock gives it; a person reads it before it goes out.

    Args:
        matter: the case.
        clock: the breached one.
        step: from 0.
        head: of the county's letters.
        names: of units, by id.
        county: six digits.
        cal: of the case.
        now: UTC.
    """
    due_day, today = cal.local_day(clock.due), cal.local_day(now)
    to, first = (addressee(matter.unit, county, each, names) for each in (step, 0))
    asked, new_due = _ASKED[clock.name], _new_due(cal, clock.name, today)
    return LetterFields(
        issuer=head.issuer,
        to_unit=to.name,
        to_level=LEVELS[to.level],
        holder=first.name,
        cc=tuple(dict.fromkeys((*copied(matter.unit, county, step, names), *head.cc))),
        case_no=matter.number,
        event_title=matter.title,
        event_class=KINDS.get(matter.kind, KINDS["other"]),
        place=f"{matter.division_name}{matter.address}",
        division_code=matter.division,
        occurred_at=matter.occurred_at,
        assigned_at=matter.assigned_at,
        original_due=clock.original_due,
        due=clock.due,
        # The first working day after the due day is the first one overdue, also while it is still a day off.
        overdue_working_days=max(1, cal.workdays_between(due_day, today)),
        reckoned_on=today,
        breached_clock=CLOCKS[clock.name],
        step=step,
        history=matter.history,
        requirement=f"请{asked}" if to == first else f"请督促{first.name}{asked}",
        new_due=new_due,
        new_due_provisional=not cal.is_announced(new_due),
        basis=matter.basis,
        consequences=_FOLLOWS[min(step, len(_FOLLOWS) - 1)],
        signer=head.signer,
        contact=head.contact,
        phone=head.phone,
        attachments=matter.attachments,
        provisional=clock.provisional,
        policy_version=matter.policy_version,
        calendar_version=matter.calendar_version,
    )


def _new_due(cal: WorkCalendar, clock: ClockName, today: date) -> date:
    """A day for what should have been done, three for a result."""
    return cal.nth_workday_after(today, 3 if clock is ClockName.RESOLVE else 1)
