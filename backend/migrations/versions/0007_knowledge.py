"""Articles with all their versions, and questions that found no answer."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
# What is there came from files. Its Markdown is not known any more; the next loading of the office brings it.
FIRST_VERSIONS = """
    INSERT INTO article_version (office_id, topic, language, number, state, origin, title, body, link, owner, expires,
                                 sample, digest, actor, at)
    SELECT office_id, topic, language, 1, 'published', 'file', title, body, link, owner, expires,
           false, 'unknown', '', now()
    FROM article
"""


def upgrade() -> None:
    """The new tables; each article there is becomes its first version."""
    op.create_table(
        "article_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("link", sa.String()),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String()),
        sa.Column("restores", sa.Integer()),
        sa.Column("account_id", sa.Uuid()),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_article_version"),
        sa.UniqueConstraint(
            "office_id", "topic", "language", "number", name="uq_article_version_office_id_topic_language_number"
        ),
    )
    op.execute(FIRST_VERSIONS)
    op.create_table(
        "unanswered",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("message_id", sa.String()),
        sa.Column("conversation_id", sa.Uuid()),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("confidence", sa.Float()),
        sa.Column("offered", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("dismissed_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_unanswered"),
        sa.UniqueConstraint("message_id", name="uq_unanswered_message_id"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name="fk_unanswered_conversation_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_unanswered_folded", "unanswered", ["office_id", "folded"])
    op.create_index("ix_unanswered_at", "unanswered", ["at"])
    op.create_index("ix_unanswered_conversation_id", "unanswered", ["conversation_id"])


def downgrade() -> None:
    """Back to articles without a past."""
    op.drop_table("unanswered")
    op.drop_table("article_version")
