"""The web chat: payloads of the widget to messages, stored messages to what the widget shows."""

import re
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from channels.errors import PayloadError
from channels.message import Inbound, Position

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
LINE_END = re.compile(r"\r\n|[\r\u2028\u2029]")
VISIBLE = re.compile(r"[^\s\u200b-\u200f\u2060\ufeff]")
SHOWN = ("text", "buttons", "link", "article", "photo", "position")


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
    """The widget fetches its messages over HTTP and an event stream."""

    name = "web"
    pull = True

    def parse(self, payload: dict[str, Any], scope: str) -> Inbound:
        """A widget's message. Raises PayloadError `invalid_request` or `message_empty`."""
        try:
            message = WidgetMessage.model_validate(payload)
        except ValidationError:
            raise PayloadError("invalid_request") from None
        text, button = cleaned(message.text), cleaned(message.button or "")
        if not (VISIBLE.search(text) or button or message.position):
            raise PayloadError("message_empty")
        position = Position(**message.position.model_dump()) if message.position else None
        return Inbound(external_id=f"{scope}:{message.id}", text=text, payload=button or None, position=position)

    def render(self, content: dict[str, Any]) -> dict[str, Any]:
        """Every part the widget knows, absent ones as null; payloads of pressed buttons stay with us."""
        shown = {part: content.get(part) for part in SHOWN}
        return {**shown, "text": shown["text"] or "", "buttons": shown["buttons"] or []}


def cleaned(text: str) -> str:
    """Text without control and direction-override characters, line ends as `\\n`, no blanks around it."""
    return CONTROL.sub("", LINE_END.sub("\n", text)).strip()
