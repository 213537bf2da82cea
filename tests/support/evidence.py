"""A confirmed incident whose clip and picture really lie in the data folder, and what became of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from fastapi.testclient import TestClient
from sqlalchemy import select

from patrol import alerts, audit, incidents
from patrol.registry import Registry
from patrol.store import Store
from patrol.store.tables import AuditRow, EvidenceFile
from tests.support.incidents import T0, seen


@dataclass(frozen=True)
class Kept:
    """One kept file of a confirmed incident."""

    id: int
    path: str
    sha256: str
    visit: str
    incident: str

    @property
    def at(self) -> str:
        """Where it is asked for."""
        return f"/{self.path}"


def short_clip(file: Path, frames: int = 12) -> bytes:
    """A picture that changes a little, 160 x 120, at 10 frames a second."""
    noise = np.random.default_rng(7).integers(0, 256, (30, 40, 3), np.uint8)
    picture = cv2.resize(noise, (160, 120), interpolation=cv2.INTER_LINEAR)
    with av.open(str(file), "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for n in range(frames):
            frame = av.VideoFrame.from_ndarray(np.roll(picture, n, axis=1), format="bgr24")
            frame.pts, frame.time_base = n, Fraction(1, 10)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return file.read_bytes()


def confirmed_with_files(
    store: Store, data: Path, registry: Registry, *, camera: str = "jam-portrait", frames: int = 12
) -> tuple[Kept, Kept]:
    """A look that flagged a jam, confirmed and told; its clip and its picture."""
    folder = data / "evidence" / f"{T0:%Y-%m-%d}" / camera
    folder.mkdir(parents=True, exist_ok=True)
    short_clip(folder / "clip.mp4", frames)
    picture = np.random.default_rng(9).integers(0, 256, (120, 160, 3), np.uint8)
    (folder / "picture.jpg").write_bytes(cv2.imencode(".jpg", picture)[1].tobytes())
    kept: list[dict[str, Any]] = []
    for name, role, media_type in (("clip.mp4", "clip", "video/mp4"), ("picture.jpg", "picture", "image/jpeg")):
        content = (folder / name).read_bytes()
        kept.append(
            {
                "path": (folder / name).relative_to(data).as_posix(),
                "sha256": hashlib.sha256(content).hexdigest(),
                "role": role,
                "media_type": media_type,
                "bytes": len(content),
            }
        )
    with store.sessions.begin() as session:
        (change,) = seen(session, "flagged", camera=camera, kept=kept)
        change = incidents.review(session, change.incident_id, "confirmed", "li", "why", datetime.now(UTC))
        alerts.notify(session, registry, change, datetime.now(UTC), at_once=False)
        rows = {row.path: row for row in session.scalars(select(EvidenceFile)) if f"/{camera}/" in row.path}
        clip, still = (rows[str(file["path"])] for file in kept)
        made = [Kept(row.id, row.path, row.sha256, row.visit, change.incident_id) for row in (clip, still)]
    return made[0], made[1]


WISH = {"reason": "hearing on 27 November", "recipient_unit": "traffic_police"}


def link_of(client: TestClient, kept: Kept) -> str:
    whole = client.get(f"/api/v1/incidents/{kept.incident}").json()
    return str(next(f["url"] for s in whole["sightings"] for f in s["evidence"] if f["sha256"] == kept.sha256))


def trail(store: Store, action: str) -> list[AuditRow]:
    with store.reading() as session:
        return list(audit.rows(session, action=action))


def ask(client: TestClient, kept: Kept, **more: Any) -> Any:
    return client.post(f"/api/v1/evidence/{kept.id}/exports", json={**WISH, **more})
