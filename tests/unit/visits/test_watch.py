"""A glance before the full look: what it settles, what it leaves to all frames, and what it must never settle."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from detectors import Box, Detector, Finding, Frame, Glance, Image, Kind, Objects, Request, Verdict
from patrol.visits import Cause, Outcome, VisitOrder, VisitReport, make_look
from patrol.visits import watch as module
from patrol.visits.capture import capture
from tests.support import scenery

FPS = 10


def clip(
    file: Path, picture: Callable[[float], Image], *, seconds: float = 10.0, group_s: float = 1.0, noise: float = 3.0
) -> Path:
    """H.264 with a keyframe every ``group_s`` and B-frames between."""
    random = np.random.default_rng(3)
    with av.open(str(file), "w") as out:
        group = str(round(group_s * FPS))
        options = {"g": group, "keyint_min": group, "sc_threshold": "0", "bf": "2", "crf": "18", "preset": "veryfast"}
        stream = out.add_stream("libx264", rate=Fraction(FPS), options=options)
        stream.width, stream.height, stream.pix_fmt = 320, 192, "yuv420p"
        for number in range(round(seconds * FPS)):
            shown = cv2.resize(picture(number / FPS), (320, 192)).astype(np.float32)
            shown += random.normal(0, noise, shown.shape) if noise else 0
            frame = av.VideoFrame.from_ndarray(np.clip(shown, 0, 255).astype(np.uint8), format="bgr24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return file


class Acting:
    """A detector that settles at the glance or not, and notes what it was given."""

    rate_hz: float | None = 5.0

    def __init__(self, kind: Kind, request: Request, *, settles: bool) -> None:
        self.kind = kind
        self._model = request.model
        self._settles = settles
        self.glanced: list[Frame] = []
        self.given: list[Frame] = []

    def _clear(self, where: str) -> Finding:
        return Finding(self.kind, Verdict.CLEAR, 0.0, None, None, "whole", f"nothing, says the {where}")

    def glance(self, glance: Glance) -> Finding | None:
        self.glanced += glance.frames
        for frame in glance.frames:
            self._ask(frame)
        return self._clear("glance") if self._settles else None

    def update(self, frame: Frame) -> None:
        self.given.append(frame)
        if round(frame.at * FPS) % (2 * FPS) == 0:
            self._ask(frame)

    def finish(self) -> Finding:
        return self._clear("full look")

    def _ask(self, frame: Frame) -> None:
        if self._model is not None:
            self._model.objects(frame)


class Counting:
    """A model that remembers frames as the real one does, and counts inferences."""

    name = "counting"
    classes = frozenset({"car"})

    def __init__(self) -> None:
        self.seen: list[Frame] = []

    def objects(self, frame: Frame, min_score: float = 0.25, within: Box | None = None) -> Objects:
        if not any(known is frame for known in self.seen):
            self.seen.append(frame)
        return Objects(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), ())

    def water(self, frame: Frame) -> None:
        return None


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> dict[Kind, Acting]:
    """The detectors that looks build: congestion settles at the glance, fireworks does not."""
    built: dict[Kind, Acting] = {}

    def build(kind: Kind, request: Request) -> Detector:
        built[kind] = Acting(kind, request, settles=kind is Kind.CONGESTION)
        return built[kind]

    monkeypatch.setattr(module, "build", build)
    return built


def look(file: Path, *kinds: Kind, model: Counting | None = None) -> VisitReport:
    return make_look(VisitOrder(id="x", source=str(file), dwell_s=10.0, detectors=kinds), model)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("clips") / "street.mp4", lambda at: scenery.street())


def test_keyframes_settle_what_is_plain_and_nothing_else_is_decoded(street: Path, made: dict[Kind, Acting]) -> None:
    report = look(street, Kind.CONGESTION)
    assert (report.outcome, report.glanced, report.cost.passes) == (Outcome.INSPECTED, True, ("keyframes",))
    assert report.decoded == len(made[Kind.CONGESTION].glanced) == 5
    assert [f.reason for f in report.findings] == ["nothing, says the glance"]
    assert made[Kind.CONGESTION].given == []
    assert report.seconds == pytest.approx(9.9, abs=0.3)
    assert report.quality.verdict == "good"


def test_who_is_in_doubt_gets_every_frame_and_who_is_not_gets_none(street: Path, made: dict[Kind, Acting]) -> None:
    report = look(street, Kind.CONGESTION, Kind.FIREWORKS)
    assert report.glanced is False
    assert len(made[Kind.FIREWORKS].given) == pytest.approx(50, abs=3)
    assert made[Kind.CONGESTION].given == []
    assert [f.reason for f in report.findings] == ["nothing, says the glance", "nothing, says the full look"]


def test_no_frame_costs_two_inferences(street: Path, made: dict[Kind, Acting]) -> None:
    model = Counting()
    report = look(street, Kind.CONGESTION, Kind.FIREWORKS, model=model)
    moments = [round(frame.at, 2) for frame in model.seen]
    assert moments == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert report.cost.inferences == len(moments)


def test_frames_that_no_other_is_made_from_are_left_out_where_few_are_wanted(
    street: Path, made: dict[Kind, Acting]
) -> None:
    report = look(street, Kind.FIREWORKS)
    assert report.cost.passes == ("keyframes", "sparing")
    assert 30 <= report.decoded < 100


def test_keyframes_far_apart_are_no_glance(tmp_path: Path, made: dict[Kind, Acting]) -> None:
    file = clip(tmp_path / "sparse.mp4", lambda at: scenery.street(), group_s=5.0)
    report = look(file, Kind.CONGESTION)
    assert (report.outcome, report.glanced) == (Outcome.INSPECTED, False)
    assert made[Kind.CONGESTION].glanced == []
    assert made[Kind.CONGESTION].given != []


def test_a_picture_that_stands_still_is_never_settled_by_a_glance(tmp_path: Path, made: dict[Kind, Acting]) -> None:
    file = clip(tmp_path / "frozen.mp4", lambda at: scenery.street(), noise=0.0)
    report = look(file, Kind.CONGESTION)
    assert (report.outcome, report.cause, report.glanced) == (Outcome.UNUSABLE, Cause.FROZEN, False)


def test_a_bad_picture_is_looked_at_in_full(tmp_path: Path, made: dict[Kind, Acting]) -> None:
    covered = np.full((192, 320, 3), (60, 60, 70), np.uint8)
    file = clip(tmp_path / "covered.mp4", lambda at: covered, noise=2.0)
    report = look(file, Kind.CONGESTION)
    assert (report.outcome, report.cause, report.glanced) == (Outcome.UNUSABLE, Cause.OCCLUDED, False)
    assert report.decoded > 20


def test_a_glance_that_breaks_costs_its_detector_and_not_the_look(
    street: Path, made: dict[Kind, Acting], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Acting, glance: Glance) -> None:
        raise RuntimeError("out of ideas")

    monkeypatch.setattr(Acting, "glance", broken)
    report = look(street, Kind.CONGESTION, Kind.FIREWORKS)
    assert report.outcome is Outcome.INSPECTED
    assert [(n.kind, "out of ideas" in n.reason) for n in report.not_run] == [("congestion", True), ("fireworks", True)]


def test_keyframes_alone_are_the_same_pictures_as_among_all_frames(street: Path) -> None:
    got = capture(str(street), dwell_s=10, open_timeout_s=5, read_timeout_s=5, deadline_s=30)
    every = {round(f.at, 2): f.gray() for f in got.frames()}
    keys = list(got.keyframes())
    assert [round(k.at, 2) for k in keys] == [float(n) for n in range(10)]
    assert np.allclose(got.index.keys(), [k.at for k in keys], atol=2e-3)
    assert all(np.array_equal(every[round(k.at, 2)], k.gray()) for k in keys)


def test_the_packet_rate_rises_where_something_moves(tmp_path: Path) -> None:
    scene = scenery.street()

    def moving(at: float) -> Image:
        return np.roll(scene, round(40 * (at - 5)) if at >= 5 else 0, axis=1)

    file = clip(tmp_path / "moves.mp4", moving, noise=0.5)
    got = capture(str(file), dwell_s=10, open_timeout_s=5, read_timeout_s=5, deadline_s=30)
    rates = got.index.rates(0.5)
    assert len(rates) == pytest.approx(20, abs=1)
    assert np.median(rates[11:]) > 3 * np.median(rates[:9])
