"""Who changed the registry, when and why. The text itself is a :class:`RegistryRevision`, which the ledger seals."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from patrol.store.tables._base import Base


class RegistryEdit(Base):
    """One change of the registry file: made at the desk, or found in the file."""

    __tablename__ = "registry_edit"
    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int | None] = mapped_column(ForeignKey("registry_revision.id"), index=True)
    """The revision it led to; None until a service has put it in force."""
    kind: Mapped[str] = mapped_column(String(16))
    """``edit``, ``restore``, ``import`` or ``by_hand``."""
    who: Mapped[str | None] = mapped_column(String(120))
    """None: whoever changed the file by hand."""
    reason: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    parent_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the text it was made from."""
    restored: Mapped[int | None] = mapped_column(ForeignKey("registry_revision.id"))
    """Of a restore: the revision whose text it is."""
    added: Mapped[int] = mapped_column(default=0)
    """Entries that came."""
    removed: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
