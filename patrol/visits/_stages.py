"""Where a look's processor time goes: capture, decoding, quality, the model, each detector."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from detectors import Box, Frame, Model, Objects

T = TypeVar("T")
_END = object()


class Stages:
    """Processor seconds of this thread by stage. A stage inside another one is taken out of it."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._open: list[str] = []
        self._since = time.thread_time()

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """What runs inside belongs to the stage ``name``."""
        self._note()
        self._open.append(name)
        try:
            yield
        finally:
            self._note()
            self._open.pop()

    def drawn(self, name: str, items: Iterable[T]) -> Iterator[T]:
        """The items, the time of making each of them on account of the stage ``name``."""
        source = iter(items)
        while True:
            with self(name):
                item = next(source, _END)
            if item is _END:
                return
            yield item  # type: ignore[misc]

    def _note(self) -> None:
        now = time.thread_time()
        if self._open:
            self.seconds[self._open[-1]] += now - self._since
        self._since = now


class TimedModel:
    """A model whose inferences are a stage of their own, and are counted: on whole frames and on parts."""

    def __init__(self, model: Model, stages: Stages) -> None:
        self._model = model
        self._stages = stages
        self._asked: dict[tuple[float, Box | None], None] = {}
        self.name = model.name
        self.classes = model.classes

    @property
    def asked(self) -> tuple[tuple[float, Box | None], ...]:
        """Each inference once: seconds of the frame, and the part of it, None for the whole."""
        return tuple(self._asked)

    def objects(self, frame: Frame, min_score: float = 0.25, within: Box | None = None) -> Objects:
        """See :meth:`detectors.Model.objects`."""
        self._asked[frame.at, within] = None
        with self._stages("model"):
            return self._model.objects(frame, min_score, within)

    def water(self, frame: Frame) -> NDArray[np.float32] | None:
        """See :meth:`detectors.Model.water`."""
        self._asked[frame.at, None] = None
        with self._stages("model"):
            return self._model.water(frame)
