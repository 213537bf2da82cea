"""A department on a telephone answers a new alert to the end, for a while without network; the centre sees it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.county import free_port, wait_for

CONSOLE = Path(__file__).parents[2] / "console"


@pytest.mark.timeout(360)
def test_a_department_answers_on_a_telephone_also_without_network(tmp_path: Path) -> None:
    port = free_port()
    said = tmp_path / "said"
    with said.open("wb") as out:
        demo = subprocess.Popen(
            [
                *(sys.executable, "-m", "patrol.cli", "demo", "--listen", f"127.0.0.1:{port}"),
                *("--data", str(tmp_path / "demo")),
            ],
            stderr=out,
        )
    try:
        wait_for("the line that says where to look", lambda: f"http://127.0.0.1:{port}" in said.read_text(), 60)
        browser = subprocess.run(
            ["node", "e2e/inbox.mjs", f"http://127.0.0.1:{port}", str(tmp_path)],
            cwd=CONSOLE,
            capture_output=True,
            text=True,
            check=False,
            timeout=280,
        )
        assert browser.returncode == 0, browser.stderr
        kept = list((tmp_path / "demo" / "answers").glob("*.jpg"))
        assert len(kept) == 1
    finally:
        demo.terminate()
        demo.wait(45)
