"""The order in which people see what was found."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrol.incidents import IncidentError
from patrol.incidents.changes import KINDS
from patrol.incidents.queue import Item, backlog, in_order
from patrol.incidents.reasons import REASONS, check_reason

T0 = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

items = st.builds(
    Item,
    id=st.uuids().map(str),
    kind=st.sampled_from(sorted(KINDS)),
    verdict=st.sampled_from(("flagged", "candidate")),
    severity=st.sampled_from(("major", "general")),
    at_once=st.booleans(),
    since=st.integers(0, 600).map(lambda m: T0 + timedelta(minutes=m)),
)


def item(number: str, **what: object) -> Item:
    return Item(**{"id": number, "kind": "fishing", "verdict": "flagged", "severity": "general", "at_once": False, "since": T0, **what})  # type: ignore[arg-type]  # fmt: skip


def test_flagged_comes_before_candidate_then_severity_then_told_at_once_then_age() -> None:
    later = T0 + timedelta(hours=1)
    queue = in_order(
        [
            item("old candidate", verdict="candidate", severity="major", at_once=True),
            item("young", since=later),
            item("old"),
            item("told", at_once=True, since=later),
            item("major", severity="major", since=later),
        ]
    )
    assert [i.id for i in queue] == ["major", "told", "old", "young", "old candidate"]


@given(st.lists(items, max_size=30))
def test_no_candidate_stands_before_a_flag_and_nothing_is_lost(given_items: list[Item]) -> None:
    queue = in_order(given_items)
    assert sorted(i.id for i in queue) == sorted(i.id for i in given_items)
    verdicts = [i.verdict for i in queue]
    assert verdicts == sorted(verdicts, reverse=True)
    for one, next_one in itertools.pairwise(queue):
        same = (one.verdict, one.severity, one.at_once) == (next_one.verdict, next_one.severity, next_one.at_once)
        assert not same or one.since <= next_one.since


def test_the_backlog_is_as_old_as_its_oldest_item() -> None:
    found = backlog([("fishing", 2, T0 + timedelta(minutes=9)), ("congestion", 3, T0)])
    assert (found.waiting, found.oldest) == (5, T0)
    assert [kind for kind, _, _ in found.kinds] == ["congestion", "fishing"]
    assert backlog([]).oldest is None


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_has_at_most_nine_reasons_for_the_digits_and_can_be_something_else(kind: str) -> None:
    fitting = [r.code for r in REASONS if kind in r.kinds and "false_alarm" in r.verdicts]
    assert 3 <= len(fitting) <= 9
    assert fitting[-1] == "other"


@pytest.mark.parametrize(
    ("kind", "verdict", "code", "text", "why"),
    [
        ("fishing", "false_alarm", "moonlight", None, "no reason 'moonlight'"),
        ("fishing", "false_alarm", "red_light_queue", None, "cannot be given for 'false_alarm' of fishing"),
        ("congestion", "confirmed", "parked_row", None, "cannot be given for 'confirmed'"),
        ("congestion", "false_alarm", "other", " ", "needs a sentence"),
    ],
)
def test_a_reason_that_does_not_fit_is_refused_by_name(
    kind: str, verdict: str, code: str, text: str | None, why: str
) -> None:
    with pytest.raises(IncidentError, match=why):
        check_reason(kind, verdict, code, text)
