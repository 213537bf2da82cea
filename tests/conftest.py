"""What all tests share: footage tests are left out, and counted aloud, where the clips are not there."""

from __future__ import annotations

import pytest

from tests.support import footage

pytest_plugins = ["tests.support.databases"]

_left_out: list[str] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept: list[pytest.Item] = []
    dropped: list[pytest.Item] = []
    for item in items:
        if item.get_closest_marker("footage") and not footage.present():
            dropped.append(item)
        else:
            kept.append(item)
    if dropped:
        _left_out.extend(item.nodeid for item in dropped)
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _left_out:
        terminalreporter.write_line(
            f"footage: {len(_left_out)} tests left out, because there are no clips at {footage.ROOT.name}/ beside the checkout"
            " (set PATROL_FOOTAGE to a folder with MANIFEST.tsv to run them)"
        )
    else:
        terminalreporter.write_line("footage: no test left out")
