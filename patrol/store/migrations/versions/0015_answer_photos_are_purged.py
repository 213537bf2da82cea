"""When a photo that a department brought had been kept long enough and its file was deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from patrol.store.tables import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("answer_photo", sa.Column("purged_at", UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("answer_photo", "purged_at")
