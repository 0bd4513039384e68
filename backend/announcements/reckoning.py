"""What sending an announcement would take: people, channels, languages, SMS, money and time."""

from collections import Counter
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.announcements.schemas import Content, Estimate, Group
from backend.announcements.wording import SMS, sms, text_language
from backend.answers.desk import Desk
from backend.contacts import service as contacts
from backend.conversations import service as conversations
from backend.subscriptions.service import audience


async def estimate(session: AsyncSession, desk: Desk, content: Content) -> Estimate:
    """Whom an announcement would reach now, each on the channel they last wrote on and did not stop.

    Without any text yet, people are counted as if each had one in their language.
    """
    people = await audience(session, desk.office.profile.id, content.topic, content.areas)
    reached = await _reached(session, desk, people)
    groups = tuple(
        _group(desk, content, channel, language, count)
        for (channel, language), count in sorted(Counter(reached).items())
    )
    cost, unreached = desk.settings.sms_segment_cost, len(people) - len(reached)
    return Estimate(groups, unreached, cost, _minutes(desk, groups))


async def _reached(session: AsyncSession, desk: Desk, people: list[UUID]) -> list[tuple[str, str]]:
    stopped = await contacts.stopped_among(session, people)
    first: dict[UUID, tuple[str, str]] = {}
    for contact_id, channel, language in await conversations.spoken_with(session, people, list(desk.adapters)):
        if (contact_id, channel) not in stopped:
            first.setdefault(contact_id, (channel, language))
    return list(first.values())


def _group(desk: Desk, content: Content, channel: str, language: str, people: int) -> Group:
    if not content.texts:
        return Group(channel, language, language, people, 0)
    written = text_language(desk.office, content.texts, language)
    segments = sms(desk.office, content, language)[1].segments if channel == SMS else 0
    return Group(channel, language, written, people, segments)


def _minutes(desk: Desk, groups: tuple[Group, ...]) -> float:
    """The throttle, or the slowest channel: whichever takes longer."""
    needed = [sum(group.people for group in groups) / desk.settings.announcements_per_minute]
    for name, adapter in desk.adapters.items():
        if adapter.pace.per_second:
            there = sum(group.people for group in groups if group.channel == name)
            needed.append(there / (adapter.pace.per_second * 60))
    return max(needed)
