"""Days that are over, counted once for the figures; when each incident got its first verdict; what lists and figures seek by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from patrol.store.tables import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_STEPS = (
    ("received_at", ("received", "refused", "accepted", "phoned", "on_scene", "disposed")),
    ("accepted_at", ("accepted", "phoned", "on_scene", "disposed")),
    ("on_scene_at", ("on_scene", "disposed")),
    ("disposed_at", ("disposed",)),
)
_INDEXES: tuple[tuple[str, str, list[str]], ...] = (
    ("ix_incident_figures", "incident", ["first_seen_at", "kind", "verdict", "state", "review", "category", "camera"]),
    ("ix_incident_seen", "incident", ["last_seen_at", "first_seen_at", "judged_at", "camera"]),
    ("ix_incident_judged", "incident", ["judged_at", "camera"]),
    ("ix_visit_camera_seq", "visit", ["camera", "seq"]),
    ("ix_dispatch_opened_at", "dispatch", ["opened_at"]),
    ("ix_spot_check_drawn_at", "spot_check", ["drawn_at"]),
    ("ix_alert_created_at_id", "alert", ["created_at", "id"]),
    ("ix_alert_told", "alert", ["created_at", "type", "department", "kind", "sent_at"]),
)


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
    op.add_column("incident", sa.Column("judged_at", UtcDateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE incident SET judged_at = (SELECT min(review.at) FROM review WHERE review.incident = incident.id) "
        "WHERE review IS NOT NULL"
    )
    for step, statuses in _STEPS:
        op.add_column("dispatch", sa.Column(step, UtcDateTime(timezone=True), nullable=True))
        said = ", ".join(f"'{status}'" for status in statuses)
        op.execute(
            f"UPDATE dispatch SET {step} = (SELECT min(ack.at) FROM ack JOIN alert ON alert.id = ack.alert "  # noqa: S608 - words of our own
            "WHERE alert.incident = dispatch.incident AND alert.department = dispatch.department AND ack.taken "
            f"AND ack.at >= dispatch.opened_at AND ack.status IN ({said}))"
        )
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns, unique=False)


def downgrade() -> None:
    for name, table, _ in _INDEXES:
        op.drop_index(name, table_name=table)
    for step, _ in _STEPS:
        op.drop_column("dispatch", step)
    op.drop_column("incident", "judged_at")
    op.drop_table("figure_day")
    op.drop_table("figure_looks")
