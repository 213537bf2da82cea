"""The three detectors on drawn scenes: what makes a flag, and what must never make one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from detectors import ArrayFrame, Box, Frame, Image, Kind, NotRun, Objects, Request, Verdict, build


class Scripted:
    """A model that sees what the script says for a moment: ``{name: boxes}``."""

    name = "scripted"
    classes = frozenset({"car", "person", "boat"})

    def __init__(self, script: object) -> None:
        self._script = script

    def water(self, frame: Frame) -> None:
        return None

    def objects(self, frame: Frame, min_score: float = 0.25, within: Box | None = None) -> Objects:
        found = self._script(frame.at)  # type: ignore[operator]
        names = tuple(n for n, boxes in found.items() for _ in boxes)
        boxes = [b for group in found.values() for b in group]
        return Objects(np.array(boxes, np.float32).reshape(-1, 4), np.full(len(boxes), 0.9, np.float32), names)


@pytest.mark.parametrize("kind", [Kind.CONGESTION, Kind.FISHING])
def test_without_a_model_they_do_not_run_and_say_so(kind: Kind) -> None:
    with pytest.raises(NotRun, match="no object model"):
        build(kind, Request())


def night(lights: list[tuple[float, float, int]], level: int = 12) -> Image:
    picture = np.full((180, 320, 3), level, np.uint8)
    for x, y, brightness in lights:
        cv2.circle(picture, (round(x * 320), round(y * 180)), 1, (brightness,) * 3, -1)
    return picture


def fireworks(pictures: list[Image]) -> Verdict:
    detector = build(Kind.FIREWORKS, Request(expected_s=len(pictures) / 12.5))
    for step, picture in enumerate(pictures):
        detector.update(ArrayFrame(picture, step / 12.5))
    return detector.finish().verdict


def bursts(seconds: float = 8.0) -> list[Image]:
    random = np.random.default_rng(5)
    starts = (0.0, 1.4, 3.6, 4.5, 6.4)
    pictures = []
    for step in range(int(seconds * 12.5)):
        # As shells come: not on the beat, or they would pass for a lamp that blinks.
        number = max(i for i, start in enumerate(starts) if step / 12.5 >= start)
        age = step / 12.5 - starts[number]
        centre = (0.3 + 0.15 * (number % 3), 0.35)
        lights = []
        if age < 1.3:
            for ray in range(40):
                angle = 2 * np.pi * ray / 40 + random.normal(0, 0.05)
                reach = 0.25 * (1 - np.exp(-4 * age)) * (0.7 + 0.3 * random.random())
                lights.append(
                    (
                        centre[0] + reach * np.cos(angle) * 0.56,
                        centre[1] + reach * np.sin(angle),
                        int(255 * np.exp(-age * 0.6)),
                    )
                )
        pictures.append(cv2.dilate(night(lights), np.ones((3, 3), np.uint8)).astype(np.uint8))
    return pictures


def test_bursts_in_the_night_sky_are_fireworks() -> None:
    assert fireworks(bursts()) is Verdict.FLAGGED


def test_what_lights_up_otherwise_at_night_is_none() -> None:
    lamps = [(0.1 * n, 0.8, 240) for n in range(1, 9)]
    steady = [night(lamps) for _ in range(100)]
    blinking = [night([*lamps, *([(0.5, 0.3, 250)] if step % 12 < 6 else [])]) for step in range(100)]
    lightning = [night(lamps, level=200 if step in {30, 55} else 12) for step in range(100)]
    switched_on = [night(lamps if step > 40 else []) for step in range(100)]
    headlights = [night([(step / 100, 0.7, 250), (step / 100 + 0.03, 0.7, 250)]) for step in range(100)]
    for scene in (steady, blinking, lightning, switched_on, headlights):
        assert fireworks(scene) is Verdict.CLEAR


def test_the_same_sparks_by_day_are_never_flagged() -> None:
    assert fireworks([cv2.add(p, 110).astype(np.uint8) for p in bursts()]) is not Verdict.FLAGGED
