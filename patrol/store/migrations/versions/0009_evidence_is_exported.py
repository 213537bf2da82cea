"""Copies of evidence that are made for somebody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from patrol.store.tables import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "evidence_export",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("evidence", _INT, nullable=False),
        sa.Column("source_sha256", sa.String(length=64), nullable=False),
        sa.Column("visit", sa.String(length=36), nullable=False),
        sa.Column("camera", sa.String(length=64), nullable=False),
        sa.Column("taken_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("incident", sa.String(length=64), nullable=True),
        sa.Column("case_number", sa.String(length=64), nullable=True),
        sa.Column("recipient_unit", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("unmasked_reason", sa.Text(), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ready_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("bytes", _INT, nullable=True),
        sa.Column("media_type", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["evidence"], ["evidence.id"], name=op.f("fk_evidence_export_evidence")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_evidence_export")),
    )
    for columns in (("evidence",), ("source_sha256",), ("by",), ("sha256",), ("state", "number")):
        op.create_index(f"ix_evidence_export_{'_'.join(columns)}", "evidence_export", list(columns))


def downgrade() -> None:
    op.drop_table("evidence_export")
