"""What is said of a change: the right lines, the right entries, both languages, no password."""

from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from patrol.registry import parse
from patrol.registry.diff import Change, changes, counts, unified
from patrol.registry.edit import Operation, apply
from tests.unit.registry.county import TEXT


def found(*operations: Operation) -> tuple[Change, ...]:
    before, after = parse(TEXT, "x"), parse(apply(TEXT, operations).text, "x")
    return changes(before.registry, after.registry)


def test_changes_are_said_in_both_languages() -> None:
    said = found(
        Operation("set", ("categories", "roads", "period"), "30m"),
        Operation("remove", ("cameras", "river-1")),
        Operation("set", ("routes", 2, "to"), "security"),
        Operation("remove", ("routes", 2, "copy_to")),
    )
    assert [(c.what, c.zh, c.en) for c in said] == [
        ("changed", "类别 roads：周期 由 1h 改为 30m", "category roads: Period from 1h to 30m"),
        ("changed", "派警路由 3：至 由 fisheries 改为 security", "route 3: To from fisheries to security"),
        ("changed", '派警路由 3：抄送 由 ["security"] 改为 （无）', 'route 3: Copies from ["security"] to (none)'),
        ("removed", "删除摄像机 river-1", "camera river-1 removed"),
    ]
    assert counts(said) == {"added": 0, "removed": 1, "changed": 2}


def test_an_entry_that_came_or_moved_is_said_as_a_whole() -> None:
    new = {"id": "water", "name": {"zh": "水利", "en": "Water"}}
    said = found(Operation("add", ("departments",), new), Operation("move", ("categories", "rivers"), before="squares"))
    assert [(c.what, c.section, c.entry) for c in said] == [
        ("moved", "categories", "rivers"),
        ("added", "departments", "water"),
    ]
    assert said[1].after == new
    assert said[0].en == "category rivers moved from place 3 to 1"
    assert found() == ()


def test_no_password_is_shown() -> None:
    # An old revision, or a file of another program: a registry in force has none.
    old = TEXT.replace("rtsp://192.0.2.1/live", "rtsp://admin:secret-word@192.0.2.1/live")
    shown = unified(old, TEXT, ("a", "b"))
    assert "secret-word" not in shown
    assert "-    source: rtsp://***@192.0.2.1/live\n" in shown
    asked = TEXT.replace("rtsp://192.0.2.1/live", "rtsp://{credential}@192.0.2.1/live")
    assert "+    source: rtsp://{credential}@192.0.2.1/live\n" in unified(TEXT, asked, ("a", "b"))


@given(
    before=st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=40),
    after=st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=40),
)
def test_the_lines_are_those_of_a_diff_of_the_whole(before: list[str], after: list[str]) -> None:
    old, new = "".join(f"{line}\n" for line in before), "".join(f"{line}\n" for line in after)
    shown = unified(old, new, ("a", "b")).splitlines()
    # It may choose other lines than the library, never lines that do not lead from one to the other.
    assert _patched(before, shown) == after
    assert bool(shown) == (before != after)
    assert len(shown) <= 2 + 2 * len(list(difflib.unified_diff(before, after, n=3))) + 14


def _patched(lines: list[str], diff: list[str]) -> list[str]:
    made, here = [], 0
    for line in diff[2:]:
        if line.startswith("@@"):
            start, _, length = line.split(" ")[1][1:].partition(",")
            first = int(start) - (length != "0")
            made += lines[here:first]
            here = first
        elif line[0] == "+":
            made.append(line[1:])
        else:
            assert lines[here] == line[1:]
            here += 1
            if line[0] == " ":
                made.append(line[1:])
    return made + lines[here:]
