"""A shift lead keeps an incident beyond its day and lets it go, and an auditor reads what is kept, in a real browser on the running demo."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import patrol
from tests.support.journeys import Demo, journey


@pytest.mark.timeout(300)
def test_a_shift_lead_holds_and_lifts_and_an_auditor_reads_what_is_kept(tmp_path: Path, shared_demo: Demo) -> None:
    # The service's own run is at night; nothing of the demo is due, so this one deletes nothing and leaves its proof.
    code, _, wrong = patrol("retention", "run", "--data", str(shared_demo.data), cwd=tmp_path, timeout=60)
    assert code == 0, wrong
    journey("retention", shared_demo.url, str(tmp_path), within_s=200)
    assert len(list(tmp_path.glob("*.png"))) == 13
