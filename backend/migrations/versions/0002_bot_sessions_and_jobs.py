"""The bot's sessions and the job queue."""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Written by bot/tracker_store.py; and the tables of procrastinate, as its release of this lock brings them."""
    op.create_table(
        "bot_session",
        sa.Column("conversation_id", sa.Text, primary_key=True),
        sa.Column("events", JSONB, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.get_bind().connection.cursor().execute(SchemaManager.get_schema())  # type: ignore[arg-type]
