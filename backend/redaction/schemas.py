"""What is made unreadable, as the desk sees it."""

from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

from backend.redaction.matching import Span

Kind = Literal["chat", "ticket"]
Reason = Literal["third_person", "identity", "health", "picture", "request", "mistake", "insult"]
REASONS: tuple[Reason, ...] = get_args(Reason)
"""A sentence `redaction.reason.<reason>` says it."""


@dataclass(frozen=True)
class Subject:
    """The chat or ticket in which somebody begins."""

    kind: Kind
    id: UUID


@dataclass(frozen=True)
class Act:
    """Why somebody makes something unreadable, and whether the citizen is told."""

    reason: Reason
    tell: bool = False


@dataclass(frozen=True)
class Occurrence:
    """A place of some words, with a few signs around it."""

    place: str
    """Table, row, column and path within it."""
    label: str
    """A sentence `redaction.place.<label>` says what it is."""
    where: str
    """The ticket's reference, or the message's number in its chat."""
    span: Span
    before: str
    words: str
    after: str

    @property
    def key(self) -> str:
        """Names the place and the stretch of it."""
        return f"{self.place}@{self.span.start}+{self.span.length}"


@dataclass(frozen=True)
class Spoken:
    """A text of the chat or ticket, to choose words from."""

    label: str
    where: str
    text: str
