"""``patrol bench visit`` as others call it: what a look costs beside its floor, and clear words for wrong usage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from patrol.demo.scenes import SCENES, encode
from tests.support.command import patrol


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("clips") / "quiet_town.ts"
    file.write_bytes(encode(SCENES["quiet_town"]))
    return file


def bench(*words: str, cwd: Path) -> tuple[int, str, str]:
    return patrol("bench", "visit", *words, cwd=cwd, timeout=150)


def test_one_json_object_with_the_look_by_stage_and_its_floor(clip: Path, tmp_path: Path) -> None:
    code, out, _ = bench(str(clip), "--rounds", "1", "--dwell", "6s", "--json", cwd=tmp_path)
    assert code == 0
    told = json.loads(out)
    assert told["schema"] == "patrol.bench.visit/1"
    (look,) = told["looks"]
    assert look["name"] == "quiet_town.ts"
    assert look["seconds"] == pytest.approx(6.0, abs=0.3)
    assert look["floor"] > 0
    # The floor decodes the same frames and runs the same inferences, so a look cannot be much cheaper.
    assert look["look"] > 0.8 * look["floor"]
    assert {"capture", "decode", "quality", "model", "congestion", "fireworks", "fishing"} <= set(look["stages"])
    assert look["inferences"] >= 1
    assert sum(look["stages"].values()) <= 1.1 * look["look"] + 0.02
    assert told["summary"]["looks"] == 1
    assert told["peak_mib"] > 50


def test_a_table_for_people(clip: Path, tmp_path: Path) -> None:
    code, out, _ = bench(str(clip), "--rounds", "1", "--dwell", "3s", cwd=tmp_path)
    assert code == 0
    assert "| quiet_town.ts | 3" in out
    assert "look_of_floor: " in out


def test_wrong_usage_is_2_and_names_what_is_wrong(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "list.tsv").write_text("file\tkind\n", "utf-8")
    (tmp_path / "words.mp4").write_text("no video", "utf-8")
    for words, named in (
        (("nowhere.mp4",), "nowhere.mp4"),
        (("list.tsv",), "list.tsv"),
        (("words.mp4",), "no clip could be looked at"),
        ((str(clip), "--model", "none"), "--model"),
        ((str(clip), "--dwell", "soon"), "--dwell"),
    ):
        code, out, err = bench(*words, "--rounds", "1", cwd=tmp_path)
        assert code == 2, words
        assert named in err
        assert not out
