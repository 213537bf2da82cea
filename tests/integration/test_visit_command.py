"""``patrol visit`` as others call it: one JSON object whatever happens, exit codes of the contract, no service, no registry."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.command import patrol
from tests.support.county import free_port, registry_text
from tests.support.footage import CLIPS, ONNX
from tests.support.rtsp import covered_lens, picture_clip


def visit(*words: str, cwd: Path) -> tuple[int, Any, str]:
    code, said, problem = patrol("visit", *words, cwd=cwd, timeout=120)
    return code, json.loads(said) if said.startswith("{") else None, problem


@pytest.fixture
def street(tmp_path: Path) -> Path:
    """A made clip with something to see and a little noise."""
    picture = np.random.default_rng(4).integers(0, 255, (45, 80, 3)).astype(np.uint8).repeat(8, 0).repeat(8, 1)
    return picture_clip(tmp_path / "street.ts", picture, noise=4.0, seconds=6)


def test_one_json_object_with_every_field_of_the_contract(street: Path, tmp_path: Path) -> None:
    code, report, _ = visit(str(street), "--json", "--dwell", "3s", cwd=tmp_path)
    assert code == 0
    assert {
        "schema",
        "source",
        "camera",
        "category",
        "started_at",
        "seconds",
        "frames",
        "outcome",
        "cause",
        "quality",
        "findings",
        "evidence",
        "cost",
    } <= set(report)
    assert (report["schema"], report["outcome"], report["cause"], report["camera"]) == (
        "patrol.visit/1",
        "inspected",
        None,
        None,
    )
    assert report["frames"]["decoded"] >= report["frames"]["analysed"] > 0
    assert 2.5 <= report["seconds"] <= 3.0
    assert {"wall_s", "cpu_s", "load_s"} <= set(report["cost"])
    assert sum(report["cost"]["stages"].values()) <= report["cost"]["cpu_s"] + 0.01


def test_without_a_model_the_look_is_not_judged_and_says_so(street: Path, tmp_path: Path) -> None:
    code, report, _ = visit(str(street), "--model", "none", "--json", cwd=tmp_path)
    assert code == 0
    assert [f["kind"] for f in report["findings"]] == ["fireworks"]
    assert {n["kind"] for n in report["not_run"]} == {"congestion", "fishing"}
    assert report["judged"] is False
    assert report["model"] is None


def test_unreachable_is_3_and_unusable_is_4_with_the_object_all_the_same(tmp_path: Path) -> None:
    code, report, _ = visit(f"rtsp://user:secret-word@127.0.0.1:{free_port()}/x", "--json", cwd=tmp_path)
    assert (code, report["outcome"], report["cause"]) == (3, "unreachable", "refused")
    assert "secret-word" not in json.dumps(report)
    covered = picture_clip(tmp_path / "covered.ts", covered_lens(), noise=2.0)
    code, report, _ = visit(str(covered), "--json", "--evidence", str(tmp_path / "kept"), cwd=tmp_path)
    assert (code, report["outcome"], report["cause"], report["findings"]) == (4, "unusable", "occluded", [])
    assert {e["role"] for e in report["evidence"]} == {"clip", "key_frame", "picture"}
    for kept in report["evidence"]:
        assert hashlib.sha256(Path(kept["path"]).read_bytes()).hexdigest() == kept["sha256"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["x.mp4", "--detectors", "faces"], "no detector 'faces'"),
        (["x.mp4", "--dwell", "soon"], "--dwell"),
        (["x.mp4", "--at", "yesterday"], "--at"),
        (["x.mp4", "--category", "nowhere"], "--registry"),
        (["x.mp4", "--zones", "none.json"], "--zones"),
        (["x.mp4", "--model", "none.onnx"], "none.onnx"),
        ([], "give a file"),
    ],
)
def test_wrong_usage_is_2_and_names_the_place(words: list[str], why: str, tmp_path: Path) -> None:
    code, report, said = visit(*words, "--json", cwd=tmp_path)
    assert (code, report) == (2, None)
    assert why in said


@pytest.mark.footage
def test_a_jam_is_flagged_by_category_and_exempted_by_a_rule(tmp_path: Path) -> None:
    registry = tmp_path / "camera_registry.yaml"
    clip = str(CLIPS / "traffic/traffic_jamcam_shaftesbury_queue.mp4")
    registry.write_text(registry_text({"gate": clip}, period="60s"), "utf-8")
    code, report, _ = visit(clip, "--category", "road", "--model", str(ONNX), "--json", cwd=tmp_path)
    assert (code, report["category"], report["judged"]) == (0, "road", True)
    (finding,) = report["findings"]
    assert (finding["kind"], finding["verdict"], finding["zone"]) == ("congestion", "flagged", "whole")
    allowed = registry.read_text("utf-8").replace(
        "    source: written for this test",
        "    source: written for this test\n    windows: [{from: '06:00', to: '09:00'}]",
    )
    registry.write_text(allowed, "utf-8")
    _, inside, _ = visit("--camera", "gate", "--model", str(ONNX), "--at", "2026-03-02T07:00", "--json", cwd=tmp_path)
    _, outside, _ = visit("--camera", "gate", "--model", str(ONNX), "--at", "2026-03-02T12:00", "--json", cwd=tmp_path)
    assert inside["findings"][0]["verdict"] == "flagged"
    assert (outside["findings"][0]["verdict"], outside["findings"][0]["measurements"]["seen"]) == ("clear", "flagged")
