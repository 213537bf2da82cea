"""What a newcomer does: start the demo, look at the board in a real browser, in both languages."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.county import free_port, wait_for

CONSOLE = Path(__file__).parents[2] / "console"


@pytest.mark.timeout(300)
def test_within_a_minute_the_demo_shows_looks_a_flag_and_an_answered_alert(tmp_path: Path) -> None:
    port = free_port()
    said = tmp_path / "said"
    with said.open("wb") as out:
        demo = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "patrol.cli",
                "demo",
                "--listen",
                f"127.0.0.1:{port}",
                "--data",
                str(tmp_path / "demo"),
            ],
            stderr=out,
        )
    try:
        wait_for("the line that says where to look", lambda: f"http://127.0.0.1:{port}" in said.read_text(), 60)
        begun = time.monotonic()
        browser = subprocess.run(
            ["node", "e2e/board.mjs", f"http://127.0.0.1:{port}", str(tmp_path)],
            cwd=CONSOLE,
            capture_output=True,
            text=True,
            check=False,
            timeout=220,
        )
        assert browser.returncode == 0, browser.stderr
        assert time.monotonic() - begun < 120
        assert "SYNTHETIC" in said.read_text()
        assert "SYNTHETIC" in (tmp_path / "demo" / "service.log").read_text()
        demo.terminate()
        assert demo.wait(45) == 0
    finally:
        if demo.poll() is None:
            demo.kill()
            demo.wait(10)
