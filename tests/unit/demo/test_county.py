"""Which cameras the demo has, and how a loop is measured."""

from __future__ import annotations

from pathlib import Path

import pytest

import patrol.demo
from patrol.demo import FootageError
from patrol.demo._county import _belongs, _mixed, cameras, registry_text
from patrol.demo._loop import read_loop
from patrol.registry import parse


def test_the_surface() -> None:
    assert patrol.demo.__all__ == ["DemoCounty", "FootageError"]


def test_every_synthetic_camera_says_so_in_its_name_and_its_place() -> None:
    for camera in cameras(None):
        assert camera.name.startswith("【合成】")
        assert camera.address.startswith("合成")


def test_one_camera_refuses_and_all_others_are_served() -> None:
    registry = parse(
        registry_text(cameras(None), "http://127.0.0.1:1000", "http://127.0.0.1:1001"), "demo.yaml"
    ).registry
    refused = [c.id for c in registry.cameras if ":1001/" in c.source]
    assert refused == ["demo-unreachable-1"]
    assert all(c.source == f"http://127.0.0.1:1000/{c.id}.ts" for c in registry.cameras if c.id not in refused)


def test_a_name_with_quotes_does_not_break_the_file(tmp_path: Path) -> None:
    camera = cameras(None)[0]
    odd = camera.__class__(**{f: getattr(camera, f) for f in camera.__slots__} | {"name": '【片段】a "b": #c'})
    registry = parse(registry_text((odd,), "http://127.0.0.1:1", "http://127.0.0.1:2"), "demo.yaml").registry
    assert registry.cameras[0].name == '【片段】a "b": #c'


def test_clips_of_every_kind_come_before_more_of_one() -> None:
    names = ["traffic_1", "traffic_2", "traffic_3", "fireworks_1", "fishing_1", "yard"]
    mixed = [path.stem for path in _mixed([Path(f"{name}.mp4") for name in names])]
    assert set(mixed[:4]) == {"traffic_1", "fireworks_1", "fishing_1", "yard"}
    assert mixed[4:] == ["traffic_2", "traffic_3"]
    assert _belongs(Path("Fireworks over town.mp4")) == ("police", "public_squares")


def test_what_is_no_video_is_refused_by_name(tmp_path: Path) -> None:
    broken = tmp_path / "hall.mp4"
    broken.write_bytes(b"\x00" * 400)
    with pytest.raises(FootageError, match=r"hall\.mp4"):
        read_loop(broken)
