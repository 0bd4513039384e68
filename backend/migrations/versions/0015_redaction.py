"""What was made unreadable, by whom and why."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
FILES = ("attachment", "document")


def upgrade() -> None:
    """The list of redactions; files nobody may see before theirs is done."""
    op.create_table(
        "redaction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("object_kind", sa.String(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("spots", JSONB(), nullable=False),
        sa.Column("done_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_redaction"),
    )
    op.create_index("ix_redaction_due", "redaction", ["at"], postgresql_where=sa.text("done_at IS NULL"))
    for table in FILES:
        op.add_column(table, sa.Column("hidden_at", TIME))


def downgrade() -> None:
    """Forget what was made unreadable; it stays so."""
    for table in FILES:
        op.drop_column(table, "hidden_at")
    op.drop_table("redaction")
