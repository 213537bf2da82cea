"""Accounts of people, their sessions and one-time links; tokens with scopes; the audit trail, which only grows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from patrol.store.tables import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SAYS = "the audit trail is append-only"


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("shown", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=True),
        sa.Column("sight", sa.JSON(), nullable=True),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("outside", sa.String(length=300), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("password_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", _INT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_account")),
        sa.UniqueConstraint("outside", name=op.f("uq_account_outside")),
    )
    op.create_table(
        "audit",
        sa.Column("seq", _INT, autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("shown", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=True),
        sa.Column("action", sa.String(length=48), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=True),
        sa.Column("ref", sa.String(length=200), nullable=True),
        sa.Column("camera", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_action_seq", "audit", ["action", "seq"], unique=False)
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index("ix_audit_camera_seq", "audit", ["camera", "seq"], unique=False)
    op.create_index("ix_audit_kind_ref_seq", "audit", ["kind", "ref", "seq"], unique=False)
    op.create_index("ix_audit_who_seq", "audit", ["who", "seq"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", _INT, autoincrement=False, nullable=False),
        sa.Column("seq", _INT, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "sign_in_tries",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("failed", _INT, nullable=False),
        sa.Column("last_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("locked_until", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sign_in_tries")),
    )
    op.create_index("ix_sign_in_tries_last_at", "sign_in_tries", ["last_at"], unique=False)
    op.create_table(
        "account_session",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("password_due", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_account_session_account")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_account_session")),
    )
    op.create_index(op.f("ix_account_session_account"), "account_session", ["account"], unique=False)
    op.create_index(op.f("ix_account_session_expires_at"), "account_session", ["expires_at"], unique=False)
    op.create_table(
        "one_time_link",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=120), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account"], ["account.name"], name=op.f("fk_one_time_link_account")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_one_time_link")),
    )
    op.create_index(op.f("ix_one_time_link_account"), "one_time_link", ["account"], unique=False)
    op.add_column("api_token", sa.Column("scopes", sa.JSON(), nullable=True))
    op.add_column("api_token", sa.Column("sight", sa.JSON(), nullable=True))
    op.add_column("api_token", sa.Column("expires_at", UtcDateTime(timezone=True), nullable=True))

    op.create_table(
        "kept_answer",
        sa.Column("ident", sa.String(length=64), nullable=False),
        sa.Column("asked", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("status", _INT, nullable=True),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ident", name=op.f("pk_kept_answer")),
    )
    op.create_index(op.f("ix_kept_answer_at"), "kept_answer", ["at"], unique=False)
    op.bulk_insert(
        sa.table("audit_head", sa.column("id", _INT), sa.column("seq", _INT), sa.column("hash", sa.String())),
        [{"id": 1, "seq": 0, "hash": "0" * 64}],
    )
    _seal()


def downgrade() -> None:
    _unseal()
    op.drop_index(op.f("ix_kept_answer_at"), table_name="kept_answer")
    op.drop_table("kept_answer")
    op.drop_column("api_token", "expires_at")
    op.drop_column("api_token", "sight")
    op.drop_column("api_token", "scopes")
    op.drop_index(op.f("ix_one_time_link_account"), table_name="one_time_link")
    op.drop_table("one_time_link")
    op.drop_index(op.f("ix_account_session_expires_at"), table_name="account_session")
    op.drop_index(op.f("ix_account_session_account"), table_name="account_session")
    op.drop_table("account_session")
    op.drop_index("ix_sign_in_tries_last_at", table_name="sign_in_tries")
    op.drop_table("sign_in_tries")
    op.drop_table("audit_head")
    op.drop_index("ix_audit_who_seq", table_name="audit")
    op.drop_index("ix_audit_kind_ref_seq", table_name="audit")
    op.drop_index("ix_audit_camera_seq", table_name="audit")
    op.drop_index(op.f("ix_audit_at"), table_name="audit")
    op.drop_index("ix_audit_action_seq", table_name="audit")
    op.drop_table("audit")
    op.drop_table("account")


def _seal() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{what.lower()} BEFORE {what} ON audit BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_SAYS}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_sealed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
    )


def _unseal() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_no_update")
        op.execute("DROP TRIGGER audit_no_delete")
        return
    op.execute("DROP TRIGGER audit_sealed ON audit")
    op.execute("DROP FUNCTION audit_is_append_only()")
