"""The floor of the desk."""

from tests.backend.handoff.conftest import floor

__all__ = ["floor"]
