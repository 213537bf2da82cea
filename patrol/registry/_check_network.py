"""Checks that every stream address lies in the networks that are allowed, as far as it is written as an address."""

from __future__ import annotations

from urllib.parse import urlsplit

from patrol.registry._collect import Findings
from patrol.registry.addresses import scheme_of
from patrol.registry.network import literal_problem
from patrol.registry.problems import Loc


def check_network(found: Findings) -> None:
    """Check the sources of cameras and presets. Names are looked up when a stream is opened."""
    for i, camera in enumerate(found.registry.cameras):
        _check(found, ("cameras", i, "source"), camera.source)
        for k, preset in enumerate(camera.presets):
            if preset.source is not None:
                _check(found, ("cameras", i, "presets", k, "source"), preset.source)


def _check(found: Findings, loc: Loc, source: str) -> None:
    if scheme_of(source) is None:
        return
    try:
        host = urlsplit(source).hostname or ""
    except ValueError:
        return  # the check of addresses says it
    problem = literal_problem(host, found.registry.network.streams)
    if problem is not None:
        found.error(loc, problem)
