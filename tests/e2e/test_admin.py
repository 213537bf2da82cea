"""The admin's pages in a real browser on a running demo: edits, zones, a conflict, revisions, a file broken by hand, people."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.journeys import demo, journey


@pytest.mark.timeout(800)
def test_an_admin_edits_the_registry_in_the_console_and_the_file_keeps_its_comments(tmp_path: Path) -> None:
    with demo(tmp_path) as running:
        journey("admin", running.url, str(tmp_path), str(running.data / "demo_registry.yaml"), within_s=600)
