"""Read by every Python process of a service under test: ends the service with SIGKILL at one named step of a look.

The step and the file in which the strike is noted come from the environment (see tests/support/faults.py); without
them nothing happens. The product has no hook for this: the step's function is wrapped when its module is loaded.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import signal
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

STEPS: dict[str, tuple[str, str, str]] = {
    "ordered": ("patrol.visits.pool", "WorkerPool.submit", "before"),
    "opening": ("patrol.visits.capture", "_open", "before"),
    "capturing": ("patrol.visits.capture", "_take", "before"),
    "analysing": ("patrol.visits.watch", "_judge", "before"),
    "keeping": ("patrol.visits.evidence", "write_whole", "after"),
    "kept": ("patrol.visits.look", "_with_evidence", "after"),
    "handed_over": ("patrol._recorder", "Recorder.put", "before"),
    "in_transaction": ("patrol._recorder", "record_visit", "after"),
    "committed": ("patrol.service", "Service._written", "before"),
    "told": ("patrol._telling", "say", "after"),
}


def _service() -> int:
    if "--parent" in sys.argv:
        return int(sys.argv[sys.argv.index("--parent") + 1])
    return os.getpid()


def _visit(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    for value in (kwargs.get("visit_id"), *args):
        order = getattr(value, "order", value)
        found = order if isinstance(order, str) else getattr(order, "id", None)
        if isinstance(found, str):
            return found
    return ""


def _wrapped(target: Callable[..., Any], step: str, when: str) -> Callable[..., Any]:
    left = int(os.environ["STRIKE_CALL"])

    def strike(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        left -= 1
        if left:
            return target(*args, **kwargs)
        if when == "after":
            target(*args, **kwargs)
        with open(os.environ["STRIKE_MARK"], "w", encoding="utf-8") as mark:  # noqa: PTH123 - nothing more is imported
            mark.write(f"{step} {_visit(args, kwargs)}")
            mark.flush()
            os.fsync(mark.fileno())
        os.kill(_service(), signal.SIGKILL)
        signal.pause()  # a worker is ended by the kernel when its service is gone
        return None

    return strike


class _Loader(importlib.abc.Loader):
    def __init__(self, inner: importlib.abc.Loader, attribute: str, step: str, when: str) -> None:
        self._inner, self._attribute, self._step, self._when = inner, attribute, step, when

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._inner.exec_module(module)
        owner: Any = module
        *path, name = self._attribute.split(".")
        for part in path:
            owner = getattr(owner, part)
        setattr(owner, name, _wrapped(getattr(owner, name), self._step, self._when))


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, step: str) -> None:
        self._step = step
        self._module, self._attribute, self._when = STEPS[step]

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self._module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._attribute, self._step, self._when)
        return spec


if "STRIKE_STEP" in os.environ:
    sys.meta_path.insert(0, _Finder(os.environ["STRIKE_STEP"]))
