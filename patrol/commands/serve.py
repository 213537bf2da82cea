"""``patrol run`` and ``patrol demo``: the whole service in one process group, ended cleanly by SIGTERM or Ctrl-C."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Annotated, Any
from urllib.parse import urlsplit

import structlog
import typer

from patrol import access, audit
from patrol.alerts import Receiver
from patrol.commands import _say
from patrol.demo import DemoCounty, FootageError, people
from patrol.registry import RegistryError
from patrol.service import Service, ServiceError
from patrol.settings import Oidc, Settings

log = structlog.get_logger(__name__)

Registry = Annotated[Path, typer.Option(envvar="PATROL_REGISTRY", help="Registry file.")]
Data = Annotated[
    Path, typer.Option(envvar="PATROL_DATA", help="Folder for database, evidence, reference pictures and keys.")
]
Database = Annotated[
    str | None,
    typer.Option(envvar="PATROL_DATABASE", help="postgresql://… or sqlite:///…; left out: SQLite in the data folder."),
]
Mqtt = Annotated[
    str | None,
    typer.Option(envvar="PATROL_MQTT", help="mqtt:// or mqtts:// broker; left out: the embedded one on loopback."),
]
MqttPort = Annotated[
    int, typer.Option(envvar="PATROL_MQTT_PORT", min=0, max=65535, help="Port of the embedded broker; 0: any free one.")
]
Listen = Annotated[
    str, typer.Option(envvar="PATROL_LISTEN", help="HOST:PORT of the console and the API; port 0: any free one.")
]
PublicUrl = Annotated[
    str | None,
    typer.Option(
        envvar="PATROL_PUBLIC_URL",
        help="https://HOST[:PORT] under which departments reach this service; links in alerts and messages begin with it.",
    ),
]
Token = Annotated[
    str | None,
    typer.Option(envvar="PATROL_TOKEN", help="A Bearer token with a shift lead's rights, for a machine of the centre."),
]
OidcIssuer = Annotated[
    str | None,
    typer.Option(envvar="PATROL_OIDC_ISSUER", help="Address of the county's identity provider (OpenID Connect)."),
]
OidcClient = Annotated[
    str | None, typer.Option(envvar="PATROL_OIDC_CLIENT", help="As what the provider knows this service.")
]
OidcSecret = Annotated[
    str | None,
    typer.Option(help="Where its secret is: env:NAME or file:PATH.", envvar="PATROL_OIDC_SECRET_FROM"),
]
OidcName = Annotated[str, typer.Option(envvar="PATROL_OIDC_NAME", help="What the button of the sign-in page says.")]
SignIn = Annotated[
    bool,
    typer.Option(
        "--sign-in/--no-sign-in",
        help="Without sign-in whoever reaches this machine is the command centre; on loopback only.",
    ),
]
Model = Annotated[
    str | None,
    typer.Option(envvar="PATROL_MODEL", help="Object model: .onnx, OpenVINO folder, .tflite, .pt …; none: use none."),
]
Workers = Annotated[int, typer.Option(envvar="PATROL_WORKERS", min=1, max=256, help="Worker processes.")]
Slots = Annotated[
    int, typer.Option(envvar="PATROL_SLOTS", min=1, max=64, help="Looks one worker holds at the same time.")
]
_CORES = max(1, os.cpu_count() or 1)


def run(
    registry: Registry = Path("camera_registry.yaml"),
    data: Data = Path("data"),
    database: Database = None,
    mqtt: Mqtt = None,
    mqtt_port: MqttPort = 1883,
    listen: Listen = "127.0.0.1:8800",
    public_url: PublicUrl = None,
    token: Token = None,
    sign_in: SignIn = True,
    oidc_issuer: OidcIssuer = None,
    oidc_client: OidcClient = None,
    oidc_secret: OidcSecret = None,
    oidc_name: OidcName = "OIDC",
    model: Model = None,
    workers: Workers = _CORES,
    slots: Slots = 4,
) -> None:
    """Run the whole service on this machine: rotation, workers, broker, API and console."""
    _say.set_up_logging()
    host, port = _address(listen, token, sign_in=sign_in)
    settings = Settings(
        registry=registry,
        data=data,
        database=database,
        mqtt=mqtt,
        mqtt_port=mqtt_port or _free_port(),
        host=host,
        port=port,
        workers=workers,
        slots=slots,
        model=model,
        token=token,
        public_url=_public(public_url),
        sign_in=sign_in,
        oidc=_oidc(oidc_issuer, oidc_client, oidc_secret, oidc_name),
    )
    with _service(settings) as service:
        if sign_in:
            _say_first_link(service)
        _serve(
            service,
            f"Patrol runs on {len(service.rows())} looks. Look at {settings.base_url} · MQTT {_broker(service)} · stop with Ctrl-C",
        )


def demo(
    data: Annotated[
        Path | None, typer.Option(help="Keep the demo's data in this folder; left out: a new one, deleted at the end.")
    ] = None,
    footage: Annotated[
        Path | None,
        typer.Option(
            help="Folder of real clips to serve in place of the synthetic scenes.", exists=True, file_okay=False
        ),
    ] = None,
    listen: Listen = "127.0.0.1:8800",
    mqtt_port: MqttPort = 0,
    token: Token = None,
    model: Model = None,
    workers: Workers = _CORES,
    slots: Slots = 4,
) -> None:
    """Run a small made-up county, ready to click through within a minute.

    The service serves the pictures to itself over HTTP on loopback. They are SYNTHETIC unless --footage gives real ones.
    """
    host, port = _address(listen, token, sign_in=True)
    folder = data or Path(tempfile.mkdtemp(prefix="patrol-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    # At the terminal only what matters, so that the line that says where to look stays in sight.
    _say.set_up_logging(level=logging.ERROR, file=folder / "service.log")
    try:
        county = DemoCounty(folder, footage=footage)
        county.start()
    except FootageError as error:
        _say.stop(str(error), _say.USAGE)
    try:
        registry = folder / "demo_registry.yaml"
        registry.write_text(county.registry_text(), "utf-8")
        settings = Settings(
            registry=registry,
            data=folder,
            mqtt_port=mqtt_port or _free_port(),
            host=host,
            port=port,
            workers=workers,
            slots=slots,
            model=model,
            token=token,
            demo=True,
            synthetic=footage is None,
        )
        with _service(settings) as service, _departments(service):
            with service.store.sessions.begin() as session:
                people.settle(session, service.clock.wall())
            what = f"clips of {footage}" if footage else "SYNTHETIC scenes (made by the project)"
            _serve(
                service,
                f"Demo county on {what}, {len(service.rows())} looks. Look at {settings.base_url} · stop with Ctrl-C",
            )
    finally:
        county.stop()
        if data is None:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _service(settings: Settings) -> Iterator[Service]:
    try:
        service = Service(settings)
    except RegistryError as error:
        _say.stop(f"the registry is not valid\n{error}", _say.USAGE)
    except OSError as error:
        _say.stop(f"{settings.registry}: {error.strerror}", _say.USAGE)
    try:
        service.start()
    except ServiceError as error:
        _say.stop(str(error))
    try:
        yield service
    finally:
        service.stop()


def _say_first_link(service: Service) -> None:
    """Print the way in for the first admin, at the terminal and nowhere else: no password is there that somebody could know."""
    now = service.clock.wall()
    with service.store.sessions.begin() as session:
        secret = access.first_admin_link(session, now)
        if secret is None:
            return
        audit.write(session, audit.SERVICE, "user.link", now=now, kind="account", ref="admin", detail={"first": True})
    typer.echo(
        f"No admin has a password yet. Open {service.settings.base_url}/enter#{secret} to choose one: "
        "the link works once and for a day; a new start makes a new one.",
        err=True,
    )


@contextlib.contextmanager
def _departments(service: Service) -> Iterator[None]:
    """In the demo departments have a receiver that answers, as the real one's system would; for one a person answers."""
    county = service.loaded.registry.county
    receivers = [
        Receiver(
            service.relay.mqtt_url,
            county=county.topic,
            department=department.id,
            acks=("received", "accepted"),
            on_alert=_told,
        )
        for department in service.loaded.registry.departments
        # The case system answers for itself.
        if department.id not in {people.DEPARTMENT, service.loaded.registry.cases.department}
    ]
    for receiver in receivers:
        receiver.start()
    try:
        yield
    finally:
        for receiver in receivers:
            receiver.stop()


