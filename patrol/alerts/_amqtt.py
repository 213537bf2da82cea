"""The pure-Python broker (MQTT 3.1.1) as a process of its own; ends when standard input closes or on SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from dataclasses import dataclass

from amqtt.broker import Broker
from amqtt.plugins.base import BaseAuthPlugin
from amqtt.session import Session

_CONFIG = {
    "timeout_disconnect_delay": 2,
    "plugins": {
        "patrol.alerts._amqtt.Everybody": {},
    },
}


class Everybody(BaseAuthPlugin):  # type: ignore[misc]  # amqtt is not typed for us
    """Whoever is on this machine may in.

    amqtt's own plugin for that calls such clients anonymous, and for those it keeps nothing while they are away.
    """

    async def authenticate(self, *, session: Session) -> bool:  # noqa: ARG002 - amqtt's signature
        """Yes."""
        return True

    @dataclass
    class Config:
        """No options; amqtt wants the class."""


async def _serve(port: int) -> None:
    config = {**_CONFIG, "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}}}
    broker = Broker(config)
    await broker.start()
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)

    def watch() -> None:
        # A thread of its own, and a daemon: a read that never returns must not hold up the end.
        while os.read(0, 4096):
            pass
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(end.set)

    threading.Thread(target=watch, daemon=True).start()
    await end.wait()
    await broker.shutdown()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
