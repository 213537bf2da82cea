"""What a newcomer does: start the demo, look at the board in a real browser, in both languages."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.support.journeys import demo, journey


@pytest.mark.timeout(400)
def test_within_a_minute_the_demo_shows_looks_a_flag_and_an_answered_alert(tmp_path: Path) -> None:
    with demo(tmp_path) as running:
        begun = time.monotonic()
        journey("board", running.url, str(tmp_path), within_s=220)
        assert time.monotonic() - begun < 150
        assert "SYNTHETIC" in running.said()
        assert "SYNTHETIC" in (running.data / "service.log").read_text()
