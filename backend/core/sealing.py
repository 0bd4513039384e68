"""Secrets that have to be read again: encrypted with the office's key. Apart, for few processes need the library."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr


def sealed(key: SecretStr, text: str) -> str:
    """A secret we must read again later, encrypted: a stolen table does not give it away."""
    return _box(key).encrypt(text.encode()).decode()


def unsealed(key: SecretStr, token: str) -> str:
    """What was sealed; empty when it was sealed with another key, or never."""
    try:
        return _box(key).decrypt(token.encode()).decode()
    except InvalidToken:
        return ""


def _box(key: SecretStr) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.get_secret_value().encode()).digest()))
