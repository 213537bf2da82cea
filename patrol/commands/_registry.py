"""How commands read the registry: its option, and what is wrong with it as the command's last line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from patrol.commands import _say
from patrol.registry import Registry, RegistryError, load

RegistryFile = Annotated[Path, typer.Option(envvar="PATROL_REGISTRY", help="Registry file.")]


def county_of(registry: Path) -> Registry:
    """The registry of a file; what is wrong with it ends the command."""
    try:
        return load(registry).registry
    except RegistryError as error:
        _say.stop(str(error), _say.USAGE)
