"""Makes one copy in a process of its own: an order as JSON on standard input, progress and the result as JSON lines.

Started by the copier. A clip that crashes or hangs a decoder costs this process and nothing else. It ends when its input closes.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2

from detectors import ModelError, Zone, ZoneKind, load, resolve
from patrol.evidence.export import CLIP, ExportError, copy_clip, copy_still
from patrol.evidence.masking import Rules

_SAY_EVERY_S = 0.5


def main() -> int:
    """Run; 0: the copy is made."""
    os.nice(5)
    cv2.setNumThreads(1)
    order: dict[str, Any] = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_input, daemon=True).start()
    said_at = 0.0

    def progress(share: float) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= _SAY_EVERY_S:
            said_at = time.monotonic()
            _say({"progress": round(share, 3)})

    rules = Rules(
        whole_people=order["whole_people"],
        private=tuple(
            Zone(name, ZoneKind.PRIVATE, tuple((x, y) for x, y in polygon)) for name, polygon in order["private"]
        ),
    )
    source, target = Path(order["source"]), Path(order["target"])
    try:
        model = None
        if order["masked"]:
            shipped = resolve(None)
            if shipped.path is None:
                raise ExportError(f"nothing can be masked: {shipped.problem}")
            model = load(shipped.path)
        if order["media_type"] == CLIP:
            made = copy_clip(source, target, model=model, rules=rules, line=order["line"], progress=progress)
        else:
            made = copy_still(source, target, model=model, rules=rules, line=order["line"])
    except (ExportError, ModelError) as error:
        _say({"problem": str(error)})
        return 1
    except OSError as error:
        # Only what went wrong, not where on this machine.
        _say({"problem": f"{source.name}: {error.strerror or type(error).__name__}"})
        return 1
    _say({"made": asdict(made)})
    return 0


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _end_with_input() -> None:
    while os.read(0, 4096):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
