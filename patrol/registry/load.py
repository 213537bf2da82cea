"""Read a registry: bytes to text to data to models, then the checks that bind entries. All problems come at once."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from patrol.registry._explain import explain
from patrol.registry._source import Source, decode, read
from patrol.registry.check import check
from patrol.registry.models import Registry
from patrol.registry.problems import Problem, RegistryError

_LISTS = ("platforms", "categories", "departments", "routes", "rules", "cameras")


@dataclass(frozen=True, slots=True)
class LoadedRegistry:
    """A registry that is valid, with what is needed to prove which one it was.

    Attributes:
        registry: the entries.
        file: where it was read from; relative paths in it start from its folder. None for text from elsewhere.
        text: as it stood.
        sha256: of the file's bytes, hex.
        warnings: what is odd but works.
    """

    registry: Registry
    file: Path | None
    text: str
    sha256: str
    warnings: tuple[Problem, ...] = ()

    @property
    def model(self) -> str | None:
        """The object model it names: a path as seen from here, the word ``none`` as it stands, None where it names none."""
        named = self.registry.model
        return named if named in {None, "none"} or self.file is None else str(self.file.parent / str(named))


def load(path: Path) -> LoadedRegistry:
    """Read and check a registry file.

    Raises:
        RegistryError: it cannot be read or is not valid; ``problems`` names every place.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RegistryError([Problem(str(path), None, "", f"cannot be read: {error.strerror or error}")]) from None
    return _loaded(decode(content, str(path)), str(path), path, content)


def parse(text: str, file: str) -> LoadedRegistry:
    """Check a registry that is not (yet) a file.

    Args:
        text: the YAML.
        file: what problems call it.

    Raises:
        RegistryError: it is not valid.
    """
    return _loaded(text, file, None, text.encode("utf-8", "surrogatepass"))


def parse_read(source: Source, text: str, path: Path | None) -> LoadedRegistry:
    """Check a registry whose text was read already.

    Args:
        source: what was read.
        text: what it was read from.
        path: the file it is to stand in.

    Raises:
        RegistryError: it is not valid.
    """
    with no_collector():
        registry, warnings = _build(source)
    return LoadedRegistry(registry, path, text, hashlib.sha256(text.encode("utf-8")).hexdigest(), warnings)


def _loaded(text: str, name: str, path: Path | None, content: bytes) -> LoadedRegistry:
    with no_collector():
        source = read(text, name)
        registry, warnings = _build(source)
    return LoadedRegistry(registry, path, text, hashlib.sha256(content).hexdigest(), warnings)


@contextmanager
def no_collector() -> Iterator[None]:
    """Keep the cyclic collector away while a registry is built."""
    # Hundreds of thousands of small objects and no cycles: the cyclic collector would only walk them again and again
    # (bench/registry.py).
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _build(source: Source) -> tuple[Registry, tuple[Problem, ...]]:
    errors = list(source.problems)
    warnings: list[Problem] = []
    registry: Registry | None = None
    try:
        registry = Registry.model_validate(source.data)
        positions = {name: range(len(getattr(registry, name))) for name in _LISTS}
        findings = check(registry, source, positions)
        errors += findings.errors
        warnings = findings.warnings
    except ValidationError as error:
        errors += explain(error, source)
        errors += _check_the_rest(error, source)
    if errors or registry is None:
        raise RegistryError(_in_order(errors))
    return registry, tuple(_in_order(warnings))


def _check_the_rest(error: ValidationError, source: Source) -> list[Problem]:
    """Bind what is valid by itself, so that an admin need not mend the file in rounds."""
    broken: dict[str, set[int]] = {name: set() for name in _LISTS}
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        loc = each["loc"]
        if len(loc) < 2 or loc[0] not in broken or not isinstance(loc[1], int):
            return []
        broken[loc[0]].add(loc[1])
    data: dict[str, Any] = dict(source.data)
    positions: dict[str, list[int]] = {}
    for name in _LISTS:
        entries = data.get(name) or []
        positions[name] = [i for i in range(len(entries)) if i not in broken[name]]
        data[name] = [entries[i] for i in positions[name]]
    try:
        registry = Registry.model_validate(data)
    except ValidationError:
        return []
    return check(registry, source, positions).errors


def _in_order(problems: list[Problem]) -> list[Problem]:
    return sorted(dict.fromkeys(problems), key=lambda problem: (problem.line or 0, problem.column or 0))
