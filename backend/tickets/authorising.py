"""What agents do about who acts for whom: write it down, accept or refuse the paper. None of it makes acts stale.

Every act raises NotAllowedError when the role may not work on tickets, and TicketNotFoundError when the agent may not
see the ticket.
"""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.authority import service as authorities
from backend.authority.models import Authority
from backend.authority.schemas import Claim
from backend.tickets.desk import permit, said, visible, write
from backend.tickets.models import Ticket


async def register(
    session: AsyncSession, agent: Agent, ticket_id: UUID, claim: Claim, document_id: UUID | None = None
) -> None:
    """Write down for whom the author acts, with the paper an agent has just added to the ticket, if there is one."""
    ticket = await _open(session, agent, ticket_id)
    own = claim.model_copy(update={"paper": None})
    await _write(session, agent, ticket, await authorities.claim(session, ticket.id, own, document_id=document_id))


async def accept(session: AsyncSession, agent: Agent, ticket_id: UUID, paper: UUID | None) -> None:
    """Accept the paper the agent looked at, None for one that was only shown to them; the author is told.

    Raises AuthorityNotFoundError or AuthorityChangedError.
    """
    ticket = await _open(session, agent, ticket_id)
    decided = await authorities.decide(session, ticket.id, paper, agent.name, None)
    await _write(session, agent, ticket, decided, tell=True)


async def refuse(session: AsyncSession, agent: Agent, ticket_id: UUID, paper: UUID | None, reason: str) -> None:
    """Refuse it; the author is told why and can send another. Raises as `accept` does, or ReasonMissingError."""
    ticket = await _open(session, agent, ticket_id)
    decided = await authorities.decide(session, ticket.id, paper, agent.name, said(reason))
    await _write(session, agent, ticket, decided, tell=True)


async def _open(session: AsyncSession, agent: Agent, ticket_id: UUID) -> Ticket:
    permit(agent)
    return await visible(session, agent, ticket_id)


async def _write(session: AsyncSession, agent: Agent, ticket: Ticket, of: Authority, *, tell: bool = False) -> None:
    reason = {"reason": of.reason} if of.reason else {}
    told = {"state": of.state, "name": of.name, "relation": of.relation, **reason}
    await write(session, agent, ticket, "authority", tell=tell, **told)
