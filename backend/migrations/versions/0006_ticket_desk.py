"""Tickets as agents work on them: assignee, outcome, questions, visits, documents, search."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from backend.core.folding import folded_words

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
OPEN = sa.text("state <> 'closed'")


def upgrade() -> None:
    """New columns of ticket and contact with the words of what is there, and the new tables."""
    _widen_ticket()
    _widen_contact()
    _create_casework()
    op.create_table(
        "document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
    )
    op.create_index("ix_document_ticket_id", "document", ["ticket_id"])


def _widen_ticket() -> None:
    op.add_column("ticket", sa.Column("assignee_id", sa.Uuid()))
    op.add_column("ticket", sa.Column("source", sa.String(), nullable=False, server_default="chat"))
    for name in ("source_number", "outcome_reason", "outcome_ground"):
        op.add_column("ticket", sa.Column(name, sa.String()))
    op.add_column("ticket", sa.Column("due_at", TIME))
    op.add_column("ticket", sa.Column("closed_at", TIME))
    op.add_column("ticket", sa.Column("duplicate_of", sa.Uuid()))
    op.create_foreign_key("fk_ticket_assignee_id", "ticket", "account", ["assignee_id"], ["id"])
    op.create_foreign_key("fk_ticket_duplicate_of", "ticket", "ticket", ["duplicate_of"], ["id"])
    op.add_column("ticket", sa.Column("words", TSVECTOR(), nullable=False, server_default=""))
    op.execute("UPDATE ticket SET closed_at = updated_at WHERE state = 'closed'")
    _fold("ticket", "concat_ws(' ', description, place, reference)")
    op.create_index("ix_ticket_duplicate_of", "ticket", ["duplicate_of"])
    op.create_index("ix_ticket_newest", "ticket", ["office_id", "created_at", "id"])
    op.create_index("ix_ticket_changed", "ticket", ["office_id", "updated_at", "id"])
    op.create_index("ix_ticket_due", "ticket", ["office_id", "due_at", "id"], postgresql_where=OPEN)
    op.create_index("ix_ticket_unit", "ticket", ["office_id", "unit", "created_at", "id"])
    op.create_index("ix_ticket_category", "ticket", ["office_id", "category", "created_at"], postgresql_where=OPEN)
    op.create_index("ix_ticket_assignee", "ticket", ["assignee_id", "created_at"], postgresql_where=OPEN)
    op.create_index("ix_ticket_words", "ticket", ["words"], postgresql_using="gin")


def _widen_contact() -> None:
    op.add_column("contact", sa.Column("words", TSVECTOR(), nullable=False, server_default=""))
    _fold("contact", "name", "name IS NOT NULL")
    op.create_index("ix_contact_words", "contact", ["words"], postgresql_using="gin")
    op.create_index("ix_contact_phone", "contact", ["phone"])


def _fold(table: str, what: str, where: str = "true") -> None:
    """Fold what is there already; PostgreSQL itself cannot."""
    connection = op.get_bind()
    rows = connection.execute(sa.text(f"SELECT id, {what} FROM {table} WHERE {where}")).all()
    for key, content in rows:
        connection.execute(
            sa.text(f"UPDATE {table} SET words = to_tsvector('simple', :words) WHERE id = :id"),
            {"id": key, "words": " ".join(folded_words(content))},
        )


def _create_casework() -> None:
    op.create_table(
        "ticket_question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("answer", sa.String()),
        sa.Column("answered_by", sa.String()),
        sa.Column("answered_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_question"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_ticket_question_ticket_id", ondelete="CASCADE"),
    )
    op.create_index("ix_ticket_question_ticket_id", "ticket_question", ["ticket_id"])
    op.create_index("ix_ticket_question_waiting", "ticket_question", ["unit"],
                    postgresql_where=sa.text("answered_at IS NULL"))
    op.create_table(
        "visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("place", sa.String()),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("found", sa.String()),
        sa.Column("done_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_visit"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_visit_ticket_id", ondelete="CASCADE"),
    )
    op.create_index("ix_visit_ticket_id", "visit", ["ticket_id"])
    op.create_table(
        "ticket_chat",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "conversation_id", name="pk_ticket_chat"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_ticket_chat_ticket_id", ondelete="CASCADE"),
    )
    op.create_index("ix_ticket_chat_conversation_id", "ticket_chat", ["conversation_id"])
    op.create_table(
        "saved_filter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_filter"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_saved_filter_account_id", ondelete="CASCADE"),
        sa.UniqueConstraint("account_id", "name", name="uq_saved_filter_account_id_name"),
    )


def downgrade() -> None:
    """Back to tickets as citizens see them."""
    for table in ("saved_filter", "ticket_chat", "visit", "ticket_question", "document"):
        op.drop_table(table)
    op.drop_index("ix_contact_phone", "contact")
    op.drop_column("contact", "words")
    for name in ("ix_ticket_newest", "ix_ticket_changed", "ix_ticket_due", "ix_ticket_unit", "ix_ticket_category"):
        op.drop_index(name, "ticket")
    for column in ("assignee_id", "source", "source_number", "due_at", "closed_at", "outcome_reason",
                   "outcome_ground", "duplicate_of", "words"):
        op.drop_column("ticket", column)
