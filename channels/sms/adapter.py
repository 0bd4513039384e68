"""SMS through Twilio: its webhooks to messages, stored messages to SMS."""

from typing import Any

import httpx

from channels.adapter import Call, Pace
from channels.message import Arrival, Choice, Inbound, Media, Parsed
from channels.sms import incoming, webhook
from channels.sms.client import create_message, http_client, rest_client
from channels.sms.config import TwilioConfig
from channels.sms.folding import cheaper
from channels.sms.keywords import carrier_stops, wish
from channels.sms.media import MediaSource, is_loopback
from channels.sms.options import numbered, option_number
from channels.sms.segments import counted
from channels.sms.senders import language_of, normal, unanswerable
from channels.sms.webhook import Fields
from channels.splitting import pieces, units
from channels.text import VISIBLE, cleaned

LIMIT = 1600
"""The longest body Twilio takes, in UTF-16 code units (its error 21617)."""


class SmsAdapter:
    """One number, or one messaging service, of an account with Twilio."""

    name = "sms"
    pull = False
    acknowledgement = ("text/xml", "<Response/>")
    prefix = ""
    """What Twilio writes before the numbers of this channel."""
    filtered = True
    """Whether Twilio answers the carriers' stop words by itself."""
    metered = True
    """Whether messages are paid by the segment."""

    def __init__(self, config: TwilioConfig, public_url: str = "") -> None:
        self.config = config
        self.pace = Pace(per_second=config.per_second, per_address_seconds=1.0)
        self.origin = self._origin()
        self.callback = self._callback(public_url)
        self.http = http_client(config)
        self.client = rest_client(config, self.http)
        self.files = MediaSource(config, self.http)

    def verify(self, call: Call) -> None:
        """Make sure that a call comes from Twilio, for our account. Raises ForgedError."""
        webhook.check(call, self.config)

    def parse(self, call: Call) -> Parsed:
        """A person's message, or what became of one of ours: both come to one address. Raises PayloadError."""
        fields = webhook.fields(call)
        if incoming.is_status(fields):
            return incoming.delivery(fields)
        if reason := self._ignored(fields):
            return Parsed(ignored=reason)
        said = self._said(fields)
        messages = ([said] if said else []) + incoming.attachments(fields)
        if not messages:
            return Parsed(ignored="empty")
        sender = self._sender(fields)
        name = cleaned(fields.one("ProfileName")) or None
        arrivals = (Arrival(sender=sender, inbound=one, language=language_of(sender), name=name) for one in messages)
        return Parsed(events=tuple(arrivals))

    def render(self, content: dict[str, Any], number: int) -> tuple[dict[str, Any], ...]:
        """Text, address and numbered options as bodies with what they cost; all options are on the last one."""
        link = content.get("link") or {}
        tail = [link["url"]] if link else []
        tail += numbered(button["title"] for button in content.get("buttons") or ())
        body = "\n".join([content.get("text") or "", *tail])
        if self.metered:
            body = cheaper(body, content.get("language"))
        head, *tail = body.rsplit("\n", len(tail)) if tail else [body]
        return tuple(self._part(piece) for piece in _bodies(head, "\n".join(tail)))

    async def send(self, address: str, part: dict[str, Any]) -> str | None:
        """Hand one body over; returns the SID. Raises SendError with Twilio's error code as its detail."""
        callback = {"status_callback": self.callback} if self.callback else {}
        return await create_message(
            self.client, to=f"{self.prefix}{address}", body=part["body"], **self.origin, **callback
        )

    async def seen(self, address: str, content: dict[str, Any]) -> None:
        """Nothing: SMS cannot show it."""

    async def fetch(self, media: Media, limit: int) -> bytes:
        """A photo from Twilio, of at most limit bytes. Raises SendError, REFUSED when it is larger or gone."""
        return await self.files.fetch(media.id, limit)

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()

    def _origin(self) -> dict[str, str]:
        """What messages are sent from, as Twilio's client names it."""
        if self.config.messaging_service:
            return {"messaging_service_sid": self.config.messaging_service}
        return {"from_": self.config.number}

    def _callback(self, public_url: str) -> str:
        """Where Twilio tells what became of a message; it refuses messages with an address only we can reach."""
        inside = is_loopback(httpx.URL(public_url).host) and not is_loopback(httpx.URL(self.config.api_url).host)
        return f"{public_url.rstrip('/')}/channels/{self.name}" if public_url and not inside else ""

    def _sender(self, fields: Fields) -> str:
        return normal(fields.one("From").strip().removeprefix(self.prefix))

    def _ignored(self, fields: Fields) -> str | None:
        """Why a message is not for the assistant, if so."""
        sender = self._sender(fields)
        if sender in {normal(self.config.number), normal(fields.one("To"))}:
            return "loop"
        return unanswerable(sender)

    def _said(self, fields: Fields) -> Inbound | None:
        """What a message says besides its files; None when that is nothing."""
        sid, text = incoming.message_id(fields), cleaned(fields.one("Body"))
        if answered := incoming.opt_out(fields):
            return Inbound(external_id=sid, text=text, wish=answered, silent=True)
        if asked := wish(text):
            return Inbound(external_id=sid, text=text, wish=asked, silent=self.filtered and carrier_stops(text))
        place = incoming.position(fields)
        if not VISIBLE.search(text) and not place:
            return None
        return Inbound(external_id=sid, text=text, position=place, choice=incoming.pressed(fields) or _chosen(text))

    def _part(self, body: str) -> dict[str, Any]:
        if not self.metered:
            return {"body": body}
        cost = counted(body)
        return {"body": body, "segments": cost.segments, "encoding": cost.encoding}


def _chosen(text: str) -> Choice | None:
    option = option_number(text)
    return Choice(message=None, index=option - 1) if option else None


def _bodies(head: str, tail: str) -> list[str]:
    """Bodies Twilio takes, the tail whole on the last of them where it fits on one."""
    bodies = pieces(head, (units, LIMIT))
    if tail and bodies and len(pieces(f"{bodies[-1]}\n{tail}", (units, LIMIT))) == 1:
        return [*bodies[:-1], f"{bodies[-1]}\n{tail}"]
    return bodies + pieces(tail, (units, LIMIT))
