"""Departments answer in the console: photos they bring, minutes until they are there, their own matters in order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from patrol.store.tables import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("ack") as batch:
        batch.add_column(sa.Column("eta_min", _INT, nullable=True))
    op.create_index("ix_dispatch_department_opened_at", "dispatch", ["department", "opened_at"], unique=False)
    op.create_table(
        "answer_photo",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("incident", sa.String(length=36), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("ack", _INT, nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("brought_sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", _INT, nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ack"], ["ack.id"], name=op.f("fk_answer_photo_ack")),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_answer_photo_incident")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_photo")),
    )
    op.create_index(op.f("ix_answer_photo_ack"), "answer_photo", ["ack"], unique=False)
    op.create_index("ix_answer_photo_incident_department", "answer_photo", ["incident", "department"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_answer_photo_incident_department", table_name="answer_photo")
    op.drop_index(op.f("ix_answer_photo_ack"), table_name="answer_photo")
    op.drop_table("answer_photo")
    op.drop_index("ix_dispatch_department_opened_at", table_name="dispatch")
    with op.batch_alter_table("ack") as batch:
        batch.drop_column("eta_min")
