"""Messages as every channel understands them, independent of who carries them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Wish = Literal["stop", "start", "help"]
"""What a person can want of the channel itself: no more news, news again, an explanation."""


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


class Media(Part):
    """A photo or document that lies with the provider and is still to be fetched.

    `id` is the provider's name or address of it.
    """

    id: str
    document: bool = False
    name: str = ""
    """What a document is called, as far as the provider knows."""


class Document(Part):
    """A PDF of ours, that was checked and kept."""

    id: str
    name: str
    pages: int
    size: int
    """In bytes."""


class Choice(Part):
    """A button, by its place: `message` is the number of the message that offered it, None for the newest offer.

    `index` counts from 0.
    """

    message: int | None
    index: int = Field(ge=0)


class Inbound(Part):
    """What a person sent: one of text, payload, choice, photo, document, media, position, unreadable, wish counts.

    A choice may come with the text it was read from ("1"): when nothing was offered, the text counts.
    """

    external_id: str
    text: str = ""
    payload: str | None = None
    choice: Choice | None = None
    photo: str | None = None
    document: Document | None = None
    media: Media | None = None
    position: Position | None = None
    phone: str | None = None
    """A shared contact's number, as it was sent."""
    unreadable: str | None = None
    """The kind of a content the assistant cannot read: voice, video, sticker, document, contact or other."""
    wish: Wish | None = None
    silent: bool = False
    """The provider has answered this already, or nobody could read an answer."""
    edited: bool = False
    """A correction of an earlier message."""
    receipt: str | None = None
    """What the provider wants back when a message is taken up, such as the id of a pressed button."""

    def content(self) -> dict[str, Any]:
        """The part that is stored with the message."""
        return self.model_dump(exclude={"external_id"}, exclude_none=True, exclude_defaults=True) | {"text": self.text}


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


class Arrival(Part):
    """A message and who sent it: `sender` is the address answers go to."""

    sender: str
    inbound: Inbound
    language: str | None = None
    """What the channel knows of the sender's language: a two-letter code."""
    name: str | None = None
    """What the sender is called on the channel; personal data."""


class Delivery(Part):
    """What a provider tells about a message we sent."""

    provider_id: str
    state: Literal["sent", "delivered", "failed"]
    reason: str | None = None
    """Why it failed: one of the reasons of channels.errors."""


class Courtesy(Part):
    """One sentence of the catalogues for an address that is no conversation, such as a group."""

    external_id: str
    address: str
    sentence: str
    language: str | None = None


Event = Arrival | Delivery | Courtesy


class Parsed(Part):
    """What a call of a provider brings; `ignored` says why, when it brings nothing."""

    events: tuple[Event, ...] = ()
    ignored: str | None = None
