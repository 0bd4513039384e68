"""Papers citizens send in a chat, and who acts for whom."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """PDFs among the attachments; the person a ticket is filed for."""
    op.add_column(
        "attachment", sa.Column("media_type", sa.String(), server_default="image/jpeg", nullable=False)
    )
    op.add_column("attachment", sa.Column("name", sa.String()))
    op.add_column("attachment", sa.Column("pages", sa.Integer()))
    op.create_table(
        "authority",
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attachment_id", sa.Uuid()),
        sa.Column("document_id", sa.Uuid()),
        sa.Column("reason", sa.String()),
        sa.Column("claimed_at", TIME, nullable=False),
        sa.Column("shown_at", TIME),
        sa.Column("checked_by", sa.String()),
        sa.Column("checked_at", TIME),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_authority"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_authority_ticket_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name="fk_authority_attachment_id",
                                ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name="fk_authority_document_id",
                                ondelete="SET NULL"),
    )
    op.create_index("ix_authority_attachment_id", "authority", ["attachment_id"])
    op.create_index("ix_authority_document_id", "authority", ["document_id"])


def downgrade() -> None:
    """Without them; PDFs nobody could open as photos go as well."""
    op.drop_table("authority")
    op.execute("DELETE FROM attachment WHERE media_type <> 'image/jpeg'")
    for column in ("pages", "name", "media_type"):
        op.drop_column("attachment", column)
