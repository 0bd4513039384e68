"""Telegram and SMS: the outbox, addresses, opt-out."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Columns for channels that know people by address, and the tables of the outbox."""
    op.add_column("conversation", sa.Column("address", sa.String(), nullable=False, server_default=""))
    op.alter_column("conversation", "address", server_default=None)
    op.add_column("conversation", sa.Column("heard_at", TIME))
    op.add_column("conversation", sa.Column("noticed_at", TIME))
    op.add_column("contact", sa.Column("name", sa.String()))
    op.add_column("contact", sa.Column("phone", sa.String()))
    op.add_column("contact", sa.Column("time_zone", sa.String()))
    op.add_column("identity", sa.Column("stopped_at", TIME))
    _create_outbox()
    op.create_table("pace", sa.Column("channel", sa.String(), nullable=False), sa.Column("next_at", TIME, nullable=False),
                    sa.PrimaryKeyConstraint("channel", name="pk_pace"))
    op.create_table(
        "delivery_report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("provider_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_report"),
        sa.UniqueConstraint("channel", "provider_id", "state", name="uq_delivery_report_channel_provider_id_state"),
    )


    op.create_table(
        "ticket_link",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "contact_id", name="pk_ticket_link"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_ticket_link_ticket_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_ticket_link_contact_id", ondelete="CASCADE"),
    )
    op.create_index("ix_ticket_link_contact_id", "ticket_link", ["contact_id"])


    for table in ("conversation", "lane", "message", "delivery", "bot_session"):  # rows that change with every message
        op.execute(f"ALTER TABLE {table} SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500)")


def _create_outbox() -> None:
    op.create_table(
        "lane",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("due_at", TIME),
        sa.Column("free_at", TIME, nullable=False),
        sa.Column("lease_token", sa.Uuid()),
        sa.Column("lease_until", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_lane"),
    )
    op.create_index("ix_lane_due_at", "lane", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL"))
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("lane_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("part", JSONB(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("detail", sa.String()),
        sa.Column("provider_id", sa.String()),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("settled_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        sa.ForeignKeyConstraint(["lane_id"], ["lane.id"], name="fk_delivery_lane_id", ondelete="CASCADE"),
        sa.UniqueConstraint("lane_id", "number", "position", name="uq_delivery_lane_id_number_position"),
    )
    op.create_index("ix_delivery_provider_id", "delivery", ["channel", "provider_id"])
    op.create_index("ix_delivery_open", "delivery", ["lane_id", "id"],
                    postgresql_where=sa.text("state IN ('queued', 'sending')"))
