"""Makes the SMS channel, when the settings want one."""

from pathlib import Path

from channels.adapter import Adapter
from channels.sms.config import TwilioConfig


def build(env_file: Path | None, public_url: str) -> Adapter | None:
    """The adapter, or None where no number is set. Raises ValueError for half an account."""
    config = TwilioConfig(_env_file=env_file)
    if not (config.number or config.messaging_service):
        return None
    from channels.sms.adapter import SmsAdapter  # noqa: PLC0415 - Twilio's client is large

    return SmsAdapter(config, public_url)
