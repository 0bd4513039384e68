"""Alembic's environment: the connection comes from the caller (backend/migrations/upgrade.py)."""

from alembic import context
from sqlalchemy import Connection

from backend.attachments.models import Attachment
from backend.contacts.models import Contact
from backend.conversations.models import Conversation
from backend.core.database import Base
from backend.knowledge.models import Article
from backend.migrations.compare import ours
from backend.offices.models import OfficeRow
from backend.outbox.models import Lane
from backend.privacy.models import PrivacyRequest
from backend.surveys.models import Satisfaction
from backend.tickets.models import Ticket

MODELS = (Attachment, Contact, Conversation, Article, Lane, OfficeRow, PrivacyRequest, Satisfaction, Ticket)
"""Imported so that their tables are in the metadata."""


def run(connection: Connection) -> None:
    """Migrate over a connection."""
    context.configure(connection=connection, target_metadata=Base.metadata, include_object=ours)
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
