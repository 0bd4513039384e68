"""Wishes for announcements, as the dialogue puts them together and the desk sees them."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

Step = Literal["", "topic", "area", "confirm"]
How = Literal["person", "phrase", "agent", "replaced"]
MOST_AREAS = 20


class Wish(BaseModel):
    """What is known of a wish, and the message that says more."""

    topic: str | None = None
    areas: list[str] = []
    everywhere: bool = False
    text: str = ""
    places: list[str] = []
    """Places the bot recognised in the text, by their official names."""
    asked: Step = ""
    """What the message answers; empty for the first one."""
    language: str


class Named(BaseModel):
    """A thing and what it is called in the person's language."""

    id: str
    title: str


class Proposal(BaseModel):
    """What the wish comes to so far."""

    topics: list[Named]
    """What there is to choose from; empty when the office sends no announcements."""
    topic: str | None = None
    areas: list[str] = []
    everywhere: bool = False
    title: str = ""
    """The topic's name."""
    area: str = ""
    """The districts, or the word for everywhere."""
    summary: str = ""
    """The sentence a yes agrees to, once topic and area are known."""
    already: bool = False
    """Whether the person has all of this."""
    example: str = ""
    """The name of a district."""


class NewSubscription(BaseModel):
    """What a person said yes to; no area means everywhere."""

    topic: str
    areas: list[str] = Field([], max_length=MOST_AREAS)
    language: str


class Subscribed(BaseModel):
    """What the person should know of their yes."""

    stopped: bool
    """Whether they once stopped everything on this channel: nothing arrives before they start it again."""


class Ending(BaseModel):
    """What is to end: one subscription, or without it all."""

    subscription: UUID | None = None
    language: str


class Subscriptions(BaseModel):
    """What a person is subscribed to, and what has just ended."""

    current: list[Named]
    ended: list[str] = []
    all_title: str
    """What a button that ends all is called."""


@dataclass(frozen=True)
class Count:
    """How many people want announcements of a topic in an area; None means everywhere."""

    topic: str
    area: str | None
    people: int
