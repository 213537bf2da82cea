"""A jam, and what only looks like one: drawn streets, scripted vehicles."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from detectors import (
    ArrayFrame,
    Box,
    Finding,
    Frame,
    Glance,
    Kind,
    Mark,
    Objects,
    Request,
    RoadMemory,
    Verdict,
    Zone,
    ZoneKind,
    build,
)
from detectors._types import MOST_MARKS, thinned
from detectors.congestion import Congestion

ROAD = Zone("road", ZoneKind.ROAD, ((0.0, 0.4), (1.0, 0.4), (1.0, 1.0), (0.0, 1.0)))
_SKIN = np.random.default_rng(1).integers(40, 220, (400, 400), dtype=np.uint8)

Boxes = list[tuple[float, float, float, float]]


class Scripted:
    """A model that sees what the script says for a moment."""

    name = "scripted"
    classes = frozenset({"car", "person", "boat", "motorcycle"})

    def __init__(self, script: object, name: str = "car") -> None:
        self._script = script
        self._name = name
        self.asked = 0

    def water(self, frame: Frame) -> None:
        return None

    def objects(self, frame: Frame, min_score: float = 0.25, within: Box | None = None) -> Objects:
        self.asked += 1
        boxes = self._script(frame.at)  # type: ignore[operator]
        names = (self._name,) * len(boxes)
        return Objects(np.array(boxes, np.float32).reshape(-1, 4), np.full(len(boxes), 0.9, np.float32), names)


def cars(at: float, speed: float, count: int = 12) -> Boxes:
    """Two rows of vehicles, 0.14 wide, that move to the right and come in again; ``speed`` in widths of the picture a second."""
    return [
        (left, 0.45 + (n // 6) * 0.25, left + 0.14, 0.65 + (n // 6) * 0.25)
        for n in range(count)
        for left in [(0.02 + (n % 6) * 0.16 + at * speed) % 0.85]
    ]


def street(at: float, boxes: Boxes, *, seed: int = 2, shift: float = 0.0) -> ArrayFrame:
    """Textured cars on a textured street; each car carries its own pattern along."""
    noise = np.random.default_rng(seed).integers(60, 140, (270, 480), dtype=np.uint8)
    picture = cv2.GaussianBlur(noise, (0, 0), 2)
    for number, (left, top, right, bottom) in enumerate(boxes):
        x0, y0, x1, y1 = round(left * 480), round(top * 270), round(right * 480), round(bottom * 270)
        skin = cv2.resize(_SKIN[number * 20 : number * 20 + 24, :28], (x1 - x0, y1 - y0), interpolation=cv2.INTER_CUBIC)
        picture[y0:y1, x0:x1] = skin
    if shift:
        picture = np.roll(picture, round(shift * 480), axis=1)
    return ArrayFrame(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR).astype(np.uint8), at)


def detector_of(script: object, **request: object) -> Congestion:
    detector = build(Kind.CONGESTION, Request(model=Scripted(script), **request))  # type: ignore[arg-type]
    assert isinstance(detector, Congestion)
    return detector


def look(script: object, *, seconds: float = 10.0, **request: object) -> tuple[Finding, Congestion]:
    detector = detector_of(script, **request)
    for step in range(int(seconds * 5) + 1):
        detector.update(street(step / 5, script(step / 5)))  # type: ignore[operator]
    return detector.finish(), detector


def congestion(speed: float, *, count: int = 12, seconds: float = 10.0, zones: tuple[Zone, ...] = (ROAD,)) -> Verdict:
    return look(lambda at: cars(at, speed, count), seconds=seconds, zones=zones)[0].verdict


def test_many_standing_vehicles_that_fill_the_road_are_a_jam_with_and_without_a_zone() -> None:
    assert congestion(0.0) is Verdict.FLAGGED
    assert congestion(0.0, zones=()) is Verdict.FLAGGED


def test_stop_and_go_is_a_jam_too() -> None:
    assert congestion(0.008) is Verdict.FLAGGED


def test_the_same_vehicles_in_motion_are_none() -> None:
    assert congestion(0.09) is Verdict.CLEAR


def test_dense_traffic_that_rolls_is_a_candidate_at_most() -> None:
    assert congestion(0.045) is not Verdict.FLAGGED


def test_a_few_that_wait_are_none() -> None:
    assert congestion(0.0, count=2) is Verdict.CLEAR


def test_a_look_too_short_is_never_flagged() -> None:
    assert congestion(0.0, seconds=3.0) is Verdict.CANDIDATE


def test_vehicles_beside_the_road_do_not_count() -> None:
    elsewhere = Zone("lane", ZoneKind.ROAD, ((0.0, 0.0), (1.0, 0.0), (1.0, 0.2), (0.0, 0.2)))
    assert congestion(0.0, zones=(elsewhere,)) is Verdict.CLEAR


def test_a_light_that_holds_vehicles_makes_a_candidate_of_a_jam() -> None:
    finding, _ = look(lambda at: cars(at, 0.0), zones=(replace(ROAD, signals=True),))
    assert finding.verdict is Verdict.CANDIDATE
    assert "later looks decide" in finding.reason


def test_motorbikes_are_vehicles() -> None:
    model = Scripted(lambda at: cars(at, 0.0), "motorcycle")
    detector = build(Kind.CONGESTION, Request((ROAD,), model))
    for step in range(51):
        detector.update(street(step / 5, cars(0, 0)))
    assert detector.finish().verdict is Verdict.FLAGGED


def kerb_and_lane(at: float) -> Boxes:
    """Six cars at the kerb that never stir; three that drive by."""
    moving = [
        ((0.1 + 0.3 * n + 0.12 * at) % 0.8, 0.75, (0.1 + 0.3 * n + 0.12 * at) % 0.8 + 0.14, 0.95) for n in range(3)
    ]
    return [(0.02 + 0.16 * n, 0.45, 0.16 + 0.16 * n, 0.65) for n in range(6)] + moving


def test_cars_parked_beside_traffic_that_flows_are_no_jam() -> None:
    finding, _ = look(kerb_and_lane)
    assert finding.verdict is Verdict.CLEAR
    assert finding.measurements["parked"] == 6


def test_the_share_that_stands_is_measured() -> None:
    finding, _ = look(kerb_and_lane)
    assert finding.measurements["stopped_share"] == pytest.approx(6 / 9, abs=0.1)


def test_a_jam_says_which_vehicles_stood_at_each_moment() -> None:
    finding, _ = look(lambda at: cars(at, 0.0))
    assert finding.verdict is not Verdict.CLEAR
    moments = {mark.at for mark in finding.marks}
    assert len(moments) >= 3
    assert all(sum(mark.at == moment for mark in finding.marks) == 12 for moment in moments)
    assert {mark.what for mark in finding.marks if mark.at < max(moments)} == {"standing"}


def test_a_finding_carries_no_more_marks_than_can_be_kept_and_whole_moments_only() -> None:
    many = [Mark(float(at), "moving", (0.1, 0.1, 0.2, 0.2)) for at in range(100) for _ in range(10)]
    kept = thinned(many)
    assert 0 < len(kept) <= MOST_MARKS
    assert all(sum(mark.at == moment for mark in kept) == 10 for moment in {mark.at for mark in kept})
    assert thinned(many[:50]) == tuple(many[:50])
    assert thinned([]) == ()


def test_a_view_that_changes_is_judged_view_by_view() -> None:
    """A camera on tour: five seconds of a jam, then five of another street where all drive."""

    def tour(at: float) -> Boxes:
        return cars(at, 0.0) if at < 5 else cars(at, 0.09)

    detector = detector_of(tour)
    for step in range(56):
        detector.update(street(step / 5, tour(step / 5), seed=2 if step < 25 else 9))
    assert detector.finish().verdict is Verdict.FLAGGED


def test_a_camera_in_motion_is_never_sure() -> None:
    detector = detector_of(lambda at: cars(0, 0))
    for step in range(51):
        detector.update(street(step / 5, cars(0, 0), shift=0.01 * step))
    assert detector.finish().verdict is not Verdict.FLAGGED


def test_vehicles_are_found_every_two_seconds_only() -> None:
    model = Scripted(lambda at: cars(at, 0.0))
    detector = build(Kind.CONGESTION, Request((ROAD,), model))
    for step in range(50):
        detector.update(street(step / 5, cars(0, 0)))
    assert model.asked == 5


def glance(script: object) -> Finding | None:
    frames = tuple(street(at, script(at)) for at in (0.0, 2.0, 4.0, 6.0))  # type: ignore[operator]
    return detector_of(script).glance(Glance(frames, np.full(15, 4000.0), 0.4))


def test_a_glance_settles_an_empty_road_and_one_with_few_vehicles() -> None:
    for count in (0, 2):
        finding = glance(lambda at, n=count: cars(at, 0.09, n))
        assert finding is not None
        assert finding.verdict is Verdict.CLEAR
        assert finding.measurements["vehicles"] == count


def test_a_glance_at_many_vehicles_asks_for_a_full_look() -> None:
    assert glance(lambda at: cars(at, 0.0)) is None


def memory_of(script: object, looks: int = 12) -> RoadMemory:
    memory = RoadMemory()
    for _ in range(looks):
        memory = look(script, seconds=6.0, road=memory)[1].learnt
    return memory


def test_parked_cars_are_learnt_and_left_out() -> None:
    memory = memory_of(kerb_and_lane)
    assert memory.mature
    # Nobody drives now: by one look alone the row at the kerb would be a queue.
    only_parked = look(lambda at: kerb_and_lane(at)[:6], road=memory)[0]
    assert only_parked.verdict is Verdict.CLEAR
    assert look(lambda at: kerb_and_lane(at)[:6])[0].verdict is not Verdict.CLEAR


def test_the_road_is_learnt_from_where_vehicles_move() -> None:
    road = memory_of(lambda at: kerb_and_lane(at)[6:]).road(27, 48)
    assert road[23, 10:40].all()
    assert not road[:12].any()


def test_a_jam_on_the_learnt_road_is_flagged() -> None:
    finding, _ = look(lambda at: cars(at, 0.0), road=memory_of(lambda at: cars(at, 0.09)))
    assert finding.verdict is Verdict.FLAGGED
    assert finding.zone == "learnt"


def test_where_vehicles_often_wait_and_drive_on_one_look_is_a_candidate() -> None:
    memory = RoadMemory()
    for number in range(14):
        red = number % 2 == 0
        memory = look(lambda at, red=red: cars(at, 0.0 if red else 0.09), seconds=6.0, road=memory)[1].learnt
    finding, _ = look(lambda at: cars(at, 0.0), road=memory)
    assert finding.verdict is Verdict.CANDIDATE
    assert "often wait here" in finding.reason


def test_a_memory_says_nothing_before_it_has_seen_a_day() -> None:
    memory = memory_of(kerb_and_lane, looks=3)
    assert not memory.mature
    assert not memory.road(27, 48).any()
    assert not memory.parked(np.array(kerb_and_lane(0), np.float32)).any()


def test_a_memory_comes_back_as_it_was_kept_and_a_damaged_one_is_refused() -> None:
    memory = memory_of(kerb_and_lane, looks=2)
    again = RoadMemory.load(memory.dump())
    assert again.looks == pytest.approx(memory.looks)
    assert np.array_equal(again.moved, memory.moved)
    for raw in (b"", b"PK\x03\x04 not really", memory.dump()[:200]):
        with pytest.raises(ValueError, match="no memory of a road"):
            RoadMemory.load(raw)


def test_a_row_of_cars_that_never_stirs_must_be_long_to_count_as_a_jam() -> None:
    """Five cars at a kerb fill a fifth of the picture; in a queue one of them would creep."""
    row = [(0.02 + 0.185 * n, 0.5, 0.19 + 0.185 * n, 0.72) for n in range(5)]

    def queue(at: float) -> Boxes:
        return [(left + 0.006 * at, top, right + 0.006 * at, bottom) for left, top, right, bottom in row]

    assert look(lambda at: row)[0].verdict is Verdict.CANDIDATE
    assert look(queue, seconds=8.0)[0].verdict is Verdict.FLAGGED
