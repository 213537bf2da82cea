"""The service on one machine: the rotation's decisions become looks, looks become rows, rows become alerts.

APScheduler only wakes it; what is due stands in a table, so a late or lost tick loses nothing. One lock guards the
planner; every look is written, with its incident and alerts, in one transaction before the planner hears of it.
"""

from __future__ import annotations

import fcntl
import os
import queue
import threading
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError

from detectors import Kind, ResolvedModel, Zone, ZoneKind, resolve
from patrol import alerts, incidents, store
from patrol.clock import Clock
from patrol.registry import (
    CredentialError,
    LoadedRegistry,
    LookSpec,
    RegistryError,
    address,
    at_once,
    effective,
    exemptions,
    load,
    look_specs,
    redact,
    rules_for,
)
from patrol.rotation import Limits, LookPlan, Planner, Start
from patrol.settings import Settings
from patrol.visits import Cause, Outcome, VisitOrder, VisitReport, WorkerPool

log = structlog.get_logger(__name__)

_ANALYSIS_S = 6.0
"""Seconds a look takes beside its dwell (open, analyse, write), until measured: the planner's first guess."""


class ServiceError(Exception):
    """The service cannot start; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Running:
    """A look under way: what asked for it and when, on the planner's time line."""

    start: Start
    spec: LookSpec
    submitted: float


class Service:
    """Everything but HTTP. ``start`` returns when the first looks are under way; ``stop`` when the last row is written."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock()
        self.loaded: LoadedRegistry = load(settings.registry)
        self.model: ResolvedModel = resolve(settings.model or self._model_of_registry())
        self.started_at: datetime | None = None
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._running: dict[str, Running] = {}
        self._reports: queue.Queue[tuple[VisitOrder, VisitReport] | None] = queue.Queue()
        self._specs: dict[str, LookSpec] = {}
        self._revision: int | None = None
        self._data_lock: IO[str] | None = None
        self._registry_mtime = settings.registry.stat().st_mtime_ns
        self._registry_problems: tuple[str, ...] = ()
        self.problems: dict[str, str] = {}
        """What the people at the screen must know now, by subject; empty when all is well."""
