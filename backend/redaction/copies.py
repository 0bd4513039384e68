"""Copies of words that nobody reads as such: search indexes, what the bot remembers, parts on their way, drafts."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.contacts import service as contacts
from backend.contacts.models import Contact
from backend.conversations import personal as conversations
from backend.conversations.models import Message
from backend.core.settings import Settings
from backend.disputes.models import DisputeNotice
from backend.disputes.telling import lane_id
from backend.handoff import personal as handoff
from backend.integrations import personal as integrations
from backend.knowledge import questions
from backend.outbox import personal as outbox
from backend.redaction import repository
from backend.redaction.matching import find, without
from backend.redaction.texts import Text, rewritten
from backend.tickets import personal as tickets
from backend.tickets.models import Ticket

TRACKER_NAMES = frozenset(
    {"event", "name", "type_name", "action_name", "intent_name", "policy", "entity", "extractor", "message_id"}
    | {"input_channel", "sender_id", "model_id", "assistant_id", "role", "group"}
)
"""Parts of the bot's memory that are words of its own."""


async def clean(
    session: AsyncSession,
    settings: Settings,
    office_id: str,
    chats: Collection[UUID],
    changed: Sequence[Text],
    words: Sequence[str],
) -> None:
    """Take words out of every copy in some chats, and fold the changed rows anew for the search."""
    rows = list({id(text.row): text.row for text in changed}.values())
    messages = [row for row in rows if isinstance(row, Message)]
    await session.flush()
    await conversations.refold(session, messages)
    for row in rows:
        if isinstance(row, Ticket):
            tickets.refold(row)
        if isinstance(row, Contact):
            contacts.refold(row)

    def cleaned(value: Any) -> Any:
        return rewritten(value, lambda text: without(text, words))

    def holds(text: str) -> bool:
        return any(find(text, one) for one in words)

    short = {(lane_id(row.party_id), row.id) for row in rows if isinstance(row, DisputeNotice)}  # by SMS, in no chat
    numbers = {(one.conversation_id, one.seq) for one in messages} | short
    await outbox.redact(session, {*chats, *(lane for lane, _ in short)}, numbers, cleaned)
    for conversation_id, events in await repository.trackers(session, chats):
        await repository.remember(session, conversation_id, forgetting(events, words))
    for draft in await handoff.drafts_of(session, chats):
        draft.text = without(draft.text, words)
    await questions.forget(session, {one.conversation_id for one in messages})
    await tickets.forget_filters(session, office_id, holds)
    await integrations.forget_answers(session, settings, office_id, holds)
    await session.flush()


def forgetting(value: Any, words: Sequence[str]) -> Any:
    """What the bot remembers, without some words."""
    if isinstance(value, str):
        return without(value, words)
    if isinstance(value, dict):
        return {key: part if key in TRACKER_NAMES else forgetting(part, words) for key, part in value.items()}
    return [forgetting(part, words) for part in value] if isinstance(value, list) else value
