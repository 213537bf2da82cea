"""What binds entries: each way to get it wrong is told at its place."""

from __future__ import annotations

import pytest

from patrol.registry import parse
from tests.unit.registry.county import TEXT, changed, load_changed, problems

RIVER_RULE = "    categories: [rivers]\n    mode: leisure_angling\n"
SKY = "polygon: [[0, 0], [1, 0], [1, 0.4], [0, 0.4]]"
GATE = "source: rtsp://192.0.2.1/live"


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        # references
        ("platform: files", "platform: flies", "cameras[1] (river-1).platform", "there is no platform 'flies'; did you mean 'files'?"),
        ("categories: [squares, roads]", "categories: [squares, road]", "cameras[0] (gate-12).categories[1]", "there is no category 'road'; did you mean 'roads'?"),
        ("copy_to: [security]", "copy_to: [nobody]", "routes[2] (fishing).copy_to[0]", "there is no department 'nobody'; there are fisheries, security"),
        ("kind: fireworks, to: security", "kind: fireworks, to: fire", "routes[0] (fireworks).to", "there is no department 'fire'"),
        ("kind: fireworks, to: security", "kind: fireworks, categories: [square], to: security", "routes[0] (fireworks).categories[0]", "there is no category 'square'"),
        ("categories: [squares]\n", "categories: [square]\n", "rules[0] (ban).categories[0]", "there is no category 'square'; did you mean 'squares'?"),
        ("categories: [squares]\n", "cameras: [gate-13]\n", "rules[0] (ban).cameras[0]", "there is no camera 'gate-13'; did you mean 'gate-12'?"),
        ("categories: [squares]\n", "categories: [squares]\n    zones: [ski]\n", "rules[0] (ban).zones[0]", "there is no zone on any camera it binds named 'ski'; did you mean 'sky'?"),
        # names given twice
        ("id: files", "id: police", "platforms[1] (police).id", "platform 'police' was already given in line 6"),
        ("key: roads", "key: squares", "categories[1] (squares).key", "category 'squares' was already given in line"),
        ("{id: fisheries,", "{id: security,", "departments[1] (security).id", "department 'security' was already given in line"),
        ("id: angling", "id: ban", "rules[1] (ban).id", "rule 'ban' was already given in line"),
        ("id: river-1", "id: gate-12", "cameras[1] (gate-12).id", "camera 'gate-12' was already given in line"),
        ("name: holiday", "name: Eve", "categories[0] (squares).risk_windows[1] (Eve).name", "risk window 'Eve' was already given in line"),
        ("categories: [squares, roads]", "categories: [squares, squares]", "cameras[0] (gate-12).categories[1]", "category 'squares' was already given"),
        ("to: fisheries, copy_to: [security]", "to: security, copy_to: [security]", "routes[2] (fishing).copy_to[0]", "'security' is told already by this route"),
        # rules
        ("    categories: [squares]\n", "", "rules[0] (ban)", "binds nothing; name categories, cameras, places or zones"),
        ("valid_until: 2026-03-15", "valid_until: 2025-03-15", "rules[0] (ban).valid_until", "2025-03-15 is before valid_from (2025-12-24)"),
        ("categories: [squares]\n", "categories: [squares]\n    mode: leisure_angling\n", "rules[0] (ban).mode", "leisure_angling speaks of fishing, not of fireworks"),
        ("categories: [squares]\n", "categories: [squares]\n    mode: allowed\n    zones: [sky]\n", "rules[0] (ban).zones", "an allowed rule exempts the whole picture"),
        ("categories: [squares]\n", "categories: [squares]\n    mode: allowed\n    at_once: true\n", "rules[0] (ban).at_once", "what is allowed is not pushed at all"),
        # dispatch
        ("kind: fireworks, to: security", "kind: fireworks, cameras: [gate-13], to: security}\n  - {kind: fireworks, to: security", "routes[0] (fireworks).cameras[0]", "there is no camera 'gate-13'; did you mean 'gate-12'?"),
        ("kind: fireworks, to: security", "kind: fireworks, rules: [bann], to: security}\n  - {kind: fireworks, to: security", "routes[0] (fireworks).rules[0]", "there is no rule 'bann'; did you mean 'ban'?"),
        ("kind: fireworks, to: security", "kind: fireworks, windows: [{}], to: security}\n  - {kind: fireworks, to: security", "routes[0] (fireworks).windows[0]", "is always open"),
        ("kind: fireworks, to: security}", "kind: fireworks, to: security, fallback: security}", "routes[0] (fireworks).fallback", "'security' is the department that did not answer; name another"),
        ("kind: fireworks, to: security}", "kind: fireworks, to: security, fallback: fire}", "routes[0] (fireworks).fallback", "there is no department 'fire'"),
        ("kind: fireworks, to: security", "kind: fireworks, places: [430624119], to: security", "categories[0] (squares).detectors", "fireworks found here reaches nobody; add a route for it without cameras, rules, places and windows"),
        ("rules:\n", "dispatch: {county: office}\nrules:\n", "dispatch.county", "there is no department 'office'"),
        ("rules:\n", "dispatch: {shift_lead: [{name: Lead}]}\nrules:\n", "dispatch.shift_lead[0] (Lead)", "'Lead' cannot be reached; give a phone or a channel"),
        ("rules:\n", "dispatch: {shift_lead: [{name: Lead, channels: [wecom]}]}\nrules:\n", "dispatch.shift_lead[0] (Lead).channels[0]", "there is no channel 'wecom'"),
        ("rules:\n", "dispatch: {limits: [{received: 10m}]}\nrules:\n", "dispatch.limits[0].accepted", "5m is less than received (10m)"),
        ("rules:\n", "dispatch: {again: 0s}\nrules:\n", "dispatch.again", "must be more than 0s"),
        ("rules:\n", "dispatch: {channels: [{key: a, address: env:A}, {key: a, address: env:B}]}\nrules:\n", "dispatch.channels[1] (a).key", "channel 'a' was already given in line"),
        # cases
        ("rules:\n", "cases: {appraisal: {weights: {resolve: 0.5}}}\nrules:\n", "cases.appraisal.weights", "make 1.1 together and must make 1"),
        ("rules:\n", "cases: {appraisal: {weights: {resolve: 1.5}}}\nrules:\n", "cases.appraisal.weights.resolve", "less than or equal to 1"),
        # windows
        ("categories: [squares]\n", "categories: [squares]\n    windows: [{}]\n", "rules[0] (ban).windows[0]", "is always open; give it days, hours or dates, or leave it out"),
        ("categories: [squares]\n", "categories: [squares]\n    windows: [{from: 08:00, to: 08:00}]\n", "rules[0] (ban).windows[0].to", "from and to are both 08:00; leave both out for the whole day"),
        ("categories: [squares]\n", "categories: [squares]\n    windows: [{from: 24:00, to: 08:00}]\n", "rules[0] (ban).windows[0].from", "24:00 ends a day; begin at 00:00"),
        ("categories: [squares]\n", "categories: [squares]\n    windows: [{solar: {from: 02-30, to: 03-01}}]\n", "rules[0] (ban).windows[0].solar.from", "02-30 is no solar date; the month ends on 29"),
        ("lunar: {from: 12-30, to: 12-30}", "lunar: {from: 12-30, to: 12-31}", "categories[0] (squares).risk_windows[0] (Eve).lunar.to", "12-31 is no lunar date; the month ends on 30"),
        (", period: 30m}", "}", "categories[0] (squares).risk_windows[1] (holiday)", "changes nothing; give it a period or a priority"),
        # times
        ("dwell: 30s", "dwell: 0s", "categories[0] (squares).dwell", "must be more than 0s"),
        ("dwell: 30s", "dwell: 3h", "categories[0] (squares).dwell", "a look of 3h does not fit 2h"),
        ("period: 1h", "period: 0s", "categories[1] (roads).period", "must be more than 0s"),
        ("period: 1h", "period: 20s", "categories[1] (roads).dwell", "a look of 20s does not fit 20s"),
        ("period: 5m", "period: 30s", "categories[0] (squares).risk_windows[0] (Eve).period", "a look of 30s does not fit 30s"),
        ("name: Gate 12", "name: Gate 12\n    period: 2h", "cameras[0] (gate-12).period", "2h is longer than its categories allow (1h)"),
        ("name: Gate 12", "name: Gate 12\n    period: 10s", "cameras[0] (gate-12).period", "a look of 30s does not fit the period of 10s"),
        ("name: Gate 12", "name: Gate 12\n    period: 0s", "cameras[0] (gate-12).period", "must be more than 0s"),
        ("name: Gate 12", "name: Gate 12\n    dwell: 0s", "cameras[0] (gate-12).dwell", "must be more than 0s"),
        ("name: Gate 12", "name: Gate 12\n    dwell: 1h", "cameras[0] (gate-12).dwell", "a look of 1h does not fit the period of 1h"),
        ("name: Gate 12", "name: Gate 12\n    dwell: 5m", "cameras[0] (gate-12).dwell", "in the risk window 'Eve' of squares"),
        ("{id: files,", "{id: files, open_timeout: 0s,", "platforms[1] (files).open_timeout", "must be more than 0s"),
        # cameras
        ("id: gate-12", "id: 4306240000131500010", "cameras[0] (4306240000131500010).id", "looks like a GB/T 28181 id but has 19 digits; one has 20"),
        ("id: gate-12", "id: 99062400001315000101", "cameras[0] (99062400001315000101).id", "99 is no province"),
        ("id: gate-12", "id: 43062400001185000101", "cameras[0] (43062400001185000101).id", "names an NVR (type 118, digits 11-13), not a camera"),
        ("name: Gate 12", "name: Gate 12\n    detectors: [fishing]", "cameras[0] (gate-12).detectors[0]", "none of its categories looks for fishing; this list only restricts"),
        ("place: {address: Square 1}", "place: {address: Square 1, lon: 112.9}", "cameras[0] (gate-12).place", "give both lon and lat, or neither"),
        ("place: {address: Square 1}", "place: {address: Square 1, division_code: 43062400}", "cameras[0] (gate-12).place.division_code", "has 6 (county), 9 (township) or 12 (village) digits"),
        # sources
        (GATE, "source: rtsp://admin:x@192.0.2.1/live", "cameras[0] (gate-12).source", "holds a credential in clear text; write credential: env:NAME or file:PATH"),
        (GATE, "source: rtsp://admin@192.0.2.1/live", "cameras[0] (gate-12).source", "holds a credential in clear text"),
        (GATE, "source: http://192.0.2.1/live?access_token=abc", "cameras[0] (gate-12).source", "holds a credential in clear text"),
        (GATE, "source: rtsp://192.0.2.1/user=admin&password=abc&channel=1.sdp", "cameras[0] (gate-12).source", "holds a credential in clear text"),
        (GATE, "source: ftp://192.0.2.1/live", "cameras[0] (gate-12).source", "ftp:// cannot be opened; use one of rtsp, rtsps, http, https, or a file path"),
        (GATE, "source: file:///live.mp4", "cameras[0] (gate-12).source", "file:// cannot be opened; write the path alone"),
        (GATE, "source: rtsp:192.0.2.1/live", "cameras[0] (gate-12).source", "is neither a file path nor an address"),
        (GATE, "source: rtsp:///live", "cameras[0] (gate-12).source", "names no host"),
        (GATE, "source: rtsp://192.0.2.1:99999/live", "cameras[0] (gate-12).source", "is not an address: Port out of range"),
        (GATE, "source: 'rtsp://[::1/live'", "cameras[0] (gate-12).source", "is not an address"),
        (GATE, "source: rtsp://192.0.2.1/a b", "cameras[0] (gate-12).source", "holds a space; write %20"),
        (GATE, "source: 'rtsp://192.0.2.1/{id}'", "cameras[0] (gate-12).source", "only {credential} is filled in"),
        ("source: clips/river.mp4", "source: 'rtsp://{credential}@192.0.2.1/live'", "cameras[1] (river-1).source", "asks for {credential}, but neither the camera nor its platform has one"),
        # zones and presets
        (SKY, "polygon: [[0, 0], [1, 1], [1, 0], [0, 1]]", "cameras[0] (gate-12).zones[0] (sky).polygon", "crosses itself: the side [0, 0]–[1, 1] meets the side [1, 0]–[0, 1]"),
        (SKY, "polygon: [[0, 0], [0.5, 0.5], [1, 1]]", "cameras[0] (gate-12).zones[0] (sky).polygon", "has no area worth the name"),
        (SKY, "polygon: [[0, 0], [1, 0], [1, 0], [0, 1]]", "cameras[0] (gate-12).zones[0] (sky).polygon", "point [1, 0] stands twice in a row"),
        (SKY, SKY + "}\n      - {name: sky, kind: ignore, " + SKY, "cameras[0] (gate-12).zones[1] (sky).name", "zone 'sky' was already given in line"),
        ("name: Gate 12", "name: Gate 12\n    presets: [{id: a}]", "cameras[0] (gate-12).zones", "a camera with presets has its zones at the presets"),
        ("name: River", "name: River\n    presets: [{id: a}, {id: a}]", "cameras[1] (river-1).presets[1] (a).id", "preset 'a' was already given in line"),
        ("name: River", "name: River\n    presets: [{id: a, source: 'rtsp://u:p@h/'}]", "cameras[1] (river-1).presets[0] (a).source", "holds a credential in clear text"),
        # who is told
        ("  - {kind: congestion, to: security}\n", "", "categories[1] (roads).detectors", "congestion found here reaches nobody; add a route for it"),
        ("{kind: fishing, to: fisheries", "{kind: fishing, categories: [roads], to: fisheries", "categories[2] (rivers).detectors", "fishing found here reaches nobody"),
        # calendar
        ("cameras:\n", "calendar: {workdays: [2027-01-30], holidays: [2027-01-30]}\ncameras:\n", "calendar.holidays[0]", "2027-01-30 stands in both lists; it is worked or it is not"),
        ("cameras:\n", "calendar: {workdays: [2027-01-30, 2027-01-30]}\ncameras:\n", "calendar.workdays[1]", "2027-01-30 was already given"),
    ],
)  # fmt: skip
def test_each_error_is_told_at_its_place(old: str, new: str, field: str, message: str) -> None:
    said = problems((old, new))
    assert any(
        f" {field}: {message}" in line or (line.split(": ", 2)[1] == field and message in line) for line in said
    ), said


