"""What a channel has to be able to do."""

from typing import Any, Protocol

from channels.message import Inbound


class Adapter(Protocol):
    """Translates between one channel's payloads and our messages."""

    name: str
    pull: bool
    """True when people fetch their messages from us, so that storing one is sending it."""

    def parse(self, payload: dict[str, Any], scope: str) -> Inbound:
        """A payload of the channel as a message; scope makes its id unique. Raises PayloadError."""
        ...

    def render(self, content: dict[str, Any]) -> dict[str, Any]:
        """The content of a stored message as the channel shows it."""
        ...
