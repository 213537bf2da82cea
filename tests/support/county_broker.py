"""The county's own broker as `patrol broker config` writes it: certificates, passwords, one account per department."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Self

from typer.testing import CliRunner

from patrol.alerts.broker_config import Place, accounts, render
from patrol.cli import app
from patrol.registry import Registry, parse
from tests.support.certificates import Authority, Signed
from tests.support.county import free_port, registry_text
from tests.support.mosquitto import Mosquitto, Subscriber
from tests.support.mosquitto import publish as _publish

REGISTRY = registry_text({"jam-portrait": "rtsp://127.0.0.1/x"}, period="60s")


def password(account: str) -> str:
    return f"{account}:s-Word"


class CountyBroker:
    """Mosquitto on loopback with the files that the command wrote; nothing in them is changed but what a test must.

    Args:
        folder: for everything.
        require_certificate: clients show one.
        more: accounts with a password and no rights.
    """

    def __init__(self, folder: Path, *, require_certificate: bool = False, more: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.authority = Authority(folder / "authority")
        self.port = free_port()
        (folder / "etc" / "certs").mkdir(parents=True)
        self._certificates()
        (folder / "registry.yaml").write_text(REGISTRY)
        self.require_certificate = require_certificate
        self.write_files()
        self.passwords(*accounts(self.registry), *more)
        self.shown: Signed | None = self.authority.client("client") if require_certificate else None
        config = (folder / "etc" / "mosquitto.conf").read_text()
        # A test listens on loopback, and as root where the tests are root: their folders are nobody else's.
        assert config.count(f"\nlistener {self.port}\n") == 1
        config = config.replace(f"\nlistener {self.port}\n", f"\nlistener {self.port} 127.0.0.1\n")
        extra = "user root\n" if os.geteuid() == 0 else ""
        self.mosquitto = Mosquitto(folder / "state", extra, config=config, port=self.port)

    @property
    def registry(self) -> Registry:
        return parse((self.folder / "registry.yaml").read_text(), "test").registry

    def write_files(self, *more: str) -> None:
        """Run `patrol broker config`."""
        etc, state = str(self.folder / "etc"), str(self.folder / "state")
        words = ["--registry", str(self.folder / "registry.yaml"), "--out", etc, "--folder", etc, "--state", state]
        words += ["--host", "localhost", "--port", str(self.port)]
        words += ["--require-certificate"] if self.require_certificate else []
        done = CliRunner().invoke(app, ["broker", "config", *words, *more])
        assert done.exit_code == 0, done.output
        place = Place("localhost", self.port, etc, state, self.require_certificate)
        assert {p: (self.folder / "etc" / p).read_text() for p in ("mosquitto.conf", "acl")} == render(
            self.registry, place
        )

    def passwords(self, *who: str) -> None:
        """As the head of mosquitto.conf says."""
        file = self.folder / "etc" / "passwords"
        for account in who:
            make = [] if file.exists() else ["-c"]
            subprocess.run(
                ["mosquitto_passwd", *make, "-b", str(file), account, password(account)],
                check=True,
                capture_output=True,
                timeout=20,
            )

    def url(self, *, host: str = "localhost", ca: Path | None = None, shown: Signed | None = None) -> str:
        """For the service; the credential is given beside it."""
        certificate = shown or self.shown
        more = f"&cert={certificate.cert}&key={certificate.key}" if certificate else ""
        return f"mqtts://{host}:{self.port}?ca={ca or self.authority.cert}{more}"

    def login(self, account: str = "patrol") -> str:
        """A file with ``user:password``, as a credential."""
        file = self.folder / f"login-{account}"
        file.write_text(f"{account}:{password(account)}\n")
        return f"file:{file}"

    def options(self, account: str | None) -> tuple[str, ...]:
        """How mosquitto_sub and mosquitto_pub sign in; None: as nobody."""
        words: tuple[str, ...] = ("--cafile", str(self.authority.cert))
        words += ("-u", account, "-P", password(account)) if account else ()
        return words + (("--cert", str(self.shown.cert), "--key", str(self.shown.key)) if self.shown else ())

    def subscriber(self, account: str, *topics: str, client: str = "", version: str = "mqttv311") -> Subscriber:
        """A persistent session of an account."""
        name = client or f"{account}-desk"
        more = [word for topic in topics[1:] for word in ("-t", topic)]
        return Subscriber(
            self.port,
            topics[0],
            self.folder / f"heard-{account}-{name}",
            client=name,
            version=version,
            more=(*more, *self.options(account)),
        )

    def publish(self, account: str, topic: str, payload: str, *more: str) -> None:
        _publish(self.port, topic, payload, *self.options(account), *more)

    def _certificates(self) -> None:
        server = self.authority.server("server")
        certs = self.folder / "etc" / "certs"
        (certs / "ca.crt").write_bytes(self.authority.cert.read_bytes())
        (certs / "server.crt").write_bytes(server.cert.read_bytes())
        (certs / "server.key").write_bytes(server.key.read_bytes())

    def __enter__(self) -> Self:
        self.mosquitto.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.mosquitto.stop()
