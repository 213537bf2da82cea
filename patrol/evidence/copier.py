"""Makes the copies that were ordered, one at a time, each in a process of its own; deletes them when their day is over.

What was being made when the service ended is made anew at its next start.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from patrol import audit
from patrol.evidence import exports
from patrol.evidence.export import CLIP, Made
from patrol.evidence.rules import line_of, rules_of
from patrol.registry import Registry, RegistryError, parse
from patrol.retention.files import State, look_at
from patrol.store import Store, is_away, plain, queries
from patrol.store.tables import EvidenceExport, EvidenceFile, RegistryRevision

log = structlog.get_logger(__name__)

FOLDER = "exports"
_LOOK_EVERY_S = 30.0
_SILENT_S = 180.0
"""Seconds without a word after which a copy is given up. Loading the model and the first frame take a few."""
_SAVE_EVERY_S = 2.0


@dataclass(frozen=True, slots=True)
class _Job:
    number: str
    path: str
    target: Path
    sha256: str
    order: dict[str, Any]


class Copier:
    """See the module.

    Args:
        store: with the orders.
        data: the data folder.
        registry: gives the registry in force.
        now: the wall clock, UTC.
        tell: told ``{"event": "export", …}`` whenever screens should look again.
    """

    def __init__(
        self,
        store: Store,
        data: Path,
        registry: Callable[[], Registry],
        now: Callable[[], datetime],
        tell: Callable[[dict[str, Any]], None],
    ) -> None:
        self._store, self._data, self._registry, self._now, self._tell = store, data, registry, now, tell
        self._woken, self._stopping = threading.Event(), threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="evidence-copier", daemon=True)

    def start(self) -> None:
        """Begin; what was left half done is done anew."""
        self._thread.start()

    def wake(self) -> None:
        """A copy was ordered."""
        self._woken.set()

    def stop(self) -> None:
        """End; a copy that is being made is made at the next start."""
        self._stopping.set()
        self._woken.set()
        child = self._child
        if child is not None:
            child.kill()
        if self._thread.ident is not None:
            self._thread.join(10)

    def delete_over(self) -> None:
        """Delete the copies whose day is over. The file goes first: a row never says deleted of one that lies there."""
        with self._store.reading() as session:
            due = [(row.number, row.path) for row in exports.over(session, self._now())]
        for number, path in due:
            if path is not None:
                (self._data / path).unlink(missing_ok=True)
            with self._store.sessions.begin() as session:
                row = session.get_one(EvidenceExport, number)
                row.state, row.path = exports.DELETED, None
                audit.write(
                    session, audit.SERVICE, "evidence.export_deleted", kind="export", ref=number, camera=row.camera,
                    reason="its day is over", detail={"sha256": row.sha256}, now=self._now(),
                )  # fmt: skip
            self._tell({"event": "export", "export": number})

    def make_next(self) -> bool:
        """Make the oldest copy that waits; False: none does."""
        with self._store.sessions.begin() as session:
            row = exports.next_one(session)
            if row is None:
                return False
            number = row.number
        self._tell({"event": "export", "export": number})
        job, problem = self._job_of(number)
        found: Made | str = problem if job is None else self._made(job)
        if self._stopping.is_set() and isinstance(found, str):
            return False
        with self._store.sessions.begin() as session:
            row = session.get_one(EvidenceExport, number)
            if isinstance(found, Made) and job is not None:
                exports.made(row, found, job.target.relative_to(self._data).as_posix(), self._now())
            else:
                exports.failed(row, str(found))
                log.warning("a copy of evidence cannot be made", export=number, problem=found)
        self._tell({"event": "export", "export": number})
        return True

    def _run(self) -> None:
        begun = False
        while not self._stopping.is_set():
            try:
                if not begun:
                    self._begin_again()
                    begun = True
                self.delete_over()
                if self.make_next():
                    continue
            except SQLAlchemyError as error:
                begun = False
                if not is_away(error):
                    log.exception("copies of evidence cannot be made")
                else:
                    log.warning("copies of evidence wait for the store; will try again", error=plain(error))
            except OSError as error:
                begun = False
                log.warning("copies of evidence cannot be written", error=str(error))
            self._woken.wait(_LOOK_EVERY_S)
            self._woken.clear()

    def _begin_again(self) -> None:
        """What is half done was left by a process that is gone: its file goes, its order waits again."""
        for left in (self._data / FOLDER).glob(".*.part"):
            left.unlink()
        with self._store.sessions.begin() as session:
            exports.begin_again(session)

    def _job_of(self, number: str) -> tuple[_Job | None, str]:
        """What the process is told, or why there is nothing to tell."""
        with self._store.reading() as session:
            row = session.get_one(EvidenceExport, number)
            kept = session.get(EvidenceFile, row.evidence)
            visit = queries.visit(session, row.visit)
            if kept is None or visit is None:
                return None, "the file it was ordered of is no longer recorded"
            registry = self._registry()
            camera = registry.camera(row.camera)
            if camera is None and visit.revision is not None:
                # The registry dropped it since: what was hidden at it then is hidden still.
                then = session.get(RegistryRevision, visit.revision)
                try:
                    registry = parse(then.text, "registry").registry if then is not None else registry
                except RegistryError:
                    log.warning("a registry of the past cannot be read any more", revision=visit.revision)
                camera = registry.camera(row.camera)
            rules = rules_of(registry, camera, visit.preset)
            suffix = "mp4" if row.media_type == CLIP else "jpg"
            target = self._data / FOLDER / f"{number}_{row.camera}_{kept.role}.{suffix}"
            order = {
                "source": str(self._data / kept.path),
                "target": str(target),
                "media_type": row.media_type,
                "masked": row.unmasked_reason is None,
                "whole_people": rules.whole_people,
                "private": [(zone.name, zone.polygon) for zone in rules.private],
                "line": line_of(registry, row, visit),
            }
            return _Job(number, kept.path, target, row.source_sha256, order), ""

    def _made(self, job: _Job) -> Made | str:
        """The copy, or a sentence that says why there is none."""
        state = look_at(self._data, job.path, job.sha256).state
        if state is State.DIFFERS:
            return "the kept file is not what was recorded: its sha256 differs, so no copy is made of it"
        if state is not State.THERE:
            return "the file it was ordered of is no longer kept"
        child = subprocess.Popen(
            [sys.executable, "-m", "patrol.evidence"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        self._child = child
        try:
            if self._stopping.is_set():
                return "the service stops"
            return self._heard(child, job)
        finally:
            child.kill()
            child.wait()
            self._child = None

    def _heard(self, child: subprocess.Popen[bytes], job: _Job) -> Made | str:
        assert child.stdin is not None  # noqa: S101 - asked for above
        assert child.stdout is not None  # noqa: S101 - asked for above
        saved = time.monotonic()
        with child.stdin, child.stdout:
            try:
                child.stdin.write(json.dumps(job.order).encode() + b"\n")
            except BrokenPipeError:
                return "the copy could not be begun; the log says more"
            while True:
                if not select.select([child.stdout], [], [], _SILENT_S)[0]:
                    return f"given up: nothing came of it for {_SILENT_S:g} s"
                said = child.stdout.readline()
                if not said:
                    return "it ended before it was done, as if the file had crashed it"
                line: dict[str, Any] = json.loads(said)
                if "problem" in line:
                    return str(line["problem"])
                if "made" in line:
                    return Made(**line["made"])
                if time.monotonic() - saved >= _SAVE_EVERY_S:
                    saved = time.monotonic()
                    self._progressed(job.number, float(line["progress"]))

    def _progressed(self, number: str, share: float) -> None:
        with self._store.sessions.begin() as session:
            session.get_one(EvidenceExport, number).progress = share
        self._tell({"event": "export", "export": number})
