"""Subscriptions: who wants announcements of what, where; how one begins, and every way it ends."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.audit.service import record
from backend.contacts.service import wants_news
from backend.conversations.models import Conversation
from backend.core.catalogue import backend_catalogue
from backend.core.database import utcnow
from backend.core.errors import NotAllowedError
from backend.core.secrets import token_digest
from backend.offices.service import Office
from backend.subscriptions import repository
from backend.subscriptions.errors import SubscriptionNotFoundError, SubscriptionUnknownError
from backend.subscriptions.models import Subscription
from backend.subscriptions.schemas import Count, How, Named, NewSubscription, Subscriptions

CONSENT = ("subscriptions.consent", "subscriptions.way_out")


async def audience(session: AsyncSession, office_id: str, topic: str, areas: Collection[str]) -> list[UUID]:
    """The contacts who want announcements of a topic in some districts; no district means the whole office.

    Who subscribed to everywhere always belongs. Whether and where each can be told is `answers.reaching`'s to say.
    """
    return await repository.audience(session, office_id, topic, areas)


async def counts(session: AsyncSession, office_id: str) -> list[Count]:
    """How many people want what, by topic and area, everywhere first."""
    return [Count(*row) for row in await repository.counts(session, office_id)]


async def subscribe(session: AsyncSession, office: Office, of: Conversation, wish: NewSubscription) -> bool:
    """Keep what a person said yes to, with when, where and to which sentence; what they have already stays as it is.

    Everywhere takes the place of single districts. Returns whether this channel delivers news to them: not after a
    STOP. Raises SubscriptionUnknownError.
    """
    districts = {district.name for district in office.gazetteer.districts}
    if wish.topic not in office.announcement_topics or not districts.issuperset(wish.areas):
        raise SubscriptionUnknownError
    if not wish.areas:
        await repository.end(session, of.contact_id, "replaced", repository.districts_of(wish.topic))
    had = {one.area for one in await repository.active(session, of.contact_id) if one.topic == wish.topic}
    wanted: list[str | None] = [*wish.areas] or [None]
    for area in [] if None in had else wanted:
        await repository.add(session, _row(office, of, wish, area))
    return await wants_news(session, of.contact_id, of.channel)


def _row(office: Office, of: Conversation, wish: NewSubscription, area: str | None) -> dict[str, object]:
    return {
        "office_id": office.profile.id,
        "contact_id": of.contact_id,
        "topic": wish.topic,
        "area": area,
        "channel": of.channel,
        "language": wish.language,
        "sentence": consent_version(of.channel, wish.language),
        "asked_at": utcnow(),
    }


def consent_version(channel: str, language: str) -> str:
    """The version of the sentence a person says yes to: a digest of its words."""
    texts = backend_catalogue()
    words = [texts.text(key, language) for key in (*CONSENT, f"subscriptions.here.{channel}")]
    return token_digest("\n".join(words))[:12]


async def current(session: AsyncSession, contact_id: UUID) -> Sequence[Subscription]:
    """What a person is subscribed to, oldest first."""
    return await repository.active(session, contact_id)


async def everything(session: AsyncSession, contact_id: UUID) -> Sequence[Subscription]:
    """All subscriptions a person ever had, for the copy of their data."""
    return await repository.all_of(session, contact_id)


async def forget(session: AsyncSession, contact_id: UUID) -> None:
    """Delete all that is known of a person's subscriptions."""
    await repository.delete_all(session, contact_id)


async def count_ended(session: AsyncSession, office_id: str, before: datetime) -> int:
    """How many subscriptions ended before a moment."""
    return await repository.count_ended(session, office_id, before)


async def forget_ended(session: AsyncSession, office_id: str, before: datetime) -> None:
    """Delete what is known of subscriptions that ended before a moment."""
    await repository.delete_ended(session, office_id, before)


def titles(office: Office, subscriptions: Sequence[Subscription], language: str) -> list[Named]:
    """What subscriptions are called in a language: topic and area."""
    return [Named(id=str(one.id), title=_title(office, one, language)) for one in subscriptions]


def _title(office: Office, one: Subscription, language: str) -> str:
    names = office.announcement_topics.get(one.topic)
    return f"{names[language] if names else one.topic} · {one.area or everywhere(language)}"


def everywhere(language: str) -> str:
    """The word for everywhere."""
    return backend_catalogue().text("subscriptions.everywhere", language)


async def listed(session: AsyncSession, office: Office, contact_id: UUID, language: str) -> Subscriptions:
    """What a person is subscribed to, in their words."""
    return _told(office, await current(session, contact_id), language)


def _told(
    office: Office, left: Sequence[Subscription], language: str, ended: Sequence[Subscription] = ()
) -> Subscriptions:
    return Subscriptions(
        current=titles(office, left, language),
        ended=[one.title for one in titles(office, ended, language)],
        all_title=backend_catalogue().text("subscriptions.all", language),
    )


async def end(
    session: AsyncSession, office: Office, contact_id: UUID, which: UUID | None, language: str
) -> Subscriptions:
    """End one of a person's subscriptions, or all; one that has ended already is not told again."""
    before = await current(session, contact_id)
    named = () if which is None else (repository.with_id(which),)
    over = set(await repository.end(session, contact_id, "person", *named))
    left = [one for one in before if one.id not in over]
    return _told(office, left, language, [one for one in before if one.id in over])


async def leave(session: AsyncSession, contact_id: UUID, how: How = "phrase") -> None:
    """End all of a person's subscriptions; news of their own tickets goes on."""
    await repository.end(session, contact_id, how)


async def end_by_agent(session: AsyncSession, agent: Agent, contact_id: UUID, which: UUID) -> None:
    """End a subscription because the person asked an agent to. Raises NotAllowedError, SubscriptionNotFoundError."""
    if not agent.may("chat"):
        raise NotAllowedError
    if not await repository.end(session, contact_id, "agent", repository.with_id(which)):
        raise SubscriptionNotFoundError
    await record(session, agent, "subscription.ended", "subscription", which)
