"""Supervised worker processes: whatever a stream does to one of them, the others go on and every look gets its report.

A look that overruns its hard limit costs its worker: it is killed and replaced, and the other looks it held are run again.
A worker that dies by itself makes suspects of all its looks; they are run again alone, one at a time, and the one that
kills its worker again has crashed.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.connection import Connection, wait
from typing import Any

import structlog

from patrol.registry import redact
from patrol.visits._messages import LOOK, Ready
from patrol.visits.order import VisitOrder
from patrol.visits.report import Cause, Cost, Outcome, VisitReport

log = structlog.get_logger(__name__)

_BEAT_S = 0.25
_START_S = 60.0
"""How long a worker may take to start and load its model before it counts as hung."""
_LOOKS_A_WORKER = 500
"""Looks after which a worker is replaced once it is idle: whatever a decoder leaks is bounded by that."""
_BAD_STARTS = 3
"""Starts in a row that fail before the model is left out: a patrol without detectors is better than none."""


@dataclass(slots=True)
class _Task:
    order: VisitOrder
    began: float = 0.0
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    pipe: Connection
    slots: int
    born: float
    ready: bool = False
    given: int = 0
    tasks: dict[str, _Task] = field(default_factory=dict)


class WorkerPool:
    """See the module.

    Args:
        workers: processes.
        slots: looks one of them makes at the same time.
        model: path of the object model, None for none.
        on_report: called once an order, from the pool's thread.
        model_problem: why there is no model.
        on_problem: called with a sentence when the workers must go on without their model.
        look: what a worker runs, ``module:function``; tests put misbehaving ones here.
    """

    def __init__(
        self,
        *,
        workers: int,
        slots: int,
        model: str | None,
        on_report: Callable[[VisitOrder, VisitReport], None],
        model_problem: str | None = None,
        on_problem: Callable[[str], None] | None = None,
        look: str = LOOK,
    ) -> None:
        self._size = workers
        self._slots = slots
        self._model = model
        self._problem = model_problem
        self._on_report = on_report
        self._on_problem = on_problem or (lambda _sentence: None)
        self._look = look
        self._lock = threading.Lock()
        self._waiting: deque[_Task] = deque()
        self._suspects: deque[_Task] = deque()
        self._workers: list[_Worker] = []
        self._quarantine: _Worker | None = None
        self._bad_starts = 0
        self._held_until = 0.0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pool", daemon=True)
        self._woken, self._waker = socket.socketpair()
        self._woken.setblocking(False)

    # --- for the service ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the workers; returns before they are ready, orders wait for them."""
        # The pool's thread starts them all: the kernel ends a worker with the *thread* that started it.
        self._thread.start()

    def submit(self, order: VisitOrder) -> None:
        """Have a look made."""
        with self._lock:
            self._waiting.append(_Task(order))
        self._wake()

    def free(self) -> int:
        """How many more looks could begin now."""
        with self._lock:
            return max(0, self._size * self._slots - len(self._all()))

    def running(self) -> tuple[VisitOrder, ...]:
        """Orders without a report."""
        with self._lock:
            return tuple(task.order for task in self._all())

    def pids(self) -> tuple[int, ...]:
        """Process ids of the workers."""
        with self._lock:
            return tuple(w.process.pid for w in self._everybody())

    def close(self, timeout_s: float) -> None:
        """End: looks under way get so long, what does not end by then is cut off and gets no report."""
        deadline = time.monotonic() + timeout_s
        with self._lock:
            self._waiting.clear()
        while self._thread.is_alive() and time.monotonic() < deadline and self.running():
            time.sleep(0.05)
        self._closing.set()
        self._wake()
        if self._thread.is_alive():
            self._thread.join(5)
        with self._lock:
            for worker in self._everybody():
                _end(worker)
            self._workers.clear()
            self._quarantine = None
        self._woken.close()
        self._waker.close()

    # --- the thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._turn()
            except Exception:
                log.exception("the supervisor stumbled")
                self._closing.wait(_BEAT_S)

    def _turn(self) -> None:
        with self._lock:
            pipes: list[Any] = [w.pipe for w in self._everybody()]
        for ready in wait([*pipes, self._woken], timeout=_BEAT_S):
            if ready is self._woken:
                self._drain_wakes()
            else:
                self._read(ready)
        with self._lock:
            done = self._overrun()
            self._refill()
            self._dispatch()
        for order, report in done:
            self._tell(order, report)

    def _tell(self, order: VisitOrder, report: VisitReport) -> None:
        try:
            self._on_report(order, report)
        except Exception:
            # Whoever listens has failed with this one report; the others must still arrive.
            log.exception("report could not be handed over", camera=order.camera, order=order.id)

    def _read(self, pipe: Any) -> None:
        worker = next((w for w in self._everybody() if w.pipe is pipe), None)
        if worker is None:
            return
        try:
            message = pipe.recv()
        except (EOFError, OSError):
            self._died(worker)
            return
        if isinstance(message, Ready):
            worker.ready = True
            self._bad_starts = 0
            if message.problem and self._model:
                self._on_problem(message.problem)
            return
        key, report = message
        with self._lock:
            task = worker.tasks.pop(key, None)
            if worker is self._quarantine:
                self._quarantine = None
                _end(worker)
        if task is not None:
            self._tell(task.order, report)

    def _died(self, worker: _Worker) -> None:
        """The worker is gone by itself: a crash in a decoder, the kernel's memory killer …"""
        _end(worker)
        code = worker.process.returncode
        log.error("worker died", pid=worker.process.pid, code=code, looks=len(worker.tasks))
        crashed: list[_Task] = []
        with self._lock:
            tasks = list(worker.tasks.values())
            if worker is self._quarantine:
                self._quarantine = None
                crashed = tasks
            else:
                self._workers.remove(worker)
                self._suspects.extend(tasks)
                if not worker.ready:
                    self._bad_start("the object model kills the worker that loads it")
        for task in crashed:
            detail = f"the decoder crashed on it, twice, the second time alone (exit code {code})"
            self._tell(task.order, _failed(task, Cause.CRASHED, detail))

    def _overrun(self) -> list[tuple[VisitOrder, VisitReport]]:
        now, done = time.monotonic(), []
        for worker in self._everybody():
            late = [t for t in worker.tasks.values() if now - t.began > t.order.hard_limit_s]
            hung = not worker.ready and now - worker.born > _START_S
            if not late and not hung:
                continue
            log.error("worker killed", pid=worker.process.pid, late=len(late), others=len(worker.tasks) - len(late))
            if worker is self._quarantine:
                self._quarantine = None
            else:
                self._workers.remove(worker)
            _end(worker)
            if hung:
                self._bad_start("the object model does not load")
            for task in worker.tasks.values():
                if task in late:
                    detail = f"it did not end within its hard limit of {task.order.hard_limit_s:g} s"
                    done.append((task.order, _failed(task, Cause.OVERRUN, detail)))
                else:
                    self._waiting.appendleft(task)
        return done

    def _refill(self) -> None:
        if time.monotonic() < self._held_until:
            return
        for worker in [w for w in self._workers if w.given >= _LOOKS_A_WORKER and not w.tasks]:
            self._workers.remove(worker)
            _end(worker)
        while len(self._workers) < self._size:
            self._workers.append(self._spawn(self._slots))
        if self._suspects and self._quarantine is None:
            self._quarantine = self._spawn(1)

    def _dispatch(self) -> None:
        if self._quarantine is not None and self._quarantine.ready and not self._quarantine.tasks and self._suspects:
            self._give(self._quarantine, self._suspects.popleft())
        while self._waiting:
            able = [w for w in self._workers if w.ready and len(w.tasks) < w.slots and w.given < _LOOKS_A_WORKER]
            if not able:
                return
            self._give(min(able, key=lambda w: len(w.tasks)), self._waiting.popleft())

    def _give(self, worker: _Worker, task: _Task) -> None:
        task.began, task.began_at = time.monotonic(), datetime.now(UTC)
        worker.tasks[task.order.id] = task
        worker.given += 1
        try:
            worker.pipe.send(task.order)
        except (BrokenPipeError, OSError):
            # Its death is read from the pipe in the next turn, with this task among its looks.
            log.warning("worker is gone", pid=worker.process.pid)

    def _bad_start(self, sentence: str) -> None:
        self._bad_starts += 1
        self._held_until = time.monotonic() + min(10.0, 0.5 * 2**self._bad_starts)
        if self._bad_starts >= _BAD_STARTS and self._model is not None:
            self._model, self._problem = None, f"{sentence} ({self._model}); it is left out"
            log.error("going on without the object model", reason=sentence)
            self._on_problem(self._problem)

    def _spawn(self, slots: int) -> _Worker:
        ours, theirs = socket.socketpair()
        command = [
            sys.executable,
            "-m",
            "patrol.visits.worker",
            "--pipe",
            str(theirs.fileno()),
            "--parent",
            str(os.getpid()),
        ]
        command += ["--look", self._look]
        command += ["--model", self._model] if self._model else []
        command += ["--problem", self._problem] if self._problem else []
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
        theirs.close()
        return _Worker(process, Connection(ours.detach()), slots, time.monotonic())

    def _everybody(self) -> list[_Worker]:
        return [*self._workers, *([self._quarantine] if self._quarantine else [])]

    def _all(self) -> list[_Task]:
        return [*self._waiting, *self._suspects, *(t for w in self._everybody() for t in w.tasks.values())]

    def _wake(self) -> None:
        try:
            self._waker.send(b"w")
        except OSError:
            return

    def _drain_wakes(self) -> None:
        try:
            while self._woken.recv(4096):
                pass
        except BlockingIOError:
            return


def _end(worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.kill()
    try:
        worker.process.wait(10)
    except subprocess.TimeoutExpired:
        # Stuck in the kernel (a dead network file system): it goes when that lets it go.
        log.error("worker does not end", pid=worker.process.pid)


def _failed(task: _Task, cause: Cause, detail: str) -> VisitReport:
    order = task.order
    return VisitReport(
        source=redact(order.source),
        started_at=task.began_at,
        outcome=Outcome.UNREACHABLE,
        cause=cause,
        detail=detail,
        camera=order.camera,
        preset=order.preset,
        category=order.category,
        cost=Cost(wall_s=time.monotonic() - task.began),
    )
