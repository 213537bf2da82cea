"""An auditor traces one clip of the running demo, walks through the ledger and reads the figures, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.journeys import Demo, journey


@pytest.mark.timeout(500)
def test_an_auditor_traces_one_clip_and_reads_the_figures(tmp_path: Path, shared_demo: Demo) -> None:
    journey("logs", shared_demo.url, str(tmp_path), within_s=320)
    assert len(list(tmp_path.glob("*.png"))) == 24
