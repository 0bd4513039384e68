"""A town whose people want to hear of things."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.answers.desk import Desk
from backend.conversations.models import Conversation
from backend.conversations.service import conversation
from backend.core.settings import Settings
from backend.offices.schemas import Office
from backend.subscriptions import service
from backend.subscriptions.models import Subscription
from backend.subscriptions.schemas import NewSubscription
from tests.backend.surveys.factories import ADAPTERS, Pushing, Town


@dataclass
class Crowd(Town):
    """People and what they subscribe to."""

    def desk(self, **changes: Any) -> Desk:
        """With all channels there are."""
        return replace(super().desk(**changes), adapters={**ADAPTERS, "whatsapp": Pushing("whatsapp")})

    async def of(self, conversation_id: UUID) -> Conversation:
        return await conversation(self.session, conversation_id)

    async def wants(self, conversation_id: UUID, topic: str, *areas: str, language: str = "en") -> bool:
        """Say yes; returns whether news reaches them on this channel."""
        wish = NewSubscription(topic=topic, areas=list(areas), language=language)
        return await service.subscribe(self.session, self.office, await self.of(conversation_id), wish)

    async def subscriber(self, topic: str, *areas: str, channel: str = "sms") -> UUID:
        """Somebody new who wants this; returns their contact."""
        mine = await self.person(channel)
        await self.wants(mine, topic, *areas)
        return (await self.of(mine)).contact_id

    async def has(self, contact_id: UUID) -> list[tuple[str, str | None]]:
        return [(one.topic, one.area) for one in await service.current(self.session, contact_id)]

    async def ever(self, contact_id: UUID) -> list[Subscription]:
        return list(await service.everything(self.session, contact_id))


@pytest.fixture
async def crowd(session: AsyncSession, settings: Settings, office: Office) -> Crowd:
    return Crowd(session, settings, office)
