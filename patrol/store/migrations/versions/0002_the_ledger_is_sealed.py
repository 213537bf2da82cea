"""The hash chain over the ledger, sign-offs, spot-checks, platform outages; ledger rows cannot be changed any more.

Rows written before stay as they are. The service seals them when it first opens the chain, and the chain's first entry
says how many there were: before that moment nothing proves them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from patrol.store.tables import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SEALED = ("visit", "chain")
_SAYS = "the ledger is append-only"


def upgrade() -> None:
    op.create_table(
        "platform_outage",
        sa.Column("id", _INT, nullable=False),
        sa.Column("platform", sa.String(length=64), nullable=False),
        sa.Column("started_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("noticed_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("cameras", _INT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_outage")),
    )
    op.create_index("ix_platform_outage_platform", "platform_outage", ["platform"])
    op.create_table(
        "chain",
        sa.Column("position", _INT, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_chain")),
        sa.UniqueConstraint("kind", "ref", name=op.f("uq_chain_kind_ref")),
    )
    op.create_index("ix_chain_at", "chain", ["at"])
    head = op.create_table(
        "chain_head",
        sa.Column("id", _INT, autoincrement=False, nullable=False),
        sa.Column("position", _INT, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_head")),
    )
    # It is there from the beginning, so that the first two writers wait for each other as all later ones do.
    op.bulk_insert(head, [{"id": 1, "position": 0, "hash": "0" * 64}])
    op.create_table(
        "daily_root",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("first_position", _INT, nullable=False),
        sa.Column("last_position", _INT, nullable=False),
        sa.Column("last_hash", sa.String(length=64), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_daily_root")),
    )
    op.create_table(
        "sign_off",
        sa.Column("id", _INT, nullable=False),
        sa.Column("visit", sa.String(length=36), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["visit"], ["visit.id"], name=op.f("fk_sign_off_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_off")),
        sa.UniqueConstraint("visit", name=op.f("uq_sign_off_visit")),
    )
    op.create_table(
        "spot_check",
        sa.Column("id", _INT, nullable=False),
        sa.Column("visit", sa.String(length=36), nullable=False),
        sa.Column("drawn_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("who", sa.String(length=64), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["visit"], ["visit.id"], name=op.f("fk_spot_check_visit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_check")),
        sa.UniqueConstraint("visit", name=op.f("uq_spot_check_visit")),
    )
    op.create_index("ix_spot_check_answer", "spot_check", ["answer"])
    with op.batch_alter_table("outage") as batch:
        batch.add_column(sa.Column("part_of", _INT, nullable=True))
        batch.create_foreign_key(op.f("fk_outage_part_of"), "platform_outage", ["part_of"], ["id"])
    with op.batch_alter_table("look_state") as batch:
        batch.add_column(sa.Column("overhead_s", sa.Float(), nullable=True))
    _seal()


def downgrade() -> None:
    _unseal()
    with op.batch_alter_table("look_state") as batch:
        batch.drop_column("overhead_s")
    with op.batch_alter_table("outage") as batch:
        batch.drop_constraint(op.f("fk_outage_part_of"), type_="foreignkey")
        batch.drop_column("part_of")
    for table in ("spot_check", "sign_off", "daily_root", "chain_head", "chain", "platform_outage"):
        op.drop_table(table)


def _seal() -> None:
    """Whoever changes the ledger by accident is stopped here; whoever does it on purpose is found by the chain."""
    if op.get_bind().dialect.name == "sqlite":
        for table in _SEALED:
            for what in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_SAYS}'; END $$"
    )
    for table in _SEALED:
        op.execute(
            f"CREATE TRIGGER {table}_sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()"
        )


def _unseal() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in _SEALED:
            for what in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_no_{what}")
        return
    for table in _SEALED:
        op.execute(f"DROP TRIGGER {table}_sealed ON {table}")
    op.execute("DROP FUNCTION ledger_is_append_only()")
