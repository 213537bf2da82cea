"""From a kind to its detector."""

from __future__ import annotations

from detectors._types import Detector, Kind, Request
from detectors.congestion import Congestion
from detectors.fireworks import Fireworks
from detectors.fishing import Fishing


def build(kind: Kind, request: Request) -> Detector:
    """A detector for one look.

    Raises:
        NotRun: it cannot run on this request (no model, or a model without the classes it needs).
    """
    makers: dict[Kind, type[Congestion | Fireworks | Fishing]] = {
        Kind.CONGESTION: Congestion,
        Kind.FIREWORKS: Fireworks,
        Kind.FISHING: Fishing,
    }
    return makers[kind](request)
