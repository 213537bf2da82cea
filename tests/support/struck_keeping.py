"""A process that purges again and again, to be struck."""

from __future__ import annotations

import time
from pathlib import Path

from patrol.retention import Report
from patrol.store import open_store
from tests.support.keeping import purged


def told(report: Report) -> int:
    """What the caller learns of a run that is over: its number."""
    return report.run


def purge_on(database: str, data: Path) -> None:
    """Purge what is due, a few things a run, so that there are many runs. Never returns."""
    store = open_store(database, data)
    while True:
        told(purged(store, data, most=4))
        time.sleep(0.02)
