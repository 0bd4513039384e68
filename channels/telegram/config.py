"""How the office's Telegram bot is reached: the settings TELEGRAM_MODE, TELEGRAM_TOKEN and so on."""

from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class TelegramConfig(BaseSettings):
    """Settings of the Telegram channel. Raises ValidationError, a ValueError, for a mode without what it needs."""

    # The bot's token is the account: an error must not show what was set.
    model_config = SettingsConfigDict(
        env_prefix="TELEGRAM_", env_file_encoding="utf-8", extra="ignore", hide_input_in_errors=True
    )

    mode: Literal["off", "webhook", "polling"] = Field(
        default="off", description="How updates come: not at all, posted by Telegram, or fetched by us."
    )
    token: SecretStr = Field(default=SecretStr(""), description="The bot's token, as @BotFather gave it.")
    secret: SecretStr = Field(
        default=SecretStr(""),
        description="What Telegram sends with every post: 1-256 characters of A-Z a-z 0-9 _ -; for webhook mode.",
    )
    api_url: str = Field(
        default="https://api.telegram.org", description="The Bot API server: Telegram's, or one of your own."
    )
    per_second: float = Field(default=30, gt=0, description="Messages to everyone together, a second.")
    per_chat_seconds: float = Field(default=1, ge=0, description="Seconds between two messages to one person.")
    timeout_seconds: float = Field(default=10, gt=0, description="Seconds to wait for the Bot API server's answer.")

    @field_validator("api_url")
    @classmethod
    def without_slash(cls, url: str) -> str:
        """An address to which paths are added."""
        return url.rstrip("/")

    @model_validator(mode="after")
    def complete(self) -> Self:
        """Each mode has what it needs."""
        if self.mode != "off" and not self.token.get_secret_value():
            raise ValueError("TELEGRAM_MODE is set, so TELEGRAM_TOKEN is needed.")
        if self.mode == "webhook" and not secret_is_valid(self.secret.get_secret_value()):
            raise ValueError("TELEGRAM_MODE=webhook needs TELEGRAM_SECRET: 1-256 characters of A-Z, a-z, 0-9, _ and -.")
        return self


def secret_is_valid(secret: str) -> bool:
    """Whether Telegram takes this as `secret_token` (https://core.telegram.org/bots/api#setwebhook)."""
    return 1 <= len(secret) <= 256 and secret.isascii() and secret.replace("_", "a").replace("-", "a").isalnum()
