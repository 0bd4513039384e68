"""Accounts of the desk, their sign-ins, presence, and the audit log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The tables of accounts and audit."""
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("units", JSONB(), nullable=False),
        sa.Column("languages", JSONB(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("shortcuts", sa.Boolean(), nullable=False),
        sa.Column("sounds", sa.Boolean(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("password_digest", sa.String()),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("factor_secret", sa.String()),
        sa.Column("factor_confirmed_at", TIME),
        sa.Column("factor_step", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String()),
        sa.Column("disabled_at", TIME),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("signed_in_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("office_id", "login", name="uq_account_office_id_login"),
        sa.UniqueConstraint("subject", name="uq_account_subject"),
    )
    op.create_table(
        "sign_in",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("factor_due", sa.Boolean(), nullable=False),
        sa.Column("by_provider", sa.Boolean(), nullable=False),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_sign_in"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_sign_in_account_id", ondelete="CASCADE"),
    )
    op.create_index("ix_sign_in_account_id", "sign_in", ["account_id"])
    op.create_table(
        "sign_in_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_try"),
    )
    op.create_index("ix_sign_in_try_login", "sign_in_try", ["login", "at"])
    op.create_index("ix_sign_in_try_address", "sign_in_try", ["address", "at"])
    op.create_table(
        "presence",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_presence"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_presence_account_id", ondelete="CASCADE"),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("account_id", sa.Uuid()),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object_kind", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entry"),
    )
    op.create_index("ix_audit_entry_object", "audit_entry", ["object_kind", "object_id"])
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
