"""Settings of the backend, read from the environment and from `.env`."""

import hashlib
import os
from datetime import time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[2]
"""The folder of the checkout: data, models and the bot are found from here."""


ENV_FILE = ROOT / ".env"


def default_data_dir() -> Path:
    """Where embedded PostgreSQL, photos and generated secrets live.

    As root, PostgreSQL runs as another user and every folder above its data must be open to it; a place under
    /var/lib is, a home folder is not and must not be opened.
    """
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/komshu") / hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
    return ROOT / ".komshu"


def libpq_url(url: str) -> str:
    """The same database for libpq and psycopg, without SQLAlchemy's driver name."""
    return url.replace("postgresql+psycopg:", "postgresql:", 1)


class Settings(BaseSettings):
    """Every setting, with its unit in the name or the description. docs/settings.md lists them."""

    model_config = SettingsConfigDict(env_file=ENV_FILE, extra="ignore")

    environment: Literal["development", "production"] = "development"
    office: str = Field("timisoara", pattern=r"^[a-z0-9-]+$")
    data_dir: Path = Field(default_factory=default_data_dir)
    offices_dir: Path = ROOT / "data" / "offices"
    database_url: str = ""
    """SQLAlchemy URL of a PostgreSQL server; empty means the embedded one."""
    database_pool_size: int = Field(4, ge=1, le=100)

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    internal_port: int = Field(8001, ge=1, le=65535)
    """Loopback only: the actions and the API they call."""
    rasa_port: int = Field(5005, ge=1, le=65535)
    rasa_url: str = ""
    """Where Rasa listens; empty means this machine at rasa_port."""
    rasa_python: Path = ROOT / ".venv-rasa" / "bin" / "python"
    public_url: str = ""
    """How the world reaches the chat; empty means http://host:port."""
    allowed_origins: list[str] = []
    """Web sites that may embed the widget, e.g. ["https://www.example.org"]."""

    internal_token: SecretStr = SecretStr("")
    """Shared by backend, actions and Rasa. In development one is made and kept in data_dir."""
    secret_key: SecretStr = SecretStr("")
    """Keys the hashes of PINs. In development one is made and kept in data_dir."""

    attachments_storage: Literal["disk", "s3"] = "disk"
    """Where photos and documents lie: in data_dir, or in a bucket that speaks S3."""
    s3_endpoint: str = ""
    """Such as https://s3.example.org; empty means Amazon's, of s3_region."""
    s3_bucket: str = ""
    s3_region: str = "us-east-1"
    s3_access_key: str = ""
    s3_secret_key: SecretStr = SecretStr("")

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"

    worker_concurrency: int = Field(8, ge=1, le=200)
    sender_concurrency: int = Field(8, ge=1, le=200)
    notice_seconds: float = Field(8.0, ge=1)
    """How long a citizen waits without an answer before being told that the message is here."""
    turn_timeout_seconds: float = Field(15.0, gt=0)
    turn_attempts: int = Field(7, ge=1)
    """With the pauses between them these take a minute: long enough for a part that died to be back."""
    bot_away_seconds: float = Field(900.0, ge=0)
    """How long messages wait for a bot that cannot be reached before the citizen is told."""
    lease_seconds: float = Field(10.0, ge=1)
    poll_seconds: float = Field(1.0, gt=0)

    message_max_characters: int = Field(4000, ge=100)
    photo_max_bytes: int = Field(8 * 1024 * 1024, ge=10_000)
    photo_max_pixels: int = Field(40_000_000, ge=10_000)
    document_max_bytes: int = Field(10 * 1024 * 1024, ge=10_000)
    document_max_pages: int = Field(100, ge=1)
    """How long a PDF a citizen sends may be."""
    messages_per_minute: int = Field(30, ge=1)
    sessions_per_minute: int = Field(30, ge=1)
    quiet_from: time = time(21, 0)
    quiet_until: time = time(8, 0)
    """Between these, in the citizen's own time, nothing goes out that was not asked for."""
    survey_delay_minutes: float = Field(60.0, ge=0)
    """How long after the news that a ticket is closed the citizen is asked whether it is solved."""
    announcements_per_minute: int = Field(120, ge=1)
    """How many people at most are told of announcements in a minute, all announcements together."""
    sms_segment_cost: Decimal = Field(Decimal(0), ge=0)
    """What the provider takes for one segment of an SMS, in sms_currency; 0: not known."""
    sms_currency: str = Field("EUR", pattern=r"^[A-Z]{3}$")
    lookup_tries_per_hour: int = Field(5, ge=1)
    retention_message_days: int = Field(0, ge=0)
    """After so many days messages lose their words; 0 keeps them."""
    retention_ticket_days: int = Field(0, ge=0)
    """So many days after its end a ticket loses what it holds of people; 0 keeps it."""

    sign_in_hours: float = Field(12.0, gt=0)
    """How long an agent stays signed in at most."""
    sign_in_idle_minutes: float = Field(120.0, gt=0)
    """How long an agent stays signed in without a console open."""
    second_factor: Literal["optional", "required"] = "optional"
    """Whether every agent must set up a second factor."""
    oidc_issuer: str = ""
    """The office's identity provider, such as https://login.example.org/realms/office; empty: own accounts only."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    api_requests_per_minute: int = Field(300, ge=1)
    """How many requests one token may make, counted in each process."""
    webhook_timeout_seconds: float = Field(10.0, gt=0, le=60)
    """How long the receiver of a webhook may take to answer."""
    agent_absent_seconds: float = Field(120.0, ge=15)
    """How long an agent's console may be closed before a chat in which the citizen waits goes back to the queue."""
    agent_silence_minutes: float = Field(30.0, gt=0)
    """How long a chat with an agent may be silent before the assistant takes it back."""

    @model_validator(mode="after")
    def secrets_are_set_outside_development(self) -> Self:
        """Refuse to start in production without own secrets."""
        if self.environment == "production":
            for name in ("internal_token", "secret_key"):
                if len(getattr(self, name).get_secret_value()) < 32:
                    raise ValueError(f"{name.upper()} must be set to at least 32 characters outside development")
        return self

    @model_validator(mode="after")
    def a_bucket_is_named_with_its_keys(self) -> Self:
        """Refuse a bucket without name or keys: else keys of other programs on this machine would be looked for."""
        if self.attachments_storage == "s3":
            for name in ("s3_bucket", "s3_access_key", "s3_secret_key"):
                value = getattr(self, name)
                if not (value.get_secret_value() if isinstance(value, SecretStr) else value):
                    raise ValueError(f"{name.upper()} must be set when ATTACHMENTS_STORAGE is s3")
        return self

    @property
    def rasa_base_url(self) -> str:
        """Base URL of the Rasa server, without a trailing slash."""
        return (self.rasa_url or f"http://127.0.0.1:{self.rasa_port}").rstrip("/")

    @property
    def public_base_url(self) -> str:
        """Base URL of the public web chat, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def clocks_dir(self) -> Path:
        """Folder of the countries' statutory terms, beside the offices'."""
        return self.offices_dir.parent / "clocks"

    @property
    def spool_dir(self) -> Path:
        """Folder of what channels brought while the database was away."""
        return self.data_dir / "spool"

    @property
    def attachments_dir(self) -> Path:
        """Folder of the photos citizens send."""
        return self.data_dir / "attachments"


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
