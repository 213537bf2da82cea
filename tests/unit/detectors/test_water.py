"""Where water is: cells over the network's input become cells over the picture; and the labels behind them are sound."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from detectors import ArrayFrame, load
from detectors._decode import COCO, input_size, letterbox, unpadded
from detectors.training.water.figures import folds, score
from detectors.training.water.pictures import LABELS, Picture, mask
from detectors.training.water.probe import Cells, Probe

SHAPES = [(720, 1280), (1280, 720), (288, 352), (480, 480), (568, 320), (176, 320), (1080, 4000)]


def drawn(folder: Path, *, water: bool) -> Path:
    """A network that finds nothing and, where wanted, takes whatever is bright for water."""
    pixels = ops.parameter([1, 3, -1, -1], np.float32, name="images")
    outputs = [ops.constant(np.zeros((1, 4 + len(COCO), 1), np.float32)).output(0)]
    if water:
        bright = ops.reduce_mean(pixels, np.array([1]), keep_dims=True)
        cells = ops.avg_pool(bright, [16, 16], [0, 0], [0, 0], [16, 16], False, "floor", "explicit")
        outputs.append(cells.output(0))
    model = ov.Model(outputs, [pixels], "drawn")
    for output, name in zip(model.outputs, ("output0", "water"), strict=False):
        output.get_tensor().set_names({name})
    folder.mkdir()
    ov.save_model(model, str(folder / "drawn.xml"), compress_to_fp16=False)
    return folder


@pytest.mark.parametrize("shape", SHAPES)
def test_cells_over_the_padding_are_cut_and_the_others_stay_in_place(shape: tuple[int, int]) -> None:
    height, width = shape
    rows, columns = input_size(height, width, 640)
    _, fitted = letterbox(np.zeros((height, width, 3), np.uint8), rows, columns)
    y, x = np.mgrid[0 : rows // 16, 0 : columns // 16] * 16.0 + 8.0
    share_y = (y - fitted.top) / fitted.scale / height
    share_x = (x - fitted.left) / fitted.scale / width
    for shares, axis, pixels in ((share_y, 0, height), (share_x, 1, width)):
        cut = unpadded(shares.astype(np.float32), fitted, rows, columns)
        line = cut.mean(axis=1 - axis)
        cell = 16 / fitted.scale / pixels
        expected = (np.arange(len(line)) + 0.5) / len(line)
        assert np.abs(line - expected).max() <= cell
        assert cut.min() >= -0.5 * cell
        assert cut.max() <= 1 + 0.5 * cell


def test_a_portrait_picture_gives_a_portrait_mask() -> None:
    cells = np.zeros((40, 24), np.float32)
    rows, columns = input_size(1280, 720, 640)
    _, fitted = letterbox(np.zeros((1280, 720, 3), np.uint8), rows, columns)
    assert unpadded(cells, fitted, rows, columns).shape == (40, 22)


def test_the_thinnest_picture_keeps_a_row() -> None:
    rows, columns = input_size(10, 4000, 640)
    _, fitted = letterbox(np.zeros((10, 4000, 3), np.uint8), rows, columns)
    assert unpadded(np.ones((rows // 16, columns // 16), np.float32), fitted, rows, columns).shape == (1, 40)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_model_says_where_water_is_over_the_whole_picture(tmp_path: Path, shape: tuple[int, int]) -> None:
    picture = np.zeros((*shape, 3), np.uint8)
    picture[shape[0] // 2 :] = 255
    found = load(str(drawn(tmp_path / "wet", water=True))).water(ArrayFrame(picture))
    assert found is not None
    assert found.dtype == np.float32
    half = found.shape[0] // 2
    assert found[1 : half - 1, 1:-1].max() < 0.1
    assert found[half + 1 : -1, 1:-1].min() > 0.9


def test_a_look_at_a_part_leaves_the_mask_of_the_whole(tmp_path: Path) -> None:
    picture = np.zeros((360, 640, 3), np.uint8)
    picture[180:] = 255
    frame, model = ArrayFrame(picture), load(str(drawn(tmp_path / "wet", water=True)))
    before = model.water(frame)
    model.objects(frame, within=(0.0, 0.5, 1.0, 1.0))
    after = model.water(frame)
    assert before is not None
    assert after is not None
    assert np.array_equal(before, after)


def test_a_model_without_the_output_gives_none(tmp_path: Path) -> None:
    model = load(str(drawn(tmp_path / "plain", water=False)))
    assert model.water(ArrayFrame(np.zeros((360, 640, 3), np.uint8))) is None


def test_nothing_at_run_time_imports_the_training() -> None:
    program = "import sys, detectors, detectors._openvino; print([m for m in sys.modules if m.startswith('detectors.training')])"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_labels_are_polygons_inside_the_picture_and_name_each_picture_once() -> None:
    known = json.loads(LABELS.read_text("utf-8"))
    names = []
    for entry in known["pictures"]:
        names += [(file, entry.get("at_s")) for file in [entry["file"], *entry.get("same_view", [])]]
        for kind in ("water", "not_water", "unsure"):
            for polygon in entry.get(kind, []):
                assert len(polygon) >= 3, entry["file"]
                assert all(0 <= value <= 1 for point in polygon for value in point), entry["file"]
    assert len(set(names)) == len(names)


def test_later_kinds_of_polygons_paint_over_earlier() -> None:
    whole = [[0, 0], [1, 0], [1, 1], [0, 1]]
    left = [[0, 0], [0.4, 0], [0.4, 1], [0, 1]]
    top = [[0, 0], [1, 0], [1, 0.2], [0, 0.2]]
    truth = mask({"water": [whole], "not_water": [left], "unsure": [top]}, 100, 100)
    assert truth[50, 20] == 0
    assert truth[50, 80] == 1
    assert truth[5, 20] == truth[5, 80] == 255


def test_no_source_is_on_both_sides_of_a_split() -> None:
    blank = np.zeros((2, 2, 3), np.uint8), np.zeros((2, 2), np.uint8)
    found = [Picture(f"{n}", f"source {n % 7}", *blank, dry=n % 3 == 0) for n in range(60)]
    heaps = folds(found, 4)
    assert sorted(source for heap in heaps for source in heap) == sorted({p.source for p in found})


def test_a_score_counts_false_water_as_a_share_of_the_picture_without_its_padding() -> None:
    truth = np.zeros((4, 5), np.uint8)
    truth[0] = 255
    truth[3] = 1
    answer = np.zeros((4, 5), np.float32)
    answer[0] = answer[1, :2] = answer[1, 4] = answer[3, :4] = 1.0
    fine = truth.repeat(4, 0).repeat(4, 1)
    cells = Cells("a", "s", np.zeros((512, 4, 5), np.float16), truth, fine, truth < 2, dry=False, count=15)
    got = score(cells, answer)
    assert (got.hit, got.missed, got.false) == (4, 1, 3)
    assert got.pixels == (4 * 16, 8 * 16)
    assert got.share == pytest.approx(3 / 15)
    assert got.region == pytest.approx(2 / 15)


def test_a_probe_survives_its_file(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    probe = Probe(
        (4, 6, 10),
        random.normal(size=(8, 512)).astype(np.float32),
        random.normal(size=8).astype(np.float32),
        random.normal(size=8).astype(np.float32),
        np.zeros(1, np.float32),
        3,
    )
    probe.save(tmp_path / "water.npz")
    features = random.normal(size=(512, 6, 7)).astype(np.float16)
    assert np.array_equal(Probe.read(tmp_path / "water.npz").answer(features), probe.answer(features))
