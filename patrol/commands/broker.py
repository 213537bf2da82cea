"""``patrol broker config``: the configuration of the county's own Mosquitto, written from the registry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patrol.alerts.broker_config import CONFIG, BrokerConfigError, Place, accounts, render, write
from patrol.commands import _say
from patrol.commands._store import Json
from patrol.registry import RegistryError, load

app = typer.Typer(name="broker", help="The county's own MQTT broker.", no_args_is_help=True)
_ELSEWHERE = Place()


@app.callback()
def _root() -> None:
    """The county's own MQTT broker."""


@app.command("config")
def config(
    out: Annotated[Path, typer.Option(help="Folder that the files are written to; made where it is not there.")],
    registry: Annotated[Path, typer.Option(envvar="PATROL_REGISTRY", help="Registry file.")] = Path(
        "camera_registry.yaml"
    ),
    host: Annotated[
        str, typer.Option(help="Name that clients call the broker by; its certificate is made for it.")
    ] = _ELSEWHERE.host,
    port: Annotated[int, typer.Option(min=1, max=65535, help="For encrypted connections.")] = _ELSEWHERE.port,
    folder: Annotated[
        str, typer.Option(help="Where the files, passwords and certificates lie on the broker's machine.")
    ] = _ELSEWHERE.folder,
    state: Annotated[
        str, typer.Option(help="Where the broker keeps what waits for departments, on its machine.")
    ] = _ELSEWHERE.state,
    require_certificate: Annotated[
        bool, typer.Option("--require-certificate", help="Clients show a certificate of the CA besides their password.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")] = False,
    as_json: Json = False,
) -> None:
    """Write mosquitto.conf and its access rights: one account for the service and one per department, all else denied.

    Exit code 0: written; 2: the registry is not valid, or a file is there already.
    """
    place = Place(host=host, port=port, folder=folder, state=state, require_certificate=require_certificate)
    try:
        loaded = load(registry)
        written = write(render(loaded.registry, place), out, force=force)
    except (RegistryError, BrokerConfigError) as error:
        _say.stop(str(error), _say.USAGE)
    who = accounts(loaded.registry)
    if as_json:
        _say.print_json(
            {"schema": "patrol.broker_config/1", "files": [str(path) for path in written], "accounts": list(who)}
        )
        return
    for path in written:
        typer.echo(str(path))
    typer.echo(f"accounts: {', '.join(who)}; how to give them passwords stands at the head of {CONFIG}")
