"""How long the review page takes until its first clip plays, in a real Chromium: ``python -m bench.first_clip [--runs N]``.

Over a county's week, on SQLite and PostgreSQL; the items that come first in the queue get a clip of
10 s at 1280×720 and 25 frames a second. Every run is a new browser profile.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tempfile
from fractions import Fraction
from pathlib import Path
from urllib.request import urlopen

import av
import cv2
import numpy as np
from sqlalchemy import select

from bench._county import county
from patrol.service import Service
from patrol.store.tables import EvidenceFile, IncidentLook
from tests.support.databases import Postgres

_SCRIPT = Path(__file__).parents[1] / "console" / "e2e" / "first_clip.mjs"
_WITH_CLIP = 60
"""Items at the head of the queue that get one."""


def clip(file: Path, *, seconds: int = 10, rate: int = 25, width: int = 1280, height: int = 720) -> None:
    """Write a clip that moves, as a camera's would."""
    noise = np.random.default_rng(7).integers(0, 256, (height // 8, width // 8, 3), np.uint8)
    picture = cv2.resize(noise, (width, height), interpolation=cv2.INTER_LINEAR)
    with av.open(str(file), "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=rate, options={"preset": "veryfast", "b": "2000000"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for n in range(seconds * rate):
            frame = av.VideoFrame.from_ndarray(np.roll(picture, n, axis=1), format="bgr24")
            frame.pts, frame.time_base = n, Fraction(1, rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def give_clips(service: Service, base: str, made: Path) -> int:
    """Put the clip where the rows of the first items say that theirs lies; how many."""
    with urlopen(f"{base}/api/v1/review/queue?limit={_WITH_CLIP}", timeout=60) as answer:  # noqa: S310 - our own service
        ids = [item["id"] for item in json.load(answer)["items"]]
    wanted = (
        select(EvidenceFile.path)
        .join(IncidentLook, IncidentLook.visit == EvidenceFile.visit)
        .where(IncidentLook.incident.in_(ids), EvidenceFile.media_type.startswith("video/"))
    )
    with service.store.reading() as session:
        paths = list(session.scalars(wanted))
    for path in paths:
        place = service.settings.data / path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(made, place)
    return len(paths)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cameras", type=int, default=10_000)
    parser.add_argument("--visits", type=int, default=1_000_000)
    parser.add_argument("--incidents", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=15)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="patrol-pg-"))
    folder.chmod(0o755)
    server = Postgres(folder)
    try:
        with tempfile.TemporaryDirectory() as kept:
            made = Path(kept) / "clip.mp4"
            clip(made)
            for name, database in (("SQLite", None), ("PostgreSQL", server.new())):
                with county(database, given.cameras, given.visits, given.incidents) as (service, base):
                    clips = give_clips(service, base, made)
                    print(f"{name}: {clips} clips of {made.stat().st_size / 2**20:.1f} MiB", flush=True)
                    subprocess.run(["node", str(_SCRIPT), base, str(given.runs)], cwd=_SCRIPT.parents[1], check=True)
    finally:
        server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
