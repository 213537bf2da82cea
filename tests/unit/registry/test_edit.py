"""Edits of the registry's text: what is asked for is done, and every other character stays."""

from __future__ import annotations

import difflib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.registry import county
from patrol.registry import parse
from patrol.registry._source import read
from patrol.registry.diff import as_json
from patrol.registry.edit import EditError, Operation, apply
from tests.unit.registry.county import TEXT, changed

SHIPPED = (Path(__file__).parents[3] / "camera_registry.yaml").read_text("utf-8")
CAMERAS = [camera.id for camera in parse(SHIPPED, "x").registry.cameras]
LARGE = county(10_000)
LARGE_SOURCE = read(LARGE, "large")


def op(word: str, *path: str | int, **more: Any) -> Operation:
    return Operation(word, path, **more)  # type: ignore[arg-type]


def touched_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines that went and lines that came."""
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0))[2:]
    return [x[1:] for x in lines if x[0] == "-"], [x[1:] for x in lines if x[0] == "+"]


def test_a_field_is_set_in_its_line_and_its_comment_stays() -> None:
    text = changed(("    dwell: 30s\n", "    dwell: 30s # as the county asked\n"))
    edited = apply(text, [op("set", "categories", "squares", "dwell", value="45s")])
    assert touched_lines(text, edited.text) == (
        ["    dwell: 30s # as the county asked"],
        ["    dwell: 45s # as the county asked"],
    )
    assert edited.touched == {("categories", "squares")}


def test_quotes_stay_as_whoever_wrote_them_wanted() -> None:
    text = changed(("code: 430624", 'code: "430624"'), ("name: Gate 12", "name: 'Gate 12'"))
    edited = apply(
        text, [op("set", "county", "code", value="430625"), op("set", "cameras", "gate-12", "name", value="It's")]
    )
    assert 'code: "430625"' in edited.text
    assert "name: 'It''s'" in edited.text


def test_a_number_that_says_the_same_keeps_its_spelling() -> None:
    polygon = [[0, 0.0], [1.0, 0], [1, 0.4], [0, 0.40]]
    edited = apply(TEXT, [op("set", "cameras", "gate-12", "zones", "sky", "polygon", value=polygon)])
    assert edited.text == TEXT
    longer = apply(
        TEXT,
        [op("set", "cameras", "gate-12", "zones", "sky", "polygon", value=[*polygon[:2], [1, 0.25], *polygon[2:]])],
    )
    assert "polygon: [[0, 0], [1, 0], [1, 0.25], [1, 0.4], [0, 0.4]]" in longer.text


def test_an_entry_given_back_as_it_was_read_changes_nothing() -> None:
    registry = parse(SHIPPED, "x").registry
    operations = [op("set", "cameras", camera.id, value=as_json(camera)) for camera in registry.cameras]
    operations += [op("set", "categories", each.key, value=as_json(each)) for each in registry.categories]
    operations += [op("set", "rules", each.id, value=as_json(each)) for each in registry.rules]
    operations += [
        op("set", name, value=as_json(getattr(registry, name))) for name in ("dispatch", "cases", "calendar")
    ]
    assert apply(SHIPPED, operations).text == SHIPPED


def test_a_new_camera_is_written_in_the_manner_of_the_file() -> None:
    entry = {
        "id": "gate-13",
        "name": "东: 门",
        "platform": "police",
        "source": "rtsp://192.0.2.9/live",
        "categories": ["roads"],
        "place": {"division_code": "430624001", "address": "Square, east"},
        "zones": [{"name": "road", "kind": "road", "polygon": [[0, 0.5], [1, 0.5], [1, 1]]}],
        "reference": None,
    }
    edited = apply(TEXT, [op("add", "cameras", value=entry, before="river-1")])
    went, came = touched_lines(TEXT, edited.text)
    assert not went
    assert came == [
        "  - id: gate-13",
        '    name: "东: 门"',
        "    platform: police",
        "    source: rtsp://192.0.2.9/live",
        "    categories: [roads]",
        '    place: {division_code: "430624001", address: "Square, east"}',
        "    zones:",
        "      - {name: road, kind: road, polygon: [[0, 0.5], [1, 0.5], [1, 1]]}",
    ]
    assert [c.id for c in parse(edited.text, "x").registry.cameras] == ["gate-12", "gate-13", "river-1"]


def test_a_removal_leaves_the_comments_around_it() -> None:
    text = changed(("  - id: river-1\n", "  # At the old ferry.\n  - id: river-1\n"))
    edited = apply(text, [op("remove", "cameras", "river-1")])
    assert "  # At the old ferry.\n" in edited.text
    assert [c.id for c in parse(edited.text, "x").registry.cameras] == ["gate-12"]


def test_the_last_entry_leaves_an_empty_list_that_can_be_filled_again() -> None:
    one = apply(TEXT, [op("remove", "cameras", "river-1")]).text
    none = apply(one, [op("remove", "cameras", "gate-12")]).text
    assert none.endswith("cameras: []\n")
    entry = as_json(parse(TEXT, "x").registry.cameras[1])
    assert apply(none, [op("add", "cameras", value=entry)]).text.endswith(
        "cameras:\n  - id: river-1\n    name: River\n    platform: files\n    source: clips/river.mp4\n"
        "    categories: [rivers]\n    place: {address: Bank 1}\n"
    )


def test_what_is_used_is_not_removed_and_its_users_are_named() -> None:
    with pytest.raises(EditError, match=r"categories\.rivers is still used by camera river-1, rule angling"):
        apply(TEXT, [op("remove", "categories", "rivers")])
    with pytest.raises(EditError, match=r"departments\.security is still used by route 1, route 2, route 3"):
        apply(TEXT, [op("remove", "departments", "security")])
    moved = [op("set", "cameras", "river-1", "categories", value=["roads"]), op("remove", "rules", "angling")]
    assert "rivers" not in apply(TEXT, [op("remove", "categories", "rivers"), *moved]).text


def test_whatever_names_an_entry_follows_its_new_id() -> None:
    edited = apply(TEXT, [op("rename", "departments", "security", to="police_bureau")])
    went, came = touched_lines(TEXT, edited.text)
    assert [line.replace("security", "police_bureau") for line in went] == came
    assert len(came) == 4
    assert apply(edited.text, [op("rename", "departments", "police_bureau", to="security")]).text == TEXT


def test_an_id_is_changed_by_rename_alone() -> None:
    with pytest.raises(EditError, match="use rename"):
        apply(TEXT, [op("set", "categories", "roads", "key", value="streets")])
    with pytest.raises(EditError, match="use rename"):
        apply(
            TEXT, [op("set", "cameras", "river-1", value={**as_json(parse(TEXT, "x").registry.cameras[1]), "id": "r"})]
        )
    with pytest.raises(EditError, match=r"categories\.roads is already there"):
        apply(TEXT, [op("rename", "categories", "rivers", to="roads")])


def test_routes_are_put_in_another_order_and_take_their_comments_along() -> None:
    text = changed(("  - {kind: congestion", "  # Jams.\n  - {kind: congestion"))
    edited = apply(text, [op("move", "routes", 1, before=0)])
    assert [route.kind for route in parse(edited.text, "x").registry.routes] == ["congestion", "fireworks", "fishing"]
    assert "routes:\n  # Jams.\n  - {kind: congestion" in edited.text
    assert apply(edited.text, [op("move", "routes", 0, before=2)]).text == text


def test_a_shared_value_is_changed_for_all_who_share_it_or_not_at_all() -> None:
    windows = [{"name": "早", "from": "06:00", "to": "07:00", "period": "15m"}]
    mine = op("set", "categories", "urban_schools", "risk_windows", value=windows)
    with pytest.raises(EditError, match=r"also change categories\.county_schools.*anchor"):
        apply(SHIPPED, [mine])
    both = apply(SHIPPED, [mine, op("set", "categories", "county_schools", "risk_windows", value=windows)])
    assert "risk_windows: &school_run\n      - {name: 早, from: 06:00, to: 07:00, period: 15m}\n" in both.text
    assert "risk_windows: *school_run" in both.text
    own = apply(SHIPPED, [op("set", "categories", "county_schools", "risk_windows", value=windows)])
    assert "*school_run" not in own.text


def test_passwords_and_masked_addresses_never_come_in() -> None:
    for source, why in (
        ("rtsp://admin:secret-word@192.0.2.1/live", "clear text"),
        ("rtsp://***@192.0.2.1/live", "shown masked"),
        ("http://192.0.2.1/live?token=***", "shown masked"),
    ):
        with pytest.raises(EditError, match=why) as refused:
            apply(TEXT, [op("set", "cameras", "gate-12", "source", value=source)])
        assert "secret-word" not in str(refused.value)


def test_what_is_not_there_is_named_with_its_operation() -> None:
    with pytest.raises(EditError, match=r"there is no cameras\.gate-99") as refused:
        apply(TEXT, [op("set", "county", "topic", value="x"), op("remove", "cameras", "gate-99")])
    assert refused.value.operation == 1
    for wrong in (
        op("set", "cameras", "gate-99", "name", value="x"),
        op("add", "county", value="x"),
        op("add", "cameras", value={"id": "river-1"}),
        op("set", "county", "name", "zh", value="\x07"),
        op("set", "county", "name", value=float("nan")),
        op("set", 3, value=1),
        op("move", "routes", 9),
        op("add", "cameras", value={"id": "new"}, before="gate-99"),
        op("rename", "county", to="x"),
    ):
        with pytest.raises(EditError):
            apply(TEXT, [wrong])


def test_line_endings_and_the_mark_of_windows_editors_stay() -> None:
    text = "\ufeff" + TEXT.replace("\n", "\r\n")
    edited = apply(text, [op("set", "cameras", "river-1", "period", value="1h"), op("remove", "rules", "ban")])
    assert edited.text.startswith("\ufeff")
    assert edited.text.count("\n") == edited.text.count("\r\n")
    assert apply(TEXT, [op("set", "cameras", "river-1", "period", value="1h"), op("remove", "rules", "ban")]).text == (
        edited.text.removeprefix("\ufeff").replace("\r\n", "\n")
    )


# --- for all of them --------------------------------------------------------------------------------------------------

_words = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1, max_size=20)


def _leaves(value: Any, path: tuple[str | int, ...]) -> list[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, dict):
        return [leaf for key, part in value.items() for leaf in _leaves(part, (*path, key))]
    if isinstance(value, list):
        return [leaf for i, part in enumerate(value) for leaf in _leaves(part, (*path, i))]
    return [(path, value)] if isinstance(value, str) else []


_SHIPPED_LEAVES = [
    (path, value)
    for path, value in _leaves(read(SHIPPED, "x").data, ())
    if path[-1] not in {"id", "key", "code", "name"} and "risk_windows" not in path[:3]
]


def _typed(path: tuple[str | int, ...], text: str) -> Any:
    """As the API would send it: numbers as numbers, codes as text."""
    if path[-1] == "division_code" or not re.fullmatch(r"-?[0-9.]+|true|false", text):
        return text
    return json.loads(text)


@given(leaf=st.sampled_from(_SHIPPED_LEAVES), value=_words)
@settings(max_examples=100)
def test_any_value_is_set_and_set_back_to_the_byte(leaf: tuple[tuple[str | int, ...], str], value: str) -> None:
    path, old = leaf[0], _typed(*leaf)
    edited = apply(SHIPPED, [Operation("set", path, value)])
    there: Any = edited.source.data
    for step in path:
        there = there[step]
    assert there == value or float(there) == float(value)
    went, came = touched_lines(SHIPPED, edited.text)
    assert len(went) == len(came) <= 1
    assert apply(edited.text, [Operation("set", path, old)]).text == SHIPPED


@st.composite
def _camera(draw: st.DrawFn) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "id": draw(st.from_regex(r"[a-z]{3}-[0-9]{1,6}", fullmatch=True)),
        "name": draw(_words),
        "platform": "police",
        "source": "rtsp://192.0.2.1/live",
        "categories": draw(st.lists(st.sampled_from(["banks", "hospitals", "reservoirs"]), min_size=1, unique=True)),
        "place": {"address": draw(_words), "lon": draw(st.floats(110, 115)), "lat": draw(st.floats(25, 30))},
    }
    if draw(st.booleans()):
        point = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(list)
        zone = st.fixed_dictionaries({"kind": st.just("road"), "polygon": st.lists(point, min_size=3, max_size=5)})
        zones = draw(st.lists(zone, max_size=3))
        entry["zones"] = [{"name": f"zone_{i}", **each} for i, each in enumerate(zones)]
    if draw(st.booleans()):
        entry["enabled"] = draw(st.booleans())
    return entry


@given(entry=_camera(), before=st.sampled_from([None, *CAMERAS]))
@settings(max_examples=80)
def test_any_camera_comes_and_goes_and_the_file_is_as_before(entry: dict[str, Any], before: str | None) -> None:
    edited = apply(SHIPPED, [Operation("add", ("cameras",), entry, before=before)])
    went, _ = touched_lines(SHIPPED, edited.text)
    assert not went
    assert apply(edited.text, [Operation("remove", ("cameras", entry["id"]))]).text == SHIPPED


_DATA = read(SHIPPED, "x").data


@st.composite
def _path(draw: st.DrawFn) -> tuple[str | int, ...]:
    """A way into the shipped file, at times one step beside it."""
    here: Any = _DATA
    path: list[str | int] = []
    for _ in range(draw(st.integers(1, 6))):
        if isinstance(here, dict) and here:
            step: str | int = draw(st.sampled_from([*here, "beside"]))
            here = here.get(step)
        elif isinstance(here, list) and here:
            step = draw(st.integers(0, len(here)))
            here = here[step] if step < len(here) else None
            names = [
                here[n]
                for n in ("id", "key", "code", "name")
                if isinstance(here, dict) and isinstance(here.get(n), str)
            ]
            step = names[0] if names and draw(st.booleans()) else step
        else:
            break
        path.append(step)
    return tuple(path)


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(0, 1) | _words,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "zh", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)
_operation = st.builds(
    Operation,
    st.sampled_from(["set", "add", "remove", "rename", "move"]),
    _path(),
    _json,
    to=st.none() | st.from_regex(r"[a-z]{1,5}", fullmatch=True),
    before=st.none() | st.integers(0, 5) | st.sampled_from(CAMERAS),
)


@given(operations=st.lists(_operation, min_size=1, max_size=3))
@settings(max_examples=400)
def test_whatever_is_asked_for_is_done_exactly_or_refused_with_a_sentence(operations: list[Operation]) -> None:
    try:
        edited = apply(SHIPPED, operations)
    except EditError:
        # The one error that is told to people; any other is a crash.
        return
    # That the text says what was asked for is held against it inside; here: nothing else says anything new.
    untouched = set(_DATA) - {path[0] for path in edited.touched}
    again = read(edited.text, "x").data
    assert all(again[section] == _DATA[section] for section in untouched)


@given(camera=st.sampled_from(CAMERAS), to=st.from_regex(r"[a-z][a-z0-9_-]{2,30}", fullmatch=True))
@settings(max_examples=40)
def test_any_camera_is_renamed_and_back(camera: str, to: str) -> None:
    edited = apply(SHIPPED, [Operation("rename", ("cameras", camera), to=to)])
    back = apply(edited.text, [Operation("rename", ("cameras", to), to=camera)])
    assert back.text == SHIPPED


@given(place=st.integers(0, 7), before=st.integers(0, 7))
@settings(max_examples=64)
def test_any_route_is_moved_and_back(place: int, before: int) -> None:
    edited = apply(SHIPPED, [Operation("move", ("routes", place), before=before)])
    now = before - (before > place)
    back = place + (place > now)
    undone = apply(edited.text, [Operation("move", ("routes", now), before=back if back < 8 else None)])
    assert undone.text == SHIPPED


@given(places=st.lists(st.integers(17, 10_016), min_size=1, max_size=4, unique=True), lon=st.integers(1100, 1150))
@settings(max_examples=2)
def test_of_ten_thousand_cameras_only_the_edited_ones_change(places: list[int], lon: int) -> None:
    names = [LARGE_SOURCE.data["cameras"][place]["id"] for place in places]
    operations = [op("set", "cameras", name, "place", "lon", value=lon / 10) for name in names]
    edited = apply(LARGE, operations, source=LARGE_SOURCE)
    before, after = LARGE.splitlines(), edited.text.splitlines()
    different = [i for i, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
    assert len(different) == sum(lon / 10 != 112.88 for _ in names)
    back = apply(edited.text, [op("set", "cameras", name, "place", "lon", value=112.88) for name in names])
    assert back.text == LARGE
