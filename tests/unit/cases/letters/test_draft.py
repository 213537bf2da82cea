from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.cases.clocks import letter_due
from patrol.cases.letters import text
from patrol.cases.letters.draft import KINDS, MOVES, addressee, copied
from patrol.cases.letters.font import missing_glyphs
from patrol.cases.moves import Move
from patrol.cases.types import ClockName, Level
from tests.support.cases import HOUSES, TOWN, VILLAGE
from tests.support.letters import CALENDAR, COUNTY, NAMES, REGISTRY, ZONE, clock_of, drafted

LEADER = (COUNTY, "分管县领导", Level.COUNTY)
LEAD = (COUNTY, "县社会治理指挥中心值班长", Level.COUNTY)
IN_TOWN = (TOWN, "文星街道", Level.TOWNSHIP)
IN_VILLAGE = (VILLAGE, "文星街道第一社区", Level.VILLAGE)


@pytest.mark.parametrize(
    ("unit", "ladder"),
    [
        (HOUSES, [(HOUSES, "文星街道第一社区第三组代表", Level.REPRESENTATIVE), IN_VILLAGE, IN_TOWN, LEADER]),
        (VILLAGE, [IN_VILLAGE, IN_TOWN, LEADER, LEADER]),
        (TOWN, [IN_TOWN, LEADER, LEADER]),
        ("police", [("police", "县公安局", Level.COUNTY), LEADER, LEADER]),
        (COUNTY, [LEAD, LEADER, LEADER]),
        (None, [LEAD, LEADER, LEADER]),
        ("430624777", [("430624777", "430624777", Level.TOWNSHIP), LEADER]),
    ],
)
def test_each_letter_goes_one_level_up(unit: str | None, ladder: list[tuple[str, str, Level]]) -> None:
    found = [addressee(unit, COUNTY, step, NAMES) for step in range(len(ladder))]
    assert [(to.unit, to.name, to.level) for to in found] == ladder


def test_copies_go_to_who_had_a_letter_before_and_to_who_stands_above() -> None:
    names = [copied(HOUSES, COUNTY, step, NAMES) for step in range(4)]
    houses, village, town = "文星街道第一社区第三组代表", "文星街道第一社区", "文星街道"
    assert names == [(), (houses, town), (houses, village, "分管县领导"), (houses, village, town)]
    assert copied("police", COUNTY, 2, NAMES) == ("县公安局",)


@pytest.mark.parametrize(
    ("clock", "word", "asked"),
    [
        (ClockName.ASSIGN, "交办", "完成任务交办"),
        (ClockName.FEEDBACK, "反馈", "立即反馈办理情况"),
        (ClockName.RESOLVE, "办结", "限期办结并上报办理结果"),
    ],
)
@pytest.mark.parametrize(("step", "kind"), [(0, "督办函"), (1, "再次督办函"), (2, "升级督办函")])
def test_what_a_letter_says_by_clock_and_step(clock: ClockName, word: str, asked: str, step: int, kind: str) -> None:
    unit = None if clock is ClockName.ASSIGN else "traffic_police"
    due = letter_due(CALENDAR, REGISTRY.cases.policy, clock_of(clock), step)
    assert due is not None
    letter = drafted(clock_of(clock), step, unit, due)
    assert text.title(letter) == f"关于“旭东路与东湖路交叉口早高峰持续拥堵”逾期未{word}的{kind}"
    assert letter.breached_clock == word
    assert asked in letter.requirement
    assert letter.requirement.startswith("请立即" if step == 0 else f"请督促{letter.holder}立即")
    assert letter.holder == ("县社会治理指挥中心值班长" if unit is None else "县公安局交警大队")
    assert (letter.to_unit == letter.holder) == (step == 0)
    assert ("此前已予督办" in text.opening(letter, ZONE)) == (step > 0)
    assert "通报" in letter.consequences
    assert "考核" in letter.consequences
    assert letter.cc[-2:] == ("县委政法委", "县政府督查室")
    # It is due as a working day has ended: the one that begins then counts, a day off does not.
    assert letter.overdue_working_days in {0: {1}, 1: {3, 4}, 2: {7, 8}}[step]
    assert missing_glyphs("".join((text.title(letter), text.opening(letter, ZONE), letter.consequences))) == ""


def test_the_days_overdue_are_those_worked_since() -> None:
    clock = clock_of(ClockName.RESOLVE)
    assert CALENDAR.local_day(clock.due) == date(2026, 12, 1)
    days = {
        datetime(2026, 12, 1, 16, 0, tzinfo=UTC): 1,
        datetime(2026, 12, 4, 2, 0, tzinfo=UTC): 3,
        datetime(2026, 12, 6, 2, 0, tzinfo=UTC): 3,
        datetime(2026, 12, 7, 2, 0, tzinfo=UTC): 4,
    }
    assert {now: drafted(clock, now=now).overdue_working_days for now in days} == days
    on_friday = clock_of(ClockName.FEEDBACK, datetime(2026, 11, 24, 2, 0, tzinfo=UTC))
    assert CALENDAR.local_day(on_friday.due) == date(2026, 11, 27)
    assert drafted(on_friday, now=datetime(2026, 11, 28, 2, 0, tzinfo=UTC)).overdue_working_days == 1


@given(st.sampled_from(list(ClockName)), st.integers(0, 400), st.integers(0, 3))
def test_the_new_day_is_a_working_day_that_has_not_come(clock: ClockName, hours: int, step: int) -> None:
    due = clock_of(clock)
    now = due.due + timedelta(hours=1 + hours)
    letter = drafted(due, step, now=now)
    assert CALENDAR.is_workday(letter.new_due)
    assert letter.new_due > CALENDAR.local_day(now)
    assert letter.new_due_provisional == (letter.new_due.year > 2026)
    assert letter.overdue_working_days >= 1


def test_provisional_dates_are_marked_as_such_and_others_are_not() -> None:
    clock = clock_of(ClockName.RESOLVE)
    letter = drafted(replace(clock, provisional=True, due=CALENDAR.end_of(date(2026, 12, 31))))
    facts = dict(text.facts(letter, ZONE))
    assert facts["原定期限"].endswith("（暂定）")
    assert facts["现定期限"] == "2026年12月31日24时（暂定）"
    assert facts["新定期限"] == "2027年1月6日（暂定）"
    assert "尚未公布" in text.reckoned_by(letter)
    sure = drafted(clock)
    said = "".join(value for _, value in text.facts(sure, ZONE)) + text.opening(sure, ZONE) + text.reckoned_by(sure)
    assert "暂定" not in said


def test_every_move_and_kind_has_a_word_and_every_word_a_glyph() -> None:
    assert set(MOVES) == {move.value for move in Move}
    phrases = [value for value in vars(text).values() if isinstance(value, str)]
    phrases += [each for value in vars(text).values() if isinstance(value, tuple) for each in value]
    assert missing_glyphs("".join((*phrases, *MOVES.values(), *KINDS.values()))) == ""


def test_an_instant_at_the_end_of_a_day_is_its_24_o_clock() -> None:
    assert text.moment(CALENDAR.end_of(date(2026, 12, 1)), ZONE) == "2026年12月1日24时"
    assert text.moment(datetime(2026, 12, 1, 9, 30, tzinfo=UTC), ZONE) == "2026年12月1日17时30分"
