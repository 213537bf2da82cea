"""The demo county: synthetic cameras on loopback, so that the service can be tried without any of one's own."""

from __future__ import annotations

from patrol.demo._loop import FootageError
from patrol.demo.server import DemoCounty

__all__ = ["DemoCounty", "FootageError"]
