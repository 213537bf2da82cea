"""A look that is not one never counts, and a sound look is never thrown away: what one picture shows."""

from __future__ import annotations

import numpy as np
import pytest

from bench.bad_pictures import SPOILED, Spoil, lit, noisy
from bench.quality import judged
from detectors import ArrayFrame, Image
from patrol.visits.capture import capture
from patrol.visits.quality import QualityMeter
from patrol.visits.report import Cause, Quality
from tests.support import footage, scenery

UNDECIDABLE = {
    # Black paint over most of a sunny street looks like a night with a few lit houses.
    "sprayed 85 %, black",
}


def look(*pictures: Image) -> Quality:
    return judged(ArrayFrame(picture, float(n)) for n, picture in enumerate(pictures))


@pytest.mark.parametrize("scene", [scenery.street(), scenery.lake(), scenery.night()], ids=["street", "lake", "night"])
def test_a_sound_picture_is_good(scene: Image) -> None:
    found = look(scene, noisy(scene, 1, np.random.default_rng(2)))
    assert (found.verdict, found.issues) == ("good", ())


def test_the_numbers_are_those_of_the_picture() -> None:
    scene = scenery.street()
    found = look(scene, scene)
    assert found.luma == pytest.approx(scene.mean(), rel=0.1)
    assert found.contrast is not None
    assert 20 < found.contrast < 80
    assert found.sharpness is not None
    assert 0.4 < found.sharpness <= 1
    darker = look(lit(scene, 0.5, 0))
    assert darker.sharpness == pytest.approx(found.sharpness, abs=0.1), "light does not matter to it"


@pytest.mark.parametrize("scene", [scenery.street(), scenery.street(8)], ids=["one street", "another"])
@pytest.mark.parametrize(
    ("spoil", "right"),
    [v for k, v in SPOILED.items() if k not in UNDECIDABLE],
    ids=[k for k in SPOILED if k not in UNDECIDABLE],
)
def test_a_spoiled_picture_is_bad(scene: Image, spoil: Spoil, right: frozenset[Cause]) -> None:
    picture = spoil(scene, np.random.default_rng(11))
    found = look(picture, picture)
    assert found.verdict == "bad"
    assert found.issues[0] in right


def test_the_same_dark_that_hides_a_street_may_hold_a_lit_night() -> None:
    night = scenery.night()
    assert night.mean() < 40
    assert look(night).verdict == "good"
    assert look(lit(night, 0.05, 0)).issues == (Cause.DARK,)


def test_a_passing_bus_covers_no_lens() -> None:
    street, bus = scenery.street(), np.full_like(scenery.street(), (60, 60, 70))
    assert look(street, street, bus, street, street, street, street).verdict == "good"
    assert look(street, *[bus] * 6).issues[0] is Cause.OCCLUDED


def test_without_a_picture_nothing_is_claimed() -> None:
    quality, fingerprint = QualityMeter().finish(live=True, previous_fingerprint="S0")
    assert quality == Quality()
    assert quality.verdict == "unknown"
    assert fingerprint is None


@pytest.mark.footage
def test_no_real_clip_is_judged_bad() -> None:
    clips = sorted(footage.CLIPS.rglob("*.mp4"))
    assert len(clips) >= 30
    bad = {}
    for clip in clips:
        got = capture(str(clip), dwell_s=4, open_timeout_s=5, read_timeout_s=5, deadline_s=60)
        found = judged(got.frames())
        if found.verdict != "good":
            bad[clip.stem] = found.issues
    assert bad == {}
