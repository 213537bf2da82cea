"""Pictures in, findings out: congestion, fireworks, fishing. Imports nothing of ``patrol``."""

from __future__ import annotations

from detectors._build import build
from detectors._road import RoadMemory
from detectors._types import (
    ArrayFrame,
    Box,
    Detector,
    Finding,
    Frame,
    Glance,
    Image,
    Kind,
    Learner,
    Mark,
    Model,
    NotRun,
    Objects,
    Request,
    Verdict,
    Zone,
    ZoneKind,
)
from detectors.model import ModelError, ResolvedModel, load, resolve

__all__ = [
    "ArrayFrame",
    "Box",
    "Detector",
    "Finding",
    "Frame",
    "Glance",
    "Image",
    "Kind",
    "Learner",
    "Mark",
    "Model",
    "ModelError",
    "NotRun",
    "Objects",
    "Request",
    "ResolvedModel",
    "RoadMemory",
    "Verdict",
    "Zone",
    "ZoneKind",
    "build",
    "load",
    "resolve",
]
