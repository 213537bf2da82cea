"""The registry in force: what the rotation works from, taken up anew whenever the file changes and is valid."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from patrol import incidents
from patrol._board import Board
from patrol._looks import Before, changes_ahead, limits_of, plans_at
from patrol.clock import Clock
from patrol.ledger import book
from patrol.registry import LoadedRegistry, LookSpec, Registry, RegistryError, load, look_specs
from patrol.rotation import LookPlan, Planner
from patrol.store import Store

log = structlog.get_logger(__name__)


class InForce:
    """One registry at a time, with the looks it asks for. The caller holds the service's lock.

    Args:
        loaded: the registry that is valid at the start.
        store, planner, clock, board: where it is put to work.
        streams: streams the service may hold open in all.
    """

    def __init__(
        self, loaded: LoadedRegistry, store: Store, planner: Planner, clock: Clock, board: Board, streams: int
    ) -> None:
        self.loaded = loaded
        self.specs: dict[str, LookSpec] = {}
        self.patrolled: set[str] = set()
        """Looks that are in the rotation: all but those of paused cameras."""
        self.before: dict[str, Before] = {}
        self.revision: int | None = None
        self._store = store
        self._planner = planner
        self._clock = clock
        self._board = board
        self._streams = streams
        self._stamp = _stamp(loaded.file)

    @property
    def registry(self) -> Registry:
        """The registry itself."""
        return self.loaded.registry

    @property
    def base(self) -> Path | None:
        """Folder that relative paths in the file start from."""
        return self.loaded.file.parent if self.loaded.file else None

    def install(self) -> None:
        """Put ``loaded`` in force at the start: rows for its looks, plans, and what was asked for before the last stop."""
        self._install(self.loaded)
        with self._store.reading() as session:
            asked = incidents.open_follow_ups(session)
        for follow_up, key, due_at in asked:
            if key in self.specs:
                self._planner.follow_up(key, self._clock.plan_at(due_at), follow_up)

    def reload_when_changed(self) -> None:
        """Take up a changed file if it is valid; else keep the old one and say so."""
        file = self.loaded.file
        stamp = _stamp(file)
        if file is None or stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            loaded = load(file)
        except RegistryError as error:
            more = f" (and {len(error.problems) - 1} more; patrol check shows all)" if len(error.problems) > 1 else ""
            self._board.problem(
                "registry", f"the changed registry is not valid and not in force: {error.problems[0]}{more}"
            )
            return
        if loaded.registry.county.topic != self.registry.county.topic:
            self._board.problem(
                "registry", "county.topic was changed: restart the service to put the registry in force"
            )
            return
        self._install(loaded)
        self._board.problem("registry", None)

    def plan_windows(self) -> None:
        """Give the planner the periods, priorities and holds of this hour; take cameras in and out as pauses end and begin."""
        plans = self._plans()
        patrolled = {plan.key for plan in plans}
        if patrolled != self.patrolled:
            try:
                with self._store.sessions.begin() as session:
                    self._sync(session, patrolled)
            except DBAPIError as error:
                log.error("paused cameras cannot be written; will try again", error=str(error.orig))
                return
            self.patrolled = patrolled
        self._planner.set_plans(plans, self._clock.plan())

    def ahead(self, horizon_s: float) -> list[tuple[float, list[LookPlan]]]:
        """The plans that come into force within ``horizon_s`` from now, by planner time."""
        local = self._clock.wall().astimezone(self.registry.county.zone)
        coming = changes_ahead(tuple(self.specs.values()), self.registry, local, horizon_s)
        return [(self._clock.plan_at(at), plans) for at, plans in coming]

    def longest_period_s(self) -> float:
        """Of all looks outside risk windows."""
        return max((spec.period_s for spec in self.specs.values()), default=7200.0)

    def _plans(self) -> list[LookPlan]:
        local = self._clock.wall().astimezone(self.registry.county.zone)
        return plans_at(self.specs.values(), self.registry, local)

    def _sync(self, session: Session, patrolled: set[str]) -> None:
        """Rows for the looks that are to be made; one whose camera is paused is switched off, and starts anew after it."""
        wanted = [s for s in self.specs.values() if s.key in patrolled]
        rows = [(s.key, s.camera.id, s.preset.id if s.preset else None) for s in wanted]
        book.sync_looks(session, rows, self._clock.wall())

    def _install(self, loaded: LoadedRegistry) -> None:
        wall = self._clock.wall()
        specs = {spec.key: spec for spec in look_specs(loaded.registry)}
        new = specs.keys() - self.specs.keys()
        self.loaded, self.specs = loaded, specs
        plans = self._plans()
        self.patrolled = {plan.key for plan in plans}
        with self._store.sessions.begin() as session:
            self.revision = book.record_revision(
                session, sha256=loaded.sha256, text=loaded.text, cameras=len(loaded.registry.cameras), now=wall
            )
            self._sync(session, self.patrolled)
            states = {key: state for key, state in book.load_states(session).items() if key in specs}
            session.expunge_all()
        self.before = {key: Before(state.fingerprint, state.reference) for key, state in states.items()}
        self._planner.set_limits(limits_of(loaded.registry, self._streams))
        self._planner.set_plans(plans, self._clock.plan())
        for key in new & self.patrolled:
            state = states[key]
            self._planner.restore(
                key,
                last_inspected=self._plan_at(state.last_inspected_at),
                next_due=self._plan_at(state.not_before),
                failures=state.failures,
                away_since=None,
                added=self._plan_at(state.added_at),
                recorded_until=self._plan_at(state.missed_until),
                overhead_s=state.overhead_s,
            )
        log.info("registry in force", file=str(loaded.file), looks=len(self.patrolled), sha256=loaded.sha256[:16])

    def _plan_at(self, wall: datetime | None) -> float | None:
        return None if wall is None else self._clock.plan_at(wall)


def _stamp(file: Path | None) -> tuple[int, int]:
    try:
        stat = file.stat() if file else None
    except OSError:
        return (0, 0)
    return (stat.st_mtime_ns, stat.st_size) if stat else (0, 0)
