"""Keeping what was promised though people leave."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts import service as accounts
from backend.answers.desk import Desk
from backend.audit.service import record_without_agent
from backend.conversations import desk as chats, holding
from backend.conversations.models import Conversation
from backend.core.database import driver_connection, utcnow
from backend.handoff.acting import add_note, requeue, return_to_bot
from backend.handoff.errors import (
    ChatNotHeldError,
)
from backend.integrations import service as integrations
from backend.offices.service import promised_by


async def sweep(session: AsyncSession, desk: Desk) -> int:
    """Keep what was promised though people leave: returns how many chats changed hands.

    A chat whose agent closed the console while the citizen waits goes back into the queue; one in which nobody has
    written for long goes back to the assistant, or, when the citizen waits, into the queue.
    """
    office_id = desk.office.profile.id
    await _note_promises(session, desk)
    gone = await accounts.absent(session, office_id, desk.settings.agent_absent_seconds)
    team = [one.agent.id for one in await accounts.colleagues(session, office_id)]
    team += [token.id for token in await integrations.valid_tokens(session, office_id)]
    left = list(await chats.held_by(session, office_id, gone, team))
    quiet_since = utcnow() - timedelta(minutes=desk.settings.agent_silence_minutes)
    silent = [one for one in await chats.held_in_silence(session, office_id, quiet_since) if one not in left]
    for one in [*left, *silent]:
        waits = one.waiting_since is not None
        await _leave(session, desk, one, waits=waits)
    return len(left) + len(silent)


async def _leave(session: AsyncSession, desk: Desk, of: Conversation, *, waits: bool) -> None:
    holder = of.agent_id
    if holder is None:
        return
    try:
        if waits:
            held = await requeue(session, desk, of.id, holder, None, "handoff.requeued")
        else:
            held = await return_to_bot(session, desk, of, holder, "handoff.returned")
    except ChatNotHeldError:  # somebody acted in the meantime
        return
    act = "requeued" if waits else "returned"
    await add_note(session, held, None, "", act, "", {"agent": str(holder)})
    await record_without_agent(session, desk.office.profile.id, "komshu", f"chat.{act}", "chat", of.id)


async def _note_promises(session: AsyncSession, desk: Desk) -> None:
    by = promised_by(desk.office, utcnow())
    if by is None:
        return
    for one in await chats.unpromised(session, desk.office.profile.id):
        await holding.promise(await driver_connection(session), one.id, by)
