"""Secrets: made for development, hashes and tokens."""

import hashlib
import hmac
import secrets
from pathlib import Path

from pydantic import SecretStr

from backend.core.settings import Settings


def with_development_secrets(settings: Settings) -> Settings:
    """Fill missing secrets with random ones kept in the data folder (mode 0600); production never gets here empty."""
    missing = {
        name: SecretStr(_kept_secret(settings.data_dir / f"{name}.secret"))
        for name in ("internal_token", "secret_key")
        if not getattr(settings, name).get_secret_value()
    }
    return settings.model_copy(update=missing)


def _kept_secret(path: Path) -> str:
    if kept := path.read_text().strip() if path.exists() else "":
        return kept
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(secrets.token_urlsafe(32))
    return path.read_text()


def new_token() -> str:
    """A token of 256 random bits, safe in headers and URLs."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """What is stored of a token: its SHA-256, in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def keyed_digest(key: SecretStr, text: str) -> str:
    """HMAC-SHA-256 in hex: for short secrets (PINs) that a stolen table must not give away."""
    return hmac.new(key.get_secret_value().encode(), text.encode(), hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare two secrets in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())
