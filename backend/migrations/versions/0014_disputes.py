"""The two parties of a dispute, its steps and appointments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
APPOINTMENT = ("step", "minutes", "phone", "version", "cancelled_at")


def upgrade() -> None:
    """Appointments are visits both parties are called to; the other tables are new."""
    op.add_column("visit", sa.Column("step", sa.String()))
    op.add_column("visit", sa.Column("minutes", sa.Integer()))
    op.add_column("visit", sa.Column("phone", sa.String()))
    op.add_column("visit", sa.Column("version", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("visit", sa.Column("cancelled_at", TIME))
    op.create_index("ix_visit_appointment", "visit", ["at"], postgresql_where=sa.text("step IS NOT NULL"))
    op.create_table(
        "dispute",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String()),
        sa.Column("claim", sa.String(), nullable=False),
        sa.Column("step", sa.String()),
        sa.Column("ended", sa.String()),
        sa.Column("registered_at", TIME),
        sa.Column("ended_at", TIME),
        sa.Column("ruling_document", sa.Uuid()),
        sa.Column("opened_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_dispute"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_dispute_ticket_id", ondelete="CASCADE"),
    )
    op.create_table(
        "dispute_party",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("role", sa.String()),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("postal_address", sa.String()),
        sa.Column("phone", sa.String()),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("representative", sa.String()),
        sa.Column("representative_document", sa.Uuid()),
        sa.Column("confirmed_at", TIME),
        sa.Column("confirmed_by", sa.String()),
        sa.Column("contact_id", sa.Uuid()),
        sa.Column("pin_digest", sa.String()),
        sa.Column("statement", sa.String()),
        sa.Column("statement_at", TIME),
        sa.Column("score", sa.Integer()),
        sa.Column("words", sa.String()),
        sa.Column("scored_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_dispute_party"),
        sa.UniqueConstraint("ticket_id", "side", name="uq_dispute_party_ticket_id_side"),
        sa.ForeignKeyConstraint(["ticket_id"], ["dispute.ticket_id"], name="fk_dispute_party_ticket_id",
                                ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name="fk_dispute_party_contact_id",
                                ondelete="SET NULL"),
    )
    op.create_index("ix_dispute_party_contact_id", "dispute_party", ["contact_id"])
    op.create_table(
        "dispute_notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("told_at", TIME),
        sa.Column("channel", sa.String()),
        sa.Column("text", sa.String()),
        sa.Column("language", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_dispute_notice"),
        sa.UniqueConstraint("party_id", "key", name="uq_dispute_notice_party_id_key"),
        sa.ForeignKeyConstraint(["party_id"], ["dispute_party.id"], name="fk_dispute_notice_party_id",
                                ondelete="CASCADE"),
    )
    op.create_table(
        "appointment_answer",
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("comes", sa.Boolean(), nullable=False),
        sa.Column("proposal", sa.String()),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("visit_id", "party_id", name="pk_appointment_answer"),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name="fk_appointment_answer_visit_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["party_id"], ["dispute_party.id"], name="fk_appointment_answer_party_id",
                                ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Without them; appointments stay as plain visits."""
    for table in ("appointment_answer", "dispute_notice", "dispute_party", "dispute"):
        op.drop_table(table)
    op.drop_index("ix_visit_appointment", "visit")
    for column in APPOINTMENT:
        op.drop_column("visit", column)
