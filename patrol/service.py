"""The service on one machine: the rotation's decisions become looks, looks become rows, rows become alerts.

APScheduler only wakes it; what is due stands in a table, so a late or lost tick loses nothing. One lock guards the
planner; every look is written, with its incident and alerts, in one transaction before the planner hears of it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from detectors import ResolvedModel, resolve
from patrol import alerts, incidents, store
from patrol._looks import Before, hard_limit_s, limits_of, order_of, plan_of, reference_path
from patrol._recorder import Ended, Passed, Recorder, Written
from patrol.clock import Clock
from patrol.registry import CredentialError, LoadedRegistry, LookSpec, RegistryError, load, look_specs
from patrol.rotation import Planner, Row, Snapshot, Start
from patrol.settings import Settings
from patrol.store import ledger
from patrol.visits import Cause, Outcome, VisitOrder, VisitReport, WorkerPool

log = structlog.get_logger(__name__)

_TICK_S = 0.5
_REGISTRY_EVERY_S = 2.0
_WINDOWS_EVERY_S = 20.0
_STATE_EVERY_S = 5.0
_FULL_PERIOD_S = 7200.0
"""The period that follow-up delays are written for; a shorter one shortens them in step."""


class ServiceError(Exception):
    """The service cannot start; the message says what to do."""


@dataclass(frozen=True, slots=True)
class _Running:
    start: Start
    spec: LookSpec
    loaded: LoadedRegistry
    revision: int | None
    submitted: float


class Service:
    """Everything but HTTP. ``start`` returns when the patrol is under way; ``stop`` when the last row is written.

    Raises:
        RegistryError: the registry is not valid.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock()
        self.loaded: LoadedRegistry = load(settings.registry)
        self.model: ResolvedModel = resolve(settings.model or self._model_of_registry())
        self.started_at: datetime | None = None
        self.link_key = b""
        self.counts: Counter[tuple[str, str]] = Counter()
        """Looks since the start by outcome and cause."""
        self.cpu_s = 0.0
        """Processor seconds of all looks since the start."""
        self.problems: dict[str, str] = {}
        """What the people at the screen must know now, by subject; empty when all is well."""
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._listeners: set[Callable[[dict[str, Any]], None]] = set()
        self._running: dict[str, _Running] = {}
        self._specs: dict[str, LookSpec] = {}
        self._before: dict[str, Before] = {}
        self._revision: int | None = None
        self._data_lock: IO[str] | None = None
        self._registry_stamp = _stamp(settings.registry)
        self._next = {"registry": 0.0, "windows": 0.0, "state": 0.0}
        self._after: list[Callable[[], None]] = []

    # --- start and stop -------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the store, the broker and the workers, then begin to patrol.

        Raises:
            ServiceError: another service uses the data folder, or a part cannot start; what was started is stopped.
        """
        try:
            self._start()
        except BaseException:
            self._unwind()
            raise

    def _start(self) -> None:
        settings = self.settings
        self._take_data_folder()
        self._after.append(self._release_data_folder)
        try:
            self.store = store.open_store(settings.database, settings.data)
            self._after.append(self.store.close)
            self.store.upgrade()
        except store.StoreError as error:
            raise ServiceError(str(error)) from error
        self.link_key = alerts.load_or_make_key(settings.data)
        url = settings.mqtt or self._start_broker()
        self.relay = alerts.Relay(
            self.store,
            county_topic=self.loaded.registry.county.topic,
            mqtt_url=url,
            base_url=settings.base_url,
            link_key=self.link_key,
            client_id=f"patrol-{self.loaded.registry.county.topic}",
            on_state=self._relay_state,
        )
        self.planner = Planner(limits_of(self.loaded.registry, settings.workers * settings.slots))
        self.recorder = Recorder(
            self.store, settings.data, self.clock.wall, self._written, lambda problem: self._problem("store", problem)
        )
        self.pool = WorkerPool(
            workers=settings.workers,
            slots=settings.slots,
            model=self.model.path,
            model_problem=self.model.problem,
            on_report=self._reported,
        )
        self._problem("model", self.model.problem)
        with self._lock:
            self._install(self.loaded, first=True)
        self.started_at = self.clock.wall()
        self.recorder.start()
        self._after.append(self._close_recorder)
        self.relay.start()
        self._after.append(self.relay.stop)
        self.pool.start()
        self._after.append(lambda: self.pool.close(15.0))
        self.scheduler = BackgroundScheduler(timezone="UTC")
        self.scheduler.add_job(
            self._tick, "interval", seconds=_TICK_S, id="tick", max_instances=1, coalesce=True, misfire_grace_time=None
        )
        self.scheduler.start()
        self._after.append(lambda: self.scheduler.shutdown(wait=True))
        log.info("patrol under way", looks=len(self._specs), workers=settings.workers, slots=settings.slots, model=self.model.path)

    def stop(self) -> None:
        """End cleanly: no new look, running ones get a moment, all that ended is written, `stopped` is published."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        log.info("stopping", running=len(self._running))
        self._unwind()
        log.info("stopped")

    def _unwind(self) -> None:
        self._stopping.set()
        while self._after:
            undo = self._after.pop()
            try:
                undo()
            except Exception:  # noqa: BLE001 - the other parts must be stopped whatever one of them does
                log.exception("a part did not stop cleanly")

    def _close_recorder(self) -> None:
        if not self.recorder.close(20.0):
            log.error("looks were lost: the store could not be written before the end", looks=self.recorder.waiting())

    def _take_data_folder(self) -> None:
        data = self.settings.data
        try:
            data.mkdir(parents=True, exist_ok=True)
            for folder in ("evidence", "references"):
                (data / folder).mkdir(exist_ok=True)
            lock = (data / "service.lock").open("a+")
        except OSError as error:
            raise ServiceError(f"the data folder {data} cannot be used: {error.strerror}") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            raise ServiceError(f"another patrol (process {holder or 'unknown'}) already uses the data folder {data}") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._data_lock = lock

    def _release_data_folder(self) -> None:
        if self._data_lock is not None:
            self._data_lock.close()
            self._data_lock = None

    def _start_broker(self) -> str:
        try:
            broker = alerts.start_broker(self.settings.data, self.settings.mqtt_port)
        except alerts.BrokerError as error:
            raise ServiceError(str(error)) from error
        self.broker = broker
        self._after.append(broker.stop)
        log.info("embedded broker", name=broker.name, url=broker.url)
        return broker.url

    # --- registry -------------------------------------------------------------------------------------------------

    def _model_of_registry(self) -> str | None:
        named = self.loaded.registry.model
        if named is None or self.loaded.file is None:
            return named
        return str(self.loaded.file.parent / named)

    def _install(self, loaded: LoadedRegistry, *, first: bool) -> None:
        """Put a registry in force. The caller holds the lock."""
        wall, plan = self.clock.wall(), self.clock.plan()
        specs = {spec.key: spec for spec in look_specs(loaded.registry)}
        with self.store.sessions.begin() as session:
            self._revision = ledger.record_revision(
                session, sha256=loaded.sha256, text=loaded.text, cameras=len(loaded.registry.cameras), now=wall
            )
            ledger.sync_looks(
                session, [(s.key, s.camera.id, s.preset.id if s.preset else None) for s in specs.values()], wall
            )
            states = ledger.load_states(session)
            asked = incidents.open_follow_ups(session) if first else ()
            self._before = {key: Before(state.fingerprint, state.reference) for key, state in states.items()}
            known = {
                key: (
                    state.last_inspected_at,
                    state.not_before,
                    state.failures,
                    state.outage_since,
                )
                for key, state in states.items()
                if key in specs
            }
        new = specs.keys() - self._specs.keys()
        self.loaded, self._specs = loaded, specs
        self.planner.set_limits(limits_of(loaded.registry, self.settings.workers * self.settings.slots))
        self._plan_windows(plan)
        for key in new:
            last, not_before, failures, away = known[key]
            self.planner.restore(
                key,
                last_inspected=self.clock.plan_at(last) if last else None,
                next_due=self.clock.plan_at(not_before) if not_before else None,
                failures=failures,
                away_since=self.clock.plan_at(away) if away else None,
            )
        for follow_up, key, due_at in asked:
            if key in specs:
                self.planner.follow_up(key, self.clock.plan_at(due_at), follow_up)
        if first:
            self._record_down_time(plan)
        log.info("registry in force", file=str(loaded.file), looks=len(specs), sha256=loaded.sha256[:16])

    def _record_down_time(self, plan: float) -> None:
        """Deadlines that passed while no service ran: missed, because the service was down."""
        for miss in self.planner.missed(plan):
            spec = self._specs[miss.key]
            deadline = self.clock.wall_at(miss.deadline)
            self.recorder.put(
                Passed(spec, deadline, Cause.SERVICE_DOWN.value, "the deadline passed while no service was running", self._revision)
            )

    def _plan_windows(self, plan: float) -> None:
        local = self.clock.wall().astimezone(self.loaded.registry.county.zone)
        self.planner.set_plans([plan_of(spec, self.loaded.registry, local) for spec in self._specs.values()], plan)

    def _reload_when_changed(self) -> None:
        stamp = _stamp(self.settings.registry)
        if stamp == self._registry_stamp:
            return
        self._registry_stamp = stamp
        try:
            loaded = load(self.settings.registry)
        except RegistryError as error:
            lines = str(error).splitlines()
            self._problem("registry", f"the changed registry is not valid and not in force: {lines[0]}" + (f" (and {len(lines) - 1} more)" if len(lines) > 1 else ""))
            return
        if loaded.registry.county.topic != self.loaded.registry.county.topic:
            self._problem("registry", "county.topic was changed: restart the service to put the registry in force")
            return
        with self._lock:
            self._install(loaded, first=False)
        self._problem("registry", None)

    # --- the beat -------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        if self._stopping.is_set():
            return
        plan = self.clock.plan()
        if self._is_time("registry", plan, _REGISTRY_EVERY_S):
            self._reload_when_changed()
        with self._lock:
            if self._is_time("windows", plan, _WINDOWS_EVERY_S):
                self._plan_windows(plan)
            for miss in self.planner.missed(plan):
                self._missed(miss.key, miss.deadline, miss.cause)
            for start in self.planner.decide(plan, self.pool.free()):
                self._begin(start, plan)
        if self._is_time("state", plan, _STATE_EVERY_S):
            self._check_parts()
            self.relay.publish_state(self.rotation_state())

    def _is_time(self, what: str, plan: float, every_s: float) -> bool:
        if plan < self._next[what]:
            return False
        self._next[what] = plan + every_s
        return True

    def _begin(self, start: Start, plan: float) -> None:
        spec = self._specs[start.key]
        registry = self.loaded.registry
        local = self.clock.wall().astimezone(registry.county.zone)
        base = self.loaded.file.parent if self.loaded.file else None
        running = _Running(start, spec, self.loaded, self._revision, plan)
        try:
            order = order_of(
                spec, registry, local, data=self.settings.data, base=base, before=self._before.get(spec.key, Before())
            )
        except CredentialError as error:
            order = VisitOrder(
                id=os.urandom(16).hex(), source=spec.camera.source, camera=spec.camera.id, hard_limit_s=hard_limit_s(spec)
            )
            self._running[order.id] = running
            report = VisitReport(
                source=spec.camera.source,
                started_at=self.clock.wall(),
                outcome=Outcome.UNREACHABLE,
                cause=Cause.BAD_SOURCE,
                detail=str(error),
                camera=spec.camera.id,
                preset=spec.preset.id if spec.preset else None,
                category=spec.category.key,
            )
            self._reported(order, report)
            return
        self._running[order.id] = running
        self.pool.submit(order)

    def _missed(self, key: str, deadline: float, cause: str) -> None:
        spec = self._specs[key]
        at = self.clock.wall_at(deadline)
        detail = "no stream was free before the deadline" if cause == Cause.CAPACITY.value else f"no attempt before the deadline: {cause}"
        log.warning("look missed", look=key, deadline=at.isoformat(), cause=cause)
        self.recorder.put(Passed(spec, at, cause, detail, self._revision))

    # --- what comes back ------------------------------------------------------------------------------------------

    def _reported(self, order: VisitOrder, report: VisitReport) -> None:
        """From the pool's thread: hand the look to the recorder."""
        running = self._running.get(order.id)
        if running is None:
            log.error("a report of a look nobody asked for", id=order.id)
            return
        named = running.spec.reference is not None
        self.recorder.put(
            Ended(
                order=order,
                report=report,
                spec=running.spec,
                registry=running.loaded.registry,
                revision=running.revision,
                reason={"due": "rotation", "first": "rotation"}.get(running.start.reason, running.start.reason),
                due_at=self.clock.wall_at(running.start.deadline),
                ended_at=self.clock.wall(),
                follow_up=running.start.follow_up,
                adopted=None if named else reference_path(running.spec.key),
                pace=max(1.0, _FULL_PERIOD_S / running.spec.period_s),
            )
        )

    def _written(self, item: Ended | Passed, written: Written) -> None:
        """From the recorder's thread, after the commit: the planner and everybody else may know."""
        if isinstance(item, Passed):
            self.counts[(Outcome.MISSED.value, item.cause)] += 1
            self._tell({"event": "missed", "look": item.spec.key, "cause": item.cause, "at": item.deadline.isoformat()})
            return
        report, plan = item.report, self.clock.plan()
        inspected = report.outcome is Outcome.INSPECTED
        with self._lock:
            running = self._running.pop(item.order.id)
            if item.spec.key in self._specs:
                self.planner.finished(
                    item.spec.key,
                    started=running.submitted,
                    ended=plan,
                    inspected=inspected,
                    unreachable=report.outcome is Outcome.UNREACHABLE,
                    now=plan,
                )
                for change in written.changes:
                    for asked in change.follow_ups:
                        self.planner.follow_up(item.spec.key, self.clock.plan_at(asked.due_at), asked.id)
            kept = self._before.get(item.spec.key, Before())
            adopted = item.adopted if item.adopted and (self.settings.data / item.adopted).is_file() else kept.reference
            self._before[item.spec.key] = Before(report.fingerprint or kept.fingerprint, adopted)
            self.counts[(report.outcome.value, report.cause.value if report.cause else "")] += 1
            self.cpu_s += report.cost.cpu_s
        self._say(item, written)
        self.relay.camera_status(
            item.spec.camera.id,
            {
                "camera": item.spec.camera.id,
                "preset": item.spec.preset.id if item.spec.preset else None,
                "visit": item.order.id,
                "at": report.started_at.isoformat(),
                "outcome": report.outcome.value,
                "cause": report.cause.value if report.cause else None,
                "judged": report.to_json()["judged"],
            },
        )
        if written.alerts:
            self.relay.wake()
        self._problem("routes", "; ".join(written.problems) or self.problems.get("routes"))

    def _say(self, item: Ended, written: Written) -> None:
        report = item.report
        findings = {f.kind.value: f.verdict.value for f in report.findings if f.verdict.value != "clear"}
        log.info(
            "look",
            camera=item.spec.key,
            name=item.spec.camera.name,
            outcome=report.outcome.value,
            cause=report.cause.value if report.cause else None,
            detail=report.detail,
            findings=findings or None,
            not_run=[n.kind for n in report.not_run] or None,
            wall_s=round(report.cost.wall_s, 1),
            **({"synthetic": True} if self.settings.demo else {}),
        )
        self._tell(
            {
                "event": "look",
                "look": item.spec.key,
                "visit": item.order.id,
                "outcome": report.outcome.value,
                "cause": report.cause.value if report.cause else None,
                "findings": findings,
            }
        )
        for change in written.changes:
            log.warning("incident", what=change.what, id=change.incident_id, kind=change.kind, camera=change.camera, summary=change.summary)
            self._tell({"event": "incident", "what": change.what, "incident": change.incident_id, "kind": change.kind})
        for alert in written.alerts:
            self._tell({"event": "alert", "alert": alert})

    def _relay_state(self, connected: bool, detail: str) -> None:
        self._problem("broker", None if connected else f"no connection to the MQTT broker: {detail}; alerts wait in the outbox")

    def _check_parts(self) -> None:
        broker = getattr(self, "broker", None)
        if broker is not None and not broker.alive():
            log.error("the embedded broker ended; starting it again", name=broker.name)
            with contextlib.suppress(alerts.BrokerError):
                broker.ensure()

    def _problem(self, subject: str, sentence: str | None) -> None:
        before = self.problems.get(subject)
        if sentence == before:
            return
        if sentence is None:
            self.problems.pop(subject, None)
            log.info("mended", subject=subject)
        else:
            self.problems[subject] = sentence
            log.warning("problem", subject=subject, problem=sentence)
        self._tell({"event": "problem", "subject": subject, "problem": sentence})

    # --- for those who look on ------------------------------------------------------------------------------------

    def listen(self, listener: Callable[[dict[str, Any]], None]) -> Callable[[], None]:
        """Call ``listener`` with every event, from any thread; it must not block. Returns what ends it."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    def _tell(self, event: dict[str, Any]) -> None:
        event = {"at": self.clock.wall().isoformat(timespec="milliseconds"), **event}
        for listener in tuple(self._listeners):
            listener(event)

    def snapshot(self) -> Snapshot:
        """Where the rotation stands."""
        with self._lock:
            return self.planner.snapshot(self.clock.plan())

    def rows(self) -> tuple[tuple[LookSpec, Row], ...]:
        """Every look with where it stands in the rotation."""
        with self._lock:
            return tuple((self._specs[row.key], row) for row in self.planner.rows(self.clock.plan()) if row.key in self._specs)

    def rotation_state(self) -> dict[str, Any]:
        """The retained ``rotation`` message."""
        now = self.snapshot()
        return {
            "schema": "patrol.rotation/1",
            "at": self.clock.wall().isoformat(timespec="milliseconds"),
            "cameras": now.cameras,
            "due": now.due,
            "late": now.late,
            "away": now.away,
            "running": now.running,
            "worst_gap_s": round(now.worst_gap_s, 1) if now.worst_gap_s is not None else None,
            "load": round(now.load, 3),
            "warning": now.warning,
            "problems": dict(self.problems),
        }


def _stamp(file: Path) -> tuple[int, int]:
    try:
        stat = file.stat()
    except OSError:
        return (0, 0)
    return (stat.st_mtime_ns, stat.st_size)


