"""The proof over the ledger: the hash chain and its daily roots, what shift leads signed off, what people checked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from patrol.store.tables._base import Base


class ChainEntry(Base):
    """One link of the hash chain over the ledger: see docs/ledger.md. Never changed, never deleted."""

    __tablename__ = "chain"
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """From 1, without gaps."""
    kind: Mapped[str] = mapped_column(String(16))
    """What it seals: ``visit``, ``revision``, ``sign_off``, ``spot_check`` or, first of all, ``begin``."""
    ref: Mapped[str] = mapped_column(String(64))
    """Key of the sealed row in its table."""
    at: Mapped[datetime]
    """When it was sealed, by the wall clock."""
    prev: Mapped[str] = mapped_column(String(64))
    """Hash of the entry before."""
    hash: Mapped[str] = mapped_column(String(64))
    __table_args__ = (Unique("kind", "ref"), Index("ix_chain_at", "at"))


class ChainHead(Base):
    """Where the chain ends. One row; whoever appends holds it, so that two writers make one chain."""

    __tablename__ = "chain_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))


class DailyRoot(Base):
    """The chain's state at the end of a county day, to be written down elsewhere."""

    __tablename__ = "daily_root"
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    """``YYYY-MM-DD``, county time."""
    first_position: Mapped[int]
    """Of the day's first entry; one more than the last where the day had none."""
    last_position: Mapped[int]
    last_hash: Mapped[str] = mapped_column(String(64))
    root: Mapped[str] = mapped_column(String(64))
    """SHA-256 over the day, the positions, the last hash and the root of the day before."""
    made_at: Mapped[datetime]


class SignOff(Base):
    """A shift lead has taken note of a missed look."""

    __tablename__ = "sign_off"
    id: Mapped[int] = mapped_column(primary_key=True)
    visit: Mapped[str] = mapped_column(ForeignKey("visit.id"), unique=True)
    who: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class SpotCheck(Base):
    """A clear look drawn for a person to see, so that what the detectors miss is measured."""

    __tablename__ = "spot_check"
    id: Mapped[int] = mapped_column(primary_key=True)
    visit: Mapped[str] = mapped_column(ForeignKey("visit.id"), unique=True)
    drawn_at: Mapped[datetime] = mapped_column(index=True)
    answer: Mapped[str | None] = mapped_column(String(16), index=True)
    """``clear``, ``overlooked`` or ``unclear``; None while nobody has looked."""
    kind: Mapped[str | None] = mapped_column(String(16))
    """What was overlooked: congestion, fireworks or fishing."""
    who: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime | None]
