"""Where every look stands, as columns with the version in which each row last changed: what the rotation board is told.

All consoles share one reading a second. Polling sends only rows that changed since the version the console has.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
from sqlalchemy import select

from api.compact import Encoded
from api.models._board import BoardLooks, BoardStates, Group, OutcomeName, StateName
from api.models._words import Name
from patrol.access import Caller, sees
from patrol.registry import LoadedRegistry, LookSpec, Registry, look_specs
from patrol.service import Service
from patrol.store import queries
from patrol.store.tables import LookState

STATES: tuple[StateName, ...] = get_args(StateName)
OUTCOMES: tuple[OutcomeName, ...] = get_args(OutcomeName)
_FRESH_S = 1.0
"""Readings are at least so far apart."""
_WHOLE_S = 60.0
"""So often the last looks are read as a whole; in between only those that ended lately."""
_LATELY_S = 300.0
_NONE = -1
_STATE = {state: number for number, state in enumerate(STATES)}
_OUTCOME: dict[str, int] = {outcome: number for number, outcome in enumerate(OUTCOMES)}
_CALLERS = 64

Numbers = npt.NDArray[np.int64]
_FIELDS = ("state", "deadline", "inspected", "outcome", "cause", "failures", "ended", "away_since")


@dataclass(frozen=True, slots=True)
class Seen:
    """What one caller sees of the board.

    Attributes:
        rows: numbers of its looks among all, in order.
        names: the answer of `/rotation/board`.
    """

    rows: Numbers
    names: Encoded


class Standing:
    """The board. Every method may be called from any thread."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._lock = threading.Lock()
        self._loaded: LoadedRegistry | None = None
        self.specs: tuple[LookSpec, ...] = ()
        self.index: dict[str, int] = {}
        self._read_at = self._whole_at = -1e9
        self._clear()

    def _clear(self) -> None:
        self._born = secrets.token_hex(4)
        self._version = 0
        self._columns: dict[str, Numbers] = {f: np.full(len(self.specs), _NONE, np.int64) for f in _FIELDS}
        self._changed: Numbers = np.zeros(len(self.specs), np.int64)
        self._causes: dict[str, int] = {}
        self._seen: dict[Any, Seen] = {}
        self._whole_at = self._read_at = -1e9

    def seen_by(self, caller: Caller) -> Seen:
        """The looks a caller sees, and what they are."""
        self.refresh()
        with self._lock:
            registry = (self._loaded or self._service.loaded).registry
            found = self._seen.get(caller.sight)
            if found is None:
                if len(self._seen) >= _CALLERS:
                    self._seen.clear()
                cameras = {s.camera.id: s.camera for s in self.specs}
                allowed = {key for key, camera in cameras.items() if sees(caller, camera)}
                rows = np.array([n for n, spec in enumerate(self.specs) if spec.camera.id in allowed], np.int64)
                found = Seen(rows, _names(self.specs, rows, registry, self._born))
                self._seen[caller.sight] = found
            return found

    def states(self, seen: Seen, since: str | None) -> Encoded:
        """How these looks stand; only those changed after ``since`` where that is a version of this board."""
        with self._lock:
            version = f"{seen.names.tag}.{self._version}"
            known = _number(since, seen.names.tag)
            rows = seen.rows
            if known is not None:
                changed = self._changed[rows] > known
                rows, at = rows[changed], np.flatnonzero(changed)
            columns = {name: column[rows] for name, column in self._columns.items()}
            body = BoardStates.model_construct(
                names=seen.names.tag,
                version=version,
                whole=known is None,
                now=round(self._service.clock.plan(), 3),
                row=None if known is None else at.tolist(),
                state=columns["state"].tolist(),
                outcome=columns["outcome"].tolist(),
                cause=columns["cause"].tolist(),
                failures=columns["failures"].tolist(),
                deadline=_nulls(columns["deadline"]),
                inspected=_nulls(columns["inspected"]),
                ended=_nulls(columns["ended"]),
                away_since=_nulls(columns["away_since"]),
                states=list(STATES),
                outcomes=list(OUTCOMES),
                causes=list(self._causes),
            )
        return Encoded(body.model_dump_json().encode(), f"{version}-{known}")

    def state_of(self, row: int) -> StateName:
        """By number of the look."""
        return STATES[int(self._columns["state"][row])]

    def line(self, row: int) -> dict[str, int | None]:
        """Every column of one look; None: there is none."""
        return {name: None if column[row] == _NONE else int(column[row]) for name, column in self._columns.items()}

    def state_column(self) -> Numbers:
        """Number of the state of every look, in the order of ``specs``."""
        return self._columns["state"]

    def refresh(self) -> None:
        """Read how things stand, unless that was done within the last second."""
        with self._lock:
            now = time.monotonic()
            if self._service.loaded is not self._loaded:
                self._loaded = self._service.loaded
                self.specs = look_specs(self._loaded.registry)
                self.index = {spec.key: number for number, spec in enumerate(self.specs)}
                self._clear()
            elif now - self._read_at < _FRESH_S:
                return
            fresh = self._read(whole=now - self._whole_at > _WHOLE_S)
            changed = np.zeros(len(self.specs), bool)
            for name, column in fresh.items():
                changed |= column != self._columns[name]
            if changed.any():
                self._version += 1
                self._changed[changed] = self._version
                self._columns = fresh
            self._read_at = time.monotonic()
            if now - self._whole_at > _WHOLE_S:
                self._whole_at = self._read_at

    def _read(self, *, whole: bool) -> dict[str, Numbers]:
        size = len(self.specs)
        fresh = {name: self._columns[name].copy() for name in ("outcome", "cause", "ended")}
        for name in ("state", "deadline", "inspected", "failures", "away_since"):
            fresh[name] = np.full(size, _NONE, np.int64)
        fresh["state"][:] = _STATE["paused"]
        fresh["failures"][:] = 0
        for spec, row in self._service.rows():
            number = self.index.get(spec.key)
            if number is None:
                continue
            fresh["state"][number] = _STATE[row.state]
            fresh["deadline"][number] = round(row.deadline)
            fresh["inspected"][number] = _NONE if row.last_inspected is None else int(row.last_inspected)
            fresh["failures"][number] = row.failures
        self._read_store(fresh, whole=whole)
        return {name: fresh[name] for name in _FIELDS}

    def _read_store(self, fresh: Mapping[str, Numbers], *, whole: bool) -> None:
        wanted = select(LookState.key, LookState.last_outcome, LookState.last_cause, LookState.last_ended_at)
        newest = int(fresh["ended"].max(initial=_NONE))
        if not whole and newest != _NONE:
            lately = datetime.fromtimestamp(newest - _LATELY_S, UTC)
            wanted = wanted.where(LookState.last_ended_at >= lately)
        with self._service.store.reading() as session:
            for key, outcome, cause, ended in session.execute(wanted):
                number = self.index.get(key)
                if number is None or outcome is None:
                    continue
                fresh["outcome"][number] = _OUTCOME[outcome]
                fresh["cause"][number] = _NONE if cause is None else self._causes.setdefault(cause, len(self._causes))
                fresh["ended"][number] = _NONE if ended is None else int(ended.timestamp())
            for outage in queries.open_outages(session):
                number = self.index.get(outage.look)
                if number is not None:
                    fresh["away_since"][number] = int(outage.started_at.timestamp())


