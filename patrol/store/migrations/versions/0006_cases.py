"""Cases: files, clocks, events, letters, attachments; which case follows an incident; tokens with a role."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from patrol.store.tables import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_api_token")),
        sa.UniqueConstraint("sha256", name=op.f("uq_api_token_sha256")),
    )
    op.create_table(
        "case_number",
        sa.Column("prefix", sa.String(length=40), nullable=False),
        sa.Column("last", _INT, nullable=False),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_case_number")),
    )
    op.create_table(
        "case_policy",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_case_policy")),
    )
    op.create_table(
        "case_file",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("version", _INT, nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("light", sa.String(length=16), nullable=False),
        sa.Column("light_due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("letter_due_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("resolve_due", UtcDateTime(timezone=True), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("occurred_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("opened_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("division", sa.String(length=15), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("datum", sa.String(length=16), nullable=True),
        sa.Column("camera", sa.String(length=64), nullable=True),
        sa.Column("incident", sa.String(length=64), nullable=True),
        sa.Column("request_key", sa.String(length=80), nullable=True),
        sa.Column("opened_by", sa.String(length=120), nullable=False),
        sa.Column("unit", sa.String(length=64), nullable=True),
        sa.Column("level", sa.String(length=16), nullable=True),
        sa.Column("co_units", sa.JSON(), nullable=False),
        sa.Column("helpers", sa.Text(), sa.Computed("CAST(co_units AS TEXT)", persisted=True), nullable=False),
        sa.Column("merged_into", sa.String(length=20), nullable=True),
        sa.Column("closed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("grade", sa.String(length=16), nullable=True),
        sa.Column("satisfaction", _INT, nullable=True),
        sa.Column("returned", _INT, nullable=False),
        sa.Column("policy", sa.String(length=64), nullable=False),
        sa.Column("policy_version", sa.String(length=32), nullable=False),
        sa.Column("calendar_version", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["policy"], ["case_policy.sha256"], name=op.f("fk_case_file_policy")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_case_file")),
        sa.UniqueConstraint("incident", name=op.f("uq_case_file_incident")),
        sa.UniqueConstraint("request_key", name=op.f("uq_case_file_request_key")),
    )
    op.create_index("ix_case_file_closed_at", "case_file", ["closed_at"], unique=False)
    op.create_index("ix_case_file_division", "case_file", ["division"], unique=False)
    op.create_index(
        "ix_case_file_due",
        "case_file",
        [
            "stage",
            "resolve_due",
            "number",
            "light",
            "unit",
            "level",
            "kind",
            "severity",
            "source",
            "division",
            "suspended",
            "provisional",
            "helpers",
            "opened_at",
        ],
        unique=False,
    )
    op.create_index("ix_case_file_letter_due_at", "case_file", ["letter_due_at"], unique=False)
    op.create_index("ix_case_file_light_due_at", "case_file", ["light_due_at"], unique=False)
    op.create_index("ix_case_file_light_opened_at", "case_file", ["light", "opened_at", "number"], unique=False)
    op.create_index("ix_case_file_light_resolve_due", "case_file", ["light", "resolve_due", "number"], unique=False)
    op.create_index(op.f("ix_case_file_merged_into"), "case_file", ["merged_into"], unique=False)
    op.create_index(
        "ix_case_file_new",
        "case_file",
        [
            "stage",
            "opened_at",
            "number",
            "light",
            "unit",
            "level",
            "kind",
            "severity",
            "source",
            "division",
            "suspended",
            "provisional",
            "helpers",
            "resolve_due",
        ],
        unique=False,
    )
    op.create_index("ix_case_file_opened_at", "case_file", ["opened_at", "number"], unique=False)
    op.create_index("ix_case_file_unit_stage", "case_file", ["unit", "stage", "resolve_due", "number"], unique=False)
    op.create_table(
        "case_link",
        sa.Column("incident", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=True),
        sa.Column("light", sa.String(length=16), nullable=True),
        sa.Column("said_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_case_link_incident")),
        sa.PrimaryKeyConstraint("incident", name=op.f("pk_case_link")),
    )
    op.create_index(op.f("ix_case_link_number"), "case_link", ["number"], unique=False)
    op.create_table(
        "case_alert",
        sa.Column("alert", sa.String(length=36), nullable=False),
        sa.Column("case", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(length=8), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("envelope", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case_file.number"], name=op.f("fk_case_alert_case")),
        sa.PrimaryKeyConstraint("alert", name=op.f("pk_case_alert")),
    )
    op.create_index(op.f("ix_case_alert_case"), "case_alert", ["case"], unique=False)
    op.create_table(
        "case_attachment",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("bytes", _INT, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("thumbnail", sa.String(length=200), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("taken_at", sa.String(length=32), nullable=True),
        sa.Column("unit", sa.String(length=64), nullable=True),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("scan", sa.String(length=16), nullable=False),
        sa.Column("removed_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.String(length=120), nullable=True),
        sa.Column("removed_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["case_file.number"], name=op.f("fk_case_attachment_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_attachment")),
    )
    op.create_index(op.f("ix_case_attachment_case"), "case_attachment", ["case"], unique=False)
    op.create_index(
        "uq_case_attachment_there",
        "case_attachment",
        ["case", "sha256"],
        unique=True,
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "case_clock",
        sa.Column("case", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("limit", sa.String(length=8), nullable=False),
        sa.Column("original_due", UtcDateTime(timezone=True), nullable=False),
        sa.Column("due", UtcDateTime(timezone=True), nullable=False),
        sa.Column("yellow_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("paused_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("paused_s", sa.Double(), nullable=False),
        sa.Column("used_s", sa.Double(), nullable=True),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.Column("breached_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("letters", _INT, nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case_file.number"], name=op.f("fk_case_clock_case")),
        sa.PrimaryKeyConstraint("case", "name", name=op.f("pk_case_clock")),
    )
    op.create_index("ix_case_clock_breached_at", "case_clock", ["breached_at", "stopped_at", "due"], unique=False)
    op.create_index("ix_case_clock_stopped_at", "case_clock", ["stopped_at"], unique=False)
    op.create_table(
        "case_event",
        sa.Column("case", sa.String(length=20), nullable=False),
        sa.Column("seq", _INT, autoincrement=False, nullable=False),
        sa.Column("move", sa.String(length=16), nullable=False),
        sa.Column("at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("approver", sa.String(length=120), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("document", sa.String(length=200), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["case_file.number"], name=op.f("fk_case_event_case")),
        sa.PrimaryKeyConstraint("case", "seq", name=op.f("pk_case_event")),
    )
    op.create_index("ix_case_event_move_at", "case_event", ["move", "at", "case"], unique=False)
    op.create_table(
        "case_letter",
        sa.Column("id", _INT, nullable=False),
        sa.Column("case", sa.String(length=20), nullable=False),
        sa.Column("clock", sa.String(length=16), nullable=False),
        sa.Column("step", _INT, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("version", _INT, nullable=False),
        sa.Column("doc_no", sa.String(length=40), nullable=True),
        sa.Column("to_unit", sa.String(length=64), nullable=False),
        sa.Column("drafted_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["case_file.number"], name=op.f("fk_case_letter_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_letter")),
        sa.UniqueConstraint("case", "clock", "step", name=op.f("uq_case_letter_case_clock_step")),
        sa.UniqueConstraint("doc_no", name=op.f("uq_case_letter_doc_no")),
    )
    op.create_index(op.f("ix_case_letter_state"), "case_letter", ["state"], unique=False)
    op.create_table(
        "case_notice",
        sa.Column("id", _INT, nullable=False),
        sa.Column("case", sa.String(length=20), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("published_at", UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["case_file.number"], name=op.f("fk_case_notice_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notice")),
    )
    op.create_index("ix_case_notice_published_at", "case_notice", ["published_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_case_notice_published_at", table_name="case_notice")
    op.drop_table("case_notice")
    op.drop_index(op.f("ix_case_letter_state"), table_name="case_letter")
    op.drop_table("case_letter")
    op.drop_index("ix_case_event_move_at", table_name="case_event")
    op.drop_table("case_event")
    op.drop_index("ix_case_clock_stopped_at", table_name="case_clock")
    op.drop_index("ix_case_clock_breached_at", table_name="case_clock")
    op.drop_table("case_clock")
    op.drop_index(
        "uq_case_attachment_there",
        table_name="case_attachment",
        sqlite_where=sa.text("removed_at IS NULL"),
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.drop_index(op.f("ix_case_attachment_case"), table_name="case_attachment")
    op.drop_table("case_attachment")
    op.drop_index(op.f("ix_case_alert_case"), table_name="case_alert")
    op.drop_table("case_alert")
    op.drop_index(op.f("ix_case_link_number"), table_name="case_link")
    op.drop_table("case_link")
    op.drop_index("ix_case_file_unit_stage", table_name="case_file")
    op.drop_index("ix_case_file_opened_at", table_name="case_file")
    op.drop_index("ix_case_file_new", table_name="case_file")
    op.drop_index(op.f("ix_case_file_merged_into"), table_name="case_file")
    op.drop_index("ix_case_file_light_resolve_due", table_name="case_file")
    op.drop_index("ix_case_file_light_opened_at", table_name="case_file")
    op.drop_index("ix_case_file_light_due_at", table_name="case_file")
    op.drop_index("ix_case_file_letter_due_at", table_name="case_file")
    op.drop_index("ix_case_file_due", table_name="case_file")
    op.drop_index("ix_case_file_division", table_name="case_file")
    op.drop_index("ix_case_file_closed_at", table_name="case_file")
    op.drop_table("case_file")
    op.drop_table("case_policy")
    op.drop_table("case_number")
    op.drop_table("api_token")
