"""What is hidden in a copy: every region in every frame of its span, and nothing of it can be brought back."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from detectors import Box, Objects, Zone, ZoneKind
from patrol.evidence import masking
from patrol.evidence.masking import Cover, Rules, Sighting, Thing, covered_at, masked, things_of, tracks_of

RULES = Rules()


def objects(*found: tuple[str, Box, float]) -> Objects:
    return Objects(
        np.array([box for _, box, _ in found], np.float32).reshape(-1, 4),
        np.array([score for *_, score in found], np.float32),
        tuple(name for name, *_ in found),
    )


def covers(cover: Cover, box: Box) -> bool:
    (left, top, right, bottom), slack = cover.box, 1e-6
    return left <= box[0] + slack and top <= box[1] + slack and right >= box[2] - slack and bottom >= box[3] - slack


def noise(height: int, width: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, top = draw(st.floats(0.02, 0.8)), draw(st.floats(0.02, 0.8))
    return left, top, left + draw(st.floats(0.01, 0.18)), top + draw(st.floats(0.01, 0.18))


@st.composite
def seen(draw: st.DrawFn) -> list[Sighting]:
    count = draw(st.integers(1, 12))
    skipped = draw(st.sets(st.integers(0, 11)))
    return [
        Sighting(
            n * masking.EVERY_S,
            tuple(
                Thing(draw(st.sampled_from(["people", "vehicles"])), box, Cover(box, 3))
                for box in draw(st.lists(boxes(), max_size=0 if n in skipped else 4))
            ),
        )
        for n in range(count)
    ]


@settings(max_examples=80, deadline=None)
@given(seen(), st.floats(-0.5, 3.0))
def test_what_was_found_is_covered_in_every_frame_a_little_before_and_after(found: list[Sighting], at: float) -> None:
    hidden = covered_at(tracks_of(found), at)
    for sighting in found:
        if abs(sighting.at - at) <= masking.HOLD_S:
            for thing in sighting.things:
                assert any(covers(cover, thing.cover.box) for cover in hidden)


@settings(max_examples=100, deadline=None)
@given(st.floats(0.05, 0.3), st.floats(-0.35, 0.35), st.floats(-0.2, 0.2), st.sets(st.integers(1, 8), max_size=4))
def test_something_that_moves_evenly_is_covered_where_it_is_also_in_frames_in_which_it_was_missed(
    size: float, across: float, down: float, missed: set[int]
) -> None:
    runs = [len(list(run)) for is_missed, run in itertools.groupby(range(10), missed.__contains__) if is_missed]
    assume(max(runs, default=0) <= 3)  # else it was missed for longer than anything is followed

    def where(at: float) -> Box:
        left, top = 0.35 + across * at * size, 0.35 + down * at * size
        return left, top, left + size, top + size

    found = [
        Sighting(t, (Thing("vehicles", where(t), Cover(where(t), 6)),) if n not in missed else ())
        for n, t in ((n, n * masking.EVERY_S) for n in range(10))
    ]
    tracks = tracks_of(found)
    for at in np.arange(0, 1.8, 0.04):
        left, top, right, bottom = where(float(at))
        middle = ((left + right) / 2, (top + bottom) / 2) * 2
        hidden = covered_at(tracks, float(at))
        assert any(covers(cover, middle) for cover in hidden)
        assert any(covers(cover, where(float(at))) for cover in hidden)


def test_nothing_stays_hidden_long_after_it_was_last_seen() -> None:
    box = (0.4, 0.4, 0.5, 0.5)
    tracks = tracks_of([Sighting(0.0, (Thing("people", box, Cover(box, 3)),)), Sighting(0.2, ())])
    assert covered_at(tracks, masking.HOLD_S) != ()
    assert covered_at(tracks, masking.HOLD_S + 0.01) == ()


@pytest.mark.parametrize(
    ("name", "box", "region"),
    [
        ("person", (0.4, 0.2, 0.45, 0.6), (0.4, 0.2, 0.45, 0.36)),  # who stands: the head
        ("person", (0.3, 0.3, 0.6, 0.6), (0.3, 0.3, 0.6, 0.6)),  # who is close or sits: all
        ("person", (0.0, 0.2, 0.05, 0.6), (0.0, 0.2, 0.05, 0.6)),  # cut off by the edge: all
        ("car", (0.4, 0.4, 0.5, 0.45), (0.4, 0.42, 0.5, 0.45)),  # small: where its plates are
        ("car", (0.4, 0.4, 0.7, 0.7), (0.4, 0.4, 0.7, 0.7)),  # large: the windscreen, too
        ("motorcycle", (0.4, 0.5, 0.45, 0.55), (0.4, 0.47, 0.45, 0.55)),  # with its rider
    ],
)
def test_the_region_where_a_face_or_a_plate_would_be_is_hidden_whether_one_is_seen_or_not(
    name: str, box: Box, region: Box
) -> None:
    (thing,) = things_of(objects((name, box, 0.2)), RULES, 720, 1280)
    assert covers(thing.cover, region)


def test_at_a_school_whole_people_are_hidden() -> None:
    box = (0.4, 0.2, 0.45, 0.6)
    (plain,) = things_of(objects(("person", box, 0.5)), RULES, 720, 1280)
    (whole,) = things_of(objects(("person", box, 0.5)), Rules(whole_people=True), 720, 1280)
    assert not covers(plain.cover, box)
    assert covers(whole.cover, box)


def test_boats_and_rods_stay_in_sight_for_they_are_what_it_is_about() -> None:
    found = objects(("boat", (0.1, 0.1, 0.3, 0.3), 0.9), ("rod", (0.4, 0.4, 0.5, 0.5), 0.9))
    assert things_of(found, RULES, 720, 1280) == ()


@settings(max_examples=60, deadline=None)
@given(boxes(), st.sampled_from([3, 4, 6]), st.integers(1, 50))
def test_of_a_hidden_region_no_more_is_left_than_a_few_shades(box: Box, cells: int, seed: int) -> None:
    picture = noise(240, 320, seed)
    shown = masked(picture, [Cover(box, cells)], RULES)
    left, top = int(box[0] * 320), int(box[1] * 240)
    right, bottom = int(np.ceil(box[2] * 320)), int(np.ceil(box[3] * 240))
    region = shown[top:bottom, left:right]
    assert len(np.unique(region.reshape(-1, 3), axis=0)) <= (cells + 1) ** 2
    assert set(np.unique(region)) <= {8 + 16 * n for n in range(16)}
    outside = np.ones((240, 320), bool)
    outside[top:bottom, left:right] = False
    assert np.array_equal(shown[outside], picture[outside])


def test_two_faces_that_differ_only_in_detail_give_the_same_copy() -> None:
    """What is hidden cannot be told apart, so nothing can bring it back."""
    smooth = np.full((200, 200, 3), 120, np.uint8)
    detailed = smooth.copy()
    detailed[::2, ::2] += 3
    detailed[1::2, 1::2] -= 3
    cover = [Cover((0.25, 0.25, 0.75, 0.75), 3)]
    inside = slice(52, 148)
    assert not np.array_equal(smooth[inside, inside], detailed[inside, inside])
    assert np.array_equal(masked(smooth, cover, RULES)[inside, inside], masked(detailed, cover, RULES)[inside, inside])


def test_where_two_masks_overlap_the_coarser_one_is_seen_whatever_their_order() -> None:
    picture = noise(300, 300)
    fine, coarse = Cover((0.1, 0.1, 0.5, 0.5), 6), Cover((0.2, 0.2, 0.6, 0.6), 3)
    assert np.array_equal(masked(picture, [fine, coarse], RULES), masked(picture, [coarse, fine], RULES))
    both = masked(picture, [fine, coarse], RULES)[60:150, 60:150]
    assert np.array_equal(both, masked(picture, [coarse], RULES)[60:150, 60:150])


def test_a_private_zone_is_black_whatever_else_is_hidden_there() -> None:
    zone = Zone("garden", ZoneKind.PRIVATE, ((0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0)))
    shown = masked(noise(100, 100), [Cover((0.4, 0.4, 0.7, 0.7), 3)], Rules(private=(zone,)))
    assert not shown[52:, 52:].any()
    assert shown[:40].any()


def test_parts_cover_the_whole_picture() -> None:
    for height, width, fine in ((288, 352, False), (1080, 1920, False), (1280, 720, True)):
        seen_at = np.zeros((height, width), bool)
        for left, top, right, bottom in masking.parts(height, width, fine=fine):
            seen_at[
                int(top * height) : int(np.ceil(bottom * height)), int(left * width) : int(np.ceil(right * width))
            ] = True
        assert seen_at.all()
