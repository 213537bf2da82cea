"""The admin's pages in a real browser on a running demo: edits, zones, a conflict, revisions, a file broken by hand, people."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.county import free_port, wait_for

CONSOLE = Path(__file__).parents[2] / "console"


@pytest.mark.timeout(800)
def test_an_admin_edits_the_registry_in_the_console_and_the_file_keeps_its_comments(tmp_path: Path) -> None:
    url = f"127.0.0.1:{free_port()}"
    said, data = tmp_path / "said", tmp_path / "demo"
    with said.open("wb") as out:
        demo = subprocess.Popen(
            [sys.executable, "-m", "patrol.cli", "demo", "--listen", url, "--data", str(data)], stderr=out
        )
    try:
        wait_for("the line that says where to look", lambda: f"http://{url}" in said.read_text(), 90)
        browser = subprocess.run(
            ["node", "e2e/admin.mjs", f"http://{url}", str(tmp_path), str(data / "demo_registry.yaml")],
            cwd=CONSOLE,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert browser.returncode == 0, browser.stderr
    finally:
        demo.terminate()
        try:
            demo.wait(45)
        except subprocess.TimeoutExpired:
            demo.kill()
            demo.wait(10)
