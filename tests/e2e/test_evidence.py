"""A shift lead and an operator take a copy of a clip in a real browser; the register says so; the copy plays and is masked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import av
import pytest

from tests.support.county import free_port, wait_for

CONSOLE = Path(__file__).parents[2] / "console"


@pytest.mark.timeout(400)
def test_a_copy_is_asked_for_followed_and_fetched_and_stands_in_the_register(tmp_path: Path) -> None:
    port = free_port()
    said = tmp_path / "said"
    command = ["demo", "--listen", f"127.0.0.1:{port}", "--data", str(tmp_path / "demo")]
    with said.open("wb") as out:
        demo = subprocess.Popen([sys.executable, "-m", "patrol.cli", *command], stderr=out)
    try:
        wait_for("the line that says where to look", lambda: f"http://127.0.0.1:{port}" in said.read_text(), 60)
        browser = subprocess.run(
            ["node", "e2e/evidence.mjs", f"http://127.0.0.1:{port}", str(tmp_path)],
            cwd=CONSOLE,
            capture_output=True,
            text=True,
            check=False,
            timeout=320,
        )
        assert browser.returncode == 0, browser.stderr
        with av.open(str(tmp_path / "copy.mp4")) as copy:
            assert [stream.codec_context.name for stream in copy.streams] == ["h264"]
            assert sum(1 for _ in copy.decode(video=0)) > 10
        demo.terminate()
        assert demo.wait(45) == 0
    finally:
        if demo.poll() is None:
            demo.kill()
            demo.wait(10)