@pytest.mark.parametrize(
    ("old", "new", "field", "message"),
    [
        ("id: gate-12", "id: 43062400001995000101", "cameras[0] (43062400001995000101).id", "has device type 199"),
        ("id: gate-12", "id: 44010000001315000101", "cameras[0] (44010000001315000101).id", "belongs to division 440100, not to 430624"),
        ("source: clips/river.mp4", GATE, "cameras[1] (river-1).source", "is also the source of the camera in line"),
        ("place: {address: Square 1}", "place: {address: Square 1, division_code: 430181}", "cameras[0] (gate-12).place.division_code", "lies outside 430624"),
        ("  - {kind: fishing", "  - {kind: fireworks, to: fisheries}\n  - {kind: fishing", "routes[2] (fireworks)", "is never reached: the route in line"),
        ("period: 30m", "period: 3h", "categories[0] (squares).risk_windows[1] (holiday).period", "is no shorter than the category's own (2h)"),
        ("period: 30m", "priority: low", "categories[0] (squares).risk_windows[1] (holiday).priority", "is lower than the category's own (medium)"),
        ("kind: fireworks, to: security", "kind: fireworks, places: [430181], to: security}\n  - {kind: fireworks, to: security", "routes[0] (fireworks).places[0]", "430181 lies outside the county (430624)"),
        ("rules:\n", "dispatch: {limits: [{}, {kind: fishing}]}\nrules:\n", "dispatch.limits[1] (fishing)", "is never used: entry 1 of this list fits first"),
        ("categories: [squares]\n", "places: [430181]\n", "rules[0] (ban).places[0]", "430181 lies outside the county (430624)"),
        (RIVER_RULE, "    categories: [roads]\n", "rules[1] (angling).kind", "none of its categories, cameras and places looks for fishing"),
        (RIVER_RULE, "    categories: [rivers]\n    max_rods: 2\n", "rules[1] (angling).max_rods", "means nothing with mode forbidden"),
        ("cameras:\n", "calendar: {holidays: [2026-02-17]}\ncameras:\n", "calendar.holidays[0]", "2026-02-17 is so already by the shipped calendar"),
        ("{id: fisheries,", "{id: water, name: {zh: 水, en: Water}}\n  - {id: fisheries,", "departments[1] (water)", "no route leads here"),
    ],
)  # fmt: skip
def test_what_is_odd_but_works_is_a_warning(old: str, new: str, field: str, message: str) -> None:
    said = [str(warning) for warning in load_changed((old, new)).warnings]
    assert any(f" {field}: {message}" in line for line in said), said


