"""Look-ups on the public ticket page come from nobody known; chats with restricted tickets are found quickly."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A failed try without a contact."""
    op.alter_column("lookup_try", "contact_id", existing_type=sa.Uuid(), nullable=True)
    op.create_index("ix_ticket_restricted", "ticket", ["conversation_id"],
                    postgresql_where=sa.text("priority = 'restricted'"))


def downgrade() -> None:
    """Forget the tries of nobody known."""
    op.drop_index("ix_ticket_restricted", "ticket")
    op.execute("DELETE FROM lookup_try WHERE contact_id IS NULL")
    op.alter_column("lookup_try", "contact_id", existing_type=sa.Uuid(), nullable=False)