def groups_of(specs: Sequence[LookSpec], by: str, registry: Registry) -> tuple[list[int], list[Group]]:
    """The group of each look and the groups, in the registry's order.

    Args:
        specs: looks.
        by: ``category`` (the leading one), ``platform`` or ``division``.
        registry: for their names.
    """
    if by == "category":
        keys = [spec.category.key for spec in specs]
        names = {c.key: Name(zh=c.name.zh, en=c.name.en) for c in registry.categories}
    elif by == "platform":
        keys = [spec.platform.id for spec in specs]
        names = {p.id: Name(zh=p.name.zh, en=p.name.en) for p in registry.platforms}
    else:
        keys = [spec.camera.place.division_code or "" for spec in specs]
        known = {d.code: d.name for d in registry.cases.divisions}
        names = {code: Name(zh=known.get(code, code), en=known.get(code, code)) for code in sorted(set(keys) - {""})}
    used = set(keys)
    kept = [key for key in names if key in used]
    number = {key: at for at, key in enumerate(kept)}
    return [number.get(key, _NONE) for key in keys], [Group(key=key, name=names[key]) for key in kept]


def _names(specs: Sequence[LookSpec], rows: Numbers, registry: Registry, born: str) -> Encoded:
    mine = [specs[row] for row in rows]
    category, categories = groups_of(mine, "category", registry)
    platform, platforms = groups_of(mine, "platform", registry)
    division, divisions = groups_of(mine, "division", registry)
    tag = f"{born}-{secrets.token_hex(4)}"
    looks = BoardLooks.model_construct(
        names=tag,
        key=[spec.key for spec in mine],
        camera=[spec.camera.id for spec in mine],
        name=[_called(spec) for spec in mine],
        category=category,
        platform=platform,
        division=division,
        period_s=[round(spec.period_s) for spec in mine],
        categories=categories,
        platforms=platforms,
        divisions=divisions,
    )
    return Encoded(looks.model_dump_json().encode(), tag)


def _called(spec: LookSpec) -> str:
    return spec.camera.name if spec.preset is None else f"{spec.camera.name} / {spec.preset.name or spec.preset.id}"


def _number(since: str | None, tag: str) -> int | None:
    head, _, number = (since or "").rpartition(".")
    return int(number) if head == tag and number.isdecimal() and len(number) < 16 else None


def _nulls(column: Numbers) -> list[int | None]:
    return [None if value == _NONE else value for value in column.tolist()]
