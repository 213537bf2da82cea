"""Models and detectors on the real clips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.clips import labelled, look_at
from detectors import ArrayFrame, Kind, Model, ModelError, Verdict, load, resolve
from patrol.visits.capture import capture
from tests.support.footage import CLIPS, ONNX, ROOT, WEIGHTS

FLAGGED = {
    Kind.CONGESTION: {"traffic_jamcam_shaftesbury_queue", "traffic_asian_city_jam_portrait"},
    Kind.FIREWORKS: {
        "fireworks_street_flares_smoke",
        "fireworks_ground_fountain_crowd",
        "fireworks_single_aerial_burst",
        "fireworks_handheld_flare_closeup",
        "fireworks_dense_bursts_maybe_cg",
    },
    Kind.FISHING: {"fishing_wading_angler_silhouette"},
}


@pytest.fixture(scope="module")
def model() -> Model:
    return load(str(ONNX))


@pytest.mark.footage
@pytest.mark.parametrize("kind", [Kind.CONGESTION, Kind.FIREWORKS, Kind.FISHING])
def test_of_all_clips_exactly_those_that_show_it_are_flagged(kind: Kind, model: Model) -> None:
    own = {Kind.CONGESTION: "traffic"}.get(kind, kind.value)
    found = {}
    for clip, what, _ in labelled(ROOT):
        # Every clip of its own kind and the hard negatives; the rest of the matrix is the benches' business.
        if what in {own, "negative"}:
            found[clip.stem] = look_at(clip, kind, model=model, seconds=12.0).verdict
    assert {name for name, verdict in found.items() if verdict is Verdict.FLAGGED} == FLAGGED[kind]


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
