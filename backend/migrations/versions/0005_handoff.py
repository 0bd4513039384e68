"""Hand-over to agents: who holds a chat, the fence of the outbox, notes, drafts, canned replies, search."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Columns of conversation, message and lane, and the tables of the desk."""
    for name in ("held_at", "waiting_since", "promised_at", "spoken_at"):
        op.add_column("conversation", sa.Column(name, TIME))
    op.add_column("conversation", sa.Column("unit", sa.String()))
    op.add_column("conversation", sa.Column("agent_id", sa.Uuid()))
    op.add_column("conversation", sa.Column("callback", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("conversation", "callback", server_default=None)
    op.add_column("conversation", sa.Column("person_seq", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("conversation", "person_seq", server_default=None)
    op.create_foreign_key("fk_conversation_agent_id", "conversation", "account", ["agent_id"], ["id"])
    op.create_index("ix_conversation_held", "conversation", ["office_id", "holder", "waiting_since"],
                    postgresql_where=sa.text("holder <> 'bot'"))
    op.create_index("ix_conversation_heard_at", "conversation", ["office_id", "heard_at"])
    op.add_column("message", sa.Column("account_id", sa.Uuid()))
    op.add_column("lane", sa.Column("fence", sa.Integer(), nullable=False, server_default="-1"))
    op.alter_column("lane", "fence", server_default=None)
    op.create_table(
        "message_words",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("words", TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_message_words"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_message_words_message_id",
                                ondelete="CASCADE"),
    )
    op.create_index("ix_message_words_words", "message_words", ["words"], postgresql_using="gin")
    _create_desk()


def _create_desk() -> None:
    op.create_table(
        "note",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("after_seq", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("account_id", sa.Uuid()),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_note"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_note_conversation_id",
                                ondelete="CASCADE"),
    )
    op.create_index("ix_note_conversation_id", "note", ["conversation_id", "id"])
    op.create_table(
        "draft",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "conversation_id", name="pk_draft"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_draft_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_draft_conversation_id",
                                ondelete="CASCADE"),
    )
    op.create_table(
        "canned_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("unit", sa.String()),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("texts", JSONB(), nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_canned_reply"),
        sa.UniqueConstraint("office_id", "name", name="uq_canned_reply_office_id_name"),
    )
