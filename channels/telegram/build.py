"""Makes the Telegram channel, when the settings want one."""

from pathlib import Path

from channels.adapter import Adapter
from channels.telegram.config import TelegramConfig


def build(env_file: Path | None, public_url: str) -> Adapter | None:
    """The adapter, None when Telegram is off. Raises ValueError for incomplete settings."""
    config = TelegramConfig(_env_file=env_file)
    if config.mode == "off":
        return None
    from channels.telegram.adapter import TelegramAdapter  # noqa: PLC0415 - 20 MB nobody pays for who has no bot

    return TelegramAdapter(config)
