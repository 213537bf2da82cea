"""How one service is started: where its registry and data are, which broker, database and model it uses."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Oidc:
    """The county's identity provider.

    Attributes:
        issuer: its address, letter by letter as the provider says it.
        client: as what it knows this service.
        secret: shows that it is this service; read from a file or the environment, never from an argument.
        name: what the button says.
    """

    issuer: str
    client: str
    secret: str = field(repr=False)
    name: str = "OIDC"


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``patrol run`` was told.

    Attributes:
        registry: the YAML file.
        data: folder for the database, evidence, references, the broker's files and the link key.
        database: SQLAlchemy URL; None: SQLite in ``data``.
        mqtt: ``mqtt://`` or ``mqtts://`` address of a broker; None: the embedded one on loopback.
        mqtt_port: port of the embedded broker.
        host, port: where HTTP listens.
        workers: worker processes.
        slots: looks one worker holds at the same time. A live look mostly waits, so more than one pays.
        model: path of the object model; None: as the registry says, else the shipped one.
        token: a Bearer token with a shift lead's rights, for a machine of the centre; None: there is none.
        demo: the service serves its cameras to itself.
        synthetic: the demo's pictures are made by the project; said wherever one is shown.
        sign_in: False: on loopback whoever reaches this machine is the command centre, without signing in; for tests and a single desk.
        oidc: the county's identity provider, by which people may sign in; None: there is none.
        public_url: address under which others reach it (a reverse proxy's, a host name), without a slash at the end; None: where
            it listens, which others can reach only if it listens beyond loopback.
    """

    registry: Path
    data: Path
    database: str | None = None
    mqtt: str | None = None
    mqtt_port: int = 1883
    host: str = "127.0.0.1"
    port: int = 8800
    workers: int = max(1, os.cpu_count() or 1)
    slots: int = 4
    model: str | None = None
    token: str | None = None
    demo: bool = False
    synthetic: bool = False
    public_url: str | None = None
    sign_in: bool = True
    oidc: Oidc | None = None

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def base_url(self) -> str:
        """Address that links in alerts and messages start with."""
        if self.public_url is not None:
            return self.public_url
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}"
