"""The office's account with Twilio."""

from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class TwilioConfig(BaseSettings):
    """Settings of SMS and WhatsApp, from `TWILIO_…` in the environment and `.env`. Raises ValidationError."""

    model_config = SettingsConfigDict(env_prefix="TWILIO_", extra="ignore", hide_input_in_errors=True)

    account_sid: str = ""
    """AC…, as the Twilio console shows it."""
    auth_token: SecretStr = SecretStr("")
    """The account's primary token: it sends messages and signs what Twilio posts to us."""
    number: str = ""
    """The office's number for SMS, such as +40256408300; empty, and no messaging service, turns SMS off."""
    messaging_service: str = ""
    """MG…: a pool of numbers that sends instead of the one number."""
    whatsapp_number: str = ""
    """The office's number on WhatsApp, without `whatsapp:`; empty turns WhatsApp off."""
    api_url: str = Field("https://api.twilio.com", pattern=r"^https?://[^/\s]+/?$")
    per_second: float = Field(1.0, gt=0)
    """SMS the number may send in a second; Twilio queues the rest."""
    timeout_seconds: float = Field(10.0, gt=0)

    @field_validator("number", "whatsapp_number", "api_url")
    @classmethod
    def plain(cls, value: str) -> str:
        """Numbers as Twilio writes them, without blanks; an address without a slash at its end."""
        return value.replace(" ", "").removeprefix("whatsapp:").rstrip("/")

    @model_validator(mode="after")
    def account_comes_with_a_number(self) -> Self:
        """Refuse a number that nothing could be sent from."""
        numbered = self.number or self.messaging_service or self.whatsapp_number
        if numbered and not (self.account_sid and self.auth_token.get_secret_value()):
            raise ValueError("A Twilio number needs TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN as well")
        return self
