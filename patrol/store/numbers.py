"""Numbers without gaps or repeats: given out in the transaction that uses them, taken back with it."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

_NEXT = text(
    "INSERT INTO case_number (prefix, last) VALUES (:prefix, 1) "
    "ON CONFLICT (prefix) DO UPDATE SET last = case_number.last + 1 RETURNING last"
)


def take(session: Session, prefix: str) -> int:
    """The next number under a prefix, from 1. Whoever comes at the same time waits until this transaction has ended."""
    return int(session.execute(_NEXT, {"prefix": prefix}).scalar_one())
