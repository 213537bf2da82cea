"""What a department answers says more: who, when by its own clock, the phone call, photos, a case number.

Answers kept before have none of it; what they came as stands in ``raw``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from patrol.store.tables import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ack") as batch:
        batch.add_column(sa.Column("by", sa.String(length=120), nullable=True))
        batch.add_column(sa.Column("reported_at", UtcDateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("phone", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("photos", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("case_number", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("ack") as batch:
        for column in ("case_number", "photos", "phone", "reported_at", "by"):
            batch.drop_column(column)
