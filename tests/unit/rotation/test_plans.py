"""From a registry to plans: risk windows, maintenance, pauses, presets of one camera, and what will come into force."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from patrol._looks import changes_ahead, plans_at
from patrol.registry import Registry, RegistryError, look_specs, parse

CHINA = ZoneInfo("Asia/Shanghai")

TEXT = """
schema: patrol.registry/1
county: {code: "430624", name: {zh: 测试县, en: Test}, topic: test, timezone: Asia/Shanghai}
platforms:
  - {id: police, name: {zh: 雪亮, en: Police}, max_streams: 4}
  - {id: fish, name: {zh: 渔政, en: Fish}, max_streams: 2}
categories:
  - key: schools
    name: {zh: 学校, en: Schools}
    dwell: 20s
    least_dwell: 10s
    detectors: [congestion]
    risk_windows:
      - {name: morning, days: workday, from: 06:50, to: 08:20, period: 15m, priority: high}
  - {key: water, name: {zh: 水, en: Water}, period: 1h, dwell: 30s, detectors: [fishing]}
departments: [{id: police, name: {zh: 公安, en: Police}}]
routes: [{kind: congestion, to: police}, {kind: fishing, to: police}]
maintenance:
  - {reason: 光缆割接, from: 2026-11-24T22:00, to: 2026-11-25T02:00, platforms: [fish]}
cameras:
  - {id: gate, name: Gate, platform: police, source: "rtsp://192.0.2.1/1", categories: [schools], place: {address: here}}
  - id: roadworks
    name: Roadworks
    platform: police
    source: "rtsp://192.0.2.1/2"
    categories: [schools]
    place: {address: here}
    paused: {reason: 道路施工拆除, until: 2026-11-25T07:00}
  - id: tower
    name: Tower
    platform: fish
    source: "rtsp://192.0.2.9/1"
    categories: [water]
    place: {address: shore}
    presets:
      - {id: north, reference: a.jpg}
      - {id: south, reference: b.jpg}
"""


def registry(*changes: tuple[str, str]) -> Registry:
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse(text, "test.yaml").registry


def at(text: str, zone: ZoneInfo = CHINA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def plans(found: Registry, moment: datetime) -> dict[str, tuple[float, str | None]]:
    return {p.key: (p.period_s, p.hold) for p in plans_at(look_specs(found), found, moment)}


def test_what_holds_at_a_moment() -> None:
    found = registry()
    noon = plans(found, at("2026-11-24T12:00"))
    assert noon == {"gate": (7200.0, None), "tower/north": (3600.0, None), "tower/south": (3600.0, None)}
    assert plans(found, at("2026-11-24T07:00"))["gate"] == (900.0, None)
    night = plans(found, at("2026-11-24T22:00"))
    assert (night["tower/north"], night["gate"]) == ((3600.0, "maintenance"), (7200.0, None))
    assert plans(found, at("2026-11-25T02:00"))["tower/north"] == (3600.0, None)
    assert "roadworks" in plans(found, at("2026-11-25T07:00"))


def test_presets_of_one_camera_are_one_unit_and_a_shortest_dwell_reaches_the_planner() -> None:
    found = registry()
    made = {p.key: p for p in plans_at(look_specs(found), found, at("2026-11-24T12:00"))}
    assert made["tower/north"].unit == made["tower/south"].unit == "tower"
    assert made["gate"].unit is None
    assert (made["gate"].least_dwell_s, made["tower/north"].least_dwell_s) == (10.0, None)


def test_everything_that_comes_into_force_is_foreseen_in_order() -> None:
    found = registry()
    begin = at("2026-11-24T21:30")
    coming = changes_ahead(look_specs(found), found, begin, timedelta(hours=12).total_seconds())
    moments = [moment.strftime("%H:%M") for moment, _ in coming]
    assert moments == sorted(moments, key=lambda m: (m < "21:30", m))
    assert {"22:00", "02:00", "06:50", "07:00", "08:20"} <= set(moments)
    for moment, made in coming:
        assert {p.key: (p.period_s, p.hold) for p in made} == plans(found, moment)
    # Nothing changes between two of them.
    bounds = [begin, *(moment for moment, _ in coming), begin + timedelta(hours=12)]
    for a, b in itertools.pairwise(bounds):
        assert plans(found, a) == plans(found, a + (b - a) / 2)


@pytest.mark.parametrize(
    ("night", "expected"),
    [
        # Clocks go from 02:00 to 03:00: half past two does not exist, and the window is 30 minutes long.
        ("2026-03-29", 30),
        # 02:30 comes twice: the window holds both times.
        ("2026-10-25", 150),
        ("2026-06-01", 90),
    ],
)
def test_windows_in_a_zone_with_daylight_saving_go_by_the_clock_on_the_wall(night: str, expected: int) -> None:
    """The county has none; others have. A window from 01:30 to 03:00 is open while the wall clock says so."""
    berlin = ZoneInfo("Europe/Berlin")
    found = registry(
        ("timezone: Asia/Shanghai", "timezone: Europe/Berlin"),
        ("days: workday, from: 06:50, to: 08:20", "from: 01:30, to: 03:00"),
    )
    begin = datetime.fromisoformat(f"{night}T00:00").replace(tzinfo=berlin).timestamp()
    minutes = 0
    for minute in range(6 * 60):
        local = datetime.fromtimestamp(begin + 60 * minute, berlin)
        minutes += plans(found, local)["gate"][0] == 900.0
    assert minutes == expected


def test_what_comes_into_force_is_foreseen_across_a_change_of_clocks() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    found = registry(
        ("timezone: Asia/Shanghai", "timezone: Europe/Berlin"),
        ("days: workday, from: 06:50, to: 08:20", "from: 01:30, to: 03:00"),
    )
    for night in ("2026-03-29", "2026-10-25"):
        begin = datetime.fromisoformat(f"{night}T00:10").replace(tzinfo=berlin)
        coming = changes_ahead(look_specs(found), found, begin, 6 * 3600.0)
        stamps = [moment.timestamp() for moment, _ in coming]
        assert stamps == sorted(stamps)
        periods = [next(p.period_s for p in made if p.key == "gate") for _, made in coming]
        assert 900.0 in periods
        assert periods[-1] == 7200.0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("to: 2026-11-25T02:00", "to: 2026-11-24T21:00"), r"maintenance\[0\]\.to: is not after its beginning"),
        ((", platforms: [fish]", ""), "concerns nothing"),
        (("platforms: [fish]}", "platforms: [fisch]}"), "fisch"),
        (("to: 2026-11-25T02:00", "to: 2026-11-25T02:00+08:00"), "both county time or both with an offset"),
        (("least_dwell: 10s", "least_dwell: 30s"), "at most the dwell"),
        (("reason: 光缆割接, ", ""), "reason"),
        (("until: 2026-11-25T07:00", "until: soon"), "until"),
    ],
)
def test_what_makes_no_sense_is_named_with_its_place(change: tuple[str, str], why: str) -> None:
    with pytest.raises(RegistryError, match=why) as caught:
        registry(change)
    assert "test.yaml:" in str(caught.value)
