"""What a ticket's page shows of acting for somebody else, and of the papers citizens sent with it."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from backend.attachments import papers
from backend.authority import service as authorities
from backend.authority.models import Authority
from backend.authority.schemas import RELATIONS
from backend.tickets.models import Ticket


async def shown(session: AsyncSession, ticket: Ticket) -> dict[str, Any]:
    """What a ticket's page shows of it: the papers citizens sent, for whom it is, and where the paper for that lies."""
    sent, authority = await papers.papers_of(session, ticket.id), await authorities.of_ticket(session, ticket.id)
    return {
        "papers": sent,
        "authority": authority,
        "authority_paper": await _where(session, ticket, authority) if authority else "",
        "relations": RELATIONS,
    }


async def _where(session: AsyncSession, ticket: Ticket, authority: Authority) -> str:
    """The end of the address at which the paper is; empty when there is none."""
    if authority.attachment_id:
        pdfs = {one.id for one in await papers.papers_of(session, ticket.id)}
        return f"{'papers' if authority.attachment_id in pdfs else 'photos'}/{authority.attachment_id}"
    return f"documents/{authority.document_id}" if authority.document_id else ""
