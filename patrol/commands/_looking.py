"""What the commands that look share: which detectors, and the object model."""

from __future__ import annotations

import time

from detectors import Kind, Model, ModelError, load
from patrol.commands import _say


def kinds(text: str) -> tuple[Kind, ...]:
    """The kinds of ``--detectors a,b``, each once; an unknown one ends the command."""
    found: list[Kind] = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        try:
            found.append(Kind(word))
        except ValueError:
            _say.stop(f"--detectors: no detector {word!r}; there are {', '.join(Kind)}", _say.USAGE)
    return tuple(dict.fromkeys(found))


def load_model(path: str | None, problem: str | None) -> tuple[Model | None, str | None, float]:
    """Load a resolved model: the model or why there is none, and how many seconds that took."""
    if path is None:
        return None, problem, 0.0
    begun = time.perf_counter()
    try:
        return load(path), None, time.perf_counter() - begun
    except ModelError as error:
        return None, str(error), time.perf_counter() - begun
