"""Makes the WhatsApp channel, when the settings want one."""

from pathlib import Path

from channels.adapter import Adapter
from channels.sms.config import TwilioConfig


def build(env_file: Path | None, public_url: str) -> Adapter | None:
    """The adapter, or None where no number is set. Raises ValueError for half an account."""
    config = TwilioConfig(_env_file=env_file)
    if not config.whatsapp_number:
        return None
    from channels.whatsapp.adapter import WhatsAppAdapter  # noqa: PLC0415 - Twilio's client is large

    return WhatsAppAdapter(config, public_url)
