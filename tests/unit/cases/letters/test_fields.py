from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from patrol.cases.letters.fields import FieldError, LetterFields, check_complete, edited
from tests.support.letters import CALENDAR, any_letter, drafted

NOW = datetime(2026, 12, 2, 2, 0, tzinfo=UTC)
"""A Wednesday, ten o'clock in the county."""


@given(any_letter())
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_a_letter_comes_back_from_the_store_as_it_went_in(letter: LetterFields) -> None:
    assert LetterFields.from_json(json.loads(json.dumps(letter.to_json()))) == letter


def test_an_edit_changes_what_it_names_and_nothing_else() -> None:
    before = drafted()
    after = edited(
        before,
        {"requirement": "  一、立即疏导。\r\n\r\n 二、书面报告。 ", "new_due": "2026-12-04", "cc": [" 县委办 "]},
        CALENDAR,
        NOW,
    )
    assert after.requirement == "一、立即疏导。\n二、书面报告。"
    assert (after.new_due, after.new_due_provisional) == (date(2026, 12, 4), False)
    assert after.cc == ("县委办",)
    told = {"requirement", "new_due", "cc"}
    assert {k: v for k, v in after.to_json().items() if k not in told} == {
        k: v for k, v in before.to_json().items() if k not in told
    }


def test_a_day_in_a_year_that_is_not_announced_is_provisional() -> None:
    assert edited(drafted(), {"new_due": date(2027, 1, 5)}, CALENDAR, NOW).new_due_provisional


def test_the_day_itself_may_be_set_until_it_ends() -> None:
    late = datetime(2026, 12, 2, 15, 59, 59, tzinfo=UTC)
    assert edited(drafted(), {"new_due": "2026-12-02"}, CALENDAR, late).new_due == date(2026, 12, 2)
    with pytest.raises(FieldError, match="has passed"):
        edited(drafted(), {"new_due": "2026-12-02"}, CALENDAR, datetime(2026, 12, 2, 16, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("requirement", " \n\u3000", "is empty"),
        ("consequences", "", "is empty"),
        ("requirement", "办" * 4001, "longer than 4000"),
        ("contact", "办" * 201, "longer than 200"),
        ("phone", 7302220000, "is a text"),
        ("signer", None, "is a text"),
        ("requirement", "请\x07办理", r"U\+0007"),
        ("requirement", "请\ud800办理", r"U\+D800"),
        ("cc", "县委办", "list of texts"),
        ("cc", ["县委办", " "], "list of texts"),
        ("cc", ["县委办"] * 21, "at most 20"),
        ("cc", ["办" * 201], "longer than 200"),
        ("new_due", "明天", "is no day like"),
        ("new_due", None, "is no day like"),
        ("new_due", datetime(2026, 12, 4, tzinfo=UTC), "is no day like"),
        ("new_due", "2026-12-01", "has passed"),
        ("new_due", "2026-12-05", "is no working day; the next one is 2026-12-07"),
        ("new_due", "9999-12-31", "more than a year away"),
        ("doc_no", "湘阴治督[2026]001号", "cannot be changed"),
        ("overdue_working_days", 1, "cannot be changed"),
    ],
)
def test_nonsense_is_refused_by_the_name_of_its_field(field: str, value: Any, why: str) -> None:
    with pytest.raises(FieldError, match=why) as told:
        edited(drafted(), {field: value}, CALENDAR, NOW)
    assert told.value.field == field
    assert str(told.value).startswith(f"`{field}` ")


@pytest.mark.parametrize("field", ["requirement", "consequences", "issuer", "to_unit", "basis"])
def test_a_letter_that_does_not_say_what_it_must_is_not_complete(field: str) -> None:
    said = {**drafted().to_json(), field: " "}
    with pytest.raises(FieldError, match=f"`{field}` is empty"):
        check_complete(LetterFields.from_json(said), CALENDAR, NOW)


def test_a_draft_that_lay_beyond_the_day_it_sets_is_not_complete() -> None:
    letter = drafted(now=NOW)
    check_complete(letter, CALENDAR, NOW)
    with pytest.raises(FieldError, match=r"`new_due`.*has passed"):
        check_complete(letter, CALENDAR, datetime(2026, 12, 20, tzinfo=UTC))