def test_a_narrower_route_before_a_wider_one_is_reached_and_one_behind_it_is_not() -> None:
    narrow = "{kind: fireworks, places: [430624119], windows: [{from: 20:00, to: 06:00}], to: fisheries}"
    before = load_changed(
        ("  - {kind: fireworks, to: security}", f"  - {narrow}\n  - {{kind: fireworks, to: security}}")
    )
    assert [w.message for w in before.warnings if "reached" in w.message] == []
    after = load_changed(
        ("  - {kind: fireworks, to: security}", f"  - {{kind: fireworks, to: security}}\n  - {narrow}")
    )
    assert len([w for w in after.warnings if "is never reached" in w.message]) == 1


def test_a_registry_without_cameras_is_valid_but_says_so() -> None:
    loaded = parse(TEXT[: TEXT.index("cameras:\n")] + "cameras: []\n", "county.yaml")
    assert [warning.message for warning in loaded.warnings] == ["there are no cameras; nothing will be patrolled"]


def test_a_rule_for_a_category_without_cameras_waits_for_its_zones() -> None:
    text = changed(
        ("categories: [squares]\n", "categories: [squares]\n    zones: [plaza]\n"), ("[squares, roads]", "[roads]")
    )
    assert parse(text, "county.yaml").registry.rules[0].zones == ("plaza",)


