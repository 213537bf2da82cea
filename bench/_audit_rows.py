"""An audit trail as a county's desks leave it, for the benches of the control room. Its rows are not chained: no list reads the hashes."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update

from bench._control_room_rows import camera_id
from patrol.evidence.calls import EXPORT, FETCH, UNMASKED, VIEW
from patrol.store import Store
from patrol.store.tables import AuditHead, AuditRow

_BATCH = 10_000
# What a desk does most is to take an incident, look at its clip and judge it.
_DEEDS = (
    (VIEW, "file", 600),
    ("incident.lease", "incident", 150),
    ("incident.review", "incident", 150),
    (FETCH, "file", 20),
    (EXPORT, "file", 12),
    (UNMASKED, "file", 3),
    ("session.open", "session", 40),
    ("registry.edit", "registry", 2),
)


def fill_trail(store: Store, *, rows: int, cameras: int, now: datetime) -> None:
    """A month of deeds of thirty accounts, evenly spread, seeded."""
    dice = random.Random(2026)  # noqa: S311 - no secret
    deeds, weights = [deed[:2] for deed in _DEEDS], [deed[2] for deed in _DEEDS]
    step = timedelta(days=30) / rows
    with store.sessions.begin() as session:
        for first in range(1, rows + 1, _BATCH):
            numbers = range(first, min(first + _BATCH, rows + 1))
            chosen = dice.choices(deeds, weights, k=len(numbers))
            session.execute(
                insert(AuditRow),
                [
                    _row(dice, seq, *deed, cameras, now - step * (rows - seq))
                    for seq, deed in zip(numbers, chosen, strict=True)
                ],
            )
        session.execute(update(AuditHead).values(seq=rows))
        if session.get(AuditHead, 1) is None:
            session.add(AuditHead(id=1, seq=rows, hash="0" * 64))


def _row(dice: random.Random, seq: int, action: str, kind: str, cameras: int, at: datetime) -> dict[str, Any]:
    of_camera = kind in {"file", "incident"}
    ref = f"{dice.randrange(50_000):064x}" if kind == "file" else f"{dice.randrange(100_000):032x}"
    detail = {"what": "clip", "sha256": ref, "taken_at": at.isoformat()} if kind == "file" else {}
    return {
        "seq": seq,
        "at": at,
        "who": f"desk.{dice.randrange(30)}",
        "shown": "desk",
        "role": "operator",
        "unit": None,
        "action": action,
        "outcome": "refused" if dice.random() < 0.01 else "done",
        "kind": kind,
        "ref": ref,
        "camera": camera_id(dice.randrange(cameras)) if of_camera else None,
        "reason": "review",
        "address": "10.0.0.7",
        "detail": detail,
        "hash": f"{seq:064x}",
    }
