"""Looks: one serves all categories of a camera, the strictest rule wins, risk windows tighten it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from patrol.registry import Effective, ad_hoc_spec, describe, effective, look_specs, parse
from tests.unit.registry.county import TEXT, load_changed, spec


def county(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_one_look_serves_all_categories() -> None:
    found = spec(load_changed(), "gate-12")
    assert [category.key for category in found.categories] == ["squares", "roads"]
    assert found.category.key == "roads"  # high goes before medium
    assert (found.period_s, found.dwell_s, found.priority) == (3600.0, 30.0, 2)  # shortest, longest, highest
    assert found.detectors == ("congestion", "fireworks")
    assert found.platform.id == "police"
    assert [zone.name for zone in found.zones] == ["sky"]
    assert (found.preset, found.reference) == (None, None)


def test_what_the_camera_says_itself() -> None:
    own = "name: Gate 12\n    period: 30m\n    dwell: 10s\n    detectors: [fireworks]\n    reference: gate.jpg"
    found = spec(load_changed(("name: Gate 12", own)), "gate-12")
    assert (found.period_s, found.dwell_s, found.detectors, found.reference) == (
        1800.0,
        10.0,
        ("fireworks",),
        "gate.jpg",
    )


def test_no_detectors_is_a_look_for_people_only() -> None:
    assert spec(load_changed(("name: Gate 12", "name: Gate 12\n    detectors: []")), "gate-12").detectors == ()


def test_at_equal_priority_the_shorter_period_leads_then_the_first_named() -> None:
    assert spec(load_changed(("priority: high\n", "priority: medium\n")), "gate-12").category.key == "roads"
    same = load_changed(("    period: 1h\n    dwell: 20s\n    priority: high\n", ""))
    assert spec(same, "gate-12").category.key == "squares"


def test_each_preset_is_a_look_of_its_own() -> None:
    presets = (
        "name: River\n    presets:\n"
        "      - {id: up, reference: up.jpg, zones: [{name: water, kind: water, polygon: [[0, 0], [1, 0], [1, 1]]}]}\n"
        "      - {id: down}"
    )
    looks = [
        look for look in look_specs(load_changed(("name: River", presets)).registry) if look.camera.id == "river-1"
    ]
    assert [(look.key, look.preset and look.preset.id, look.reference, len(look.zones)) for look in looks] == [
        ("river-1/up", "up", "up.jpg", 1),
        ("river-1/down", "down", None, 0),
    ]


def test_a_disabled_camera_is_not_patrolled_but_can_be_asked_for() -> None:
    loaded = load_changed(("name: River", "name: River\n    enabled: false"))
    assert [look.key for look in look_specs(loaded.registry)] == ["gate-12"]
    assert [look.key for look in look_specs(loaded.registry, include_disabled=True)] == ["gate-12", "river-1"]


def test_an_ad_hoc_look_is_as_its_category_says() -> None:
    found = ad_hoc_spec(parse(TEXT, "x").registry, "squares")
    assert (found.camera.id, found.key, found.zones, found.preset) == ("", "", (), None)
    assert (found.category.key, found.period_s, found.dwell_s, found.detectors) == (
        "squares",
        7200.0,
        30.0,
        ("fireworks",),
    )
    assert found.platform.open_timeout.total_seconds() == 8.0
    assert found.camera.model_dump()["categories"] == ("squares",)


def test_an_ad_hoc_look_of_no_category_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="moon"):
        ad_hoc_spec(parse(TEXT, "x").registry, "moon")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-24T20:00", Effective(3600.0, 2, None)),  # a working day
        ("2026-11-22T20:00", Effective(1800.0, 2, "holiday")),  # a Sunday
        ("2026-02-16T20:00", Effective(300.0, 3, "Eve")),  # Eve and holiday both: the stricter
        ("2026-02-17T00:30", Effective(300.0, 3, "Eve")),
        ("2026-02-16T12:00:00+00:00", Effective(300.0, 3, "Eve")),  # 20:00 in the county
        ("2026-02-16T20:00:00+00:00", Effective(3600.0, 2, None)),  # 04:00 of the next day in the county
    ],
)
def test_risk_windows_tighten_the_look(moment: str, expected: Effective) -> None:
    loaded = load_changed()
    assert effective(spec(loaded, "gate-12"), loaded.registry, county(moment)) == expected


def test_a_window_never_loosens() -> None:
    loaded = load_changed(
        ("period: 5m, priority: highest", "period: 90m, priority: low"), ("period: 30m", "priority: medium")
    )
    found = effective(spec(loaded, "gate-12"), loaded.registry, county("2026-02-16T20:00"))
    assert (found.period_s, found.priority) == (3600.0, 2)


def test_the_overlay_opens_a_holiday_window() -> None:
    loaded = load_changed(("cameras:\n", "calendar: {holidays: [2026-11-24]}\ncameras:\n"))
    assert effective(spec(loaded, "gate-12"), loaded.registry, county("2026-11-24T20:00")).window == "holiday"


def test_a_registry_in_a_handful_of_numbers() -> None:
    summary = describe(load_changed().registry, year=2026)
    assert summary == {
        "county": {"code": "430624", "zh": "湘阴县", "en": "Xiangyin"},
        "cameras": 2,
        "enabled": 2,
        "looks": 2,
        "platforms": {"police": 1, "files": 1},
        "categories": {"squares": 1, "roads": 1, "rivers": 1},
        "priorities": {"medium": 1, "high": 1},
        "detectors": {"congestion": 1, "fireworks": 1, "fishing": 1},
        "rules": 2,
        "shortest_period_s": 3600.0,
        "stream_seconds_per_s": 0.011,
        "calendar_provisional": False,
    }
    assert describe(load_changed().registry, year=datetime.now(UTC).year + 50)["calendar_provisional"] is True
