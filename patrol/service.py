"""The service on one machine: the rotation's decisions become looks, looks become rows, rows become alerts.

APScheduler only wakes it; what is due stands in a table, so a late or lost tick loses nothing. One lock guards the
planner; every look is written, with its incident and alerts, in one transaction.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from detectors import ResolvedModel, resolve
from patrol import _data_folder, _telling, alerts, store
from patrol._beside import go_on_beside
from patrol._board import Board
from patrol._in_force import InForce
from patrol._line import Line
from patrol._looks import Before, Running, hard_limit_s, limits_of, order_of, reference_path
from patrol._outlook import Outlook
from patrol._recorder import Ended, Item, Passed, PlatformWent, Recorder, Written
from patrol._registry_desk import RegistryDesk, ServiceShelf
from patrol._registry_pictures import Pictures
from patrol._waker import Waker
from patrol.alerts import answer_photos
from patrol.cases import attachments
from patrol.clock import Clock
from patrol.ledger import chain, outages
from patrol.registry import CredentialError, LoadedRegistry, LookSpec, load
from patrol.rotation import Planner, PlatformChange, Row, Snapshot, Start
from patrol.settings import Settings
from patrol.visits import Cause, Outcome, VisitOrder, VisitReport, WorkerPool

log = structlog.get_logger(__name__)

_TICK_S = 0.5
_REGISTRY_EVERY_S = 2.0
_WINDOWS_EVERY_S = 20.0
_STATE_EVERY_S = 5.0
_FULL_PERIOD_S = 7200.0
"""The period that follow-up delays are written for; a shorter one shortens them in step."""
_REASONS = {"retry": "retry", "probe": "retry", "follow_up": "follow_up"}
_RUNNING_GET_S = 12.0
"""Seconds that running looks get to end when the service stops; what does not end is due again at the next start."""


class ServiceError(Exception):
    """The service cannot start; the message says what to do."""


class Service:
    """Everything but HTTP. ``start`` returns when the patrol is under way; ``stop`` when the last row is written.

    Raises:
        RegistryError: the registry is not valid.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock()
        self.board = Board(self.clock)
        self._first: LoadedRegistry = load(settings.registry)
        self.model: ResolvedModel = resolve(settings.model or self._first.model)
        self.started_at: datetime | None = None
        self.link_key = b""
        self.counts: Counter[tuple[str, str]] = Counter()
        """Looks since the start by outcome and cause."""
        self.cpu_s = 0.0
        """Processor seconds of all looks since the start."""
        self.outlook: Outlook | None = None
        self.pictures = Pictures()
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._running: dict[str, Running] = {}
        self._next = {"registry": 0.0, "windows": 0.0, "state": 0.0}
        self._beat = time.monotonic()
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
        settings, county = self.settings, self._first.registry.county
        try:
            self._after.append(_data_folder.take(settings.data).close)
            self.store = store.open_store(settings.database, settings.data)
            self._after.append(self.store.close)
            self.store.upgrade()
        except (_data_folder.DataFolderError, store.StoreError) as error:
            raise ServiceError(str(error)) from error
        with self.store.reading() as session:
            attachments.sweep_leftovers(session, settings.data)
            answer_photos.sweep_leftovers(session, settings.data)
        self.link_key = alerts.load_or_make_key(settings.data)
        streams = settings.workers * settings.slots
        self.planner = Planner(limits_of(self._first.registry, streams))
        self.in_force = InForce(self._first, self.store, self.planner, self.clock, self.board, streams)
        self.desk = RegistryDesk(ServiceShelf(self.in_force, self._lock), self.store, settings.data)
        said = partial(self.board.problem, "store")
        self.recorder = Recorder(self.store, settings.data, self.clock.wall, self._written, said)
        try:
            self.line = Line(
                settings,
                self.store,
                self.link_key,
                county.topic,
                self.board,
                lambda: (self.in_force.registry, self.in_force.base),
            )
        except (alerts.BrokerError, alerts.MqttError) as error:
            raise ServiceError(str(error)) from error
        self.relay = self.line.relay
        self._after.append(self.line.stop_broker)
        self.pool = WorkerPool(
            workers=settings.workers,
            slots=settings.slots,
            model=self.model.path,
            model_problem=self.model.problem,
            on_report=self._reported,
        )
        self.board.problem("model", self.model.problem)
        self.recorder.start()
        self._after.append(self._close_recorder)
        with self.store.sessions.begin() as session:
            chain.begin(session, self.clock.wall())
            outages.close_all(session, self.clock.wall())
        with self._lock:
            self.in_force.install()
            self._record_down_time()
        self.started_at = self.clock.wall()
        self.line.start()
        self._after.append(self.line.stop)
        self.pool.start()
        self._after.append(lambda: self.pool.close(_RUNNING_GET_S))
        waker = Waker(self.clock)
        waker.every(_TICK_S, self._tick)
        beside = go_on_beside(
            waker,
            store=self.store,
            data=settings.data,
            planner=self.planner,
            lock=self._lock,
            in_force=self.in_force,
            clock=self.clock,
            board=self.board,
            mqtt_url=self.relay.mqtt_url,
            wake_relay=self.relay.wake,
        )
        self.outlook, self.proof, self.figures, self.checking = (
            beside.outlook,
            beside.proof,
            beside.figures,
            beside.checking,
        )
        self.cases, self.copier = beside.cases, beside.copier
        self._after += beside.stop
        waker.start()
        log.info(
            "patrol under way",
            looks=len(self.in_force.specs),
            workers=settings.workers,
            slots=settings.slots,
            model=self.model_name(),
        )

    def stop(self) -> None:
        """End cleanly: no new look, running ones get a moment, all that ended is written, `stopped` is published."""
        if self._stopping.is_set():
            return
        log.info("stopping", running=len(self._running))
        self._unwind()
        log.info("stopped")

    def _unwind(self) -> None:
        self._stopping.set()
        while self._after:
            undo = self._after.pop()
            try:
                undo()
            except Exception:
                log.exception("a part did not stop cleanly")

    def _close_recorder(self) -> None:
        if not self.recorder.close(20.0):
            log.error("looks were lost: the store could not be written before the end", looks=self.recorder.waiting())

    def _record_down_time(self) -> None:
        """Deadlines that passed while no service ran: missed, because the service was down."""
        for miss in self.planner.missed(self.clock.plan()):
            self._missed(miss.key, miss.deadline, Cause.SERVICE_DOWN)

    # --- the beat -------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        if self._stopping.is_set():
            return
        plan = self.clock.plan()
        with self._lock:
            if self._is_time("registry", plan, _REGISTRY_EVERY_S):
                self.in_force.reload_when_changed()
            if self._is_time("windows", plan, _WINDOWS_EVERY_S):
                self.in_force.plan_windows()
            for change in self.planner.platform_changes():
                self._platform(change)
            for miss in self.planner.missed(plan):
                self._missed(miss.key, miss.deadline, Cause(miss.cause))
            for start in self.planner.decide(plan, self.pool.free()):
                self._begin(start, plan)
        if self._is_time("state", plan, _STATE_EVERY_S):
            self.line.check_broker()
            self.relay.publish_state(self.rotation_state())
        self._beat = time.monotonic()

    def beats(self) -> bool:
        """Whether the rotation has ticked in the last half minute."""
        return time.monotonic() - self._beat < 30.0

    def _is_time(self, what: str, plan: float, every_s: float) -> bool:
        if plan < self._next[what]:
            return False
        self._next[what] = plan + every_s
        return True

    def _begin(self, start: Start, plan: float) -> None:
        now = self.in_force
        spec = now.specs[start.key]
        local = self.clock.wall().astimezone(now.registry.county.zone)
        running = Running(start, spec, now.loaded, now.revision, plan)
        try:
            before = now.before.get(spec.key, Before())
            order = order_of(
                spec,
                now.registry,
                local,
                dwell_s=start.dwell_s,
                data=self.settings.data,
                base=now.base,
                before=before,
            )
        except CredentialError as error:
            order = VisitOrder(
                id=uuid.uuid4().hex, source=spec.camera.source, camera=spec.camera.id, hard_limit_s=hard_limit_s(spec)
            )
            self._running[order.id] = running
            self._reported(order, _telling.without_credential(spec, self.clock.wall(), str(error)))
            return
        self._running[order.id] = running
        self.pool.submit(order)

    def _missed(self, key: str, deadline: float, cause: Cause) -> None:
        at = self.clock.wall_at(deadline)
        log.warning("look missed", look=key, deadline=at.isoformat(), cause=cause.value)
        self.recorder.put(
            Passed(
                id=uuid.uuid4().hex,
                spec=self.in_force.specs[key],
                deadline=at,
                cause=cause.value,
                detail=_telling.MISSED[cause],
                revision=self.in_force.revision,
            )
        )

    def _platform(self, change: PlatformChange) -> None:
        """A platform went away or came back: one alarm, however many cameras are behind it."""
        at = self.clock.wall_at(change.since)
        sentence = _telling.platform_away(self.in_force.registry, change, at)
        self.board.problem(f"platform {change.platform}", sentence if change.down else None)
        keys = frozenset(spec.key for spec in self.in_force.specs.values() if spec.platform.id == change.platform)
        self.recorder.put(PlatformWent(change.platform, keys, change.down, at, change.looks))

    # --- what comes back ------------------------------------------------------------------------------------------

    def _reported(self, order: VisitOrder, report: VisitReport) -> None:
        """From the pool's thread: hand the look to the recorder, and tell the planner, which does not wait for the store.

        Should the process end before the look is written, the next one rebuilds the planner from what is.
        """
        running = self._running.pop(order.id)
        named = running.spec.reference is not None
        gap_s, overhead_s = self._measured(running, report)
        plan = self.clock.plan()
        with self._lock:
            self.planner.finished(
                running.spec.key,
                started=running.submitted,
                # What a look was extended by says nothing of how long the next one will be.
                ended=plan - report.extended_s,
                inspected=report.outcome is Outcome.INSPECTED,
                unreachable=report.outcome is Outcome.UNREACHABLE,
                now=plan,
            )
        self.recorder.put(
            Ended(
                order=order,
                report=report,
                spec=running.spec,
                registry=running.loaded.registry,
                revision=running.revision,
                reason=_REASONS.get(running.start.reason, "rotation"),
                due_at=self.clock.wall_at(running.start.deadline),
                ended_at=self.clock.wall(),
                follow_up=running.start.follow_up,
                adopted=None if named else reference_path(running.spec.key),
                pace=max(1.0, _FULL_PERIOD_S / running.spec.period_s),
                gap_s=gap_s,
                overhead_s=overhead_s,
            )
        )

    def _measured(self, running: Running, report: VisitReport) -> tuple[float | None, float | None]:
        """Gap to the inspected look before, and what the look held its stream beside its dwell, smoothed, to be kept for
        the next start; both on the plan line, which no stepped clock moves. None where there is none.
        """
        with self._lock:
            look = self.planner.looks.get(running.spec.key)
            gap = None if look is None or look.inspected is None else running.submitted - look.inspected
            if report.outcome is not Outcome.INSPECTED:
                return gap, None
            overhead = self.clock.plan() - running.submitted - running.start.dwell_s - report.extended_s
            return gap, self.planner.smoothed_overhead_s(running.spec.key, overhead)

    def _written(self, item: Item, written: Written) -> None:
        """From the recorder's thread, after the commit: the planner and everybody else may know."""
        if isinstance(item, PlatformWent):
            self.board.tell({"event": "platform", "platform": item.platform, "down": item.down})
            return
        if isinstance(item, Passed):
            self.counts[(Outcome.MISSED.value, item.cause)] += 1
            self.board.tell(
                {"event": "missed", "look": item.spec.key, "cause": item.cause, "deadline": item.deadline.isoformat()}
            )
            return
        report, key = item.report, item.spec.key
        with self._lock:
            if key in self.in_force.specs:
                for asked in (asked for change in written.changes for asked in change.follow_ups):
                    self.planner.follow_up(key, self.clock.plan_at(asked.due_at), asked.id)
            kept = self.in_force.before.get(key, Before())
            adopted = item.adopted if item.adopted and (self.settings.data / item.adopted).is_file() else kept.reference
            self.in_force.before[key] = Before(report.fingerprint or kept.fingerprint, adopted)
            self.counts[(report.outcome.value, report.cause.value if report.cause else "")] += 1
            self.cpu_s += report.cost.cpu_s
        _telling.say(item, written, self.board, synthetic=self.settings.synthetic)
        self.relay.camera_status(item.spec.camera.id, _telling.camera_status(item))
        if written.alerts:
            self.relay.wake()

    # --- for those who look on ------------------------------------------------------------------------------------

    @property
    def loaded(self) -> LoadedRegistry:
        """The registry in force."""
        return self.in_force.loaded

    def model_name(self) -> str | None:
        """The object model's file name, None where there is none."""
        return Path(self.model.path).name if self.model.path else None

    def snapshot(self) -> Snapshot:
        """Where the rotation stands."""
        with self._lock:
            return self.planner.snapshot(self.clock.plan())

    def rows(self) -> tuple[tuple[LookSpec, Row], ...]:
        """Every look with where it stands in the rotation."""
        with self._lock:
            specs = self.in_force.specs
            return tuple((specs[row.key], row) for row in self.planner.rows(self.clock.plan()) if row.key in specs)

    def rotation_state(self) -> dict[str, Any]:
        """The retained ``rotation`` message."""
        ahead = self.outlook.to_json() if self.outlook else None
        return _telling.rotation_state(self.snapshot(), self.clock.wall(), self.board.problems, ahead, self.proof.state)
