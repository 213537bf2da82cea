"""Dispatch: the matter at one department with its time limits, escalations, silences and what they held.

A matter that was open before is followed from now on: its department has the usual time from this moment.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from patrol.store.tables import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BY = {
    "received_by": timedelta(minutes=2),
    "accepted_by": timedelta(minutes=5),
    "on_scene_by": timedelta(minutes=40),
    "disposed_by": timedelta(hours=8),
}
_ORDER = ("queued", "sent", "received", "accepted", "refused", "phoned", "on_scene", "disposed")


def upgrade() -> None:
    op.create_table(
        "silence",
        sa.Column("id", _INT, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("category", sa.String(length=64), nullable=True),
        sa.Column("camera", sa.String(length=64), nullable=True),
        sa.Column("place", sa.String(length=12), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("starts_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silence")),
    )
    op.create_table(
        "dispatch",
        sa.Column("id", _INT, nullable=False),
        sa.Column("incident", sa.String(length=36), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("route", sa.String(length=120), nullable=False),
        sa.Column("fallback", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("received_by", UtcDateTime(timezone=True), nullable=False),
        sa.Column("accepted_by", UtcDateTime(timezone=True), nullable=False),
        sa.Column("on_scene_by", UtcDateTime(timezone=True), nullable=False),
        sa.Column("disposed_by", UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("rung", _INT, nullable=False),
        sa.Column("rung_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("update_due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("updated_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_because", sa.String(length=120), nullable=True),
        sa.CheckConstraint("(closed_at IS NULL) = (due_at IS NOT NULL)", name="ck_dispatch_open_is_due"),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_dispatch_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch")),
        sa.UniqueConstraint("incident", "department", name=op.f("uq_dispatch_incident_department")),
    )
    op.create_index("ix_dispatch_due_at", "dispatch", ["due_at"], unique=False)
    op.create_index("ix_dispatch_update_due_at", "dispatch", ["update_due_at"], unique=False)
    op.create_table(
        "held",
        sa.Column("id", _INT, nullable=False),
        sa.Column("incident", sa.String(length=36), nullable=False),
        sa.Column("silence", _INT, nullable=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("released_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_held_incident")),
        sa.ForeignKeyConstraint(["silence"], ["silence.id"], name=op.f("fk_held_silence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held")),
    )
    op.create_index(op.f("ix_held_incident"), "held", ["incident"], unique=False)
    op.create_index(op.f("ix_held_released_at"), "held", ["released_at"], unique=False)
    op.create_table(
        "escalation",
        sa.Column("id", _INT, nullable=False),
        sa.Column("dispatch", _INT, nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("rung", _INT, nullable=False),
        sa.Column("who", sa.String(length=16), nullable=False),
        sa.Column("whom", sa.String(length=120), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=True),
        sa.Column("alert", sa.String(length=36), nullable=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["dispatch"], ["dispatch.id"], name=op.f("fk_escalation_dispatch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
    )
    op.create_index(op.f("ix_escalation_dispatch"), "escalation", ["dispatch"], unique=False)
    _follow_what_is_open()


def downgrade() -> None:
    op.drop_index(op.f("ix_escalation_dispatch"), table_name="escalation")
    op.drop_table("escalation")
    op.drop_index(op.f("ix_held_released_at"), table_name="held")
    op.drop_index(op.f("ix_held_incident"), table_name="held")
    op.drop_table("held")
    op.drop_index("ix_dispatch_update_due_at", table_name="dispatch")
    op.drop_index("ix_dispatch_due_at", table_name="dispatch")
    op.drop_table("dispatch")
    op.drop_table("silence")


def _follow_what_is_open() -> None:
    connection, now = op.get_bind(), datetime.now(UTC)
    time = UtcDateTime(timezone=True)
    alert = sa.table("alert", *(sa.column(c) for c in ("incident", "department", "kind", "type", "state", "seq")))
    incident = sa.table("incident", sa.column("id"), sa.column("state"))
    rows = connection.execute(
        sa.select(alert.c.incident, alert.c.department, alert.c.kind, alert.c.type, alert.c.state)
        .join(incident, incident.c.id == alert.c.incident)
        .where(incident.c.state == "open")
        .order_by(alert.c.seq)
    ).all()
    last: dict[tuple[str, str], tuple[str, str, str]] = {}
    for row in rows:
        before = last.get((row.incident, row.department))
        state = max(row.state, before[2] if before else "queued", key=_ORDER.index)
        last[row.incident, row.department] = (row.kind, row.type, state)
    names = ("incident", "department", "role", "route", "kind", "state")
    times = ("opened_at", "due_at", "updated_at", *_BY)
    track = sa.table(
        "dispatch", *(sa.column(c) for c in names), *(sa.column(c, time) for c in times), sa.column("rung", _INT)
    )
    found = [
        {
            "incident": key[0],
            "department": key[1],
            "role": "primary",
            "route": "before dispatch was followed",
            "kind": kind,
            "state": state if _ORDER.index(state) > 1 else "told",
            "opened_at": now,
            "updated_at": now,
            "due_at": now + _BY["accepted_by"],
            "rung": 0,
            **{name: now + after for name, after in _BY.items()},
        }
        for key, (kind, kind_of_alert, state) in last.items()
        if kind_of_alert != "end" and state != "disposed"
    ]
    if found:
        connection.execute(track.insert(), found)
