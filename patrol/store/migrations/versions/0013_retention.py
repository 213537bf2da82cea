"""What was kept long enough: the purge's runs, what they took, holds; when a file was taken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from patrol.store.tables import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MARKED = ("evidence", "case_attachment", "case_letter")
_SAYS = "a sealed run of the purge is never changed and never deleted"


def upgrade() -> None:
    for table in _MARKED:
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("purged_at", UtcDateTime(timezone=True), nullable=True))
    _partial("ix_evidence_there", "evidence", ["id"], "purged_at IS NULL")
    head = op.create_table(
        "retention_head",
        sa.Column("id", _INT, autoincrement=False, nullable=False),
        sa.Column("position", _INT, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("beat_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("run_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_head")),
    )
    op.bulk_insert(head, [{"id": 1, "position": 0, "hash": "0" * 64, "beat_at": None, "run_at": None}])
    op.create_table(
        "retention_run",
        sa.Column("id", _INT, nullable=False),
        sa.Column("position", _INT, nullable=True),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("started_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("record", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("prev", sa.String(length=64), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_run")),
        sa.UniqueConstraint("position", name=op.f("uq_retention_run_position")),
    )
    op.create_table(
        "retention_item",
        sa.Column("id", _INT, nullable=False),
        sa.Column("run", _INT, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("bytes", _INT, nullable=False),
        sa.Column("class", sa.String(length=16), nullable=False),
        sa.Column("since", UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("done_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run"], ["retention_run.id"], name=op.f("fk_retention_item_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_item")),
    )
    op.create_index("ix_retention_item_run", "retention_item", ["run"], unique=False)
    op.create_index("ix_retention_item_path", "retention_item", ["path"], unique=False)
    _partial("ix_retention_item_open", "retention_item", ["id"], "outcome IS NULL")
    op.create_table(
        "retention_hold",
        sa.Column("id", _INT, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ref", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.String(length=120), nullable=True),
        sa.Column("lifted_because", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_hold")),
    )
    _partial("uq_retention_hold_stands", "retention_hold", ["kind", "ref"], "lifted_at IS NULL", unique=True)
    _seal()


def downgrade() -> None:
    _unseal()
    for table in ("retention_hold", "retention_item", "retention_run", "retention_head"):
        op.drop_table(table)
    op.drop_index("ix_evidence_there", table_name="evidence")
    for table in _MARKED:
        with op.batch_alter_table(table) as batch:
            batch.drop_column("purged_at")


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _seal() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER retention_run_no_{what.lower()} BEFORE {what} ON retention_run "
                f"WHEN OLD.position IS NOT NULL BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION retention_run_is_sealed() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_SAYS}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER retention_run_sealed BEFORE UPDATE OR DELETE ON retention_run FOR EACH ROW "
        "WHEN (OLD.position IS NOT NULL) EXECUTE FUNCTION retention_run_is_sealed()"
    )


def _unseal() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for what in ("update", "delete"):
            op.execute(f"DROP TRIGGER retention_run_no_{what}")
        return
    op.execute("DROP TRIGGER retention_run_sealed ON retention_run")
    op.execute("DROP FUNCTION retention_run_is_sealed()")
