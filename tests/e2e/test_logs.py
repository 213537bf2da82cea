"""An auditor traces one clip of the running demo, walks through the ledger and reads the figures, in both languages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.county import free_port, wait_for

CONSOLE = Path(__file__).parents[2] / "console"


@pytest.mark.timeout(400)
def test_an_auditor_traces_one_clip_and_reads_the_figures(tmp_path: Path) -> None:
    port, said = free_port(), tmp_path / "said"
    command = [
        sys.executable,
        "-m",
        "patrol.cli",
        "demo",
        "--listen",
        f"127.0.0.1:{port}",
        "--data",
        str(tmp_path / "d"),
    ]
    with said.open("wb") as out:
        demo = subprocess.Popen(command, stderr=out)
    try:
        wait_for("the line that says where to look", lambda: f"http://127.0.0.1:{port}" in said.read_text(), 60)
        browser = subprocess.run(
            ["node", "e2e/logs.mjs", f"http://127.0.0.1:{port}", str(tmp_path)],
            cwd=CONSOLE, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert browser.returncode == 0, browser.stderr
        assert len(list(tmp_path.glob("*.png"))) == 24
        demo.terminate()
        assert demo.wait(45) == 0
    finally:
        if demo.poll() is None:
            demo.kill()
            demo.wait(10)
