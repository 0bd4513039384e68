"""The channels there are. A new one is a folder and a line here."""

from pathlib import Path

from channels.adapter import Adapter
from channels.sms.build import build as sms
from channels.sms.config import TwilioConfig
from channels.telegram.build import build as telegram
from channels.telegram.config import TelegramConfig
from channels.web.build import build as web
from channels.whatsapp.build import build as whatsapp

BUILDERS = (web, telegram, sms, whatsapp)
CONFIGS = (TelegramConfig, TwilioConfig)


def check_settings(env_file: Path | None) -> None:
    """Raise pydantic's ValidationError when a channel's settings contradict each other; makes no client."""
    for config in CONFIGS:
        config(_env_file=env_file)


def configured(env_file: Path | None, public_url: str) -> dict[str, Adapter]:
    """The channels this installation has settings for, by name; public_url is where providers reach us.

    Raises pydantic's ValidationError when a channel's settings contradict each other.
    """
    built = [build(env_file, public_url) for build in BUILDERS]
    return {adapter.name: adapter for adapter in built if adapter is not None}
