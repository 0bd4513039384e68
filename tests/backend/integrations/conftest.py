"""An office that tells a receiver what happens."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.core.settings import Settings
from backend.offices.schemas import Office
from tests.backend.integrations.receivers import Hooked
from tests.peers.webhook import WebhookPeer


@pytest.fixture
async def hooked(engine: AsyncEngine, settings: Settings, office: Office) -> AsyncIterator[Hooked]:
    """An office of its own with one endpoint for every event, and the receiver behind it."""
    async with WebhookPeer() as peer:
        hooked = Hooked.new(engine, settings, office, peer)
        await hooked.add_endpoint()
        yield hooked
        await hooked.close()
