"""Chats as other systems see them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from backend.conversations.desk import Chat, Line
from backend.conversations.listing import Listed
from backend.handoff.models import Note
from backend.outbox.schemas import DeliveryState

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=8000)]


class ChatSummary(BaseModel):
    """One chat of a list. It does not say who the citizen is."""

    id: UUID
    channel: str = Field(examples=["telegram"])
    language: str = Field(examples=["ro"])
    holder: Literal["bot", "queue", "agent"]
    unit: str | None = Field(description="The unit whose agents are to answer; null is the whole desk.")
    agent_id: UUID | None = Field(description="The account or token that holds it.")
    queued_at: datetime | None
    waiting_since: datetime | None = Field(description="Since when the citizen waits for a person's word.")
    promised_at: datetime | None
    heard_at: datetime | None = Field(description="When the citizen last wrote.")
    callback: bool = Field(description="They want to be called.")

    @classmethod
    def of(cls, one: Listed) -> "ChatSummary":
        """A chat of the desk's list."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class ChatPage(BaseModel):
    """Some chats; `next` is the cursor of the next page."""

    items: list[ChatSummary]
    next: str | None = None


class Citizen(BaseModel):
    """Who is behind a chat or ticket, as far as is known."""

    name: str | None = None
    phone: str | None = None


class Button(BaseModel):
    """An answer that was offered."""

    title: str


class ChatMessage(BaseModel):
    """One message."""

    number: int
    author: str = Field(examples=["citizen"], description="citizen, bot, agent or system")
    by: str | None = Field(None, description="The agent's name.")
    at: datetime
    language: str | None
    text: str
    buttons: list[Button] = []
    photo: UUID | None = None
    document: dict[str, Any] | None = Field(None, description="A PDF: its id, name, pages and size in bytes.")
    delivery: str | None = Field(None, description="How far a message of ours has come, where a provider carries it.")
    reason: str | None = None

    @classmethod
    def of(cls, line: Line, delivery: DeliveryState | None) -> "ChatMessage":
        """A line of a chat, and how far it has come."""
        content = line.content
        return cls(
            number=line.seq,
            author=line.author,
            by=content.get("by"),
            at=line.at,
            language=line.language,
            text=content.get("text") or "",
            buttons=[Button(title=button["title"]) for button in content.get("buttons") or []],
            photo=content.get("photo"),
            document=content.get("document"),
            delivery=delivery.state if delivery else None,
            reason=delivery.reason if delivery else None,
        )


class ChatNote(BaseModel):
    """A colleague's private note, or an act of the desk. Citizens see none of it."""

    id: int
    after: int = Field(description="The number of the message it was written after.")
    at: datetime
    by: str
    kind: str = Field(examples=["note"], description="note, or an act such as taken, passed_on, handed_back")
    text: str

    @classmethod
    def of(cls, note: Note) -> "ChatNote":
        """A note of the desk."""
        return cls(id=note.id, after=note.after_seq, at=note.at, by=note.actor, kind=note.kind, text=note.text)


class ChatDetail(BaseModel):
    """One chat."""

    id: UUID
    channel: str
    language: str
    holder: str
    unit: str | None
    agent_id: UUID | None
    waiting_since: datetime | None
    promised_at: datetime | None
    citizen: Citizen
    stopped: bool = Field(description="They want no messages they did not ask for.")
    messages: list[ChatMessage] = Field(description="The newest hundred below `before`, oldest first.")
    notes: list[ChatNote]

    @classmethod
    def of(cls, chat: Chat, messages: list[ChatMessage], notes: list[ChatNote]) -> "ChatDetail":
        """A chat with what was said in it."""
        of = chat.conversation
        return cls(
            id=of.id,
            channel=of.channel,
            language=of.language_choice or of.language,
            holder=of.holder,
            unit=of.unit,
            agent_id=of.agent_id,
            waiting_since=of.waiting_since,
            promised_at=of.promised_at,
            citizen=Citizen(name=chat.contact.name, phone=chat.contact.phone),
            stopped=chat.stopped,
            messages=messages,
            notes=notes,
        )


class Held(BaseModel):
    """A chat after an act. Nothing in it says who the citizen is."""

    id: UUID
    holder: str
    unit: str | None
    agent_id: UUID | None


class Said(BaseModel):
    """A word that was stored."""

    number: int = Field(description="Of the message; it is sent from now on.")


class NewWords(BaseModel):
    """A reply or a note."""

    text: Words = Field(examples=["Good morning, the form is at counter 4."])


class Passing(BaseModel):
    """To whom a chat goes: a colleague (the id of an account) or the queue of a unit."""

    agent: UUID | None = None
    unit: str | None = Field(None, examples=["roads"])
    note: Words = ""
