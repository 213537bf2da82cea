"""``patrol eval`` as others call it: figures of labelled clips, every wrong answer explained, clear words for a bad list."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import cv2
import pytest

from patrol.demo.scenes import SCENES, encode
from tests.support.command import patrol
from tests.support.footage import CLIPS

HEADER = "file\tkind\tlabel\tday_night\tsource\tsynthetic\tdescription"
SHARES = {
    "recall_flagged",
    "recall_candidate",
    "precision_flagged",
    "false_flags_per_1000",
    "false_candidates_per_1000",
}


def patrol_eval(*words: str, cwd: Path) -> tuple[int, str, str]:
    return patrol("eval", *words, cwd=cwd, timeout=150)


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five clips of 16 s. Two labels are lies, so that there is something wrong; one clip is of a covered lens."""
    folder = tmp_path_factory.mktemp("clips")
    for scene in ("fireworks", "quiet_town", "covered"):
        (folder / f"{scene}.ts").write_bytes(encode(SCENES[scene]))
    shutil.copy(folder / "quiet_town.ts", folder / "town_called_fireworks.ts")
    shutil.copy(folder / "fireworks.ts", folder / "fireworks_called_nothing.ts")
    file = folder / "MANIFEST.tsv"
    rows = (
        HEADER,
        "fireworks.ts\tfireworks\tfireworks\tnight\ttown/a\tno\tshells",
        "quiet_town.ts\tnegative\tnone\tnight\ttown/b\tno\tlamps",
        "town_called_fireworks.ts\tfireworks\tfireworks\tnight\ttown/c\tno\t<b>said</b> to show some",
        "covered.ts\tnegative\tnone\tday\ttown/b\tno\ta hand",
        "fireworks_called_nothing.ts\tnegative\tnone\tnight\ttown/a\tyes\tdrawn",
        "notes.txt\twords\t-\t-\t-\t-\t-",
    )
    file.write_text("\n".join(rows) + "\n", "utf-8")
    return file


@pytest.fixture(scope="module")
def made(listed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path, str]:
    """The object, the report's folder and what was said, of one evaluation."""
    cwd = tmp_path_factory.mktemp("run")
    words = [str(listed), "--json", "--detectors", "fireworks", "--cut", "6s", "--report", "report"]
    code, out, said = patrol_eval(*words, cwd=cwd)
    assert code == 0, said
    return json.loads(out), cwd / "report", said


def test_one_json_object_with_the_figures_of_each_kind(made: tuple[dict[str, Any], Path, str]) -> None:
    found, _, said = made
    assert (found["schema"], found["detectors"], found["cut_s"], found["dwell_s"]) == (
        "patrol.eval/1",
        ["fireworks"],
        6.0,
        20.0,
    )
    assert said == ""
    assert (found["clips"], found["sources"]) == (5, 3)
    # Positives whole; the three clips that show nothing are cut into 6, 6 and 4 s each.
    assert found["looks"] == 2 + 3 * 3
    assert found["passed_over"] == {
        "rows_of_no_video": {".txt": 1},
        "clips_not_asked_for": 0,
        "seconds_too_short_for_a_look": 0.0,
    }
    real = found["figures"]["real"]["fireworks"]
    assert set(real) == {"all", "by_day_night", "by_source"}
    assert set(real["all"]) == {"looks", *SHARES}
    assert real["all"]["looks"] == {
        "positive": 2,
        "negative": 3,
        "positive_without_answer": 0,
        "negative_without_answer": 3,
    }
    recall = real["all"]["recall_flagged"]
    assert (recall["hits"], recall["of"], recall["value"], recall["sources"]) == (1, 2, 0.5, 2)
    assert recall["one_source_left_out"] == [0.0, 1.0]
    assert real["all"]["false_flags_per_1000"]["high"] == 1000.0  # rule of three: 0 of 3
    assert set(real["by_source"]) == {"town/a", "town/b", "town/c"}
    assert real["by_day_night"]["day"]["looks"]["negative_without_answer"] == 3


def test_synthetic_clips_stand_apart(made: tuple[dict[str, Any], Path, str]) -> None:
    found, _, _ = made
    looks = found["figures"]["synthetic"]["fireworks"]["all"]["looks"]
    assert looks == {"positive": 0, "negative": 3, "positive_without_answer": 0, "negative_without_answer": 0}


def test_every_wrong_answer_is_told_with_its_measurements(made: tuple[dict[str, Any], Path, str]) -> None:
    found, _, _ = made
    missed = [w for w in found["wrong"] if w["error"] == "missed"]
    assert [(w["file"], w["truth"], w["verdict"]) for w in missed] == [
        ("town_called_fireworks.ts", "positive", "clear")
    ]
    false = [w for w in found["wrong"] if w["error"] in {"false_flag", "false_candidate"}]
    assert {w["file"] for w in false} == {"fireworks_called_nothing.ts"}
    assert {w["piece"]["start_s"] for w in false} <= {0.0, 6.0, 12.0}
    assert len(false) >= 2
    for wrong in found["wrong"]:
        assert wrong["reason"]
        assert wrong["measurements"]["specks_most"] >= 0
        assert wrong["kind"] == "fireworks"
    # What a piece shows is what stands at its place in the clip, not at the clip's beginning.
    assert len({json.dumps(w["measurements"]) for w in false}) == len(false)


def test_no_answer_is_told_and_never_clear(made: tuple[dict[str, Any], Path, str]) -> None:
    found, _, _ = made
    assert [(n["file"], n["verdict"], n["error"]) for n in found["no_answer"]] == [("covered.ts", None, None)] * 3
    assert all(n["reason"].startswith("unusable (occluded)") for n in found["no_answer"])


