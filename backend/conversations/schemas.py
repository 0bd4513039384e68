"""Conversations as the web chat, the worker and the actions see them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from backend.tickets.schemas import Status
from channels.message import Reply


@dataclass(frozen=True)
class Claim:
    """A worker's right to work on one conversation, for a while."""

    conversation_id: UUID
    token: UUID
    channel: str
    address: str
    """Where the channel sends answers; empty when people fetch them."""


@dataclass(frozen=True)
class Waiting:
    """An inbound message that waits for its turn, with its conversation as it is now."""

    id: int
    seq: int
    content: dict[str, Any]
    attempts: int
    created_at: datetime
    holder: str
    language: str
    language_choice: str | None
    contact_id: UUID
    seen: int
    """The newest number of the conversation when this was read."""
    more: bool
    """Whether another message waits behind this one."""

    @property
    def spoken(self) -> str:
        """The language to answer in when the bot does not say."""
        return self.language_choice or self.language


@dataclass(frozen=True)
class Turn:
    """What was answered to one message."""

    replies: tuple[Reply, ...]
    language: str
    language_choice: str | None = None
    recovered: bool = False
    author: str = "bot"


@dataclass(frozen=True)
class Outcome:
    """What became of an inbound message."""

    state: str = "answered"
    error: str | None = None
    queue: bool = False
    """Whether a person is called."""


ANSWERED = Outcome()


class NewSession(BaseModel):
    """A visitor opens the chat."""

    language: str = ""
    chosen: bool = False
    """Whether the visitor chose the language; otherwise it is the page's."""


class OpenedSession(BaseModel):
    """The token that proves the visitor from now on."""

    token: str
    language: str


class Accepted(BaseModel):
    """The message is stored and will be answered."""

    seq: int


class ShownMessage(BaseModel):
    """A message as the widget shows it."""

    seq: int
    id: str | None
    author: str
    text: str
    buttons: list[dict[str, str]]
    link: dict[str, str] | None
    article: dict[str, str] | None
    useful: bool | None
    photo: str | None
    document: dict[str, Any] | None
    """A PDF: id, name, pages, size in bytes."""
    position: dict[str, float] | None
    language: str | None
    state: str
    at: datetime
    by: str | None
    """Who of the desk wrote it, by name."""


class ShownConversation(BaseModel):
    """Messages after a cursor, and who answers now."""

    messages: list[ShownMessage]
    state: str


class UsefulnessVote(BaseModel):
    """Was the answer useful?"""

    useful: bool


class LanguageChoice(BaseModel):
    """The language the citizen wants to go on in."""

    language: str


class LookupRequest(BaseModel):
    """A question for a ticket: the citizen's words, and the PIN if it was given."""

    text: str
    pin: str | None = None
    language: str


class HandoffRequest(BaseModel):
    """The citizen wants a person, or to be called back by one."""

    language: str
    callback: bool = False


class HandedBack(BaseModel):
    """What a person did in a chat the bot gets back."""

    tickets: list[Status]
