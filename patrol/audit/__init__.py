"""The audit trail: who did what, when and why; append-only and chained."""

from __future__ import annotations

from patrol.audit.book import SERVICE, Trail, rows, verify, write

__all__ = ["SERVICE", "Trail", "rows", "verify", "write"]
