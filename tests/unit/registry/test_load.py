"""Loading: what a person is told of a broken file, all at once, by line and readable field."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import patrol.registry as room
from patrol.registry import Problem, RegistryError, load, parse
from tests.unit.registry.county import TEXT, changed, load_changed, problems


def test_the_small_county_is_valid(tmp_path: Path) -> None:
    file = tmp_path / "county.yaml"
    file.write_text(TEXT, "utf-8")
    loaded = load(file)
    assert loaded.file == file
    assert loaded.text == TEXT
    assert loaded.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert loaded.warnings == ()
    from_text = parse(TEXT, "county.yaml")
    assert (from_text.file, from_text.sha256, from_text.registry) == (None, loaded.sha256, loaded.registry)


@pytest.mark.parametrize(
    ("line", "wanted"), [("", None), ("model: weights/own.onnx\n", "weights/own.onnx"), ("model: none\n", "none")]
)
def test_a_model_is_found_from_the_file_and_none_stays_a_word(line: str, wanted: str | None, tmp_path: Path) -> None:
    file = tmp_path / "county.yaml"
    file.write_text(line + TEXT, "utf-8")
    assert load(file).model == (str(tmp_path / wanted) if wanted and "/" in wanted else wanted)
    assert parse(line + TEXT, "county.yaml").model == wanted


def test_a_problem_reads_as_file_line_field_message() -> None:
    assert (
        str(Problem("f.yaml", 7, "cameras[3] (gate-12).platform", "wrong"))
        == "f.yaml:7: cameras[3] (gate-12).platform: wrong"
    )
    assert str(Problem("f.yaml", None, "", "wrong")) == "f.yaml: wrong"
    assert str(Problem("f.yaml", 7, "", "wrong", 3)) == "f.yaml:7:3: wrong"


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        (
            "    platform: police\n",
            "",
            "cameras[0] (gate-12).platform",
            "is missing: Id of the platform it is reached through.",
        ),
        (
            "    platform: police\n",
            "    platfrom: police\n    platform: police\n",
            "cameras[0] (gate-12).platfrom",
            "is no field of this entry; did you mean 'platform'?",
        ),
        (
            "    platform: police\n",
            "    platform:\n",
            "cameras[0] (gate-12).platform",
            "is empty; give a value or leave the line out",
        ),
        ("name: Gate 12", "name: [a]", "cameras[0] (gate-12).name", "must be text"),
        (
            "categories: [squares, roads]",
            "categories: squares",
            "cameras[0] (gate-12).categories",
            "must be a list: [a, b] or one line with - for each",
        ),
        (
            "categories: [squares, roads]",
            "categories: []",
            "cameras[0] (gate-12).categories",
            "needs at least 1 entries; there are 0",
        ),
        (
            "id: gate-12",
            "id: gate/12",
            "cameras[0] (gate/12).id",
            "must hold letters, digits, - and _ only, at most 63",
        ),
        (
            "key: rivers",
            "key: Rivers",
            "categories[2] (Rivers).key",
            "must hold lower-case letters, digits and _ only, a letter first, at most 63",
        ),
        ("code: 430624", "code: 4306", "county.code", "must be six digits"),
        (
            "period: 1h",
            "period: 60",
            "categories[1] (roads).period",
            "'60' is not a duration; write one like 2h, 90m, 1h30m or 20s",
        ),
        (
            "priority: high\n",
            "priority: urgent\n",
            "categories[1] (roads).priority",
            "must be 'low', 'medium', 'high' or 'highest'",
        ),
        (
            "detectors: [congestion]",
            "detectors: [jams]",
            "categories[1] (roads).detectors[0]",
            "must be 'congestion', 'fireworks' or 'fishing'",
        ),
        (
            "to: 23:00",
            "to: 25:00",
            "categories[0] (squares).risk_windows[1] (holiday).to",
            "'25:00' is not a time of day; write one like 06:50",
        ),
        (
            "from: 18:00, to: 23:00",
            "from: 18:00",
            "categories[0] (squares).risk_windows[1] (holiday)",
            "give both from and to, or neither",
        ),
        (
            "valid_until: 2026-03-15",
            "valid_until: 2026-02-30",
            "rules[0] (ban).valid_until",
            "must be a date like 2026-02-16",
        ),
        (
            "[1, 0.4]",
            "[1.5, 0.4]",
            "cameras[0] (gate-12).zones[0] (sky).polygon[2][0]",
            "input should be less than or equal to 1",
        ),
        ("[1, 0.4]", "[nan, 0.4]", "cameras[0] (gate-12).zones[0] (sky).polygon[2][0]", "input should be"),
        ("[1, 0.4]", "[x, 0.4]", "cameras[0] (gate-12).zones[0] (sky).polygon[2][0]", "must be a number"),
        (
            "credential: env:POLICE",
            "credential: hunter2",
            "platforms[0] (police).credential",
            "a credential is never in the file: write env:NAME or file:PATH",
        ),
        ("topic: xiangyin", "topic: xiangyin\n  timezone: Mars", "county", "unknown time zone 'Mars'"),
        ("county:", "schema: patrol.registry/2\ncounty:", "schema", "must be 'patrol.registry/1'"),
    ],
)
def test_each_field_is_told_in_plain_words(old: str, new: str, field: str, message: str) -> None:
    said = problems((old, new))
    assert any(f" {field}: {message}" in line for line in said), said


def test_the_line_is_the_one_to_mend() -> None:
    text = changed(("source: rtsp://192.0.2.1/live", "source: ''"))
    line = next(i for i, row in enumerate(text.split("\n"), 1) if "source: ''" in row)
    assert problems(text=text)[0].startswith(f"{line}: cameras[0] (gate-12).source: ")


def test_what_is_missing_is_placed_at_its_entry() -> None:
    text = changed(("    platform: police\n", ""))
    line = next(i for i, row in enumerate(text.split("\n"), 1) if "id: gate-12" in row)
    assert problems(text=text)[0].startswith(f"{line}: cameras[0] (gate-12).platform: is missing")


def test_all_problems_come_at_once_and_in_the_order_of_the_file() -> None:
    said = problems(
        ("period: 1h", "period: soon"),
        ("kind: fireworks, to: security", "kind: fireworks, to: nobody"),
        ("name: Gate 12", "nmae: Gate 12"),
        ("platform: files", "platform: flies"),
    )
    assert [line.split(": ", 2)[1] for line in said] == [
        "categories[1] (roads).period",
        "routes[0] (fireworks).to",
        "cameras[0] (gate-12).name",
        "cameras[0] (gate-12).nmae",
        "cameras[1] (river-1).platform",
    ]
    lines = [int(line.split(":", 1)[0]) for line in said]
    assert lines == sorted(lines)


def test_a_reference_to_a_broken_entry_is_not_told_as_unknown() -> None:
    said = problems(("{id: files, name: {zh: 文件, en: Files}}", "{id: files, name: {zh: 文件}}"))
    assert [line.split(": ", 1)[1] for line in said] == ["platforms[1] (files).name.en: is missing: Name in English."]


def test_no_message_repeats_a_secret() -> None:
    for change in (
        ("credential: env:POLICE", "credential: hunter2"),
        ("source: rtsp://192.0.2.1/live", "source: rtsp://admin:hunter2@192.0.2.1/live"),
        ("source: rtsp://192.0.2.1/live", "source: [hunter2]"),
        ("source: rtsp://192.0.2.1/live", "sorce: hunter2"),
        ("source: rtsp://192.0.2.1/live", "source: rtsp://192.0.2.1/live?password=hunter2"),
        ("source: rtsp://192.0.2.1/live", "source: 'ftp://admin:hunter2@192.0.2.1/live'"),
    ):
        assert "hunter2" not in "\n".join(problems(change))


def test_an_optional_field_may_be_left_empty() -> None:
    loaded = load_changed(("    platform: police\n", "    platform: police\n    reference:\n    period: ~\n"))
    assert loaded.registry.cameras[0].reference is None


def test_errors_are_value_errors() -> None:
    with pytest.raises(ValueError, match="is empty"):
        parse("", "county.yaml")
    assert issubclass(RegistryError, ValueError)


def test_what_the_room_offers_is_there() -> None:
    assert len(set(room.__all__)) == len(room.__all__)
    assert all(hasattr(room, name) for name in room.__all__)
    assert {
        "load",
        "parse",
        "look_specs",
        "ad_hoc_spec",
        "effective",
        "rules_for",
        "exemptions",
        "at_once",
        "address",
        "redact",
        "json_schema",
    } <= set(room.__all__)
