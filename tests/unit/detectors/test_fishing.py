"""An angler, and who only looks like one: drawn shores, scripted people, water as the model would tell it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detectors import ArrayFrame, Box, Finding, Frame, Glance, Kind, Objects, Request, Verdict, Zone, ZoneKind, build
from detectors._shore import Shore

WATER = Zone("river", ZoneKind.WATER, ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)))
BANK = Zone("bank", ZoneKind.BANK, ((0.0, 0.6), (1.0, 0.6), (1.0, 1.0), (0.0, 1.0)))

RIGHT = np.zeros((24, 40), np.float32)
RIGHT[:, 20:] = 0.9
DRY = np.zeros((24, 40), np.float32)

Script = dict[str, list[Box]]


class Scripted:
    """A model that sees what the script says; ``water`` None: it cannot tell."""

    name = "scripted"

    def __init__(self, script: object, water: NDArray[np.float32] | None) -> None:
        self._script = script
        self._water = water
        self.classes = frozenset({"person", "boat", "rod"})
        self.parts: list[Box] = []
        self.whole = 0

    def objects(self, frame: Frame, min_score: float = 0.25, within: Box | None = None) -> Objects:
        found: Script = self._script(frame.at, within)  # type: ignore[operator]
        if within is None:
            self.whole += 1
        else:
            self.parts.append(within)
        names = tuple(name for name, boxes in found.items() for _ in boxes)
        boxes = [box for group in found.values() for box in group]
        return Objects(np.array(boxes, np.float32).reshape(-1, 4), np.full(len(boxes), 0.9, np.float32), names)

    def water(self, frame: Frame) -> NDArray[np.float32] | None:
        return self._water


def angler(at: float, walks: float = 0.0) -> Box:
    return (0.42 + walks * at, 0.35, 0.50 + walks * at, 0.85)


def shore(at: float, *, walks: float = 0.0, rod: bool = True, light: int = 150) -> ArrayFrame:
    picture = np.full((360, 640, 3), light, np.uint8)
    picture[:, ::40] = light - 20
    left, top, right, bottom = angler(at, walks)
    body = (round(left * 640), round(top * 360)), (round(right * 640), round(bottom * 360))
    cv2.rectangle(picture, *body, (light // 3,) * 3, -1)
    if rod:
        hand = round(right * 640) - 2
        cv2.line(picture, (hand, 210), (hand + 130, 150), (light // 8,) * 3, 2, cv2.LINE_AA)
    return ArrayFrame(picture, at)


def look(
    script: object = None,
    *,
    water: NDArray[np.float32] | None = RIGHT,
    zones: tuple[Zone, ...] = (),
    seconds: float = 10.0,
    walks: float = 0.0,
    rod: bool = True,
    light: int = 150,
    rods_allowed: int | None = None,
) -> tuple[Finding, Scripted]:
    script = script or (lambda at, within: {"person": [angler(at, walks)]})
    model = Scripted(script, water)
    detector = build(Kind.FISHING, Request(zones, model, seconds, rods_allowed=rods_allowed))
    for step in range(round(seconds * 2.5) + 1):
        detector.update(shore(step * 0.4, walks=walks, rod=rod, light=light))
    return detector.finish(), model


def verdict(*args: object, **how: object) -> Verdict:
    return look(*args, **how)[0].verdict  # type: ignore[arg-type]


def test_who_stays_at_the_water_with_a_rod_is_flagged_drawn_found_or_unknown() -> None:
    assert verdict(zones=(WATER,)) is Verdict.FLAGGED
    assert verdict(zones=(BANK,)) is Verdict.FLAGGED
    assert verdict(water=RIGHT) is Verdict.FLAGGED
    assert verdict(water=None) is Verdict.FLAGGED


def test_who_stays_at_the_water_without_a_rod_is_a_candidate_and_elsewhere_nothing() -> None:
    assert verdict(rod=False, zones=(WATER,)) is Verdict.CANDIDATE
    assert verdict(rod=False, water=RIGHT) is Verdict.CANDIDATE
    assert verdict(rod=False, water=None) is Verdict.CLEAR
    assert verdict(rod=False, water=DRY) is Verdict.CLEAR


def test_a_line_at_somebody_in_a_street_is_no_rod() -> None:
    """The model tells water and finds none: a line alone is a pole, an umbrella, a lamp."""
    assert verdict(water=DRY) is Verdict.CLEAR


def test_who_walks_by_is_nothing() -> None:
    assert verdict(walks=0.05) is Verdict.CLEAR
    assert verdict(walks=0.05, zones=(WATER,)) is Verdict.CLEAR


def test_who_comes_nearer_is_a_walker_though_he_keeps_his_place_in_the_picture() -> None:
    def nearer(at: float, within: object) -> Script:
        half = 0.10 + 0.012 * at
        return {"person": [(0.46 - half / 6, 0.35, 0.46 + half / 6, 0.35 + 2 * half)]}

    assert verdict(nearer, rod=False) is Verdict.CLEAR


def test_by_night_an_angler_is_a_candidate_at_most() -> None:
    assert verdict(light=50) is Verdict.CANDIDATE


def test_a_look_too_short_is_never_flagged() -> None:
    finding, _ = look(seconds=2.4)
    assert finding.verdict is Verdict.CANDIDATE


def test_two_seconds_of_somebody_at_the_water_are_enough_for_a_candidate() -> None:
    """At 0, 0.8 and 1.6 s he is looked at: a walker would be a body height further."""
    assert verdict(seconds=1.7, rod=False) is Verdict.CANDIDATE
    assert verdict(seconds=1.7, rod=False, walks=0.3) is Verdict.CLEAR


def test_a_crowd_that_stays_at_the_water_means_nothing() -> None:
    crowd = [(0.05 + 0.09 * n, 0.5, 0.10 + 0.09 * n, 0.8) for n in range(10)]
    assert verdict(lambda at, within: {"person": crowd}, rod=False) is Verdict.CLEAR


def test_bathers_of_whom_head_and_shoulders_show_are_nothing() -> None:
    """In the water on all sides, wider than high."""
    bather = (0.75, 0.50, 0.82, 0.58)
    assert verdict(lambda at, within: {"person": [bather]}, rod=False) is Verdict.CLEAR
    stands = (0.75, 0.40, 0.80, 0.65)
    assert verdict(lambda at, within: {"person": [stands]}, rod=False) is Verdict.CANDIDATE


def test_a_boat_with_people_is_flagged_on_closed_water_and_a_candidate_where_nobody_drew_it() -> None:
    def manned(at: float, within: object) -> Script:
        return {"boat": [(0.6, 0.5, 0.9, 0.7)], "person": [(0.70 + 0.02 * at, 0.4, 0.75 + 0.02 * at, 0.62)]}

    assert verdict(manned, zones=(WATER,), rod=False) is Verdict.FLAGGED
    assert verdict(manned, water=RIGHT, rod=False) is Verdict.CANDIDATE


def test_a_moored_boat_and_a_boat_in_a_street_are_nothing() -> None:
    moored = {"boat": [(0.6, 0.5, 0.9, 0.7)]}
    assert verdict(lambda at, within: moored, zones=(WATER,), rod=False) is Verdict.CLEAR
    street = {"boat": [(0.6, 0.5, 0.9, 0.7)], "person": [(0.7, 0.4, 0.75, 0.62)]}
    assert verdict(lambda at, within: street, water=DRY, rod=False) is Verdict.CLEAR


def test_where_one_rod_is_allowed_one_is_nothing_and_two_are_flagged() -> None:
    assert verdict(zones=(WATER,), rods_allowed=1) is Verdict.CLEAR
    assert verdict(zones=(WATER,), rods_allowed=1, rod=False) is Verdict.CLEAR
    model = Scripted(lambda at, within: {"person": [angler(at)]}, RIGHT)
    detector = build(Kind.FISHING, Request((WATER,), model, 10.0, rods_allowed=1))
    for step in range(26):
        frame = shore(step * 0.4)
        picture = frame.bgr().copy()
        cv2.line(picture, (275, 215), (170, 120), (20, 20, 20), 2, cv2.LINE_AA)
        detector.update(ArrayFrame(picture, frame.at))
    assert detector.finish().verdict is Verdict.FLAGGED


def test_a_rod_that_the_model_itself_finds_twice_counts() -> None:
    def with_rod(at: float, within: Box | None) -> Script:
        found: Script = {"person": [angler(at)]}
        if within is not None:
            found["rod"] = [(0.48, 0.3, 0.75, 0.6)]
        return found

    finding, _ = look(with_rod, rod=False)
    assert finding.verdict is Verdict.FLAGGED
    assert "by the model" in finding.reason


def test_ignored_places_are_not_looked_at() -> None:
    private = Zone("garden", ZoneKind.PRIVATE, ((0.3, 0.2), (0.6, 0.2), (0.6, 1.0), (0.3, 1.0)))
    assert verdict(zones=(WATER, private)) is Verdict.CLEAR


def test_a_view_that_changes_is_judged_view_by_view() -> None:
    """Five seconds of an angler, then another view without anybody: a camera on tour."""

    def tour(at: float, within: object) -> Script:
        return {"person": [angler(at)]} if at < 5 else {}

    model = Scripted(tour, RIGHT)
    detector = build(Kind.FISHING, Request((), model, 10.0))
    other = np.random.default_rng(4).integers(0, 255, (18, 32, 3), dtype=np.uint8)
    for step in range(26):
        frame = shore(step * 0.4) if step < 13 else ArrayFrame(cv2.resize(other, (640, 360)), step * 0.4)
        detector.update(frame)
    assert detector.finish().verdict is Verdict.FLAGGED


def test_where_nobody_is_in_sight_only_the_shared_inferences_are_made() -> None:
    _, model = look(lambda at, within: {}, rod=False)
    assert (model.whole, model.parts) == (6, [])


def test_far_anglers_are_looked_for_where_water_meets_land_at_full_resolution() -> None:
    far = (0.49, 0.52, 0.50, 0.56)

    def only_in_parts(at: float, within: Box | None) -> Script:
        return {"person": [far]} if within is not None and within[0] <= 0.49 and within[2] >= 0.50 else {}

    model = Scripted(only_in_parts, RIGHT)
    detector = build(Kind.FISHING, Request((), model, 10.0))
    for step in range(26):
        detector.update(ArrayFrame(np.full((1080, 1920, 3), 150, np.uint8), step * 0.4))
    assert detector.finish().verdict is Verdict.CANDIDATE
    tiles = [part for part in model.parts if part[2] - part[0] > 0.3]
    assert 1 <= len(tiles) <= 6
    assert all(part[0] < 0.5 < part[2] for part in tiles)


def glance(script: object, water: NDArray[np.float32] | None) -> Finding | None:
    frames = tuple(shore(at, rod=False) for at in (0.0, 2.0, 4.0, 6.0))
    detector = build(Kind.FISHING, Request((), Scripted(script, water), 10.0))
    return detector.glance(Glance(frames, np.full(15, 4000.0), 0.4))


def test_a_glance_settles_where_nobody_is_and_where_people_walk_in_a_street() -> None:
    for script in (
        lambda at, within: {},
        lambda at, within: {"person": [(0.1 + 0.1 * at, 0.4, 0.16 + 0.1 * at, 0.8)]},
    ):
        found = glance(script, DRY)
        assert found is not None
        assert found.verdict is Verdict.CLEAR


def test_a_glance_never_settles_somebody_at_the_water_or_a_manned_boat() -> None:
    assert glance(lambda at, within: {"person": [angler(at)]}, RIGHT) is None
    assert (
        glance(lambda at, within: {"boat": [(0.6, 0.5, 0.9, 0.7)], "person": [(0.7, 0.4, 0.75, 0.62)]}, RIGHT) is None
    )
    assert glance(lambda at, within: {"person": [angler(at)]}, None) is None


@pytest.mark.parametrize(("height", "width"), [(1080, 1920), (1920, 1080), (2160, 3840)])
def test_tiles_lie_on_the_line_between_water_and_land_and_are_few(height: int, width: int) -> None:
    found = Shore(())
    found.see(RIGHT)
    tiles = found.tiles(height, width)
    assert 1 <= len(tiles) <= 3
    for left, top, right, bottom in tiles:
        assert left <= 0.5 <= right
        assert 0 <= top < bottom <= 1
        assert (right - left) * width == pytest.approx(640, rel=0.1)


def test_a_puddle_is_no_water() -> None:
    puddle = DRY.copy()
    puddle[10:12, 10:13] = 0.9
    found = Shore(())
    found.see(puddle)
    assert not found.known
