"""The demo county as a look sees it: real streams over HTTP on loopback."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import av.error
import cv2
import numpy as np
import pytest

from detectors import ArrayFrame, Kind, Request, Verdict, build
from patrol.demo import DemoCounty, FootageError
from patrol.demo._loop import read_loop
from patrol.demo.scenes import LOOP_S, SCENES, encode
from patrol.registry import look_specs, parse


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoCounty]:
    county = DemoCounty(tmp_path_factory.mktemp("demo"))
    county.start()
    yield county
    county.stop()


def _sources(county: DemoCounty) -> dict[str, str]:
    registry = parse(county.registry_text(), "demo_registry.yaml").registry
    return {camera.id: camera.source for camera in registry.cameras}


def _look(source: str, seconds: float) -> list[tuple[float, np.ndarray]]:
    """Frames of a look: media time since the first, and the picture."""
    frames: list[tuple[float, np.ndarray]] = []
    with av.open(source, timeout=(25, 6)) as container:
        for frame in container.decode(video=0):
            assert frame.time is not None
            frames.append((frame.time, frame.to_ndarray(format="bgr24")))
            if frame.time - frames[0][0] >= seconds:
                break
    return [(at - frames[0][0], picture) for at, picture in frames]


def test_the_registry_is_accepted_and_says_what_is_synthetic(county: DemoCounty) -> None:
    registry = parse(county.registry_text(), "demo_registry.yaml").registry
    specs = look_specs(registry)
    assert len(specs) == len(county.cameras) == 12
    assert all(spec.camera.name.startswith("【合成】") for spec in specs)
    assert any(rule.at_once and rule.kind == "fireworks" for rule in registry.rules)
    assert {spec.category.key for spec in specs} >= {"public_squares", "urban_schools", "key_no_fishing_dikes"}
    # The looks must fit the streams, or the first thing the demo shows is a warning.
    for platform in registry.platforms:
        needed = sum((s.dwell_s + 4) / s.period_s for s in specs if s.platform.id == platform.id)
        assert needed < 0.8 * platform.max_streams, platform.id


def test_every_camera_gives_a_live_picture_but_the_unreachable_one(county: DemoCounty) -> None:
    sources = _sources(county)
    with pytest.raises(av.error.ConnectionRefusedError):
        av.open(sources.pop("demo-unreachable-1"), timeout=(5, 5))
    with ThreadPoolExecutor() as readers:
        looks = readers.map(lambda source: _look(source, 1.0), sources.values())
        for camera, frames in zip(sources, looks, strict=True):
            assert len(frames) >= 12, camera
            assert frames[0][1].shape == (360, 640, 3)
            frozen = all(np.array_equal(picture, frames[0][1]) for _, picture in frames)
            assert frozen == (camera == "demo-frozen-1"), camera


def test_it_sends_no_faster_than_a_camera(county: DemoCounty) -> None:
    source = _sources(county)["demo-street-1"]
    _look(source, 0.1)  # the scene is drawn
    begun = time.monotonic()
    _look(source, 4.0)
    assert time.monotonic() - begun > 3.0, "four seconds of a camera take four seconds, less what it had buffered"


def test_timestamps_go_on_where_the_loop_begins_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = tmp_path / "road_short.mp4"
    _write_clip(clip, seconds=1.2)
    county = DemoCounty(tmp_path, footage=tmp_path)
    county.start()
    try:
        frames = _look(_sources(county)["clip-1"], 3.6)
    finally:
        county.stop()
    steps = np.diff([at for at, _ in frames])
    assert frames[-1][0] >= 3.6, "three rounds of the clip"
    assert steps.min() > 0.02
    assert steps.max() < 0.09, "no gap where the loop closes"


def test_two_looks_in_a_row_do_not_show_the_same_pictures(county: DemoCounty) -> None:
    source = _sources(county)["demo-reservoir-1"]
    one, other = (_look(source, 0.5) for _ in range(2))
    assert not np.array_equal(one[-1][1], other[-1][1])


def test_the_fireworks_are_flagged_without_a_model_and_the_quiet_town_is_clear(county: DemoCounty) -> None:
    sources = _sources(county)
    wanted = {"demo-square-1": Verdict.FLAGGED, "demo-square-2": Verdict.CLEAR}
    with ThreadPoolExecutor() as readers:
        looks = readers.map(lambda camera: _look(sources[camera], 7.0), wanted)
        for (camera, verdict), frames in zip(wanted.items(), looks, strict=True):
            detector = build(Kind.FIREWORKS, Request(expected_s=7.0))
            assert detector.rate_hz is not None
            due = 0.0
            for at, picture in frames:
                if at >= due - 1e-3:
                    detector.update(ArrayFrame(picture, at))
                    due += 1 / detector.rate_hz
            finding = detector.finish()
            assert finding.verdict is verdict, (camera, finding.reason, finding.measurements)


def test_an_unknown_camera_is_not_found(county: DemoCounty) -> None:
    for path in ("/no-such-camera.ts", "/demo-street-1", "/"):
        with pytest.raises(av.error.HTTPNotFoundError):
            av.open(county.url + path, timeout=(5, 5))


def test_stopping_ends_the_streams_and_frees_the_port(tmp_path: Path) -> None:
    _write_clip(tmp_path / "yard.mp4", seconds=1.0)
    county = DemoCounty(tmp_path, footage=tmp_path)
    county.start()
    url = county.url
    with av.open(f"{url}/clip-1.ts", timeout=(25, 6)) as container:
        packets = container.demux(video=0)
        next(packets)
        county.stop()
        begun = time.monotonic()
        with contextlib.suppress(OSError):
            for _ in packets:
                pass
        assert time.monotonic() - begun < 5
    with pytest.raises(av.error.ConnectionRefusedError):
        av.open(f"{url}/clip-1.ts", timeout=(5, 5))


def test_clips_take_the_place_of_scenes(tmp_path: Path) -> None:
    for name in ("traffic_a", "fireworks_b", "fishing_c", "yard_d"):
        _write_clip(tmp_path / f"{name}.mp4", seconds=1.0)
    county = DemoCounty(tmp_path, footage=tmp_path)
    county.start()
    try:
        registry = parse(county.registry_text(), "demo_registry.yaml").registry
        clips = {c.name: c.categories[0] for c in registry.cameras if c.name.startswith("【片段】")}
        assert clips == {
            "【片段】traffic_a": "city_entry_checkpoints",
            "【片段】fireworks_b": "public_squares",
            "【片段】fishing_c": "key_no_fishing_dikes",
            "【片段】yard_d": "supermarkets",
        }
        assert len(_look(registry.cameras[0].source, 0.5)) > 5
    finally:
        county.stop()


def test_a_clip_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(FootageError, match=r"no \.mp4"):
        DemoCounty(tmp_path, footage=tmp_path)
    (tmp_path / "broken.mp4").write_bytes(b"not a film")
    with pytest.raises(FootageError, match=r"broken\.mp4"):
        DemoCounty(tmp_path, footage=tmp_path)


def test_a_scene_says_synthetic_and_makes_a_loop() -> None:
    for scene in (SCENES[key] for key in ("queue", "covered", "dark")):
        loop = read_loop(encode(scene))
        assert loop.seconds == pytest.approx(LOOP_S, abs=0.02)
        assert len(loop.key_times) == 8, "a keyframe every two seconds"
        with loop.open() as container:
            picture = next(container.decode(video=0)).to_ndarray(format="bgr24")
        label = cv2.cvtColor(picture[5:22, 6:110], cv2.COLOR_BGR2GRAY)
        assert label.max() > 190, scene.key
        assert np.median(label) < 60, "light letters on a dark plate"


def _write_clip(path: Path, *, seconds: float) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.options = {"preset": "ultrafast", "bf": "2"}
        for n in range(round(seconds * 25)):
            picture = np.full((240, 320, 3), 90, np.uint8)
            cv2.circle(picture, (20 + 5 * n, 120), 15, (230, 230, 230), -1)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
