from __future__ import annotations

import string
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from patrol.report import Words, figures
from patrol.report._texts import TEXTS
from patrol.visits import Cause, Outcome
from tests.unit.ledger_day.county_day import camera, every, local, made, revision


def test_both_languages_have_the_same_places_to_fill() -> None:
    for key, pair in TEXTS.items():
        names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in pair]
        assert names[0] == names[1], key


def test_every_outcome_and_cause_has_a_word() -> None:
    missing = [f"outcome.{o}" for o in Outcome if f"outcome.{o}" not in TEXTS]
    missing += [f"cause.{c}" for c in Cause if f"cause.{c}" not in TEXTS]
    assert missing == []


def test_a_share_is_never_rounded_up_to_all() -> None:
    words = Words("en", UTC)
    assert words.share(1.0) == "100 %"
    assert words.share(0.99999) == "99.99 %"
    assert words.share(0.0) == "0.00 %"
    assert words.share(None) == "—"


def test_times_are_those_of_the_county() -> None:
    words = Words("zh", ZoneInfo("Asia/Shanghai"))
    moment = datetime(2026, 11, 20, 16, 30, 5, tzinfo=UTC)
    assert words.stamp(moment) == "2026-11-21 00:30:05 (UTC+08:00)"
    assert words.at(moment) == "11-21 00:30"
    assert words.at(moment, of=moment) == "00:30:05"
    assert words.length(3 * 3600 + 58 * 60) == "3:58:00"


def test_the_figures_for_machines_are_those_of_the_report() -> None:
    from datetime import timedelta

    visits = every("a", timedelta(hours=2), local("23:00", days=-1), local("24:00"))
    value = figures(made([revision(1, local("08:00", days=-9), camera("a"))], visits))
    assert value["schema"] == "patrol.report/1"
    assert (value["day"], value["zone"], value["start"]) == ("2026-11-20", "Asia/Shanghai", "2026-11-19T16:00:00.000Z")
    assert value["overall"]["coverage"] == 1.0
    assert value["overall"]["worst_gap_s"] == 7200.0
    assert [group["key"] for group in value["categories"]] == ["roads"]
