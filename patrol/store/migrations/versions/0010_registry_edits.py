"""Who changed the registry and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from patrol.store.tables import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "registry_edit",
        sa.Column("id", _INT, nullable=False),
        sa.Column("revision", _INT, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("parent_sha256", sa.String(length=64), nullable=True),
        sa.Column("restored", _INT, nullable=True),
        sa.Column("added", _INT, nullable=False),
        sa.Column("removed", _INT, nullable=False),
        sa.Column("changed", _INT, nullable=False),
        sa.ForeignKeyConstraint(["revision"], ["registry_revision.id"], name=op.f("fk_registry_edit_revision")),
        sa.ForeignKeyConstraint(["restored"], ["registry_revision.id"], name=op.f("fk_registry_edit_restored")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registry_edit")),
    )
    op.create_index(op.f("ix_registry_edit_revision"), "registry_edit", ["revision"], unique=False)
    op.create_index(op.f("ix_registry_edit_sha256"), "registry_edit", ["sha256"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_registry_edit_sha256"), table_name="registry_edit")
    op.drop_index(op.f("ix_registry_edit_revision"), table_name="registry_edit")
    op.drop_table("registry_edit")