def _told(department: str, alert: dict[str, Any]) -> None:
    log.warning(
        "demo department answers",
        department=department,
        alert=alert["id"],
        type=alert["type"],
        summary=alert["summary"],
        reviewed=alert["reviewed"],
    )


def _oidc(issuer: str | None, client: str | None, secret: str | None, name: str) -> Oidc | None:
    if issuer is None and client is None and secret is None:
        return None
    if issuer is None or client is None or secret is None:
        _say.stop("an identity provider needs --oidc-issuer, --oidc-client and --oidc-secret", _say.USAGE)
    parts = urlsplit(issuer)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        _say.stop(
            f"--oidc-issuer: {issuer!r} is not an address like https://id.county.example/realms/county", _say.USAGE
        )
    kind, _, where = secret.partition(":")
    if kind == "env":
        found = os.environ.get(where)
    elif kind == "file":
        found = Path(where).read_text("utf-8").strip() if Path(where).is_file() else None
    else:
        _say.stop("--oidc-secret: write env:NAME or file:PATH, not the secret itself", _say.USAGE)
    if not found:
        _say.stop(f"--oidc-secret: there is nothing at {kind}:{where}", _say.USAGE)
    return Oidc(issuer, client, found, name)


def _public(url: str | None) -> str | None:
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment or parts.username:
        _say.stop(f"--public-url: {url!r} is not an address like https://patrol.county.example", _say.USAGE)
    return url.rstrip("/")


def _serve(service: Service, ready: str) -> None:
    """Serve HTTP in this thread until a signal says stop."""
    # By name: patrol must not import api (DESIGN.md part 4); the command line only starts it.
    server = importlib.import_module("api.server").make_server(service)
    done = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True
        done.set()

    previous = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    thread = threading.Thread(target=server.run, name="http", daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            done.wait(0.05)
        if not server.started:
            _say.stop(
                f"cannot listen on {service.settings.host}:{service.settings.port}: the port is taken or not allowed"
            )
        typer.echo(ready, err=True)
        while not done.wait(0.5):
            if not thread.is_alive():
                _say.stop("the HTTP server ended by itself; see the log above")
        thread.join(5)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _broker(service: Service) -> str:
    return service.relay.mqtt_url.split("@")[-1].removeprefix("mqtt://").removeprefix("mqtts://")


def _address(listen: str, token: str | None, *, sign_in: bool) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdecimal() or int(port) > 65535:
        _say.stop(f"--listen {listen!r}: write HOST:PORT, e.g. 127.0.0.1:8800", _say.USAGE)
    if not sign_in and not Settings(Path(), Path(), host=host).loopback:
        _say.stop(f"--no-sign-in goes with a loopback address only, not with --listen {listen}", _say.USAGE)
    if token is not None and len(token) < 16:
        _say.stop("PATROL_TOKEN: at least 16 characters", _say.USAGE)
    return host, int(port) or _free_port()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
