"""Alembic's entry: runs migrations on the connection that ``Store.upgrade`` hands over, in one transaction."""

from __future__ import annotations

from alembic import context

from patrol.store.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
context.config.attributes["connection"].commit()
