"""Makes the web channel."""

from pathlib import Path

from channels.adapter import Adapter
from channels.web.adapter import WebAdapter


def build(env_file: Path | None, public_url: str) -> Adapter:
    """The web chat is always there."""
    return WebAdapter()
