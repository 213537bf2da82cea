"""A frozen picture is caught through every kind of coder that repeats itself; a scene in which nothing moves is not frozen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pytest

from bench.bad_pictures import lit, noisy, stamped
from bench.quality import coded, judged
from detectors import ArrayFrame, Frame, Image
from patrol.visits.quality import QualityMeter
from patrol.visits.report import Cause, Quality
from tests.support import scenery

RATE = 12
FAST = {"preset": "ultrafast", "tune": "zerolatency"}
STREET = noisy(scenery.street(), 1.5, np.random.default_rng(5))
RESERVOIR = lit(scenery.street(3), 0.3, 0)
"""Dark, textured, nothing in it moves."""


def stream(pictures: list[Image], **how: Any) -> Iterator[Frame]:
    return coded(pictures, fps=RATE, **{"group": 2 * RATE, "options": {**FAST, "crf": "23"}, **how}).frames()


def clock(pictures: list[Image]) -> list[Image]:
    return [stamped(picture, n // RATE) for n, picture in enumerate(pictures)]


def noise(scene: Image, sigma: float, count: int, seed: int = 9) -> list[Image]:
    rng = np.random.default_rng(seed)
    return [noisy(scene, sigma, rng) for _ in range(count)]


@pytest.mark.parametrize("running", [False, True], ids=["all still", "clock runs"])
@pytest.mark.parametrize("scene", [STREET], ids=["day"])
def test_a_frozen_picture_is_caught(scene: Image, running: bool) -> None:
    pictures = [scene] * (9 * RATE)
    assert judged(stream(clock(pictures) if running else pictures)).issues == (Cause.FROZEN,)


def test_a_frozen_picture_is_caught_without_a_second_keyframe() -> None:
    assert judged(stream([STREET] * (11 * RATE), group=1000)).issues == (Cause.FROZEN,)


def test_a_frozen_source_of_single_pictures_is_caught() -> None:
    """Motion JPEG: every frame is a keyframe."""
    assert judged(ArrayFrame(STREET, n / 2) for n in range(16)).issues == (Cause.FROZEN,)


@pytest.mark.parametrize("sigma", [0.5, 2.0])
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"options": {**FAST, "crf": "38"}},
        {"group": 1000, "options": {**FAST, "crf": "38"}},
        {"bit_rate": 60_000, "options": {"preset": "veryfast"}},
    ],
    ids=["crf 23", "crf 38", "crf 38, one keyframe", "60 kbit/s"],
)
def test_a_reservoir_at_night_is_not_frozen(sigma: float, how: dict[str, Any]) -> None:
    found = judged(stream(clock(noise(RESERVOIR, sigma, 11 * RATE)), **how))
    assert (found.verdict, found.issues) == ("good", ())


def test_a_calm_scene_really_repeats_itself_between_keyframes() -> None:
    """Otherwise the test above would prove nothing: the coder says "unchanged" for whole seconds."""
    frames = list(stream(noise(RESERVOIR, 0.5, 5 * RATE), group=1000, options={**FAST, "crf": "38"}))
    same = [np.array_equal(a.gray(), b.gray()) for a, b in zip(frames[RATE:], frames[RATE + 1 :], strict=False)]
    assert np.mean(same) > 0.2


def test_a_film_in_a_loop_is_not_frozen() -> None:
    round_of = [scenery.street() for _ in range(6)]
    for n, picture in enumerate(round_of):
        picture[270:330, 60 + 70 * n : 150 + 70 * n] = (40, 40, 160)
    assert judged(ArrayFrame(round_of[n % 6], float(n)) for n in range(20)).verdict == "good"


def test_less_than_five_seconds_prove_nothing() -> None:
    assert judged(ArrayFrame(STREET, n / 2) for n in range(9)).verdict == "good"


def finish(frames: Iterable[Frame], *, live: bool, before: str | None) -> tuple[Quality, str | None]:
    meter = QualityMeter()
    for frame in frames:
        meter.update(frame)
    return meter.finish(live=live, previous_fingerprint=before)


def short(picture: Image) -> list[ArrayFrame]:
    return [ArrayFrame(picture, n / 2) for n in range(7)]


def test_a_picture_still_there_at_the_next_look_is_stale() -> None:
    _, first = finish(short(STREET), live=True, before=None)
    assert first is not None
    assert len(first) <= 64, "the ledger's column"
    assert finish(short(STREET), live=True, before=first)[0].issues == (Cause.STALE,)
    assert finish(short(STREET), live=False, before=first)[0].issues == (), "a file may be looked at twice"
    changed = STREET.copy()
    changed[180, 320] ^= 8
    assert finish(short(changed), live=True, before=first)[0].issues == (), "one pixel is enough"


def test_a_still_scene_is_never_stale() -> None:
    looks = [[ArrayFrame(p, n / 2) for n, p in enumerate(noise(RESERVOIR, 0.7, 7, seed))] for seed in (1, 2)]
    _, first = finish(looks[0], live=True, before=None)
    assert finish(looks[1], live=True, before=first)[0].verdict == "good"
    again, second = finish(looks[0], live=True, before=first)
    assert second == first
    assert again.verdict == "good", "a recording that comes round to the same picture lives"
