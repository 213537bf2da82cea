"""The case that a county's own system keeps, seen on the board in a real browser, in both languages."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.journeys import CONSOLE
from tests.support.own_case_system import NUMBER, OwnCounty


@pytest.mark.timeout(240)
def test_the_board_shows_number_stage_and_light_of_a_countys_own_case_and_turns_red_by_itself(tmp_path: Path) -> None:
    with OwnCounty(tmp_path) as county:
        incident = county.incident()
        assert county.system is not None
        county.shows(incident, number=NUMBER)
        county.system.says(NUMBER, "局长批示", "yellow")
        county.shows(incident, light="yellow")
        browser = subprocess.Popen(
            ["node", "e2e/case.mjs", f"http://127.0.0.1:{county.patrol.port}", str(tmp_path), NUMBER, "局长批示"],
            cwd=CONSOLE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert browser.stdout is not None
            if browser.stdout.readline().strip() == "turn it red":
                county.system.says(NUMBER, "局长批示", "red")
            _, errors = browser.communicate(timeout=120)
        finally:
            browser.kill()
        assert browser.returncode == 0, errors
