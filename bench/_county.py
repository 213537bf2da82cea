"""A service over a county's week in rows, for the benches of the control room."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bench._control_room_rows import fill, registry_text
from patrol.service import Service
from patrol.store import Store, open_store
from tests.support.served import served


@contextmanager
def county(
    database: str | None,
    cameras: int,
    visits: int,
    incidents: int,
    *,
    sign_in: bool = False,
    finish: Callable[[Store, datetime], None] | None = None,
) -> Iterator[tuple[Service, str]]:
    """A service in which nothing happens by itself, and its address.

    Args:
        database: an empty one; None: SQLite in a folder of its own.
        cameras, visits, incidents: how many.
        sign_in: False: whoever asks is the centre.
        finish: adds to the rows before the service starts; it gets the instant at which the week ends.
    """
    with tempfile.TemporaryDirectory(prefix="patrol-county-") as folder:
        data = Path(folder)
        registry = data / "registry.yaml"
        registry.write_text(registry_text(cameras), "utf-8")
        store = open_store(database, data)
        store.upgrade()
        began, now = time.perf_counter(), datetime.now(UTC)
        fill(store, cameras=cameras, visits=visits, incidents=incidents, now=now)
        if finish is not None:
            finish(store, now)
        print(f"filled in {time.perf_counter() - began:.0f} s", flush=True)
        store.close()
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        with served(registry, data, database=database, sign_in=sign_in, timers=False) as opened:
            yield opened
