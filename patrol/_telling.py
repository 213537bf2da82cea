"""What is said of a look once it stands in the store: in the log, to those who look on, over MQTT."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog

from patrol._board import Board
from patrol._recorder import Ended, Written
from patrol.registry import LookSpec, Registry
from patrol.rotation import PlatformChange, Snapshot
from patrol.visits import Cause, Outcome, VisitReport

log = structlog.get_logger(__name__)


MISSED = {
    Cause.CAPACITY: "no stream was free before the deadline",
    Cause.SERVICE_DOWN: "the deadline passed while no service was running",
    Cause.MAINTENANCE: "the deadline passed in a maintenance",
    Cause.PLATFORM_DOWN: "the deadline passed while the platform was away",
}
"""What the ledger says of a deadline that passed without an attempt, by cause."""


def say(item: Ended, written: Written, board: Board, *, synthetic: bool) -> None:
    """Log a look and what came of it, and tell the listeners."""
    report = item.report
    cause = report.cause.value if report.cause else None
    findings = {f.kind.value: f.verdict.value for f in report.findings if f.verdict.value != "clear"}
    log.info(
        "look",
        camera=item.spec.key,
        outcome=report.outcome.value,
        cause=cause,
        detail=report.detail,
        findings=findings or None,
        not_run=[n.kind for n in report.not_run] or None,
        wall_s=round(report.cost.wall_s, 1),
        **({"picture": "SYNTHETIC"} if synthetic else {}),
    )
    event = {"event": "look", "look": item.spec.key, "visit": item.order.id, "outcome": report.outcome.value}
    board.tell({**event, "cause": cause, "findings": findings})
    for change in written.changes:
        log.warning(
            "incident",
            what=change.what,
            id=change.incident_id,
            kind=change.kind,
            camera=change.camera,
            summary=change.summary,
        )
        board.tell(
            {
                "event": "incident",
                "what": change.what,
                "incident": change.incident_id,
                "kind": change.kind,
                "camera": change.camera,
            }
        )
    for alert in written.alerts:
        board.tell({"event": "alert", "alert": alert})


def camera_status(item: Ended) -> dict[str, Any]:
    """The retained status message of the camera that was looked at."""
    report = item.report.to_json()
    return {
        "schema": "patrol.camera_status/1",
        "camera": item.spec.camera.id,
        "preset": report["preset"],
        "visit": item.order.id,
        "at": report["started_at"],
        "outcome": report["outcome"],
        "cause": report["cause"],
        "judged": report["judged"],
    }


def rotation_state(
    now: Snapshot,
    at: datetime,
    problems: dict[str, str],
    forecast: dict[str, Any] | None,
    ledger: dict[str, Any] | None,
) -> dict[str, Any]:
    """The retained ``rotation`` message."""
    return {
        "schema": "patrol.rotation/1",
        "at": at.isoformat(timespec="milliseconds"),
        "cameras": now.cameras,
        "due": now.due,
        "late": now.late,
        "away": now.away,
        "held": now.held,
        "running": now.running,
        "worst_gap_s": round(now.worst_gap_s, 1) if now.worst_gap_s is not None else None,
        "load": round(now.load, 3),
        "load_shortened": round(now.shortened, 3),
        "platforms": [
            {
                "platform": share.name,
                "load": round(share.load, 3),
                "running": share.running,
                "limit": share.limit,
                "look_s": round(share.look_s, 1) if share.look_s is not None else None,
                "away": share.down_since is not None,
            }
            for share in now.platforms
        ],
        "forecast": forecast,
        "ledger": ledger,
        "warning": now.warning,
        "problems": dict(problems),
    }


def platform_away(registry: Registry, change: PlatformChange, at: datetime) -> str:
    """What stands on the board while a platform is away."""
    name = next((p.name for p in registry.platforms if p.id == change.platform), None)
    called = f"{name.zh} ({name.en})" if name else change.platform
    since = f"{at.astimezone(registry.county.zone):%H:%M:%S}"
    return f"{called} is away since {since}: {change.looks} looks cannot be made; it is probed"


def without_credential(spec: LookSpec, now: datetime, problem: str) -> VisitReport:
    """The report of a look that could not begin, because the credential it names is not there."""
    return VisitReport(
        source=spec.camera.source,
        started_at=now,
        outcome=Outcome.UNREACHABLE,
        cause=Cause.BAD_SOURCE,
        detail=problem,
        camera=spec.camera.id,
        preset=spec.preset.id if spec.preset else None,
        category=spec.category.key,
    )
