"""Read by every Python process of a service under test: SIGKILL for the service, or another, at one named step.

The step of a look and the file in which the strike is noted come from the environment (see tests/support/faults.py);
a strike on the way of an alert is ordered in a file while the processes run, and may hit another process: the broker,
the database, the department. Without either nothing happens. The product has no hook for this: the step's function is
wrapped when its module is loaded.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
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

Wraps = list[tuple[str, Callable[[Callable[..., Any]], Callable[..., Any]]]]

ALERT_STEPS: dict[str, tuple[str, str, str]] = {
    "incident_written": ("patrol.incidents._record", "record_look", "after"),
    "reviewed": ("patrol.incidents._desk", "review", "after"),
    "alert_written": ("patrol.alerts.outbox", "_write", "after"),
    "alert_committed": ("tests.support.campaign", "write_confirmed", "after"),
    "taken_as_due": ("patrol.alerts.due", "take_due", "after"),
    "published": ("patrol.alerts.mqtt", "Connection.publish", "after"),
    "puback_seen": ("patrol.alerts.relay", "Relay._take_pubacks", "before"),
    "sent_written": ("patrol.alerts.due", "mark_sent", "after"),
    "delivered": ("tests.support.department", "enter", "before"),
    "in_the_book": ("tests.support.department", "enter", "after"),
    "ack_published": ("tests.support.department", "answer", "after"),
    "ack_in_hands": ("patrol.alerts.incoming", "Incoming.write", "before"),
    "ack_written": ("patrol.alerts.acks", "record_ack", "after"),
    "ack_committed": ("patrol.alerts.mqtt", "Connection.confirm", "before"),
    "ack_confirmed": ("patrol.alerts.mqtt", "Connection.confirm", "after"),
    "connected_again": ("patrol.alerts.due", "all_again", "before"),
}
"""From an incident to the answer in the store. ``ack_written`` is in the open transaction, ``ack_committed`` after it."""

CASE_STEPS: dict[str, tuple[str, str, str]] = {
    "case_in_hands": ("patrol._case_line", "CaseLine._taken", "before"),
    "case_written": ("patrol.cases.intake", "take_alert", "after"),
    "case_committed": ("patrol._case_line", "CaseLine._answer", "before"),
    "case_answered": ("patrol._case_line", "CaseLine._answer", "after"),
    "case_confirmed": ("patrol.alerts.mqtt", "Connection.confirm", "after"),
    "notices_read": ("patrol.cases.notices", "unsaid", "after"),
    "notice_published": ("patrol.alerts.mqtt", "Connection.publish", "after"),
    "notice_heard": ("patrol.cases.notices", "mark_said", "before"),
    "notice_marked": ("patrol.cases.notices", "mark_said", "after"),
    "light_turned": ("patrol.cases.sweep", "relight", "after"),
    "letters_drafted": ("patrol.cases.drafts", "write", "after"),
    "swept": ("patrol._cases", "Cases._tell", "before"),
    "letter_numbered": ("patrol.cases.numbers", "take", "after"),
    "letter_file_made": ("patrol.cases.letters.register", "_form", "after"),
    "letter_file_written": ("patrol.cases.letters.register", "_write", "after"),
    "letter_committed": ("tests.support.struck_cases", "issue_one", "after"),
}
"""From an alert to its case, what a case says, its lights and letters. ``case_written``, ``notice_marked``, ``light_turned``,
``letters_drafted`` and all of a letter but ``letter_committed`` are in the open transaction.
"""

KEEPING_STEPS: dict[str, tuple[str, str, str]] = {
    "purge_begun": ("patrol.retention.purge", "_take_kind", "before"),
    "purge_intending": ("patrol.retention.purge", "_intend", "after"),
    "purge_removing": ("patrol.retention.files", "remove", "before"),
    "purge_removed": ("patrol.retention.files", "remove", "after"),
    "purge_marking": ("patrol.retention.purge", "_finish", "after"),
    "purge_settled": ("patrol.retention.purge", "_settle", "after"),
    "purge_sealing": ("patrol.retention.proof", "seal", "after"),
    "purge_done": ("tests.support.struck_keeping", "told", "before"),
}
"""From what is due to the sealed record. ``purge_intending``, ``purge_marking`` and ``purge_sealing`` are in the open
transaction; ``purge_removing`` comes after the intent is committed.
"""

BACKUP_STEPS: dict[str, tuple[str, str, str]] = {
    "backup_database_copied": ("patrol.backup.sources", "named", "before"),
    "backup_file_copied": ("patrol.backup.copying", "copy", "after"),
    "backup_written": ("patrol.backup.check", "files_of", "before"),
    "backup_read_back": ("patrol.backup.copying", "settle", "after"),
}
"""Of a backup that has no good name yet; with a restore, ``backup_file_copied`` and ``backup_read_back`` come again."""
RESTORE_STEPS: dict[str, tuple[str, str, str]] = {
    "restore_files_there": ("patrol.backup.restore", "_settled", "before"),
    "restore_proved": ("patrol.backup.restore", "_proved", "after"),
}
"""Of a restore: before the database is brought back, and with everything in place but the name."""

_COUNTS: dict[str, Callable[[tuple[Any, ...], Any], bool]] = {
    "case_confirmed": lambda args, _result: "/alert/" in args[1].topic,
    "notices_read": lambda _args, result: bool(result),
    "notice_published": lambda args, _result: "/case/" in args[1],
    "letters_drafted": lambda _args, result: bool(result),
    "swept": lambda args, _result: bool(args[1].turned or args[1].letters),
    "letter_numbered": lambda args, _result: "[" in args[1],
    "purge_settled": lambda _args, result: bool(result),
    "taken_as_due": lambda _args, result: bool(result),
    "published": lambda args, _result: "/alert/" in args[1],
    "puback_seen": lambda args, _result: bool(args[1]),
    "ack_in_hands": lambda args, _result: len(args[0]) > 0,
}
"""Which calls are the step; all of them where none is said."""


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


_ORDER = threading.Lock()
_come_to: dict[str, int] = {}


def _ordered(target: Callable[..., Any], step: str, when: str) -> Callable[..., Any]:
    """Look at each call whether a strike is ordered for this step."""
    counts = _COUNTS.get(step, lambda _args, _result: True)

    def strike(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            if counts(args, None):
                _look(step)
            return target(*args, **kwargs)
        result = target(*args, **kwargs)
        if counts(args, result):
            _look(step)
        return result

    return strike


def _look(step: str) -> None:
    file = os.environ["STRIKE_ORDER"]
    with _ORDER:
        try:
            with open(file, encoding="utf-8") as text:  # noqa: PTH123 - nothing more is imported
                order = json.load(text)
        except FileNotFoundError:
            return
        if order["step"] != step:
            return
        _come_to[order["mark"]] = _come_to.get(order["mark"], 0) + 1
        if _come_to[order["mark"]] < order["call"]:
            return
        os.unlink(file)  # noqa: PTH108
        with open(order["mark"], "w", encoding="utf-8") as mark:  # noqa: PTH123
            mark.write(f"{step} {order['victims']}")
            mark.flush()
            os.fsync(mark.fileno())
        slay(order["victims"], with_children=order["with_children"])
        if os.getpid() in order["victims"]:
            signal.pause()


def slay(victims: list[int], *, with_children: bool) -> None:
    """SIGKILL: the processes, and theirs, at once.

    Raises:
        ProcessLookupError: one of the victims is not there, so nothing was struck.
    """
    theirs: list[int] = []
    for parent in victims if with_children else ():
        with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as listed:  # noqa: PTH123
            theirs += [int(pid) for pid in listed.read().split()]
    for victim in victims:
        os.kill(victim, signal.SIGKILL)
    for child in theirs:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


class _Loader(importlib.abc.Loader):
    def __init__(self, inner: importlib.abc.Loader, wraps: Wraps) -> None:
        self._inner, self._wraps = inner, wraps

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._inner.exec_module(module)
        for attribute, wrap in self._wraps:
            owner: Any = module
            *path, name = attribute.split(".")
            for part in path:
                owner = getattr(owner, part)
            setattr(owner, name, wrap(getattr(owner, name)))


class _Finder(importlib.abc.MetaPathFinder):
    def __init__(self, wraps: dict[str, Wraps]) -> None:
        self._wraps = wraps

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self._wraps:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._wraps[name])
        return spec


def _finder(steps: dict[str, tuple[str, str, str]], wrapped: Callable[..., Callable[..., Any]]) -> _Finder:
    by_module: dict[str, Wraps] = {}
    for step, (module, attribute, when) in steps.items():
        by_module.setdefault(module, []).append((attribute, partial(wrapped, step=step, when=when)))
    return _Finder(by_module)


if "STRIKE_STEP" in os.environ:
    sys.meta_path.insert(0, _finder({os.environ["STRIKE_STEP"]: STEPS[os.environ["STRIKE_STEP"]]}, _wrapped))
if "STRIKE_ORDER" in os.environ:
    sys.meta_path.insert(
        0, _finder({**ALERT_STEPS, **CASE_STEPS, **KEEPING_STEPS, **BACKUP_STEPS, **RESTORE_STEPS}, _ordered)
    )
