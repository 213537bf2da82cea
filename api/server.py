"""The HTTP server that stands beside the patrol in the same process."""

from __future__ import annotations

import uvicorn

from api.app import create_app
from patrol.service import Service


def make_server(service: Service) -> uvicorn.Server:
    """A server for a started service. The caller runs it in a thread and ends it with ``should_exit``.

    It installs no signal handlers when run outside the main thread; the command line owns the signals.
    """
    settings = service.settings
    config = uvicorn.Config(
        create_app(service),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        # Event streams never end by themselves; a stop must not wait for the browsers that hold them.
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)
