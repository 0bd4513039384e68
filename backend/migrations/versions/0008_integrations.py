"""Programs that work with the office: tokens, answers kept for repeated requests, webhooks.

A token holds chats and works on tickets like an account, but is none: the two columns that name who does lose their
foreign keys.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The new tables."""
    op.drop_constraint("fk_conversation_agent_id", "conversation", type_="foreignkey")
    op.drop_constraint("fk_ticket_assignee_id", "ticket", type_="foreignkey")
    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scopes", JSONB(), nullable=False),
        sa.Column("units", JSONB(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME),
        sa.Column("used_at", TIME),
        sa.Column("revoked_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("digest", name="uq_api_token_digest"),
    )
    op.create_table(
        "api_answer",
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", JSONB(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("token_id", "key", name="pk_api_answer"),
        sa.ForeignKeyConstraint(["token_id"], ["api_token.id"], name="fk_api_answer_token_id", ondelete="CASCADE"),
    )
    op.create_index("ix_api_answer_at", "api_answer", ["at"])
    _create_webhooks()


def _create_webhooks() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("events", JSONB(), nullable=False),
        sa.Column("units", JSONB(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("old_secret", sa.String()),
        sa.Column("old_until", TIME),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("succeeded_at", TIME),
        sa.Column("disabled_at", TIME),
        sa.Column("disabled_reason", sa.String()),
        sa.Column("lease_token", sa.Uuid()),
        sa.Column("lease_until", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_endpoint"),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("data", JSONB(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("begun_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("tried_at", TIME),
        sa.Column("status", sa.Integer()),
        sa.Column("reason", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_delivery"),
        sa.ForeignKeyConstraint(["endpoint_id"], ["webhook_endpoint.id"], name="fk_webhook_delivery_endpoint_id",
                                ondelete="CASCADE"),
    )
    op.create_index("ix_webhook_delivery_waiting", "webhook_delivery", ["endpoint_id", "subject", "number"],
                    postgresql_where=sa.text("state = 'waiting'"))
    op.create_index("ix_webhook_delivery_endpoint", "webhook_delivery", ["endpoint_id", "number"])


def downgrade() -> None:
    """Without programs; chats and tickets that tokens hold are nobody's."""
    for table in ("webhook_delivery", "webhook_endpoint", "api_answer", "api_token"):
        op.drop_table(table)
    op.execute("UPDATE conversation SET holder = 'queue', agent_id = NULL "
               "WHERE agent_id IS NOT NULL AND agent_id NOT IN (SELECT id FROM account)")
    op.execute("UPDATE ticket SET assignee_id = NULL WHERE assignee_id NOT IN (SELECT id FROM account)")
    op.create_foreign_key("fk_conversation_agent_id", "conversation", "account", ["agent_id"], ["id"])
    op.create_foreign_key("fk_ticket_assignee_id", "ticket", "account", ["assignee_id"], ["id"])
