"""The message a department gets: everything needed is in it, so that an MQTT 3.1.1 client can take part (DESIGN.md part 6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from patrol.alerts.links import sign_link
from patrol.alerts.route import Role
from patrol.clock import iso
from patrol.incidents import KINDS, Change
from patrol.registry.models import Camera, Registry
from patrol.store.tables import DispatchTrack

SCHEMA = "patrol.alert/1"
LINK_LIFETIME = timedelta(hours=24)
"""How long an evidence link in an alert works. A resent alert carries fresh ones."""
LINK_FOR = "for"
"""What a link in an alert says beside how long it works: the department, under whose name its opening is recorded."""
_SHOWN = ("clip", "key_frame")


def topic_of(county: str, department: str, kind: str) -> str:
    """``patrol/v1/<county>/alert/<department>/<kind>``."""
    return f"patrol/v1/{county}/alert/{department}/{kind}"


def ack_topic_of(county: str, department: str) -> str:
    """``patrol/v1/<county>/ack/<department>``."""
    return f"patrol/v1/{county}/ack/{department}"


def case_topic_of(county: str, number: str) -> str:
    """``patrol/v1/<county>/case/<number>``."""
    return f"patrol/v1/{county}/case/{number}"


def draft(
    registry: Registry,
    change: Change,
    *,
    alert_id: str,
    seq: int,
    kind_of_alert: str,
    department: str,
    ack_by: datetime,
    track: DispatchTrack | None = None,
    escalation: dict[str, Any] | None = None,
    case: str | None = None,
    told: tuple[tuple[str, Role], ...] | None = None,
) -> dict[str, Any]:
    """The envelope as it stands in the outbox: without ``published_at``, evidence as paths.

    ``case`` is the number of the case that follows the incident, ``told`` who hears of it at its first telling.
    """
    camera = registry.camera(change.camera)
    return {
        "schema": SCHEMA,
        "type": kind_of_alert,
        "id": alert_id,
        "seq": seq,
        "incident": change.incident_id,
        "kind": change.kind,
        "severity": change.severity,
        "reviewed": change.reviewed,
        "status": change.status,
        "occurred_at": iso(change.occurred_at),
        "seen_at": iso(change.seen_at),
        "camera": _camera(change, camera),
        "category": change.category,
        "rule": _rule(registry, change),
        "summary": change.summary,
        "summary_en": f"{change.verdict} {KINDS.get(change.kind, ('', change.kind))[1]} at {camera.place.address if camera else change.camera}",
        "evidence": [
            {"path": e["path"], "sha256": e["sha256"], "role": e["role"]}
            for e in change.evidence
            if e["role"] in _SHOWN
        ],
        "ack_topic": ack_topic_of(registry.county.topic, department),
        "ack_by": iso(ack_by),
        "role": track.role if track is not None else "primary",
        "respond_by": _respond_by(track),
        "escalation": escalation,
        "case": case,
        "told": None if told is None else [{"department": department, "role": role} for department, role in told],
    }


def complete(
    envelope: Mapping[str, Any], *, department: str, base_url: str, link_key: bytes, now: datetime
) -> dict[str, Any]:
    """The envelope as it is published now: with the time and links that work from now on and say for which department they are."""
    expires = now + LINK_LIFETIME
    evidence = []
    for file in envelope["evidence"]:
        where = evidence_path(file["path"])
        url = f"{base_url}{where}?{sign_link(link_key, where, expires, {LINK_FOR: department})}"
        evidence.append({"url": url, "sha256": file["sha256"], "role": file["role"]})
    return {**envelope, "published_at": iso(now), "evidence": evidence}


def evidence_path(stored: str) -> str:
    """The HTTP path of a file that the store knows by its path in the data folder."""
    return f"/evidence/{stored.removeprefix('evidence/')}"


def _respond_by(track: DispatchTrack | None) -> dict[str, str | None] | None:
    """By when the department is to answer; who has a copy has only to receive it."""
    if track is None:
        return None
    acts = track.role != "copy"
    return {
        "received": iso(track.received_by),
        "accepted": iso(track.accepted_by) if acts else None,
        "on_scene": iso(track.on_scene_by) if acts else None,
        "disposed": iso(track.disposed_by) if acts else None,
    }


def _camera(change: Change, camera: Camera | None) -> dict[str, Any]:
    if camera is None:
        # The registry dropped it since; the department still gets what is known.
        return {"id": change.camera, "name": change.camera, "place": None, "lon": None, "lat": None}
    place = camera.place
    return {
        "id": camera.id,
        "name": camera.name,
        "preset": change.preset,
        "place": place.address,
        "division_code": place.division_code,
        "lon": place.lon,
        "lat": place.lat,
        "datum": place.datum,
    }


def _rule(registry: Registry, change: Change) -> dict[str, Any] | None:
    rule = next((r for r in registry.rules if r.id == change.rule), None)
    return None if rule is None else {"id": rule.id, "name": rule.name.zh, "source": rule.source}
