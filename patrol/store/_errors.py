"""What went wrong with the database, in a line, and whether it lies with the database at all."""

from __future__ import annotations

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError


def plain(error: Exception) -> str:
    """The driver's own first line, without the statement and its values."""
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]


def is_away(error: Exception) -> bool:
    """Whether it lies with the database, so that the same may well be written later; else it lies with what was written."""
    content = isinstance(error, (DataError, IntegrityError))
    never_sent = isinstance(error, StatementError) and not isinstance(error, DBAPIError)
    return isinstance(error, SQLAlchemyError) and not content and not never_sent