def test_a_rule_nobody_is_told_of_is_an_error_even_where_nothing_looks_for_it() -> None:
    text = changed(
        ("detectors: [fishing]", "detectors: []"), ("  - {kind: fishing, to: fisheries, copy_to: [security]}\n", "")
    )
    assert any(
        "fishing is forbidden here, but no route says who is told; add one" in line for line in problems(text=text)
    )


@pytest.mark.parametrize(
    "source",
    [
        "clips/a b.mp4",
        "/data/clip.mp4",
        "rtsps://cam.example.org:322/live",
        "https://example.org/live.m3u8?channel=3&signal=1&monkey=2",
        "rtsp://[2001:db8::1]:554/live",
        "rtsp://192.0.2.1:554/cam/realmonitor@1?subtype=0",
        "rtsp://{credential}@192.0.2.1/live",
        "http://192.0.2.1/live?token={credential}",
    ],
)
def test_sources_that_are_fine(source: str) -> None:
    loaded = load_changed((GATE, f"source: '{source}'"))
    assert loaded.registry.cameras[0].source == source


@pytest.mark.parametrize(
    "polygon",
    [
        "[[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]",  # closed, as drawing tools write it
        "[[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.5, 0.4], [0.1, 0.9]]",  # not convex
        "[[0, 0], [0.5, 0], [1, 0], [1, 1], [0, 1]]",  # a point in the middle of a side
        "[[0, 1], [1, 1], [0.5, 0]]",
    ],
)
def test_polygons_that_are_fine(polygon: str) -> None:
    load_changed((SKY, f"polygon: {polygon}"))


@pytest.mark.parametrize(
    "polygon",
    [
        "[[0.5, 0], [0.8, 0.9], [0.02, 0.35], [0.98, 0.35], [0.2, 0.9]]",  # a pentagram turns the same way throughout
        "[[0, 0], [1, 0], [1, 1], [0.5, 0], [0, 1]]",  # a corner touches another side
        "[[0, 0], [1, 0], [0.5, 0], [0.5, 1]]",  # a side folds back on the one before
        "[[0, 0], [1, 0], [0, 0]]",
    ],
)
def test_polygons_that_are_none(polygon: str) -> None:
    assert ".polygon: " in problems((SKY, f"polygon: {polygon}"))[0]


def test_too_many_points_are_refused_at_once() -> None:
    points = ", ".join(f"[{i / 5000}, {(i % 2) / 2}]" for i in range(5000))
    assert "5000 points; at most 200" in problems((SKY, f"polygon: [{points}]"))[0]


def test_a_route_for_any_of_a_cameras_categories_is_a_route() -> None:
    loaded = load_changed(("{kind: fireworks, to", "{kind: fireworks, categories: [squares], to"))
    assert loaded.registry.cameras[0].categories == ("squares", "roads")
