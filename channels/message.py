"""Messages as every channel understands them, independent of who carries them."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Part(BaseModel):
    """Base of message parts: immutable, unknown keys are mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Position(Part):
    """A shared position, WGS 84, in degrees."""

    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class Button(Part):
    """A choice offered under a message; the payload comes back when it is pressed."""

    title: str
    payload: str


class Link(Part):
    """Where to read on."""

    title: str
    url: str


class ArticleSource(Part):
    """The article an answer was taken from."""

    topic: str
    title: str


class Inbound(Part):
    """What a person sent: exactly one of text, payload, photo and position says something."""

    external_id: str
    text: str = ""
    payload: str | None = None
    photo: str | None = None
    position: Position | None = None

    def content(self) -> dict[str, Any]:
        """The part that is stored with the message."""
        return self.model_dump(exclude={"external_id"}, exclude_none=True)


class Reply(Part):
    """What a person is answered."""

    text: str
    buttons: tuple[Button, ...] = ()
    link: Link | None = None
    article: ArticleSource | None = None
    language: str | None = None

    def content(self) -> dict[str, Any]:
        """The part that is stored with the message."""
        return self.model_dump(exclude={"language"}, exclude_none=True)