def test_the_report_shows_each_wrong_answer_and_needs_nothing_else(made: tuple[dict[str, Any], Path, str]) -> None:
    found, folder, _ = made
    page = (folder / "index.html").read_text("utf-8")
    named = re.findall(r'<img src="(pictures/[^"]+)"', page)
    assert len(named) == len(set(named)) == len(found["wrong"]) + 3
    assert sorted(named) == sorted(f"pictures/{file.name}" for file in (folder / "pictures").iterdir())
    for name in named:
        picture = cv2.imread(str(folder / name))
        assert picture.shape == (360, 640, 3)
    # Numbered in the order of the object: first the looks that were none, then the wrong answers.
    boxed = [
        (name, wrong["box"]) for name, wrong in zip(sorted(named)[3:], found["wrong"], strict=True) if wrong["box"]
    ]
    assert len(boxed) >= 2
    for name, box in boxed:
        picture = cv2.imread(str(folder / name)).astype(int)
        left, top, _, bottom = (round(v * s) for v, s in zip(box, (640, 360, 640, 360), strict=True))
        edge = picture[top + 12 : bottom - 12, left]
        beside = picture[top + 12 : bottom - 12, left - 8]
        assert (edge[:, 2] - edge[:, 1]).mean() > 40 > abs((beside[:, 2] - beside[:, 1]).mean())
    assert "://" not in page
    assert "检测评估报告" in page
    assert "holds footage" in page
    assert "&lt;b&gt;said&lt;/b&gt; to show some" in page
    assert "<b>said</b>" not in page


def test_for_people_the_missing_answers_are_said_aloud(listed: Path, tmp_path: Path) -> None:
    words = ["--only", "quiet", "--detectors", "fireworks,fishing", "--dwell", "4s", "--model", "none"]
    code, out, _ = patrol_eval(str(listed), *words, cwd=tmp_path)
    assert code == 0
    assert "NO ANSWER to 1 of 2 questions" in out
    assert "no object model" in out
    assert "fireworks, real footage" in out
    assert "0 of 1, 1 source" in out
    assert "clips not asked for: 4" in out


@pytest.mark.parametrize(
    ("change", "words", "why"),
    [
        (("fireworks.ts\tfireworks", "gone.ts\tfireworks"), [], "MANIFEST.tsv, line 2: gone.ts is not there"),
        (("negative\tnone", "litter\tnone"), [], "MANIFEST.tsv, line 3: kind 'litter'"),
        (("\tday_night", "\twhen"), [], "MANIFEST.tsv, line 1: no column day_night"),
        (None, ["--only", "nowhere"], "--only"),
        (None, ["--cut", "30s"], "--cut"),
        (None, ["--cut", "0s"], "--cut"),
        (None, ["--dwell", "soon"], "--dwell"),
        (None, ["--detectors", "faces"], "no detector 'faces'"),
        (None, ["--detectors", ","], "--detectors"),
        (None, ["--model", "none.onnx"], "none.onnx"),
    ],
)
def test_bad_input_is_2_with_one_line_and_nothing_written(
    listed: Path, tmp_path: Path, change: tuple[str, str] | None, words: list[str], why: str
) -> None:
    file = listed
    if change is not None:
        file = listed.with_name(f"{tmp_path.name}-MANIFEST.tsv")
        file.write_text(listed.read_text("utf-8").replace(*change, 1), "utf-8")
    code, out, said = patrol_eval(str(file), "--json", "--report", "report", *words, cwd=tmp_path)
    assert (code, out) == (2, "")
    assert why in said
    assert said.count("\n") == 1
    assert not (tmp_path / "report").exists()


def test_a_list_that_is_not_there_is_2(tmp_path: Path) -> None:
    code, out, said = patrol_eval("none.tsv", "--json", cwd=tmp_path)
    assert (code, out, said) == (2, "", "patrol: none.tsv: no such file\n")


def test_a_report_is_never_mixed_with_what_is_there(listed: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept", "utf-8")
    code, _, said = patrol_eval(str(listed), "--report", ".", cwd=tmp_path)
    assert (code, [file.name for file in tmp_path.iterdir()]) == (2, ["mine.txt"])
    assert "not empty" in said


@pytest.mark.footage
def test_real_clips_are_judged_as_the_detector_judges_them_alone(tmp_path: Path) -> None:
    rows = [
        f"{CLIPS}/fireworks/fireworks_single_aerial_burst.mp4\tfireworks\tfireworks\tnight\tone",
        f"{CLIPS}/fireworks/fireworks_handheld_flare_closeup.mp4\tfireworks\tfireworks\tnight\tone",
        f"{CLIPS}/negative/neg_sky_lantern_night.mp4\tnegative\tnone\tnight\tone",
        f"{CLIPS}/traffic/traffic_autostrade_a1_crocina_free.mp4\ttraffic\tfree\tday\ttwo",
    ]
    (tmp_path / "m.tsv").write_text("\n".join([HEADER.split("\tsynthetic")[0], *rows]), "utf-8")
    code, out, _ = patrol_eval("m.tsv", "--json", "--detectors", "fireworks", "--cut", "5s", cwd=tmp_path)
    found = json.loads(out)["figures"]["real"]["fireworks"]["all"]
    assert code == 0
    assert found["looks"]["negative"] == 1 + 3
    assert (found["recall_flagged"]["hits"], found["recall_candidate"]["hits"], found["recall_flagged"]["of"]) == (
        2,
        2,
        2,
    )
    assert found["false_flags_per_1000"]["hits"] == 0
    assert found["false_flags_per_1000"]["sources"] == 2
