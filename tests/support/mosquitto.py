"""A real Mosquitto for tests, and `mosquitto_sub` / `mosquitto_pub` as a department would use them."""

from __future__ import annotations

import atexit
import contextlib
import json
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Self

from patrol.alerts.broker import _listens, _mosquitto_config, find_mosquitto
from tests.support.county import free_port

_INSTALL = "is not installed; Debian: apt install mosquitto mosquitto-clients (make test does it)"


class Mosquitto:
    """A broker with persistence on a free port of loopback.

    Args:
        folder: for its configuration and its queue.
        extra: more lines of configuration; ``allow_anonymous`` among them replaces ours.
        config: a whole configuration in place of ours, listening at ``port``.
    """

    def __init__(self, folder: Path, extra: str = "", *, config: str | None = None, port: int | None = None) -> None:
        program = find_mosquitto()
        assert program is not None, f"mosquitto {_INSTALL}"
        folder.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        file = folder / "mosquitto.conf"
        ours = config or _mosquitto_config(folder, self.port)
        if "allow_anonymous" in extra:
            ours = ours.replace("allow_anonymous true\n", "")
        file.write_text(ours + extra)
        self._command = [program, "-c", str(file)]
        self._log = folder / "mosquitto.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log)
        deadline = time.monotonic() + 10
        while not _listens(self.port):
            assert self.process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, "mosquitto does not listen"
            time.sleep(0.02)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def reload(self) -> None:
        """Let it read its rights and passwords again."""
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        assert self.process.wait(5) == -signal.SIGKILL

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)


class Subscriber:
    """`mosquitto_sub` with a persistent session; ``messages`` grows as they come."""

    def __init__(
        self,
        port: int,
        topic: str,
        file: Path,
        *,
        client: str = "tester",
        version: str = "mqttv311",
        shown: str = "%j",
        more: tuple[str, ...] = (),
    ) -> None:
        program = shutil.which("mosquitto_sub")
        assert program is not None, f"mosquitto_sub {_INSTALL}"
        self._file = file
        command = [program, "-h", "127.0.0.1", "-p", str(port), "-t", topic, "-q", "1", "-V", version]
        # A version 5 session ends with its connection unless it says how long it shall last.
        command += ["-i", client, "-c", "-F", shown, *(["-x", "3600"] if version == "mqttv5" else []), *more]
        with file.open("ab") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE)
        # A test that fails before its stop() leaves none behind.
        atexit.register(self._process.kill)

    def lines(self) -> list[str]:
        """What it has printed, whole lines."""
        whole, _, _ = self._file.read_text("utf-8").rpartition("\n")
        return whole.split("\n") if whole else []

    def messages(self) -> list[dict[str, Any]]:
        """``{"topic", "retain", "qos", "payload", …}``; the payload parsed where it is JSON."""
        found = []
        for line in self.lines():
            message = json.loads(line)
            with contextlib.suppress(ValueError):
                message["payload"] = json.loads(message["payload"])
            found.append(message)
        return found

    def payloads(self) -> list[Any]:
        return [m["payload"] for m in self.messages()]

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(5)
        if self._process.stderr is not None:
            self._process.stderr.close()


def publish(port: int, topic: str, payload: str, *more: str) -> None:
    """`mosquitto_pub`, QoS 1; ``more`` are further options."""
    program = shutil.which("mosquitto_pub")
    assert program is not None, f"mosquitto_pub {_INSTALL}"
    subprocess.run(
        [program, "-h", "127.0.0.1", "-p", str(port), "-t", topic, "-m", payload, "-q", "1", *more],
        check=True,
        timeout=20,
    )
