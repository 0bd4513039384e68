"""Passing a chat on: to a colleague who is there, or into the queue of a unit."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts import service as accounts
from backend.accounts.errors import AccountUnknownError
from backend.accounts.schemas import Agent, Colleague
from backend.answers.desk import Desk
from backend.conversations import desk as chats, holding
from backend.core.database import driver_connection, utcnow
from backend.core.errors import NotAllowedError
from backend.handoff import repository
from backend.handoff.acting import (
    allow,
    requeue,
    say,
    seen,
    write,
)
from backend.handoff.errors import (
    AgentAwayError,
    AgentFullError,
    ChatNotHeldError,
    TransferLimitError,
)

TRANSFERS_PER_HOUR = 2
PASSED = ("passed_on", "to_unit")


async def pass_to_agent(
    session: AsyncSession, desk: Desk, agent: Agent, conversation_id: UUID, to: UUID, note: str
) -> None:
    """Pass a chat to a colleague who is there and takes chats, with a private note.

    Raises AgentAwayError, AgentFullError, ChatNotHeldError, TransferLimitError or AccountUnknownError.
    """
    allow(agent, "chat")
    chat = await seen(session, agent, conversation_id)
    receiver = await _receiver(session, agent, to)
    await _check_transfers(session, agent, conversation_id)
    connection = await driver_connection(session)
    holder = chat.conversation.agent_id if agent.may("direct") else agent.id
    held = await holding.pass_on(connection, conversation_id, holder, to) if holder else None
    if held is None:
        raise ChatNotHeldError
    await say(connection, desk, held, "handoff.passed_on", name=receiver.agent.name)
    await write(session, held, agent, "passed_on", note, to=receiver.agent.name)


async def _receiver(session: AsyncSession, agent: Agent, to: UUID) -> Colleague:
    everybody = await accounts.colleagues(session, agent.office_id)
    receiver = next((one for one in everybody if one.agent.id == to), None)
    if receiver is None:
        raise AccountUnknownError
    if not (receiver.available and receiver.agent.may("chat")) or to == agent.id:
        raise AgentAwayError(name=receiver.agent.name)
    capacity = await accounts.room_for_chats(session, to)
    if capacity is not None and await chats.count_held(session, to) >= capacity:
        raise AgentFullError(count=capacity)
    return receiver


async def _check_transfers(session: AsyncSession, agent: Agent, conversation_id: UUID) -> None:
    """No chat goes round and round: after two transfers within the hour a supervisor decides."""
    since = utcnow() - timedelta(hours=1)
    passed = await repository.count_acts(session, conversation_id, PASSED, since)
    if passed >= TRANSFERS_PER_HOUR and not agent.may("direct"):
        raise TransferLimitError(count=TRANSFERS_PER_HOUR)


async def pass_to_unit(
    session: AsyncSession, desk: Desk, agent: Agent, conversation_id: UUID, unit: str, note: str
) -> None:
    """Put a chat into the queue of a unit, with a private note; the citizen is told by when somebody answers.

    Raises ChatNotHeldError, TransferLimitError or NotAllowedError for a unit that does not exist.
    """
    allow(agent, "chat")
    chat = await seen(session, agent, conversation_id)
    if unit not in desk.office.units:
        raise NotAllowedError
    await _check_transfers(session, agent, conversation_id)
    holder = chat.conversation.agent_id if agent.may("direct") else agent.id
    held = await requeue(session, desk, conversation_id, holder or agent.id, unit, "handoff.to_unit")
    await write(session, held, agent, "to_unit", note, unit=unit)
