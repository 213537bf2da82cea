"""The registry in force: what the rotation works from, taken up anew whenever the file changes and is valid."""

from __future__ import annotations

import gc
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from patrol import _registry_revisions, incidents
from patrol._board import Board
from patrol._looks import Before, changes_ahead, limits_of, plans_at
from patrol._registry_revisions import BY_HAND, Note
from patrol.clock import Clock
from patrol.ledger import book
from patrol.registry import LoadedRegistry, LookSpec, Problem, Registry, RegistryError, load, look_specs
from patrol.rotation import LookPlan, Planner
from patrol.store import Store
from patrol.store.tables import LookState

log = structlog.get_logger(__name__)

_MANY = 1_000
"""Cameras from which on the garbage collector's walk through a registry is felt."""


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
        self.refused: RegistryError | None = None
        """Why the file as it stands is not in force; None when it is."""
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
        self._install(self.loaded, BY_HAND, None)
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
        try:
            loaded = load(file)
            self.check_topic(loaded)
        except RegistryError as error:
            self.refused, self._stamp = error, stamp
            more = f" (and {len(error.problems) - 1} more; patrol check shows all)" if len(error.problems) > 1 else ""
            self._board.problem(
                "registry", f"the changed registry is not valid and not in force: {error.problems[0]}{more}"
            )
            return
        self.refused = None
        if loaded.sha256 != self.loaded.sha256:
            self._install(loaded, BY_HAND, self.loaded)
        self._stamp = stamp
        self._board.problem("registry", None)

    def check_topic(self, loaded: LoadedRegistry) -> None:
        """A registry of other topics cannot be taken up while the service runs.

        Raises:
            RegistryError: its topic is another one.
        """
        if loaded.registry.county.topic != self.registry.county.topic:
            what = "was changed: restart the service to put the registry in force"
            raise RegistryError([Problem(str(loaded.file or "registry"), None, "county.topic", what)])

    def take(self, loaded: LoadedRegistry, before: LoadedRegistry, note: Note) -> int:
        """Put a registry in force that was just written to the file in place of ``before``. Returns its revision."""
        self._install(loaded, note, before)
        self._stamp = _stamp(loaded.file)
        self.refused = None
        self._board.problem("registry", None)
        return self.revision or 0

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

    def _sync(self, session: Session, patrolled: set[str]) -> dict[str, LookState]:
        """Rows for the looks that are to be made; one whose camera is paused is switched off, and starts anew after it."""
        wanted = [s for s in self.specs.values() if s.key in patrolled]
        rows = [(s.key, s.camera.id, s.preset.id if s.preset else None) for s in wanted]
        return book.sync_looks(session, rows, self._clock.wall())

    def _install(self, loaded: LoadedRegistry, note: Note, before: LoadedRegistry | None) -> None:
        wall = self._clock.wall()
        specs = {spec.key: spec for spec in look_specs(loaded.registry)}
        new = specs.keys() - self.specs.keys()
        kept = self.loaded, self.specs, self.patrolled, self.revision
        self.loaded, self.specs = loaded, specs
        plans = self._plans()
        self.patrolled = {plan.key for plan in plans}
        try:
            states = self._record(loaded, note, before, wall)
        except BaseException:
            # Not in the store, not in force: the next look at the file tries again.
            self.loaded, self.specs, self.patrolled, self.revision = kept
            raise
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
        if before is not None:
            self._board.tell({"event": "registry", "revision": self.revision})
        log.info("registry in force", file=str(loaded.file), looks=len(self.patrolled), sha256=loaded.sha256[:16])
        _leave_in_peace(len(loaded.registry.cameras))

    def _record(
        self, loaded: LoadedRegistry, note: Note, before: LoadedRegistry | None, wall: datetime
    ) -> dict[str, LookState]:
        with self._store.sessions.begin() as session:
            self.revision = _registry_revisions.record(session, loaded, before, note, wall)
            rows = self._sync(session, self.patrolled)
            states = {key: state for key, state in rows.items() if key in self.specs}
            session.expunge_all()
            note.also(session, self.revision)
        return states

    def _plan_at(self, wall: datetime | None) -> float | None:
        return None if wall is None else self._clock.plan_at(wall)


def _leave_in_peace(cameras: int) -> None:
    """Take what lives as long as the registry out of the garbage collector's walks.

    A walk through 10,000 cameras stops every thread for 0.3 s, again and again, and finds nothing: a registry has no circles, and
    the count of references frees the one before. What circles there are at that instant stay; edits are few.
    """
    if cameras >= _MANY:
        gc.freeze()


def _stamp(file: Path | None) -> tuple[int, int]:
    try:
        stat = file.stat() if file else None
    except OSError:
        return (0, 0)
    return (stat.st_mtime_ns, stat.st_size) if stat else (0, 0)
