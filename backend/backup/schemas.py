"""What a backup says about itself."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel


class Part(BaseModel):
    """One file of a backup; its size in bytes and the SHA-256 of its content in hex."""

    name: str
    size: int
    sha256: str


class Manifest(BaseModel):
    """The last file of a backup, written when everything else is in it."""

    format: Literal[1] = 1
    version: str
    """Of the program that wrote it."""
    revision: str
    """Of the database's schema: the newest migration that was applied."""
    postgres: int
    """The server's major version."""
    office: str
    taken_at: AwareDatetime
    """The moment of which the database is."""
    tables: dict[str, int]
    """Rows of each table."""
    missing: list[str]
    """Names of photos and documents the database knows and the storage did not have."""
    key_check: str
    """Tells whether an installation has the same SECRET_KEY, without telling the key."""
    parts: list[Part]
