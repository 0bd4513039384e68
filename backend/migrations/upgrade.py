"""Bring the database to the schema this code needs."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from backend.migrations.compare import described, ours

SCRIPTS = Path(__file__).resolve().parent
LOCK = 7_056_648
"""Advisory lock held while migrating, so that two starts at once do not both migrate."""


def migrate(url: str) -> None:
    """Apply all outstanding migrations to a database (SQLAlchemy URL)."""
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({LOCK})")
        connection.commit()
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    engine.dispose()


def pending_changes(url: str) -> list[object]:
    """What the models say that the migrated database does not have; empty when they agree."""
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        changes: list[object] = list(compare_metadata(context, described()))
    engine.dispose()
    return changes
