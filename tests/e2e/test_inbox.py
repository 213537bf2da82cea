"""A department on a telephone answers a new alert to the end, for a while without network; the centre sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.journeys import demo, journey


@pytest.mark.timeout(500)
def test_a_department_answers_on_a_telephone_also_without_network(tmp_path: Path) -> None:
    with demo(tmp_path) as running:
        journey("inbox", running.url, str(tmp_path), within_s=300)
        assert len(list((running.data / "answers").glob("*.jpg"))) == 1
