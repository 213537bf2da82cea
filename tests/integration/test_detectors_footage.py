"""Models and detectors on the real clips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.clips import labelled
from detectors import ArrayFrame, Kind, Model, ModelError, Verdict, load, resolve
from patrol.visits import Outcome, VisitOrder, VisitReport, make_look
from patrol.visits.capture import capture
from tests.support.footage import CLIPS, ONNX, ROOT, WEIGHTS

FROM_OUTSIDE = {
    "fishing_wading_angler_silhouette",
    "fishing_surf_caster_fixed_2s",
    "fishing_beach_surf_multishot",
}
"""The clips that show an angler as a camera on a pole would; the others are close-ups and views from a boat."""
MOVING_CAMERA = {"traffic_india_junction_jam_pan"}

Verdicts = dict[str, dict[Kind, Verdict]]


def look(clip: Path, model: Model, *, glance: bool = True) -> VisitReport:
    report = make_look(VisitOrder(id="x", source=str(clip), glance=glance), model)
    assert report.outcome is Outcome.INSPECTED, f"{clip.name}: {report.outcome.value}, {report.detail}"
    assert report.not_run == ()
    return report


@pytest.fixture(scope="module")
def model() -> Model:
    return load(str(ONNX))


@pytest.fixture(scope="module")
def shipped() -> Model:
    resolved = resolve(None)
    assert resolved.origin == "shipped"
    assert resolved.path is not None
    return load(resolved.path)


@pytest.fixture(scope="module")
def labels() -> dict[str, str]:
    """``kind/label`` by clip."""
    return {clip.stem: f"{kind}/{label}" for clip, kind, label in labelled(ROOT)}


@pytest.fixture(scope="module")
def reports(shipped: Model) -> dict[Path, VisitReport]:
    """All clips through all detectors, no zones, the shipped model: what `patrol visit CLIP` says."""
    return {clip: look(clip, shipped) for clip, _, _ in labelled(ROOT)}


@pytest.fixture(scope="module")
def verdicts(reports: dict[Path, VisitReport]) -> Verdicts:
    return {clip.stem: {f.kind: f.verdict for f in report.findings} for clip, report in reports.items()}


def said(verdicts: Verdicts, kind: Kind, *which: Verdict) -> set[str]:
    return {name for name, found in verdicts.items() if found[kind] in which}


@pytest.mark.footage
def test_every_jam_before_a_fixed_camera_is_flagged_and_no_other_traffic(
    verdicts: Verdicts, labels: dict[str, str]
) -> None:
    jams = {name for name, label in labels.items() if label == "traffic/congested"} - MOVING_CAMERA
    assert len(jams) == 2
    assert said(verdicts, Kind.CONGESTION, Verdict.FLAGGED) == jams


@pytest.mark.footage
def test_free_traffic_is_not_even_a_candidate(verdicts: Verdicts, labels: dict[str, str]) -> None:
    free = {name for name, label in labels.items() if label == "traffic/free"}
    assert len(free) == 11
    assert free <= said(verdicts, Kind.CONGESTION, Verdict.CLEAR)


@pytest.mark.footage
def test_fireworks_are_flagged_and_nothing_else_is(verdicts: Verdicts, labels: dict[str, str]) -> None:
    fireworks = {name for name, label in labels.items() if label.startswith("fireworks/")}
    flagged = said(verdicts, Kind.FIREWORKS, Verdict.FLAGGED)
    assert len(flagged & fireworks) >= 4
    assert flagged <= fireworks


@pytest.mark.footage
def test_anglers_seen_from_outside_are_at_least_candidates_and_nobody_else_is_flagged(verdicts: Verdicts) -> None:
    assert said(verdicts, Kind.FISHING, Verdict.CANDIDATE, Verdict.FLAGGED) >= FROM_OUTSIDE
    assert said(verdicts, Kind.FISHING, Verdict.FLAGGED) <= FROM_OUTSIDE
    assert "fishing_wading_angler_silhouette" in said(verdicts, Kind.FISHING, Verdict.FLAGGED)


@pytest.mark.footage
def test_candidates_that_show_nothing_are_few(verdicts: Verdicts, labels: dict[str, str]) -> None:
    own = {Kind.CONGESTION: "traffic/congested", Kind.FIREWORKS: "fireworks/fireworks", Kind.FISHING: "fishing/angling"}
    false = {
        (kind, name)
        for kind, label in own.items()
        for name in said(verdicts, kind, Verdict.CANDIDATE)
        if labels[name] != label
    }
    assert len(false) <= 4, false


@pytest.mark.footage
def test_a_glance_never_changes_an_answer(shipped: Model, reports: dict[Path, VisitReport]) -> None:
    glanced = 0
    for clip, first in reports.items():
        if "keyframes" not in first.cost.passes:
            continue
        glanced += 1
        full = look(clip, shipped, glance=False)
        assert [f.verdict for f in first.findings] == [f.verdict for f in full.findings], clip.name
    assert glanced >= 6


@pytest.mark.footage
def test_two_formats_of_a_model_see_the_same(model: Model) -> None:
    other = load(str(WEIGHTS / "yolo11n_int8_openvino_model_v8.3.61"))
    got = capture(
        str(CLIPS / "traffic/traffic_uk_dual_carriageway_free.mp4"),
        dwell_s=2,
        open_timeout_s=5,
        read_timeout_s=5,
        deadline_s=20,
    )
    frame = ArrayFrame(next(got.frames()).bgr())
    one, two = model.objects(frame, 0.5).only({"car"} | {"truck"}), other.objects(frame, 0.4).only({"car"} | {"truck"})
    assert len(one) >= 4
    for box in one.boxes:
        nearest = np.abs(two.boxes - box).max(axis=1).min()
        assert nearest < 0.03


@pytest.mark.footage
def test_a_model_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    half = tmp_path / "half.onnx"
    half.write_bytes(ONNX.read_bytes()[:100_000])
    for wrong, words in (
        (half, "half.onnx"),
        (WEIGHTS / "yolov8n_int8.tflite", "yolov8n_int8.tflite"),
        (tmp_path / "none.onnx", "no such model"),
    ):
        with pytest.raises(ModelError, match=words):
            load(str(wrong))
    with pytest.raises(ModelError, match="ultralytics` extra"):
        load(str(WEIGHTS / "yolo11n_from_int8.pt"))


def test_a_configured_model_that_is_not_there_is_a_problem_and_no_other_is_taken() -> None:
    found = resolve("nowhere/model.onnx")
    assert (found.path, found.origin) == (None, "configured")
    assert "nowhere/model.onnx" in (found.problem or "")


def test_none_means_no_model_although_one_is_shipped() -> None:
    assert resolve(None).origin == "shipped"
    found = resolve("none")
    assert (found.path, found.origin) == (None, "none")
    assert "not judged" in (found.problem or "")


def test_without_any_model_the_sentence_says_what_to_do_and_what_is_not_judged(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("detectors.model._SHIPPED", tmp_path / "models")
    monkeypatch.setenv("PATROL_MODEL_DOWNLOAD", "0")
    found = resolve(None)
    assert (found.path, found.origin) == (None, "none")
    assert "--model" in (found.problem or "")
    assert "not judged" in (found.problem or "")
