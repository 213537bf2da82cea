"""Builds what the review page shows of one incident: its looks, what is drawn over them, what helps to judge it."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from datetime import datetime
from operator import itemgetter

from sqlalchemy.orm import Session

from api import models
from api.deps import department_names
from api.links import Links
from patrol.access import Caller, sees
from patrol.alerts.dry_run import dry_run
from patrol.alerts.route import RouteError, contacts_of, matter_of
from patrol.incidents import waiting
from patrol.incidents.leases import Lease, holders
from patrol.incidents.reasons import REASONS
from patrol.incidents.wording import in_chinese
from patrol.registry import Camera, Registry, Rule
from patrol.registry.rules import when
from patrol.service import Service
from patrol.store import earlier, queries
from patrol.store.tables import Alert, EvidenceFile, Incident, Visit

_NEIGHBOURS = 40


def item(row: Incident, registry: Registry, lease: models.ReviewLease | None) -> models.ReviewItem:
    """An incident as it stands in the queue."""
    camera = registry.camera(row.camera)
    own = {"at_once", "camera_name", "place", "category_name", "lease"}
    category = next((c for c in registry.categories if c.key == row.category), None)
    return models.ReviewItem(
        **{name: getattr(row, name) for name in models.ReviewItem.model_fields if name not in own},
        at_once=row.rule in told_at_once(registry),
        camera_name=camera.name if camera else None,
        place=camera.place.address if camera else None,
        category_name=models.Name(zh=category.name.zh, en=category.name.en) if category else None,
        lease=lease,
    )


def told_at_once(registry: Registry) -> frozenset[str]:
    """Ids of the rules that push without waiting for a verdict."""
    return frozenset(rule.id for rule in registry.rules if rule.at_once)


def lease_of(lease: Lease | None, caller: Caller) -> models.ReviewLease | None:
    """A lease as the one who asks sees it."""
    if lease is None:
        return None
    return models.ReviewLease(
        incident=lease.incident, holder=lease.holder, mine=lease.holder == caller.name, until=lease.until
    )


def whole(service: Service, session: Session, caller: Caller, row: Incident, now: datetime) -> models.ReviewWhole:
    """One incident with all that helps to judge it."""
    registry = service.loaded.registry
    camera = registry.camera(row.camera)
    found = queries.incident(session, row.id)
    sightings = found.sightings[::-1] if found else ()
    links = Links(service, caller, f"review:{row.id}")
    would_tell, would_not = _would_tell(registry, row, now)
    at = sightings[0][1].started_at if sightings else row.last_seen_at
    look = f"{row.camera}/{row.preset}" if row.preset else row.camera
    return models.ReviewWhole(
        item=item(row, registry, lease_of(holders(session, [row.id], now).get(row.id), caller)),
        sightings=[_sighting(look.verdict, look.finding, visit, kept, links) for look, visit, kept in sightings],
        zones=_zones(camera, row.preset),
        earlier=_earlier(session, look, at, registry, links),
        map=_map(session, caller, camera, registry.cameras),
        rule=_rule(next((rule for rule in registry.rules if rule.id == row.rule), None)),
        would_tell=would_tell,
        would_not=would_not,
        told=_told(session, registry, row.id, now),
        reviews=[
            models.Review(verdict=r.verdict, reason=r.reason, reviewer=r.reviewer, at=r.at)
            for r in (found.reviews if found else ())
        ],
        reasons=[
            models.ReviewReason(code=r.code, name=models.Name(zh=r.zh, en=r.en), verdicts=sorted(r.verdicts))
            for r in REASONS
            if row.kind in r.kinds
        ],
    )


def _sighting(
    verdict: str, finding: dict[str, object], visit: Visit, kept: tuple[EvidenceFile, ...], links: Links
) -> models.ReviewSighting:
    files = {f.role: f for f in links.files(kept)}
    clip = files.get("clip")
    begins = {e.get("sha256"): e.get("from_s") for e in visit.report.get("evidence") or ()}
    return models.ReviewSighting.model_validate(
        {
            "measurements": {},
            "reason": "",
            "zone": "whole",
            "box": None,
            "marks": (),
            **finding,
            "reason_zh": in_chinese(str(finding.get("reason", ""))),
            "best_at": finding.get("at"),
            "visit": visit.id,
            "at": visit.started_at,
            "verdict": verdict,
            "clip": models.ReviewClip(file=clip, from_s=begins.get(clip.sha256)) if clip else None,
            "key_frame": files.get("key_frame"),
            "picture": files.get("picture"),
        }
    )


def _zones(camera: Camera | None, preset: str | None) -> list[models.ReviewZone]:
    if camera is None:
        return []
    there = next((p.zones for p in camera.presets if p.id == preset), camera.zones)
    return [models.ReviewZone(name=z.name, kind=z.kind, polygon=[list(point) for point in z.polygon]) for z in there]


def _earlier(session: Session, look: str, at: datetime, registry: Registry, links: Links) -> list[models.ReviewEarlier]:
    visits = earlier.at_this_hour(session, look, at, registry.county.zone)
    kept = queries.evidence_of(session, [v.id for v in visits])
    found = []
    for visit in visits:
        files = {f.role: f for f in links.files(kept.get(visit.id, ()))}
        found.append(
            models.ReviewEarlier(
                visit=visit.id,
                at=visit.started_at,
                outcome=visit.outcome,
                cause=visit.cause,
                findings={f["kind"]: f["verdict"] for f in visit.report.get("findings") or ()},
                picture=files.get("key_frame") or files.get("picture"),
            )
        )
    return found


def _map(session: Session, caller: Caller, camera: Camera | None, cameras: Iterable[Camera]) -> models.ReviewMap | None:
    if camera is None or camera.place.lon is None or camera.place.lat is None:
        return None
    lon, lat = camera.place.lon, camera.place.lat
    shrink = math.cos(math.radians(lat))
    there = []
    for other in cameras:
        x, y = other.place.lon, other.place.lat
        if x is None or y is None or other.place.datum != camera.place.datum or other.id == camera.id:
            continue
        if sees(caller, other):
            there.append((((x - lon) * shrink) ** 2 + (y - lat) ** 2, other, x, y))
    near = heapq.nsmallest(_NEIGHBOURS, there, key=itemgetter(0))
    counts = waiting.waiting_at(session, [other.id for _, other, _, _ in near])
    return models.ReviewMap(
        lon=lon,
        lat=lat,
        datum=camera.place.datum,
        neighbours=[
            models.ReviewNeighbour(camera=o.id, name=o.name, lon=x, lat=y, waiting=counts.get(o.id, 0))
            for _, o, x, y in near
        ],
    )


def _rule(rule: Rule | None) -> models.ReviewRule | None:
    if rule is None:
        return None
    name = models.Name(zh=rule.name.zh, en=rule.name.en)
    return models.ReviewRule(id=rule.id, name=name, when=when(rule), source=rule.source, at_once=rule.at_once)


def _would_tell(registry: Registry, row: Incident, now: datetime) -> tuple[list[models.ReviewWouldTell], str | None]:
    matter = matter_of(registry, kind=row.kind, camera=row.camera, category=row.category, rule=row.rule)
    try:
        found = dry_run(registry, matter, now)
    except RouteError as error:
        return [], str(error)
    names = department_names(registry)
    told = [
        models.ReviewWouldTell(
            department=t.department,
            name=names.get(t.department),
            role=t.role,
            contacts=[models.Contact(name=c.name, phone=c.phone) for c in t.contacts],
        )
        for t in found.told
    ]
    return told, found.exempt or None


def _told(session: Session, registry: Registry, incident: str, now: datetime) -> list[models.ReviewDepartment]:
    names, local = department_names(registry), now.astimezone(registry.county.zone)
    answers: dict[str, list[models.ReviewAnswer]] = {}
    last: dict[str, Alert] = {}
    found = queries.incident(session, incident)
    for alert, acks in found.alerts if found else ():
        last[alert.department] = alert
        answers.setdefault(alert.department, []).extend(
            models.ReviewAnswer(status=a.status, at=a.at, by=a.by, note=a.note, problem=a.problem) for a in acks
        )
    return [
        models.ReviewDepartment(
            department=track.department,
            name=names.get(track.department),
            role=track.role,
            state=track.state,
            alert=last[track.department].id if track.department in last else None,
            due_at=track.due_at,
            closed_at=track.closed_at,
            contacts=[
                models.Contact(name=c.name, phone=c.phone) for c in contacts_of(registry, track.department, local)
            ],
            answers=sorted(answers.get(track.department, []), key=lambda a: a.at),
        )
        for track, _ in queries.dispatches(session, incident=incident)
    ]
