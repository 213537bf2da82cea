"""A whole service whose cameras stand still, with its API and console on a real port: for browsers and benches."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from api.app import create_app
from patrol._waker import Waker
from patrol.service import Service
from patrol.settings import Settings
from tests.support.county import free_port, wait_for


@contextmanager
def served(
    registry: Path, data: Path, *, database: str | None = None, sign_in: bool = True, timers: bool = True
) -> Iterator[tuple[Service, str]]:
    """The service and its address.

    Its broker is away, and no stream is ever free: no look is made, and deadlines pass as misses.

    Args:
        registry: the YAML file.
        data: its data folder; rows may stand in its store already.
        database: its store; None: SQLite in ``data``.
        sign_in: False: whoever asks is the centre.
        timers: False: nothing happens by itself, so that an answer's time is its own.
    """
    port = free_port()
    settings = Settings(
        registry,
        data,
        database=database,
        mqtt=f"mqtt://127.0.0.1:{free_port()}",
        port=port,
        workers=1,
        sign_in=sign_in,
    )
    service = Service(settings)
    service.start()
    service.pool.free = lambda: 0  # type: ignore[method-assign]
    if not timers:
        _stand_still(service)
    server = uvicorn.Server(uvicorn.Config(create_app(service), port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_for("the server", lambda: server.started, 30)
        yield service, f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join()
        service.stop()


def _stand_still(service: Service) -> None:
    for undo in [undo for undo in service._after if isinstance(getattr(undo, "__self__", None), Waker)]:
        undo()
        service._after.remove(undo)
