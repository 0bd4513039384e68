"""Announcements, who wrote and released them, and how far each has come."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
WAITS = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    """The new tables, and a place behind everybody else's for bulletins in the outbox."""
    op.create_table(
        "announcement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("areas", JSONB(), nullable=False),
        sa.Column("texts", JSONB(), nullable=False),
        sa.Column("link", sa.String()),
        sa.Column("valid_until", TIME),
        sa.Column("emergency", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("writers", JSONB(), nullable=False),
        sa.Column("written_by", sa.String(), nullable=False),
        sa.Column("released_by", sa.String()),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("released_at", TIME),
        sa.Column("ended_at", TIME),
        sa.Column("figures", JSONB()),
        sa.PrimaryKeyConstraint("id", name="pk_announcement"),
    )
    op.create_index("ix_announcement_state", "announcement", ["office_id", "state", "changed_at"])
    op.create_table(
        "announcement_delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Uuid()),
        sa.Column("number", sa.Integer()),
        sa.Column("channel", sa.String()),
        sa.Column("language", sa.String()),
        sa.Column("settled_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_announcement_delivery"),
        sa.UniqueConstraint("announcement_id", "contact_id",
                            name="uq_announcement_delivery_announcement_id_contact_id"),
        sa.ForeignKeyConstraint(["announcement_id"], ["announcement.id"],
                                name="fk_announcement_delivery_announcement_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_announcement_delivery_contact_id",
                                ondelete="CASCADE"),
    )
    op.create_index("ix_announcement_delivery_open", "announcement_delivery", ["announcement_id", "due_at"],
                    postgresql_where=sa.text("state IN ('waiting', 'later')"))
    op.create_index("ix_announcement_delivery_contact_id", "announcement_delivery", ["contact_id"])
    op.create_table(
        "announcement_pace",
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("next_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("office_id", name="pk_announcement_pace"),
    )
    op.add_column("lane", sa.Column("bulk", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.drop_index("ix_lane_due_at", "lane")
    op.create_index("ix_lane_due_at", "lane", ["bulk", "due_at"], postgresql_where=WAITS)


def downgrade() -> None:
    """Without them."""
    op.drop_index("ix_lane_due_at", "lane")
    op.drop_column("lane", "bulk")
    op.create_index("ix_lane_due_at", "lane", ["due_at"], postgresql_where=WAITS)
    for table in ("announcement_pace", "announcement_delivery", "announcement"):
        op.drop_table(table)
