"""Fireworks on drawn scenes: each kind that must be found, each kind that must not be taken for them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from detectors import ArrayFrame, Finding, Glance, Image, Kind, Request, Verdict, Zone, ZoneKind, build
from tests.support.sparks import FPS, pictures

FIRST_S = 3.6
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
SKY = Zone("sky", ZoneKind.SKY, ((0.0, 0.0), (1.0, 0.0), (1.0, 0.6), (0.0, 0.6)))


def look(scene: str, *, seed: int = 11, seconds: float = 8.0, zones: tuple[Zone, ...] = ()) -> Finding:
    return judged(pictures(scene, seed, seconds), zones=zones)


def judged(drawn: Iterable[Image], *, zones: tuple[Zone, ...] = ()) -> Finding:
    detector = build(Kind.FIREWORKS, Request(zones))
    for step, picture in enumerate(drawn):
        detector.update(ArrayFrame(picture, step / FPS))
    return detector.finish()


@pytest.mark.parametrize("scene", ["shells", "shells_near", "shells_far", "shells_lit_town", "cake", "finale"])
def test_shells_that_rise_burst_and_decay_are_fireworks(scene: str) -> None:
    found = look(scene)
    assert found.verdict is Verdict.FLAGGED
    assert found.box is not None
    assert found.box[1] < 0.5, "the box is where they burst, in the sky"


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_a_shaking_hand_may_cost_shells_their_flag_and_never_the_follow_up(seed: int) -> None:
    assert look("shells_by_hand", seed=seed).verdict is not Verdict.CLEAR


@pytest.mark.parametrize("scene", ["crackers", "crackers_near", "crackers_lit_street"])
def test_a_train_of_irregular_flashes_at_one_place_is_a_string_of_firecrackers(scene: str) -> None:
    found = look(scene)
    assert found.verdict is Verdict.FLAGGED
    assert found.reason.startswith("flash train")


@pytest.mark.parametrize("scene", ["fountain", "flare"])
def test_sparks_that_spray_from_one_place_for_a_second_and_more_are_a_fountain_or_a_flare(scene: str) -> None:
    assert look(scene).verdict is not Verdict.CLEAR
    assert look("fountain").verdict is Verdict.FLAGGED


def test_firecrackers_by_day_are_a_candidate_and_never_more() -> None:
    found = look("crackers_by_day")
    assert found.verdict is Verdict.CANDIDATE
    assert "by day" in found.reason


def test_one_burst_alone_is_a_candidate_two_are_flagged() -> None:
    two = list(pictures("shells", 3, 8.0))
    assert judged(two).verdict is Verdict.FLAGGED
    assert judged(two[: round(FIRST_S * FPS)]).verdict is Verdict.CANDIDATE


def test_less_than_a_second_of_evidence_is_never_flagged() -> None:
    for scene in ("finale", "crackers_near", "fountain"):
        start = 3.0
        drawn = list(pictures(scene, 11, 4.0))[round(start * FPS) :]
        assert judged(drawn).verdict is not Verdict.FLAGGED, scene


REJECTED = {
    "the whole picture lights up for a moment: lightning": "lightning",
    "the infrared filter switches": "switching",
    "a police strobe": "strobe",
    "a faster strobe": "fast_strobe",
    "lamps that stand still": "quiet",
    "lamps of a flood-lit town": "quiet_lit",
    "a LED wall": "screen",
    "running and twinkling signs": "neon",
    "fairy lights that flash together by the clock": "fairy_lights",
    "stage lights": "stage_lights",
    "headlights": "headlights",
    "a full road of headlights": "headlights_many",
    "headlights on a lit road": "headlights_lit",
    "a platoon of cars from a traffic light": "platoon",
    "a car behind a row of trees": "fence",
    "photo flashes in a crowd": "photo_flashes",
    "welding at night": "welding",
    "welding that never rests": "welding_on_and_on",
    "welding far away": "welding_far",
    "welding by day": "welding_by_day",
    "insects before an infrared lamp": "insects",
    "a swarm of them": "many_insects",
    "rain in infrared light": "rain",
    "heavy rain in infrared light": "heavy_rain",
    "rain under street lamps": "rain_in_colour",
    "snow in infrared light": "snow",
    "a bonfire with embers": "bonfire",
    "a house on fire": "house_fire",
    "sky lanterns": "lanterns",
    "lamps mirrored in water": "glitter",
    "a camera that shakes before a town": "shaking",
    "a camera that shakes before a lit town": "shaking_lit",
    "a camera that shakes before traffic": "shaking_traffic",
    "a street by day": "day_street",
    "a camera that shakes by day": "day_shaking",
}


@pytest.mark.parametrize("scene", list(REJECTED.values()), ids=list(REJECTED))
def test_what_lights_up_otherwise_is_never_flagged(scene: str) -> None:
    found = look(scene)
    assert found.verdict is not Verdict.FLAGGED, found.reason


PLAIN = [
    "lightning",
    "switching",
    "strobe",
    "fast_strobe",
    "quiet",
    "quiet_lit",
    "neon",
    "headlights",
    "headlights_many",
    "headlights_lit",
    "insects",
    "many_insects",
    "rain",
    "heavy_rain",
    "rain_in_colour",
    "snow",
    "bonfire",
    "house_fire",
    "lanterns",
    "glitter",
    "shaking",
    "shaking_lit",
    "shaking_traffic",
    "day_street",
    "day_shaking",
    "fence",
]


@pytest.mark.parametrize("scene", PLAIN)
def test_everyday_scenes_are_not_even_candidates(scene: str) -> None:
    found = look(scene)
    assert found.verdict is Verdict.CLEAR, found.reason


def test_what_an_ignored_or_private_zone_hides_is_not_seen() -> None:
    for kind in (ZoneKind.IGNORE, ZoneKind.PRIVATE):
        assert look("shells", zones=(Zone("all", kind, WHOLE),)).verdict is Verdict.CLEAR


def test_the_finding_names_the_sky_zone_in_which_it_bursts() -> None:
    assert look("shells_near", zones=(SKY,)).zone == "sky"
    assert look("crackers", zones=(SKY,)).zone == "whole"


@pytest.mark.parametrize("fps", [10.0, 8.0])
def test_slower_cameras_find_the_same(fps: float) -> None:
    for scene, flagged in (("shells_near", True), ("crackers", True), ("headlights", False), ("heavy_rain", False)):
        detector = build(Kind.FIREWORKS, Request())
        for n, picture in enumerate(pictures(scene, 11, 10.0)):
            if int(n * fps / FPS) != int((n - 1) * fps / FPS):
                detector.update(ArrayFrame(picture, n / FPS))
        assert (detector.finish().verdict is Verdict.FLAGGED) is flagged, scene


def test_a_change_of_picture_size_in_mid_look_is_survived() -> None:
    drawn = list(pictures("shells_near", 11, 6.0))
    halves = drawn[:20] + [np.ascontiguousarray(p[:300, :400]) for p in drawn[20:]]
    assert judged(halves).measurements["frames"] == len(drawn) - 20


def glanced(scene: str, rates: list[float], *, seed: int = 11) -> Finding | None:
    drawn = list(pictures(scene, seed, 9.0))
    frames = tuple(ArrayFrame(drawn[n], n / FPS) for n in range(0, len(drawn), 25))
    return build(Kind.FIREWORKS, Request()).glance(Glance(frames, np.array(rates, np.float64), 0.5))


EVEN = [4000.0, 4300.0, 3900.0, 4100.0] * 4


def test_a_glance_settles_a_still_scene_with_an_even_stream() -> None:
    for scene in ("quiet", "quiet_lit", "day_street"):
        found = glanced(scene, EVEN)
        assert found is not None, scene
        assert found.verdict is Verdict.CLEAR


def test_a_glance_leaves_to_the_full_look_whatever_may_be_more() -> None:
    assert glanced("quiet", [*EVEN, 12_000.0]) is None, "a burst between two keyframes shows in the bytes"
    assert glanced("quiet", [0.0] * 8) is None, "keyframes alone say nothing of what lies between"
    for scene in ("shells_near", "crackers_near", "fountain", "finale"):
        assert glanced(scene, EVEN) is None, scene


def test_no_frame_and_one_frame_are_clear() -> None:
    assert judged([]).verdict is Verdict.CLEAR
    assert judged([np.zeros((90, 160, 3), np.uint8)]).verdict is Verdict.CLEAR


def test_a_finding_says_where_sparks_were_over_time_and_a_clear_one_says_nothing() -> None:
    finding = look("shells")
    times = [mark.at for mark in finding.marks]
    assert len({*times}) > 10
    assert times == sorted(times)
    assert all(mark.what == "sparks" and 0 <= mark.box[0] < mark.box[2] <= 1 for mark in finding.marks)
    assert finding.at in times
    assert judged([np.zeros((90, 160, 3), np.uint8)] * 60).marks == ()
