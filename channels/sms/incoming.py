"""What Twilio's parameters say: messages of people and news of ours.

https://www.twilio.com/docs/messaging/guides/webhook-request
https://www.twilio.com/docs/messaging/guides/track-outbound-message-status
"""

import re
from typing import Literal

from pydantic import ValidationError

from channels.errors import PayloadError
from channels.message import Choice, Delivery, Inbound, Media, Parsed, Position, Wish
from channels.sms.failures import reason_of
from channels.sms.webhook import Fields

STATES: dict[str, Literal["sent", "delivered", "failed"]] = {
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
}
INBOUND = frozenset({"", "received", "receiving"})
OPT_OUT: dict[str, Wish] = {"STOP": "stop", "START": "start", "HELP": "help"}
UNREADABLE = {"audio": "voice", "video": "video"}
PDF = "application/pdf"
CONTACTS = frozenset({"text/vcard", "text/x-vcard", "text/directory"})
COUNT = re.compile(r"[0-9]{1,3}")
MOST_MEDIA = 10
PRESSED = re.compile(r"([0-9]{1,9}):([0-9]{1,3})")


def message_id(fields: Fields) -> str:
    """Twilio's name of the message, SM… or MM…. Raises PayloadError when it is absent."""
    for name in ("MessageSid", "SmsMessageSid", "SmsSid"):
        if sid := fields.one(name):
            return sid
    raise PayloadError("message_id_missing")


def is_status(fields: Fields) -> bool:
    """Whether the call is news of a message of ours."""
    return fields.one("MessageStatus") not in INBOUND or (
        "Body" not in fields and fields.one("SmsStatus") not in INBOUND
    )


def delivery(fields: Fields) -> Parsed:
    """What became of a message of ours; states on the way are ignored."""
    state = STATES.get(fields.one("MessageStatus") or fields.one("SmsStatus"))
    if state is None:
        return Parsed(ignored="status")
    reason = reason_of(fields.one("ErrorCode")) if state == "failed" else None
    return Parsed(events=(Delivery(provider_id=message_id(fields), state=state, reason=reason),))


def opt_out(fields: Fields) -> Wish | None:
    """The wish Twilio's Advanced Opt-Out has already answered. Raises PayloadError for one it does not know."""
    kind = fields.one("OptOutType").upper()
    if kind and kind not in OPT_OUT:
        raise PayloadError("opt_out_unknown")
    return OPT_OUT.get(kind)


def position(fields: Fields) -> Position | None:
    """A shared place. Raises PayloadError for one that is not on this globe."""
    latitude, longitude = fields.one("Latitude"), fields.one("Longitude")
    if not latitude and not longitude:
        return None
    try:
        return Position.model_validate({"latitude": latitude, "longitude": longitude})
    except ValidationError:
        raise PayloadError("position_invalid") from None


def pressed(fields: Fields) -> Choice | None:
    """A button of a template, when its payload is `<number of the message>:<index>`; only WhatsApp has them."""
    match = PRESSED.fullmatch(fields.one("ButtonPayload"))
    return Choice(message=int(match[1]), index=int(match[2])) if match else None


def attachments(fields: Fields) -> list[Inbound]:
    """One message for each file: photos and PDFs to fetch, anything else by its kind. Raises PayloadError."""
    count = fields.one("NumMedia") or "0"
    if not COUNT.fullmatch(count):
        raise PayloadError("media_count_invalid")
    sid = message_id(fields)
    return [_attachment(fields, f"{sid}:{place}", place) for place in range(min(int(count), MOST_MEDIA))]


def _attachment(fields: Fields, external_id: str, place: int) -> Inbound:
    url = fields.one(f"MediaUrl{place}")
    kind = fields.one(f"MediaContentType{place}").partition(";")[0].strip().lower()
    if url and kind.startswith("image/") and kind != "image/svg+xml":
        return Inbound(external_id=external_id, media=Media(id=url))
    if url and kind == PDF:
        return Inbound(external_id=external_id, media=Media(id=url, document=True))
    if kind in CONTACTS:
        return Inbound(external_id=external_id, unreadable="contact")
    return Inbound(external_id=external_id, unreadable=UNREADABLE.get(kind.partition("/")[0], "document"))
