"""Alembic's environment: the connection comes from the caller (backend/migrations/upgrade.py)."""

from alembic import context
from sqlalchemy import Connection

from backend.migrations.compare import described, ours


def run(connection: Connection) -> None:
    """Migrate over a connection."""
    context.configure(connection=connection, target_metadata=described(), include_object=ours)
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
