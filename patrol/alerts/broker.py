"""The embedded broker: Mosquitto where the machine has it, else amqtt, on loopback, gone when the service is gone."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Literal

from patrol.alerts.broker_config import FLOW, KEPT

_READY_S = 15.0


class BrokerError(Exception):
    """The embedded broker does not start; the message says why and what to do."""


class Broker:
    """A broker process of ours. ``name`` is ``mosquitto`` or ``amqtt``, ``url`` where it listens."""

    def __init__(self, name: str, command: list[str], port: int, log_file: Path) -> None:
        self.name = name
        self.url = f"mqtt://127.0.0.1:{port}"
        self._command = command
        self._port = port
        self._log_file = log_file
        self._process: subprocess.Popen[bytes] | None = None

    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.poll() is None

    def ensure(self) -> None:
        """Start it, or start it again.

        Raises:
            BrokerError: the port is taken, or it ends at once.
        """
        if self.alive():
            return
        _refuse_taken(self._port)
        # Bytes it says go to a file: a full pipe would stop it.
        with self._log_file.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + _READY_S
        while not _listens(self._port):
            if not self.alive() or time.monotonic() > deadline:
                self.stop()
                raise BrokerError(f"the embedded broker {self.name} does not start: {self._last_line()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it; it writes its queue to disk first."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)

    def _last_line(self) -> str:
        try:
            lines = self._log_file.read_text("utf-8", "replace").strip().splitlines()
        except OSError:
            lines = []
        return lines[-1] if lines else "it said nothing"


def start_broker(data_dir: Path, port: int, *, prefer: Literal["auto", "mosquitto", "amqtt"] = "auto") -> Broker:
    """Start the embedded broker on ``127.0.0.1:port``.

    Args:
        data_dir: the service's data folder; sessions and queued messages are kept in it.
        port: where it listens.
        prefer: ``auto`` takes Mosquitto where it is installed.

    Raises:
        BrokerError: it cannot be started.
    """
    folder = data_dir / "broker"
    folder.mkdir(parents=True, exist_ok=True)
    program = None if prefer == "amqtt" else find_mosquitto()
    if program is None and prefer == "mosquitto":
        raise BrokerError("mosquitto is not installed (Debian: apt install mosquitto)")
    if program is not None:
        config = folder / "mosquitto.conf"
        config.write_text(_mosquitto_config(folder, port), "utf-8")
        broker = Broker("mosquitto", _with_parent([program, "-c", str(config)]), port, folder / "broker.log")
    else:
        command = [sys.executable, "-m", "patrol.alerts._amqtt", str(port)]
        broker = Broker("amqtt", command, port, folder / "broker.log")
    broker.ensure()
    return broker


def find_mosquitto() -> str | None:
    """The Mosquitto program; Debian puts it where a user's PATH does not look."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")


def _mosquitto_config(folder: Path, port: int) -> str:
    # The defaults lose messages: 1,000 queued for a slow receiver and the rest dropped (measured: 1,809 of 5,000).
    user = "user root\n" if os.geteuid() == 0 else ""
    return (
        f"listener {port} 127.0.0.1\n"
        "allow_anonymous true\n"
        "persistence true\n"
        f"persistence_location {folder}/\n"
        f"{KEPT}"
        "max_queued_messages 0\n"
        f"{FLOW}"
        "message_size_limit 1048576\n"
        "log_dest stderr\n"
        "log_type error\nlog_type warning\nlog_type notice\n"
        f"{user}"
    )


def _with_parent(command: list[str]) -> list[str]:
    """End the program when this process ends in whatever way: a small watcher holds our pipe and sees it close."""
    return [sys.executable, "-m", "patrol.alerts._with_parent", *command]


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise BrokerError(
                f"port {port} for the embedded broker is taken; choose another with --mqtt-port, or use that broker with --mqtt mqtt://127.0.0.1:{port}"
            ) from error


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return True
    except OSError:
        return False
