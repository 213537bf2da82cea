"""Review at the console: who works on which incident; what false alarms were, and which detector said so.

Verdicts kept before have neither a code nor a detector; they are counted without.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from patrol.store.tables import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "review_lease",
        sa.Column("incident", sa.String(length=36), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=False),
        sa.Column("taken_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_review_lease_incident")),
        sa.PrimaryKeyConstraint("incident", name=op.f("pk_review_lease")),
    )
    op.create_index(op.f("ix_review_lease_holder"), "review_lease", ["holder"])
    with op.batch_alter_table("review") as batch:
        batch.add_column(sa.Column("reason_code", sa.String(length=32), nullable=True))
        batch.add_column(sa.Column("detector", sa.String(length=120), nullable=True))
        # Names of accounts and tokens are as long.
        batch.alter_column("reviewer", existing_type=sa.String(length=64), type_=sa.String(length=120))
    op.create_index(op.f("ix_review_at"), "review", ["at"])
    op.create_index("ix_incident_review_first_seen_at", "incident", ["review", "first_seen_at"])


def downgrade() -> None:
    op.drop_index("ix_incident_review_first_seen_at", "incident")
    op.drop_index(op.f("ix_review_at"), "review")
    with op.batch_alter_table("review") as batch:
        batch.alter_column("reviewer", existing_type=sa.String(length=120), type_=sa.String(length=64))
        batch.drop_column("detector")
        batch.drop_column("reason_code")
    op.drop_index(op.f("ix_review_lease_holder"), "review_lease")
    op.drop_table("review_lease")
