"""A desk with agents, and chats in the hands of the bot, the queue or one of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent, Role
from backend.accounts.service import be_present
from backend.answers.desk import Desk
from backend.contacts.service import new_sender
from backend.conversations import repository
from backend.conversations.models import Conversation
from backend.conversations.repository import insert_conversation
from backend.core.settings import Settings
from backend.handoff import service
from backend.offices.schemas import Office
from channels.adapter import Adapter
from channels.web.adapter import WebAdapter
from tests.backend.outbox.factories import ScriptedAdapter
from tests.backend.tickets.factories import agent as account

FREE = "web"
"""The channel of chats that fetch."""


@dataclass
class Floor:
    """A session, an office and its channels: the web, and one that pushes and does as it is told."""

    session: AsyncSession
    settings: Settings
    office: Office
    push: ScriptedAdapter = field(default_factory=ScriptedAdapter)

    @property
    def adapters(self) -> Mapping[str, Adapter]:
        """By name."""
        return {"web": WebAdapter(), self.push.name: self.push}

    @property
    def desk(self) -> Desk:
        """What acts of agents are given."""
        return Desk(self.settings, self.office, self.adapters)

    async def agent(self, role: Role = "agent", *units: str, name: str = "Ana", there: bool = True) -> Agent:
        """Somebody of the desk who has the console open, or has not."""
        made = await account(self.session, role, *units, name=name)
        if there:
            await be_present(self.session, made.id, available=True)
        return made

    async def chat(
        self, channel: str = FREE, *, said: str = "Hello", language: str = "en", name: str | None = None
    ) -> UUID:
        """A chat with the bot in which the citizen has written once."""
        chat_id = await new_chat(self.session, channel, language=language, name=name)
        await self.says(chat_id, said)
        return chat_id

    async def chat_held_by(self, holder: Agent | None, channel: str = FREE) -> UUID:
        """A chat an agent holds; in the queue for None."""
        chat_id = await self.chat(channel)
        await self.put("conversation", chat_id, holder="queue", unit="roads")
        if holder:
            await service.take(self.session, self.desk, holder, chat_id)
        return chat_id

    async def says(self, chat_id: UUID, said: str, **parts: Any) -> int:
        """The citizen writes."""
        channel = await self.column(chat_id, "channel")
        return await repository.receive(self.session, chat_id, channel, f"{chat_id}:{uuid4()}", {"text": said, **parts})

    async def put(self, table: str, row_id: UUID, **columns: Any) -> None:
        """Set columns of a row."""
        changes = ", ".join(f"{name} = :{name}" for name in columns)
        await self.session.execute(text(f"UPDATE {table} SET {changes} WHERE id = :id"), {"id": row_id, **columns})
        self.session.expire_all()

    async def ago(self, table: str, row_id: UUID, seconds: float, *columns: str, key: str = "id") -> None:
        """Move moments of a row into the past."""
        changes = ", ".join(f"{name} = now() - make_interval(secs => :seconds)" for name in columns)
        query = text(f"UPDATE {table} SET {changes} WHERE {key} = :id")
        await self.session.execute(query, {"id": row_id, "seconds": seconds})
        self.session.expire_all()

    async def column(self, chat_id: UUID, name: str) -> Any:
        """A column of a chat as it is now."""
        return await self.session.scalar(text(f"SELECT {name} FROM conversation WHERE id = :id"), {"id": chat_id})

    async def state(self, chat_id: UUID) -> tuple[Any, ...]:
        """(holder, agent, unit, newest number) of a chat."""
        query = text("SELECT holder, agent_id, unit, last_seq FROM conversation WHERE id = :id")
        return tuple((await self.session.execute(query, {"id": chat_id})).one())

    async def texts(self, chat_id: UUID, *authors: str) -> list[str]:
        """What was said in a chat by some authors, hidden words left out."""
        query = text(
            "SELECT content->>'text' FROM message WHERE conversation_id = :id AND author = ANY(:authors) "
            "AND NOT content ? 'hidden' ORDER BY seq"
        )
        return list(await self.session.scalars(query, {"id": chat_id, "authors": list(authors)}))

    async def told_to_bot(self, chat_id: UUID) -> str:
        """What waits for the bot, unseen by the citizen."""
        query = text(
            "SELECT content->>'handed_back' FROM message WHERE conversation_id = :id AND author = 'system' "
            "AND state = 'received'"
        )
        return str((await self.session.scalars(query, {"id": chat_id})).one())

    async def acts(self, chat_id: UUID) -> list[tuple[str, str]]:
        """(kind, words) of the notes of a chat."""
        return [(note.kind, note.text) for note in await service.notes(self.session, chat_id)]

    async def audited(self, chat_id: UUID) -> list[str]:
        """What the audit log says of a chat."""
        query = text("SELECT action FROM audit_entry WHERE object_id = :id ORDER BY id")
        return list(await self.session.scalars(query, {"id": str(chat_id)}))

    async def deliveries(self, chat_id: UUID) -> list[tuple[str, str, str]]:
        """(words, kind, state) of what went into the outbox."""
        query = text("SELECT part->>'text', kind, state FROM delivery WHERE lane_id = :id ORDER BY id")
        return [tuple(row) for row in await self.session.execute(query, {"id": chat_id})]


async def new_chat(session: AsyncSession, channel: str, *, language: str = "en", name: str | None = None) -> UUID:
    """A chat of a new person, as somebody a channel knows by address."""
    address = f"{uuid4()}"
    contact_id = await new_sender(session, "timisoara", channel, address, name)
    assert contact_id is not None
    return await insert_conversation(session, "timisoara", contact_id, channel, language, address)


async def conversation(session: AsyncSession, chat_id: UUID) -> Conversation:
    """A chat as it is now."""
    found = await session.get(Conversation, chat_id, populate_existing=True)
    assert found is not None
    return found
