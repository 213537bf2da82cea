"""A worker process: takes orders from its pipe, makes several looks at the same time in threads, sends reports back.

Started by the pool as ``python -m patrol.visits.worker``. It ends when its pipe closes or its parent dies.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import cv2
import numpy as np
import structlog
from numpy.typing import NDArray

from detectors import Box, Frame, Model, ModelError, Objects, load
from patrol.visits._messages import LOOK, Ready
from patrol.visits.order import VisitOrder
from patrol.visits.report import VisitReport

Look = Callable[[VisitOrder, Model | None, str | None, float], VisitReport]
_PR_SET_PDEATHSIG = 1


class OneAtATime:
    """A model that several looks share: one inference at a time."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._lock = threading.Lock()
        self.name = model.name
        self.classes = model.classes

    def objects(self, frame: Frame, min_score: float = 0.25, within: Box | None = None) -> Objects:
        """See :meth:`detectors.Model.objects`."""
        with self._lock:
            return self._model.objects(frame, min_score, within)

    def water(self, frame: Frame) -> NDArray[np.float32] | None:
        """See :meth:`detectors.Model.water`."""
        with self._lock:
            return self._model.water(frame)


def main() -> None:
    """The process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pipe", type=int, required=True)
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--look", default=LOOK)
    parser.add_argument("--model")
    parser.add_argument("--problem")
    args = parser.parse_args()
    _die_with(args.parent)
    # A Ctrl-C at the terminal, or a service manager's stop, reaches every process: the parent decides what becomes of
    # looks under way.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    cv2.setNumThreads(1)
    pipe: Connection = Connection(args.pipe)
    module, _, name = args.look.partition(":")
    look: Look = getattr(importlib.import_module(module), name)
    model, problem, load_s = _load(args.model, args.problem)
    _Worker(pipe, look, model, problem, load_s).serve()


class _Worker:
    def __init__(self, pipe: Connection, look: Look, model: Model | None, problem: str | None, load_s: float) -> None:
        self._pipe = pipe
        self._look = look
        self._model = model
        self._problem = problem
        self._load_s = load_s
        self._sending = threading.Lock()

    def serve(self) -> None:
        self._send(Ready(self._problem, self._load_s))
        while True:
            try:
                order: Any = self._pipe.recv()
            except (EOFError, OSError):
                # The parent is gone or has no more use for us; looks under way are not waited for.
                os._exit(0)
            threading.Thread(target=self._make, args=(order,), daemon=True).start()

    def _make(self, order: VisitOrder) -> None:
        report = self._look(order, self._model, self._problem, self._load_s)
        self._send((order.id, report))

    def _send(self, message: object) -> None:
        with self._sending:
            try:
                self._pipe.send(message)
            except (BrokenPipeError, OSError):
                os._exit(0)


def _load(path: str | None, problem: str | None) -> tuple[Model | None, str | None, float]:
    if path is None:
        return None, problem, 0.0
    begun = time.perf_counter()
    try:
        return OneAtATime(load(path)), None, time.perf_counter() - begun
    except ModelError as error:
        return None, str(error), time.perf_counter() - begun


def _die_with(parent: int) -> None:
    """Have the kernel kill us when the parent dies, however it dies. Elsewhere than on Linux the closed pipe must do."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)


if __name__ == "__main__":
    main()
