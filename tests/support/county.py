"""A county of real clips served as real RTSP, and the whole service run on it as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tests.support.footage import ONNX

T = TypeVar("T")
TOPIC = "testcounty"

CLIPS: dict[str, tuple[str, str]] = {
    # camera: (clip, category)
    "jam-portrait": ("traffic/traffic_asian_city_jam_portrait.mp4", "road"),
    "road-tooley": ("traffic/traffic_jamcam_tooley_free.mp4", "road"),
    "road-a40": ("traffic/traffic_jamcam_a40_free.mp4", "road"),
    "road-uk": ("traffic/traffic_uk_dual_carriageway_free.mp4", "road"),
    "road-a12": ("traffic/traffic_autostrade_a12_tunnel_free.mp4", "road"),
    "street-walk": ("negative/neg_shopping_street_people.mp4", "square"),
    "yard-night": ("negative/neg_dark_yard_person.mp4", "square"),
    "campus": ("negative/neg_vtest_campus_pedestrians.mp4", "square"),
    "square-burst": ("fireworks/fireworks_single_aerial_burst.mp4", "square"),
    "house-fire": ("negative/neg_model_house_fire.mp4", "square"),
    "bank-angler": ("fishing/fishing_wading_angler_silhouette.mp4", "water"),
    "car-park": ("traffic/traffic_topdown_carpark_single.mp4", "road"),
}
"""Twelve cameras that answer with a good picture."""


def registry_text(urls: dict[str, str], *, period: str, dwell: str = "6s", at_once: bool = False) -> str:
    """A registry of the given cameras; ``urls`` maps camera ids to addresses, categories come from ``CLIPS``."""
    cameras = "".join(
        f"""
  - id: {camera}
    name: {camera}
    platform: test
    source: "{url}"
    categories: [{CLIPS[camera][1] if camera in CLIPS else "road"}]
    place: {{address: "{camera}, loopback"}}"""
        for camera, url in urls.items()
    )
    return f"""
schema: patrol.registry/1
county: {{code: "430624", name: {{zh: 测试县, en: Test county}}, topic: {TOPIC}, timezone: Asia/Shanghai}}
platforms:
  - {{id: test, name: {{zh: 测试平台, en: Test platform}}, max_streams: 16, max_streams_per_host: 16, open_timeout: 4s, read_timeout: 4s}}
categories:
  - {{key: road, name: {{zh: 道路, en: Road}}, period: {period}, dwell: {dwell}, priority: high, detectors: [congestion]}}
  - {{key: square, name: {{zh: 广场, en: Square}}, period: {period}, dwell: {dwell}, detectors: [fireworks]}}
  - {{key: water, name: {{zh: 水域, en: Water}}, period: {period}, dwell: {dwell}, detectors: [fishing]}}
departments:
  - {{id: traffic_police, name: {{zh: 交警, en: Traffic police}}}}
  - {{id: police, name: {{zh: 公安, en: Police}}}}
  - {{id: fisheries, name: {{zh: 渔政, en: Fisheries}}}}
routes:
  - {{kind: congestion, to: traffic_police}}
  - {{kind: fireworks, to: police}}
  - {{kind: fishing, to: fisheries}}
rules:
  - id: no_jam
    kind: congestion
    name: {{zh: 保畅, en: Keep the road open}}
    categories: [road]
    at_once: {str(at_once).lower()}
    source: written for this test
cameras:{cameras}
"""


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: str, found: Callable[[], T | None], timeout_s: float, every_s: float = 0.5) -> T:
    """Ask until there is an answer that is neither None nor False.

    Raises:
        AssertionError: not within ``timeout_s``.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        answer = found()
        if answer is not None and answer is not False:
            return answer
        assert time.monotonic() < deadline, f"not within {timeout_s:g} s: {what}"
        time.sleep(every_s)


@dataclass
class Patrol:
    """``patrol run`` as a process of its own."""

    registry: Path
    data: Path
    mqtt: str | None
    model: Path | None = ONNX
    extra: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    log_file: Path | None = None
    """Where its words go; None: beside its data."""
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._launch(self._command())
        wait_for("the service answers", self._answers, 60)

    def start_to_end(self, timeout_s: float = 90) -> int:
        """Start it and wait until it has ended; its exit code."""
        self._launch(self._command())
        assert self.process is not None
        return self.process.wait(timeout_s)

    def _command(self) -> list[str]:
        command = [
            sys.executable,
            "-m",
            "patrol.cli",
            "run",
            "--registry",
            str(self.registry),
            "--data",
            str(self.data),
        ]
        command += ["--listen", f"127.0.0.1:{self.port}", "--no-sign-in", *self.extra]
        command += ["--mqtt", self.mqtt] if self.mqtt else ["--mqtt-port", "0"]
        # Said aloud: left out, the service would take the shipped one.
        command += ["--model", str(self.model or "none")]
        return command

    def _launch(self, command: list[str]) -> None:
        self.data.mkdir(exist_ok=True)
        with self._log().open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, **self.environment, "PYTHONUNBUFFERED": "1"}
            )

    def _log(self) -> Path:
        return self.log_file or self.data / "service.log"

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the service ended at once:\n{self.log()}"
        try:
            return self.get("/healthz") is not None
        except OSError:
            return False

    def log(self) -> str:
        """What it has said."""
        return self._log().read_text("utf-8", "replace")

    def get(self, path: str) -> Any:
        """GET, JSON where it is JSON."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            body = answer.read()
            return json.loads(body) if "json" in answer.headers["content-type"] else body

    def cli(self, *words: str) -> Any:
        """Run a ``patrol`` command on its data folder and give back its JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "patrol.cli", *words, "--data", str(self.data), "--json"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, f"patrol {' '.join(words)}: {done.stderr}"
        return json.loads(done.stdout)

    def children(self) -> list[int]:
        """Process ids of its worker processes."""
        assert self.process is not None
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=True
        )
        return [int(pid) for pid in listed.stdout.split()]

    def terminate(self, timeout_s: float = 45) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        assert self.process is not None
        self.process.kill()
        assert self.process.wait(10) == -signal.SIGKILL

    def stop(self) -> None:
        """End it if it still runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
