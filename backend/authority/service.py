"""Acting through someone: what the author of a ticket claims, the paper that shows it, and who accepted it.

Whose ticket it is, and who may decide, the tickets know; here is only what is written down.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.authority import repository
from backend.authority.errors import AuthorityChangedError, AuthorityNotFoundError
from backend.authority.models import Authority
from backend.authority.schemas import Claim
from backend.core.database import utcnow

GONE = "…"


async def claim(session: AsyncSession, ticket_id: UUID, said: Claim, *, document_id: UUID | None = None) -> Authority:
    """Write down for whom a ticket was filed. Said again, it replaces what was said, and is to be checked again."""
    found = await repository.of_ticket(session, ticket_id, lock=True)
    if found is None:
        found = Authority(ticket_id=ticket_id, name=said.name, relation=said.relation, state="claimed")
        found.claimed_at = utcnow()
        await repository.add(session, found)
    found.name, found.relation = said.name, said.relation
    if said.paper or document_id:
        show(found, attachment_id=said.paper, document_id=document_id)
    return found


async def of_ticket(session: AsyncSession, ticket_id: UUID, *, lock: bool = False) -> Authority | None:
    """For whom a ticket was filed; None for the author's own."""
    return await repository.of_ticket(session, ticket_id, lock=lock)


async def waiting(session: AsyncSession, ticket_ids: Collection[UUID]) -> set[UUID]:
    """Those of some tickets that wait for a paper, or for somebody to accept it."""
    return set(await repository.not_accepted(session, ticket_ids))


def show(authority: Authority, *, attachment_id: UUID | None = None, document_id: UUID | None = None) -> None:
    """Another paper has come: it takes the place of the one before, and waits to be checked."""
    authority.attachment_id, authority.document_id = attachment_id, document_id
    authority.state, authority.shown_at = "shown", utcnow()
    authority.reason = authority.checked_by = authority.checked_at = None


async def decide(session: AsyncSession, ticket_id: UUID, paper: UUID | None, by: str, reason: str | None) -> Authority:
    """Accept, or with a reason refuse, the paper somebody looked at; None when they saw one that was not handed in.

    Raises AuthorityNotFoundError, or AuthorityChangedError when there is another paper now, or it was decided on.
    """
    found = await repository.of_ticket(session, ticket_id, lock=True)
    if found is None:
        raise AuthorityNotFoundError
    if paper != (found.attachment_id or found.document_id) or found.state in ("accepted", "refused"):
        raise AuthorityChangedError
    found.state, found.reason = ("refused", reason) if reason else ("accepted", None)
    found.checked_by, found.checked_at = by, utcnow()
    return found


async def forget(session: AsyncSession, ticket_id: UUID) -> None:
    """Forget the name of who is represented, and what was said of their paper."""
    await repository.forget(session, ticket_id, GONE)
