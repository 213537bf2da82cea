"""Who works on which incident now. A lease runs out by itself, so that nobody's closed browser holds an incident back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from patrol.store.tables._base import Base


class ReviewLease(Base):
    """One incident before one person. The primary key is what lets no second one in."""

    __tablename__ = "review_lease"
    incident: Mapped[str] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120), index=True)
    """Name of the account."""
    taken_at: Mapped[datetime]
    until: Mapped[datetime]
    """From then on anybody may take it."""
