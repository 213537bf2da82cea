"""When to look: a pure planner (time is an argument) and its simulator."""

from __future__ import annotations

from patrol.rotation._types import MAINTENANCE, Limits, LookPlan, Miss, PlatformChange, Row, Share, Snapshot, Start
from patrol.rotation.outlook import Ahead, Breach, Forecast, forecast
from patrol.rotation.planner import Planner
from patrol.rotation.simulation import SimulationResult, simulate

__all__ = [
    "MAINTENANCE",
    "Ahead",
    "Breach",
    "Forecast",
    "Limits",
    "LookPlan",
    "Miss",
    "Planner",
    "PlatformChange",
    "Row",
    "Share",
    "SimulationResult",
    "Snapshot",
    "Start",
    "forecast",
    "simulate",
]
