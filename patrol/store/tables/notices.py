"""Messages to people over other channels than MQTT: an outbox like that of the alerts, with what each message names."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from patrol.store.tables._base import Base


class Notice(Base):
    """One message to one contact over one channel. Its id is the key by which a receiver knows a duplicate."""

    __tablename__ = "notice"
    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    channel: Mapped[str] = mapped_column(String(64))
    department: Mapped[str | None] = mapped_column(String(64))
    """None: a shift lead of the command centre."""
    contact: Mapped[str] = mapped_column(String(120))
    urgent: Mapped[bool]
    """Escalations, which do not wait; they never share a message with what does."""
    state: Mapped[str] = mapped_column(String(16))
    """``collecting``; ``queued``: no item is added any more; ``sent``; ``failed``: its channel has left the registry."""
    created_at: Mapped[datetime]
    """When its first item came."""
    send_at: Mapped[datetime]
    """When it stops collecting."""
    next_attempt_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    """Why the last attempt failed, without the channel's address."""
    digest: Mapped[bool] = mapped_column(default=False)
    """It names more matters than it tells one by one."""
    __table_args__ = (
        Index("ix_notice_state_send_at", "state", "send_at"),
        Index("ix_notice_state_next_attempt_at", "state", "next_attempt_at"),
        Index("ix_notice_channel_department_contact", "channel", "department", "contact"),
    )


class NoticeItem(Base):
    """One matter in one message, and what was answered through its link."""

    __tablename__ = "notice_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    notice: Mapped[str] = mapped_column(ForeignKey("notice.id"), index=True)
    incident: Mapped[str] = mapped_column(ForeignKey("incident.id"), index=True)
    alert: Mapped[str] = mapped_column(ForeignKey("alert.id"))
    """Which alert an answer through the link is put on."""
    department: Mapped[str] = mapped_column(String(64))
    """Whose alert it is; for a shift lead the department that does not answer."""
    why: Mapped[str] = mapped_column(String(16))
    """``new``, ``escalation`` or ``repeat``."""
    asks: Mapped[str] = mapped_column(String(8))
    """``accept``; ``receive`` of whoever has a copy; ``call``: a shift lead, who answers for nobody, sees to it."""
    step: Mapped[str | None] = mapped_column(String(16))
    """Of an escalation: the step that is overdue; None: it was passed on from another department."""
    at: Mapped[datetime]
    repeat_at: Mapped[datetime | None] = mapped_column(index=True)
    """When it is named again unless somebody has accepted; None: it has not gone out, or it was."""
    answer: Mapped[str | None] = mapped_column(String(16))
    """``accepted`` or ``refused`` through the link, which is used up by it."""
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(String(60))
    """The name that was typed in."""
