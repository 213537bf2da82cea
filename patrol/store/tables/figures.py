"""Days that are over, counted once: what each look came to, in columns, so that a month is read and not counted again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from patrol.store.tables._base import Base


class FigureLooks(Base):
    """The looks of a day: kept once for all days that have the same ones."""

    __tablename__ = "figure_looks"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Of the canonical form of ``looks``."""
    looks: Mapped[list[Any]]
    """``[key, camera, name, category, platform, division]`` each."""


class FigureDay(Base):
    """One county day. Can be thrown away and made again from the ledger at any time: docs/figures.md."""

    __tablename__ = "figure_day"
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    """``YYYY-MM-DD``, county time."""
    looks: Mapped[str] = mapped_column(ForeignKey("figure_looks.sha256"))
    form: Mapped[int]
    """Which columns ``numbers`` holds: a day of another form is made again."""
    causes: Mapped[list[Any]]
    """Why deadlines passed without an attempt; one more column each."""
    numbers: Mapped[bytes] = mapped_column(LargeBinary)
    """Little-endian int32, one row per column, one column per look, see ``patrol.figures``."""
    over: Mapped[bytes] = mapped_column(LargeBinary)
    """Little-endian float64: seconds past the period, by look."""
    gaps: Mapped[bytes] = mapped_column(LargeBinary)
    """Little-endian int32: whole seconds of each gap, look by look; first those that count as answering, then the others."""
    last_seq: Mapped[int]
    """Highest ``seq`` of the day's visits: one that came later makes the day be counted again."""
    made_at: Mapped[datetime]
