"""An adapter as an office sets it up; Twilio signs WhatsApp's calls as it signs those of SMS."""

from channels.whatsapp.adapter import WhatsAppAdapter
from tests.channels.sms.factories import PUBLIC_URL, config, signed
from tests.peers.twilio import NUMBER

KINDS = frozenset({"ProfileName", "WaId", "ButtonPayload", "ButtonText", "Latitude", "Longitude", "MessageStatus"})

__all__ = ["KINDS", "adapter", "signed"]


def adapter() -> WhatsAppAdapter:
    return WhatsAppAdapter(config(number="", whatsapp_number=NUMBER), PUBLIC_URL)
