"""The matters of a message as they stand now, for its text and for the page behind its link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from patrol.alerts.route import department_of
from patrol.registry import Name, Registry
from patrol.store.tables import Alert, DispatchTrack, Incident, NoticeItem

_TAKEN_ON = frozenset({"accepted", "phoned", "on_scene", "disposed"})


@dataclass(frozen=True, slots=True)
class Named:
    """One matter of a message.

    Attributes:
        item: number of the ``notice_item``.
        incident, alert: ids.
        department: whose alert it is.
        kind: of the incident.
        place: in words.
        occurred_at: UTC.
        reviewed: whether a person has confirmed it.
        why, asks, step: see :class:`NoticeItem`.
        answer: given through the link, None: none.
        by: by when what is asked must be answered, UTC; None: no such time.
        standing: ``open``; ``accepted``, ``phoned``, ``on_scene``, ``disposed``, ``refused``; ``over``.
    """

    item: int
    incident: str
    alert: str
    department: Name
    kind: str
    place: str
    occurred_at: datetime
    reviewed: bool
    why: str
    asks: str
    step: str | None
    answer: str | None
    by: datetime | None
    standing: str


def matters_of(session: Session, registry: Registry, notice: str) -> tuple[Named, ...]:
    """All matters of a message, in the order in which they came."""
    return _named(session, registry, NoticeItem.notice == notice)


def matter_of_item(session: Session, registry: Registry, item: int) -> Named | None:
    """One matter; None where there is none of that number."""
    return next(iter(_named(session, registry, NoticeItem.id == item)), None)


def _named(session: Session, registry: Registry, wanted: Any) -> tuple[Named, ...]:
    rows = session.execute(
        select(NoticeItem, Alert.envelope, Incident, DispatchTrack)
        .join(Alert, Alert.id == NoticeItem.alert)
        .join(Incident, Incident.id == NoticeItem.incident)
        .outerjoin(
            DispatchTrack,
            and_(
                DispatchTrack.incident == NoticeItem.incident,
                DispatchTrack.department == NoticeItem.department,
            ),
        )
        .where(wanted)
        .order_by(NoticeItem.id)
    ).all()
    return tuple(_matter(registry, *row) for row in rows)


def _matter(
    registry: Registry,
    item: NoticeItem,
    envelope: Mapping[str, Any],
    incident: Incident,
    track: DispatchTrack | None,
) -> Named:
    camera = envelope["camera"]
    department = department_of(registry, item.department)
    return Named(
        item=item.id,
        incident=item.incident,
        alert=item.alert,
        department=department.name if department is not None else Name(zh=item.department, en=item.department),
        kind=incident.kind,
        place=camera.get("place") or camera["name"],
        occurred_at=datetime.fromisoformat(envelope["occurred_at"]),
        reviewed=incident.review == "confirmed",
        why=item.why,
        asks=item.asks,
        step=item.step,
        answer=item.answer,
        by=_by(item, track),
        standing=_standing(track),
    )


def _by(item: NoticeItem, track: DispatchTrack | None) -> datetime | None:
    if track is None or item.asks == "call":
        return None
    return track.received_by if item.asks == "receive" else track.accepted_by


def _standing(track: DispatchTrack | None) -> str:
    if track is None:
        return "open"
    if track.state in _TAKEN_ON:
        return track.state
    if track.closed_at is not None and track.role != "copy":
        return "over"
    return "refused" if track.state == "refused" else "open"
