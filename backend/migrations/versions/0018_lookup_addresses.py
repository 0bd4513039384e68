"""Where tries on the public pages came from, and from where a PIN was right."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A digest of the address, and whether the PIN was right; tries so far came from nobody knows where."""
    op.add_column("lookup_try", sa.Column("address", sa.String()))
    op.add_column("lookup_try", sa.Column("proved", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index("ix_lookup_try_address", "lookup_try", ["address", "at"])


def downgrade() -> None:
    """Without them; what proved somebody is no failed try."""
    op.execute("DELETE FROM lookup_try WHERE proved")
    op.drop_index("ix_lookup_try_address", "lookup_try")
    op.drop_column("lookup_try", "proved")
    op.drop_column("lookup_try", "address")
