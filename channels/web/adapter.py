"""The web chat: payloads of the widget to messages, stored messages to what the widget shows."""

import json
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from channels.adapter import Call, Pace
from channels.errors import REFUSED, ForgedError, PayloadError, SendError
from channels.message import Arrival, Inbound, Media, Parsed, Position
from channels.text import VISIBLE, cleaned

SHOWN = ("text", "buttons", "link", "article", "photo", "document", "position", "by")


class WidgetPosition(Position):
    """A position as browsers tell it; what we do not use, such as its accuracy, is left out."""

    model_config = ConfigDict(extra="ignore")


class WidgetMessage(BaseModel):
    """What the widget posts."""

    model_config = ConfigDict(extra="ignore")

    id: UUID
    text: str = ""
    button: str | None = None
    position: WidgetPosition | None = None


class WebAdapter:
    """The widget fetches its messages over HTTP and an event stream; who calls is proved by the session's token."""

    name = "web"
    pull = True
    pace = Pace()
    acknowledgement = ("application/json", "{}")

    def verify(self, call: Call) -> None:
        """The backend has found the session already. Raises ForgedError when it has not."""
        if not call.sender:
            raise ForgedError("session_unknown")

    def parse(self, call: Call) -> Parsed:
        """A widget's message; its id is unique within its conversation only.

        Raises PayloadError `invalid_request` or `message_empty`.
        """
        try:
            message = WidgetMessage.model_validate(json.loads(call.body))
        except ValueError:
            raise PayloadError("invalid_request") from None
        text, button = cleaned(message.text), cleaned(message.button or "")
        if not (VISIBLE.search(text) or button or message.position):
            raise PayloadError("message_empty")
        position = Position(**message.position.model_dump()) if message.position else None
        inbound = Inbound(external_id=str(message.id), text=text, payload=button or None, position=position)
        return Parsed(events=(Arrival(sender=call.sender, inbound=inbound),))

    def render(self, content: dict[str, Any], number: int) -> tuple[dict[str, Any], ...]:
        """Every part the widget knows, absent ones as null; payloads of pressed buttons stay with us."""
        shown = {part: content.get(part) for part in SHOWN}
        return ({**shown, "text": shown["text"] or "", "buttons": shown["buttons"] or []},)

    async def send(self, address: str, part: dict[str, Any]) -> str | None:
        """Nobody sends to a browser. Raises SendError."""
        raise SendError(REFUSED)

    async def seen(self, address: str, content: dict[str, Any]) -> None:
        """The widget shows this itself."""

    async def fetch(self, media: Media, limit: int) -> bytes:
        """Photos come as uploads. Raises SendError."""
        raise SendError(REFUSED)

    async def close(self) -> None:
        """Nothing is open."""
