"""Writes down what looks found: visit, incident, follow-ups and alerts in one transaction, before anybody hears of it.

One thread does it, in the order in which looks end. A database that is away holds it up and loses nothing: the looks
wait in memory, the rotation goes on, and what cannot be written for another reason is kept as a file beside the data.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from patrol import alerts, incidents
from patrol.ledger import outages
from patrol.ledger.book import record_missed, record_visit
from patrol.registry import LookSpec, Registry, at_once, rules_for
from patrol.store import Store
from patrol.visits import Outcome, VisitOrder, VisitReport
from patrol.visits.report import mark_to_json

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """A look that ended, with what it was made for.

    Attributes:
        order, report: what was asked and what came of it.
        spec: the registry entry it was made from.
        registry: the registry in force when it was ordered.
        revision: its row.
        reason: ``rotation``, ``retry`` or ``follow_up``.
        due_at: the deadline it served.
        follow_up: id of the follow-up it serves.
        adopted: reference picture (relative to the data folder) that this look may have adopted.
        pace: how much shorter than usual the rotation is here (1 = the category's period is two hours); follow-ups keep step.
        gap_s: seconds since the start of the inspected look before, by the steady clock; None when there was none.
        overhead_s: measured seconds a look of it holds its stream beside the dwell, None: nothing new is known.
    """

    order: VisitOrder
    report: VisitReport
    spec: LookSpec
    registry: Registry
    revision: int | None
    reason: str
    due_at: datetime
    ended_at: datetime
    follow_up: str | None
    adopted: str | None
    pace: float
    gap_s: float | None
    overhead_s: float | None


@dataclass(frozen=True, slots=True)
class Passed:
    """A deadline that passed without an attempt."""

    id: str
    spec: LookSpec
    deadline: datetime
    cause: str
    detail: str
    revision: int | None


@dataclass(frozen=True, slots=True)
class PlatformWent:
    """A platform that went away or came back."""

    platform: str
    keys: frozenset[str]
    down: bool
    since: datetime
    looks: int


Item: TypeAlias = Ended | Passed | PlatformWent


@dataclass(frozen=True, slots=True)
class Written:
    """What one look changed, once it stands in the store."""

    changes: tuple[incidents.Change, ...]
    alerts: tuple[str, ...]


class Recorder:
    """The writing thread.

    Args:
        store: where to.
        data: the service's data folder; evidence paths are kept relative to it.
        now: the wall clock, UTC.
        on_written: called after the commit, from the writing thread.
        on_problem: called with a sentence while the store cannot be written, with None when it can again.
    """

    def __init__(
        self,
        store: Store,
        data: Path,
        now: Callable[[], datetime],
        on_written: Callable[[Item, Written], None],
        on_problem: Callable[[str | None], None],
    ) -> None:
        self._store = store
        self._data = data
        self._now = now
        self._on_written = on_written
        self._on_problem = on_problem
        self._queue: queue.Queue[Item | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._give_up = threading.Event()

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def put(self, item: Item) -> None:
        """Hand over something to write. Never blocks."""
        self._queue.put(item)

    def waiting(self) -> int:
        """How many are not written yet."""
        return self._queue.qsize()

    def close(self, timeout_s: float) -> bool:
        """Write what is waiting, then end. False: the store could not be written in time and looks are lost from memory."""
        self._queue.put(None)
        self._thread.join(timeout_s)
        self._give_up.set()
        self._thread.join(5)
        return self._queue.empty()

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            if not self._write_until_done(item):
                return

    def _write_until_done(self, item: Item) -> bool:
        wait = 0.5
        while True:
            try:
                with self._store.sessions.begin() as session:
                    written = self._write(session, item)
            except DBAPIError as error:
                log.error(
                    "store cannot be written; will try again",
                    error=str(error.orig),
                    in_s=wait,
                    waiting=self.waiting() + 1,
                )
                self._on_problem(f"the store cannot be written: {error.orig}")
                if self._give_up.wait(wait):
                    return False
                wait = min(10.0, wait * 2)
                continue
            except Exception:
                kept = self._keep_beside(item)
                log.exception("a look could not be written; kept as a file", file=kept)
                self._on_problem(f"a look could not be written to the store; it is kept in {kept}")
                written = Written((), ())
            else:
                self._on_problem(None)
            self._on_written(item, written)
            return True

    def _write(self, session: Session, item: Item) -> Written:
        if isinstance(item, Passed):
            record_missed(
                session,
                visit_id=item.id,
                look_key=item.spec.key,
                camera=item.spec.camera.id,
                preset=item.spec.preset.id if item.spec.preset else None,
                deadline=item.deadline,
                cause=item.cause,
                detail=item.detail,
                revision=item.revision,
                now=self._now(),
            )
            return Written((), ())
        if isinstance(item, PlatformWent):
            outages.platform_went(
                session,
                platform=item.platform,
                keys=set(item.keys),
                down=item.down,
                since=item.since,
                now=self._now(),
                looks=item.looks,
            )
            return Written((), ())
        return self._write_look(session, item)

    def _write_look(self, session: Session, item: Ended) -> Written:
        report, now = item.report, self._now()
        zone = item.registry.county.zone
        adopted = item.adopted if item.adopted and (self._data / item.adopted).is_file() else None
        evidence = tuple({**e, "path": self._relative(e["path"])} for e in report.to_json()["evidence"])
        fresh = record_visit(
            session,
            visit_id=item.order.id,
            look_key=item.spec.key,
            camera=item.spec.camera.id,
            preset=item.spec.preset.id if item.spec.preset else None,
            reason=item.reason,
            due_at=item.due_at,
            started_at=report.started_at,
            ended_at=item.ended_at,
            report={**report.to_json(), "evidence": list(evidence)},
            fingerprint=report.fingerprint,
            reference=adopted,
            revision=item.revision,
            follow_up=item.follow_up,
            platform=item.spec.platform.id,
            gap_s=item.gap_s,
            overhead_s=item.overhead_s,
            spot_share=item.registry.spot_checks.share,
            now=now,
        )
        if not fresh:
            return Written((), ())
        changes = incidents.record_look(
            session, _seen(item, evidence, zone), now, policy=incidents.Policy().paced(item.pace)
        )
        written: list[str] = []
        for change in changes:
            local = report.started_at.astimezone(zone)
            at = at_once(item.registry, item.spec, change.kind, local)
            try:
                written += alerts.notify(session, item.registry, change, now, at_once=at)
            except alerts.RouteError as error:
                # It is held; whoever follows the dispatch says so on the screen until there is a route.
                log.error("an incident reaches nobody", incident=change.incident_id, problem=str(error))
        return Written(tuple(changes), tuple(written))

    def _relative(self, path: str) -> str:
        try:
            return str(Path(path).resolve().relative_to(self._data.resolve()))
        except ValueError:
            return path

    def _keep_beside(self, item: Item) -> str:
        folder = self._data / "unwritten"
        folder.mkdir(exist_ok=True)
        if isinstance(item, Ended):
            file, value = folder / f"{item.order.id}.json", item.report.to_json()
        elif isinstance(item, PlatformWent):
            file = folder / f"platform-{item.platform}-{item.since:%Y%m%dT%H%M%S}.json"
            value = {"platform": item.platform, "down": item.down, "since": item.since.isoformat()}
        else:
            file = folder / f"missed-{item.spec.key.replace('/', '@')}-{item.deadline:%Y%m%dT%H%M%S}.json"
            value = {
                "look": item.spec.key,
                "deadline": item.deadline.isoformat(),
                "cause": item.cause,
                "detail": item.detail,
            }
        file.write_text(json.dumps(value, ensure_ascii=False, indent=2), "utf-8")
        return str(file)


def _seen(item: Ended, evidence: tuple[dict[str, object], ...], zone: ZoneInfo) -> incidents.LookSeen:
    report, spec = item.report, item.spec
    local = report.started_at.astimezone(zone)
    findings = []
    for finding in report.findings:
        rules = [r for r in rules_for(item.registry, spec, finding.kind.value, local) if r.mode != "allowed"]
        findings.append(
            incidents.FindingSeen(
                kind=finding.kind.value,
                verdict=finding.verdict.value,
                score=finding.score,
                at=finding.at,
                box=finding.box,
                zone=finding.zone,
                reason=finding.reason,
                measurements=dict(finding.measurements),
                marks=tuple(mark_to_json(mark) for mark in finding.marks),
                rule=rules[0].id if rules else None,
            )
        )
    return incidents.LookSeen(
        visit_id=item.order.id,
        look_key=spec.key,
        camera=spec.camera.id,
        preset=spec.preset.id if spec.preset else None,
        category=spec.category.key,
        place=spec.camera.place.address,
        started_at=report.started_at,
        inspected=report.outcome is Outcome.INSPECTED,
        findings=tuple(findings),
        evidence=evidence,
        follow_up=item.follow_up,
    )
