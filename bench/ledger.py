"""What the proof costs: looks written with and without their link, and links checked: ``python -m bench.ledger [LOOKS]``."""

from __future__ import annotations

import resource
import sys
import tempfile
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from unittest.mock import patch

from patrol.ledger import book, chain
from patrol.ledger.verify import verify
from patrol.store import Store, open_store

T0 = datetime(2026, 3, 1, tzinfo=UTC)
FINDING = {
    "kind": "fishing",
    "verdict": "clear",
    "score": 0.02,
    "at": 1.2,
    "box": None,
    "zone": "water",
    "reason": "nobody",
    "measurements": {"people": 0},
}
REPORT = {
    "schema": "patrol.visit/1", "outcome": "inspected", "cause": None, "judged": True, "findings": [FINDING, FINDING],
    "quality": {"verdict": "good", "issues": [], "luma": 101.2, "contrast": 48.0, "sharpness": 0.7},
    "evidence": [{"path": "evidence/2026-03-01/a/clip.mp4", "sha256": "0" * 64, "role": "clip", "media_type": "video/mp4", "bytes": 900_000}],
}  # fmt: skip


def write(store: Store, count: int) -> float:
    """Looks a second, one transaction each, as the service writes them."""
    began = perf_counter()
    for n in range(count):
        at = T0 + timedelta(seconds=n)
        with store.sessions.begin() as session:
            book.record_visit(
                session,
                visit_id=uuid.uuid4().hex,
                look_key=f"cam{n % 200}",
                camera=f"cam{n % 200}",
                preset=None,
                reason="rotation",
                due_at=at,
                started_at=at,
                ended_at=at + timedelta(seconds=20),
                report=REPORT,
            )
    return count / (perf_counter() - began)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with_chain, without = [], []
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(3):
            for name, rates in (("chain", with_chain), ("bare", without)):
                data = Path(folder, f"{name}{turn}")
                data.mkdir()
                store = open_store(None, data)
                store.upgrade()
                if name == "chain":
                    rates.append(write(store, count))
                else:
                    with patch.object(chain, "seal", lambda *_: None):
                        rates.append(write(store, count))
                store.close()
        store = open_store(None, Path(folder, "chain0"))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = perf_counter()
        with store.reading() as session:
            verdict = verify(session)
        took = perf_counter() - began
        store.close()
    assert not verdict.problems, verdict.problems[:3]
    assert verdict.links == count + 1
    chained, bare = median(with_chain), median(without)
    print(f"looks written a second: {chained:.0f} with the chain, {bare:.0f} without it ({bare / chained:.2f} times)")
    print(f"links checked a second: {verdict.links / took:.0f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"memory: {peak / 1024:.0f} MiB at most, {(peak - before) / 1024:.0f} MiB more for the check of {verdict.links} links"
    )


if __name__ == "__main__":
    main()
