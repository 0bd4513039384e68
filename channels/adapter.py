"""What a channel has to be able to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from channels.message import Media, Parsed


@dataclass(frozen=True)
class Call:
    """An HTTP call of a provider, or of the widget, as it came in."""

    url: str
    """The whole address as the caller used it, with the query: what a signature covers."""
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    sender: str = ""
    """Who is calling, when that is known already: a web visitor's conversation."""


@dataclass(frozen=True)
class Pace:
    """How fast a provider takes messages."""

    per_second: float = 0.0
    """All messages together; 0 for no limit."""
    per_address_seconds: float = 0.0
    """Between two messages to one person."""


class Adapter(Protocol):
    """Translates between one channel's payloads and our messages. Without state but the provider's client."""

    name: str
    pull: bool
    """True when people fetch their messages from us, so that storing one is sending it."""
    pace: Pace
    acknowledgement: tuple[str, str]
    """(media type, body) of our answer to a call that was accepted."""

    def verify(self, call: Call) -> None:
        """Make sure that a call comes from the provider. Raises ForgedError."""
        ...

    def parse(self, call: Call) -> Parsed:
        """What a call brings. Raises PayloadError for what the provider would never send."""
        ...

    def render(self, content: dict[str, Any], number: int) -> tuple[dict[str, Any], ...]:
        """The content of a stored message as parts to send, in order; number is the message's in its conversation."""
        ...

    async def send(self, address: str, part: dict[str, Any]) -> str | None:
        """Hand one part over; returns the provider's id of it. Raises SendError."""
        ...

    async def seen(self, address: str, content: dict[str, Any]) -> None:
        """Show that a message is being worked on, as far as the channel can. Never fails."""
        ...

    async def fetch(self, media: Media, limit: int) -> bytes:
        """A file a person sent, of at most limit bytes. Raises SendError, REFUSED when it is larger or gone."""
        ...

    async def close(self) -> None:
        """Let the provider's client go."""
        ...


@runtime_checkable
class Poller(Protocol):
    """What a channel can do besides when its provider keeps messages for us, and shows a menu."""

    polling: bool
    """Whether we are to fetch messages; otherwise the provider posts them."""

    async def updates(self, offset: int | None, wait_seconds: float) -> list[tuple[int, bytes]]:
        """Messages from `offset` on: each one's number and the body `parse` takes. Raises SendError."""
        ...

    async def prepare(self, public_url: str | None, menus: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        """Tell the provider where messages go, and the commands by language with what they do. Raises SendError."""
        ...
