"""What both parties have to be told is noted with the act itself, each thing once; the telling is a job."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import utcnow
from backend.core.queue import defer
from backend.disputes import repository
from backend.disputes.models import DisputeParty
from backend.disputes.schemas import SIDES
from backend.offices.service import Office
from backend.tickets.models import Visit

TELL_TASK = "disputes:tell_party"
REMIND_TASK = "disputes:remind_parties"
REMINDED_AT = time(10)
"""Office time, the day before."""


class Parties(Protocol):
    """A dispute, as far as telling its parties needs to know it."""

    @property
    def parties(self) -> dict[str, DisputeParty]: ...  # noqa: D102


async def announce(
    session: AsyncSession,
    whole: Parties,
    about: str,
    key: str,
    content: dict[str, object],
    *,
    sides: Sequence[str] = SIDES,
) -> None:
    """Have the parties told, each once for a key; a party nobody has confirmed is told nothing."""
    for side in sides:
        party = whole.parties[side]
        if party.confirmed_at is not None:
            await note(session, party.id, about, key, content)


async def note(
    session: AsyncSession, party_id: UUID, about: str, key: str, content: dict[str, object], at: datetime | None = None
) -> None:
    """Have one party told, not before `at`."""
    await session.flush()
    notice_id = await repository.add_notice(session, party_id, about, key, content)
    if notice_id is not None:
        await defer(session, TELL_TASK, at=at, notice_id=notice_id)


async def remind_later(session: AsyncSession, office: Office, visit: Visit) -> None:
    """Have both parties reminded the day before, if that is still to come."""
    zone = office.profile.zone
    day = visit.at.astimezone(zone).date() - timedelta(days=1)
    moment = datetime.combine(day, REMINDED_AT, zone)
    if moment > utcnow():
        await session.flush()
        await defer(session, REMIND_TASK, at=moment, visit_id=visit.id, version=visit.version)
