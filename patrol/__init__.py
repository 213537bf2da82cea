"""The patrol service: every public camera looked at in time, and a proof of it."""

from __future__ import annotations

__version__ = "0.1.0"
