"""The peer, and an adapter that talks to it."""

from collections.abc import AsyncIterator

import pytest

from channels.sms.adapter import SmsAdapter
from tests.channels.sms.factories import config
from tests.peers.twilio import TwilioPeer


@pytest.fixture
async def peer() -> AsyncIterator[TwilioPeer]:
    async with TwilioPeer() as running:
        yield running


@pytest.fixture
async def adapter(peer: TwilioPeer) -> AsyncIterator[SmsAdapter]:
    made = SmsAdapter(config(api_url=peer.url))
    yield made
    await made.close()
