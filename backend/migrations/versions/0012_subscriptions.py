"""Who wants announcements of what, where."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
ACTIVE = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """The new table."""
    op.create_table(
        "subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("area", sa.String()),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("ended_how", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_subscription_contact_id", ondelete="CASCADE"),
    )
    op.create_index("uq_subscription_active", "subscription", ["contact_id", "topic", "area"], unique=True,
                    postgresql_nulls_not_distinct=True, postgresql_where=ACTIVE)
    op.create_index("ix_subscription_topic", "subscription", ["office_id", "topic", "area"], postgresql_where=ACTIVE)
    op.create_index("ix_subscription_contact_id", "subscription", ["contact_id", "asked_at"])


def downgrade() -> None:
    """Without it."""
    op.drop_table("subscription")
