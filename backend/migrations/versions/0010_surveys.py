"""Satisfaction with closed tickets; requests for a copy of one's data or its erasure; privacy lines that were shown."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The new tables."""
    op.create_table(
        "satisfaction",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("closing", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("solved", sa.Boolean()),
        sa.Column("score", sa.Integer()),
        sa.Column("words", sa.String()),
        sa.Column("at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_satisfaction"),
        sa.UniqueConstraint("ticket_id", "closing", name="uq_satisfaction_ticket_id_closing"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_satisfaction_ticket_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_satisfaction_conversation_id",
                                ondelete="CASCADE"),
    )
    op.create_index("ix_satisfaction_asked_at", "satisfaction", ["office_id", "asked_at"])
    op.create_index("ix_satisfaction_conversation_id", "satisfaction", ["conversation_id", "asked_at"])
    op.create_table(
        "privacy_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("confirmed_by", sa.Uuid()),
        sa.Column("confirmed_name", sa.String()),
        sa.Column("confirmed_at", TIME),
        sa.Column("done_by", sa.Uuid()),
        sa.Column("done_name", sa.String()),
        sa.Column("done_at", TIME),
        sa.Column("link_digest", sa.String()),
        sa.Column("link_until", TIME),
        sa.Column("link_used_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_privacy_request"),
        sa.UniqueConstraint("link_digest", name="uq_privacy_request_link_digest"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_privacy_request_contact_id",
                                ondelete="CASCADE"),
    )
    op.create_index("ix_privacy_request_state", "privacy_request", ["office_id", "state", "at"])
    op.create_index("ix_privacy_request_contact_id", "privacy_request", ["contact_id"])
    op.create_table(
        "privacy_notice",
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name="pk_privacy_notice"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_privacy_notice_contact_id",
                                ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Without them."""
    for table in ("privacy_notice", "privacy_request", "satisfaction"):
        op.drop_table(table)
