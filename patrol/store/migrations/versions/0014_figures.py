"""Days that are over, counted once for the figures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from patrol.store.tables import UtcDateTime

revision = "0014"
down_revision = "0006"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "figure_looks",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("looks", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_figure_looks")),
    )
    op.create_table(
        "figure_day",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("looks", sa.String(length=64), nullable=False),
        sa.Column("form", _INT, nullable=False),
        sa.Column("causes", sa.JSON(), nullable=False),
        sa.Column("numbers", sa.LargeBinary(), nullable=False),
        sa.Column("over", sa.LargeBinary(), nullable=False),
        sa.Column("gaps", sa.LargeBinary(), nullable=False),
        sa.Column("last_seq", _INT, nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["looks"], ["figure_looks.sha256"], name=op.f("fk_figure_day_looks")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_figure_day")),
    )


def downgrade() -> None:
    op.drop_table("figure_day")
    op.drop_table("figure_looks")
