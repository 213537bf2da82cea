"""Messages to people over other channels than MQTT, and what each of them names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from patrol.store.tables import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=True),
        sa.Column("contact", sa.String(length=120), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("send_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("attempts", _INT, nullable=False),
        sa.Column("sent_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_state_send_at", "notice", ["state", "send_at"], unique=False)
    op.create_index("ix_notice_state_next_attempt_at", "notice", ["state", "next_attempt_at"], unique=False)
    op.create_index(
        "ix_notice_channel_department_contact", "notice", ["channel", "department", "contact"], unique=False
    )
    op.create_table(
        "notice_item",
        sa.Column("id", _INT, nullable=False),
        sa.Column("notice", sa.String(length=36), nullable=False),
        sa.Column("incident", sa.String(length=36), nullable=False),
        sa.Column("alert", sa.String(length=36), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("asks", sa.String(length=8), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("repeat_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=16), nullable=True),
        sa.Column("answered_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["alert"], ["alert.id"], name=op.f("fk_notice_item_alert")),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_notice_item_incident")),
        sa.ForeignKeyConstraint(["notice"], ["notice.id"], name=op.f("fk_notice_item_notice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_item")),
    )
    op.create_index(op.f("ix_notice_item_incident"), "notice_item", ["incident"], unique=False)
    op.create_index(op.f("ix_notice_item_notice"), "notice_item", ["notice"], unique=False)
    op.create_index(op.f("ix_notice_item_repeat_at"), "notice_item", ["repeat_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_notice_item_repeat_at"), table_name="notice_item")
    op.drop_index(op.f("ix_notice_item_notice"), table_name="notice_item")
    op.drop_index(op.f("ix_notice_item_incident"), table_name="notice_item")
    op.drop_table("notice_item")
    op.drop_index("ix_notice_channel_department_contact", table_name="notice")
    op.drop_index("ix_notice_state_next_attempt_at", table_name="notice")
    op.drop_index("ix_notice_state_send_at", table_name="notice")
    op.drop_table("notice")
