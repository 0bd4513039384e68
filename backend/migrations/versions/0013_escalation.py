"""Who heads a unit, who is away and who stands in, and what was escalated to whom."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
OPEN = "state <> 'closed'"
# What the history says was noted already is not told again; the first run of the job finds the next moment of each.
NOTED = """
    UPDATE ticket SET reminded = noted.kinds
    FROM (SELECT ticket_id, jsonb_agg(DISTINCT content->'kind') AS kinds FROM ticket_event WHERE kind = 'reminded'
          GROUP BY ticket_id) noted
    WHERE noted.ticket_id = ticket.id
"""
WATCHED = "UPDATE ticket SET next_reminder_at = now() WHERE state <> 'closed' AND due_at IS NOT NULL"


def upgrade() -> None:
    """Heads and absences of accounts, reminders of tickets, notices."""
    empty = sa.text("'[]'::jsonb")
    op.add_column("account", sa.Column("heads", postgresql.JSONB(), nullable=False, server_default=empty))
    op.add_column("account", sa.Column("assigned_at", TIME))
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("begins_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("stand_in_id", sa.Uuid()),
        sa.Column("told_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_absence"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_absence_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["stand_in_id"], ["account.id"], name="fk_absence_stand_in_id", ondelete="SET NULL"),
    )
    op.create_index("ix_absence_account_id_ends_at", "absence", ["account_id", "ends_at"])
    op.create_index("ix_absence_stand_in_id_ends_at", "absence", ["stand_in_id", "ends_at"])
    op.add_column("ticket", sa.Column("reminded", postgresql.JSONB(), nullable=False, server_default=empty))
    op.add_column("ticket", sa.Column("next_reminder_at", TIME))
    op.add_column("ticket", sa.Column("escalated_at", TIME))
    op.create_index(
        "ix_ticket_reminder", "ticket", ["office_id", "next_reminder_at", "id"], postgresql_where=sa.text(OPEN)
    )
    op.create_index(
        "ix_ticket_escalated", "ticket", ["office_id", "created_at", "id"],
        postgresql_where=sa.text(f"{OPEN} AND escalated_at IS NOT NULL"),
    )
    op.execute(NOTED)
    op.execute(WATCHED)
    op.create_table(
        "notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("read_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.UniqueConstraint("account_id", "event", "kind", name="uq_notice_account_id_event_kind"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_notice_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_notice_ticket_id", ondelete="CASCADE"),
    )
    op.create_index("ix_notice_account_id_id", "notice", ["account_id", "id"])
    op.create_index(
        "ix_notice_unread", "notice", ["account_id", "ticket_id"], postgresql_where=sa.text("read_at IS NULL")
    )
    op.create_index("ix_notice_ticket_id", "notice", ["ticket_id"])


def downgrade() -> None:
    """Without them."""
    op.drop_table("notice")
    for index in ("ix_ticket_escalated", "ix_ticket_reminder"):
        op.drop_index(index, "ticket")
    for column in ("escalated_at", "next_reminder_at", "reminded"):
        op.drop_column("ticket", column)
    op.drop_table("absence")
    for column in ("assigned_at", "heads"):
        op.drop_column("account", column)
