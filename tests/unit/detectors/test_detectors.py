"""Congestion and fishing on drawn scenes: what makes a flag, and what must never make one. Fireworks: test_fireworks.py."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from detectors import ArrayFrame, Box, Frame, Kind, NotRun, Objects, Request, Verdict, Zone, ZoneKind, build

ROAD = Zone("road", ZoneKind.ROAD, ((0.0, 0.4), (1.0, 0.4), (1.0, 1.0), (0.0, 1.0)))
WATER = Zone("river", ZoneKind.WATER, ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)))


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


def cars(at: float, speed: float, count: int = 12) -> list[tuple[float, float, float, float]]:
    return [
        (
            (0.02 + (n % 6) * 0.16 + at * speed) % 0.85,
            0.45 + (n // 6) * 0.25,
            (0.02 + (n % 6) * 0.16 + at * speed) % 0.85 + 0.14,
            0.65 + (n // 6) * 0.25,
        )
        for n in range(count)
    ]


_SKIN = np.random.default_rng(1).integers(40, 220, (400, 400), dtype=np.uint8)


def road(at: float, boxes: list[tuple[float, float, float, float]]) -> ArrayFrame:
    """Textured cars on a textured road; each car carries its own pattern along."""
    picture = cv2.GaussianBlur(np.random.default_rng(2).integers(80, 120, (270, 480), dtype=np.uint8), (0, 0), 2)
    for number, (left, top, right, bottom) in enumerate(boxes):
        x0, y0, x1, y1 = round(left * 480), round(top * 270), round(right * 480), round(bottom * 270)
        skin = cv2.resize(_SKIN[number * 20 : number * 20 + 24, :28], (x1 - x0, y1 - y0), interpolation=cv2.INTER_CUBIC)
        picture[y0:y1, x0:x1] = skin
    return ArrayFrame(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR).astype(np.uint8), at)


def congestion(speed: float, *, count: int = 12, seconds: float = 8.0, zones: tuple[Zone, ...] = (ROAD,)) -> Verdict:
    model = Scripted(lambda at: {"car": cars(at, speed, count)})
    detector = build(Kind.CONGESTION, Request(zones, model, seconds))
    for step in range(int(seconds * 5)):
        detector.update(road(step / 5, cars(step / 5, speed, count)))
    return detector.finish().verdict


def test_many_standing_vehicles_that_fill_the_road_are_a_jam() -> None:
    assert congestion(0.0) is Verdict.FLAGGED


def test_the_same_vehicles_in_motion_are_none() -> None:
    assert congestion(0.09) is Verdict.CLEAR


def test_a_few_that_wait_are_none() -> None:
    assert congestion(0.0, count=2) is Verdict.CLEAR


def test_a_look_too_short_is_never_flagged() -> None:
    assert congestion(0.0, seconds=3.0) is Verdict.CANDIDATE


def test_vehicles_beside_the_road_do_not_count() -> None:
    elsewhere = Zone("lane", ZoneKind.ROAD, ((0.0, 0.0), (1.0, 0.0), (1.0, 0.2), (0.0, 0.2)))
    assert congestion(0.0, zones=(elsewhere,)) is Verdict.CLEAR


@pytest.mark.parametrize("kind", [Kind.CONGESTION, Kind.FISHING])
def test_without_a_model_they_do_not_run_and_say_so(kind: Kind) -> None:
    with pytest.raises(NotRun, match="no object model"):
        build(kind, Request())


def angler(at: float, *, walks: float = 0.0) -> tuple[float, float, float, float]:
    return (0.30 + walks * at, 0.35, 0.38 + walks * at, 0.85)


def shore(at: float, *, walks: float = 0.0, rod: bool = True) -> ArrayFrame:
    picture = np.full((360, 640, 3), 150, np.uint8)
    left, top, right, bottom = angler(at, walks=walks)
    cv2.rectangle(
        picture, (round(left * 640), round(top * 360)), (round(right * 640), round(bottom * 360)), (60, 60, 60), -1
    )
    if rod:
        cv2.line(picture, (round(right * 640) - 2, 210), (round(right * 640) + 130, 150), (20, 20, 20), 2, cv2.LINE_AA)
    return ArrayFrame(picture, at)


def fishing(*, walks: float = 0.0, rod: bool = True, zones: tuple[Zone, ...] = (), boat: bool = False) -> Verdict:
    def script(at: float) -> dict[str, list[tuple[float, float, float, float]]]:
        if boat:
            return {"boat": [(0.6, 0.5, 0.9, 0.7)], "person": [(0.7, 0.4, 0.75, 0.62)]}
        return {"person": [angler(at, walks=walks)]}

    detector = build(Kind.FISHING, Request(zones, Scripted(script), 10.0))
    for step in range(25):
        at = step * 0.4
        detector.update(shore(at, walks=walks, rod=rod))
    return detector.finish().verdict


def test_who_stays_with_a_rod_is_flagged_with_or_without_zones() -> None:
    assert fishing() is Verdict.FLAGGED
    assert fishing(zones=(WATER,)) is Verdict.FLAGGED


def test_who_stays_at_the_water_without_a_rod_is_a_candidate_and_elsewhere_nothing() -> None:
    assert fishing(rod=False, zones=(WATER,)) is Verdict.CANDIDATE
    assert fishing(rod=False) is Verdict.CLEAR


def test_who_walks_by_is_nothing() -> None:
    assert fishing(walks=0.06, zones=(WATER,)) is Verdict.CLEAR


def test_a_boat_with_people_is_flagged_on_drawn_water_only() -> None:
    assert fishing(boat=True, zones=(WATER,)) is Verdict.FLAGGED
    assert fishing(boat=True) is Verdict.CANDIDATE
