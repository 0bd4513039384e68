"""Conversations in the making."""

from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.answers import service as answers
from backend.conversations import service, turns
from backend.conversations.models import Conversation, Message
from backend.conversations.schemas import Claim, ShownConversation, Turn, Waiting
from backend.conversations.service import open_web_session, receive, web_conversation
from backend.core.database import driver_connection
from backend.core.settings import Settings
from backend.offices.schemas import Office
from channels.message import ArticleSource, Button, Inbound, Reply
from channels.web.adapter import WebAdapter

ADAPTERS = {"web": WebAdapter()}
LEASE = 60.0
LOST = -1.0
"""A lease that is over when it begins."""


async def visitor(session: AsyncSession, office: Office, language: str = "en") -> Conversation:
    """A new conversation; no other one is due any more."""
    await session.execute(text("UPDATE conversation SET due_at = NULL, lease_token = NULL, lease_until = NULL"))
    token, _ = await open_web_session(session, office, language)
    return await web_conversation(session, token)


async def says(session: AsyncSession, settings: Settings, to: Conversation, *texts: str) -> list[int]:
    """Messages of a visitor; returns their numbers."""
    inbound = [Inbound(external_id=f"{to.id}:{uuid4()}", text=said) for said in texts]
    return [await receive(session, settings, to, one) for one in inbound]


def answer(*texts: str, buttons: tuple[str, ...] = (), topic: str | None = None, language: str = "en") -> Turn:
    """What the bot answers."""
    replies = tuple(
        Reply(
            text=said,
            buttons=tuple(Button(title=payload, payload=payload) for payload in buttons),
            article=ArticleSource(topic=topic, title=topic) if topic else None,
        )
        for said in texts
    )
    return Turn(replies, language)


async def claim_next(session: AsyncSession, lease_seconds: float) -> tuple[Claim, Waiting] | None:
    """The conversation that waited longest with its message, or None."""
    connection = await driver_connection(session)
    found = await answers.claim_due(connection, lease_seconds, 1, list(ADAPTERS))
    return found[0] if found else None


async def claimed(session: AsyncSession, lease_seconds: float = LEASE) -> tuple[Claim, Waiting]:
    """The conversation that waited longest with its message; there has to be one."""
    found = await claim_next(session, lease_seconds)
    assert found is not None
    return found


async def claim_only(session: AsyncSession, lease_seconds: float, *channels: str) -> Claim | None:
    """A claim, of the web chat if nothing else is named, whether or not a message waits."""
    found = await turns.claim(await driver_connection(session), lease_seconds, 1, channels or ["web"])
    return found[0][0] if found else None


async def finish(session: AsyncSession, claim: Claim, waiting: Waiting, turn: Turn) -> Waiting | None:
    """Store an answer."""
    return await answers.finish(await driver_connection(session), ADAPTERS, claim, waiting, turn)


async def fail(session: AsyncSession, settings: Settings, claim: Claim, waiting: Waiting, code: str) -> Waiting | None:
    """Note a failed turn."""
    return await answers.fail(await driver_connection(session), settings, ADAPTERS, claim, waiting, code)


async def message(session: AsyncSession, of: Conversation, seq: int) -> Message:
    """A stored message by its number, as it is now."""
    found = await session.scalar(
        text("SELECT id FROM message WHERE conversation_id = :id AND seq = :seq"), {"id": of.id, "seq": seq}
    )
    stored = await session.get(Message, found, populate_existing=True)
    assert stored is not None
    return stored


async def due_in_seconds(session: AsyncSession, of: Conversation) -> float | None:
    """When a conversation is due, from now."""
    query = text("SELECT extract(epoch FROM due_at - now()) FROM conversation WHERE id = :id")
    found = await session.scalar(query, {"id": of.id})
    return None if found is None else float(found)


async def make_due(session: AsyncSession, of: Conversation) -> None:
    """Let the time of the next try come."""
    for table, name in (("message", "conversation_id"), ("conversation", "id")):
        statement = f"UPDATE {table} SET due_at = now() - interval '1 s' WHERE {name} = :id AND due_at IS NOT NULL"
        await session.execute(text(statement), {"id": of.id})


async def shown(session: AsyncSession, of: Conversation, after: int) -> ShownConversation:
    """What the widget shows."""
    await session.refresh(of)
    messages = await service.shown(await driver_connection(session), ADAPTERS["web"], of.id, after)
    return ShownConversation(messages=messages, state=of.holder)
