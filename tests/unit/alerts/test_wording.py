"""What people read: Chinese first, then English, what is asked and by when, nobody named, and nothing dropped for its length."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from patrol.alerts.matters import Named
from patrol.alerts.wording import Text, text_of
from patrol.registry import Name
from tests.support.incidents import T0

JAM = Named(
    item=1,
    incident="i",
    alert="a",
    department=Name(zh="交警", en="Traffic police"),
    kind="congestion",
    place="大桥路",
    occurred_at=T0,
    reviewed=True,
    why="new",
    asks="accept",
    step=None,
    answer=None,
    by=T0 + timedelta(minutes=9),
    standing="open",
)
LINK = "https://patrol.example/a/" + "x" * 39


def text(*matters: Named, most: int = 10, max_bytes: int = 32768) -> Text:
    return text_of(
        matters,
        link=LINK,
        reference="1a2b3c4d",
        zone=ZoneInfo("Asia/Shanghai"),
        now=T0 + timedelta(minutes=4),
        most=most,
        max_bytes=max_bytes,
    )


def test_one_matter_says_kind_place_time_what_is_asked_and_by_when_in_both_languages() -> None:
    said = text(JAM)
    assert said.title == "【视频巡查】1件：道路拥堵1"
    assert said.body == "\n".join(
        [
            "【新事件】道路拥堵，大桥路，03-01 16:00。请于03-01 16:09前受理。",
            f"查看并答复：{LINK}",
            "[New] congestion at 大桥路, 03-01 16:00. Please accept it by 03-01 16:09.",
            "See it and answer: the link above.",
            "编号 No. 1a2b3c4d",
        ]
    )


@pytest.mark.parametrize(
    ("matter", "zh", "en"),
    [
        (replace(JAM, reviewed=False), "道路拥堵（未经人工确认）", "congestion (not confirmed by a person)"),
        (replace(JAM, asks="receive"), "抄送，请知悉。", "A copy, for you to know."),
        (replace(JAM, by=T0), "请立即受理。", "Please accept it now."),
        (replace(JAM, why="repeat"), "【再次提醒】", "[Again]"),
        (replace(JAM, standing="accepted"), "现状：已受理。", "By now: accepted."),
        (replace(JAM, standing="over"), "现状：已结束。", "By now: over."),
        (
            replace(JAM, why="escalation", asks="call", step="accepted"),
            "【催办】交警逾期未受理，道路拥堵，大桥路，03-01 16:00。请督促办理。",
            "[Overdue] Traffic police has not accepted it in time: congestion at 大桥路, 03-01 16:00. Please see to it",
        ),
        (
            replace(JAM, why="escalation", step="on_scene", standing="accepted"),
            "请尽快到场。",
            "Please get there.",
        ),
    ],
)
def test_a_matter_is_told_as_it_stands(matter: Named, zh: str, en: str) -> None:
    assert zh in text(matter).body
    assert en in text(matter).body


def test_more_than_most_are_counted_by_kind_and_the_first_are_told() -> None:
    fires = [replace(JAM, kind="fireworks", place=f"广场{n}") for n in range(5)]
    said = text(*[replace(JAM, place=f"路{n}") for n in range(20)], *fires, most=10)
    assert said.body.startswith("【视频巡查】25件：道路拥堵20、燃放烟花爆竹5\n1. 【新事件】道路拥堵，路0")
    assert "25 in all: 20 congestion, 5 fireworks\n1. [New] congestion at 路0" in said.body
    assert ("路9" in said.body, "路10" in said.body) == (True, False)
    assert f"另有15件。全部查看并答复：{LINK}" in said.body
    assert "15 more. All of them: the link above." in said.body
    assert (said.told, said.digest) == (10, True)


@pytest.mark.parametrize("max_bytes", [1500, 1000, 500, 300, 160])
def test_a_short_channel_gets_fewer_lines_and_always_all_counts_and_the_whole_link(max_bytes: int) -> None:
    said = text(*[replace(JAM, place=f"路{n}") for n in range(8)], replace(JAM, kind="fishing"), max_bytes=max_bytes)
    assert len(said.body.encode()) <= max_bytes
    assert "9件：道路拥堵8、禁捕水域垂钓捕捞1" in said.body
    assert LINK in said.body
    assert said.digest
    assert said.told == {1500: 7, 1000: 4, 500: 1, 300: 0, 160: 0}[max_bytes]
