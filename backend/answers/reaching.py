"""Where a person is reached with something they did not ask for, and when."""

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from backend.answers.desk import Desk
from backend.contacts import service as contacts
from backend.conversations import service as conversations
from backend.conversations.models import Conversation
from backend.core.database import utcnow


class Reached(NamedTuple):
    """The conversation to say it in, and since when it may be said there: None means now."""

    conversation: Conversation
    later: datetime | None


async def reach(session: AsyncSession, desk: Desk, people: Collection[UUID]) -> Reached | None:
    """The channel they last wrote on, among those they did not stop; None when nobody wants to hear of it."""
    for conversation in await conversations.of_contacts(session, people, list(desk.adapters)):
        if await contacts.wants_news(session, conversation.contact_id, conversation.channel):
            return Reached(conversation, await _quiet(session, desk, conversation))
    return None


async def _quiet(session: AsyncSession, desk: Desk, conversation: Conversation) -> datetime | None:
    if desk.adapters[conversation.channel].pull:
        return None
    zones = await contacts.zones(session, conversation.contact_id, desk.office.profile.zone)
    return quiet_everywhere_until(utcnow(), zones, desk.settings.quiet_from, desk.settings.quiet_until)


def quiet_everywhere_until(now: datetime, zones: Sequence[ZoneInfo], begins: time, ends: time) -> datetime | None:
    """When it is next day in all zones a person may live in; None when it is now.

    Where it is never day in all of them at once, the first one counts.
    """
    moment = now
    for _ in range(2 * len(zones)):
        waits = [end for zone in zones if (end := quiet_until(moment, zone, begins, ends))]
        if not waits:
            return moment if moment > now else None
        moment = max(waits)
    return quiet_until(now, zones[0], begins, ends)


def quiet_until(now: datetime, zone: ZoneInfo, begins: time, ends: time) -> datetime | None:
    """When the quiet hours that now is in end, in the zone's time; None outside of them.

    Hours that begin and end at the same time never are.
    """
    local = now.astimezone(zone)
    for day in (local.date() - timedelta(days=1), local.date()):
        start = datetime.combine(day, begins, zone)
        end = datetime.combine(day + timedelta(days=1) if ends <= begins else day, ends, zone)
        if begins != ends and start <= local < end:
            return end
    return None
