"""Misses are found without reading the looks between them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MISSED = sa.text("outcome = 'missed'")


def upgrade() -> None:
    op.create_index(
        "ix_visit_missed",
        "visit",
        ["seq", "camera", "id"],
        unique=False,
        sqlite_where=_MISSED,
        postgresql_where=_MISSED,
    )


def downgrade() -> None:
    op.drop_index("ix_visit_missed", table_name="visit", sqlite_where=_MISSED, postgresql_where=_MISSED)
