"""What disputes hold of a person is forgotten; that there was one, its steps, dates and outcome stay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import driver_connection
from backend.disputes import repository
from backend.disputes.telling import lane_id
from backend.outbox import service as outbox


async def forget(session: AsyncSession, contact_id: UUID, ticket_ids: Sequence[UUID]) -> None:
    """Forget a person as a party, and what their disputes were said to be about."""
    mine = await repository.parties_of(session, contact_id)
    both = await repository.party_ids(session, [*ticket_ids, *(party.ticket_id for party in mine)])
    await _forget(session, [party.id for party in mine])
    await repository.forget_told(session, both)  # the other party was told this one's name
    connection = await driver_connection(session)
    for party_id in both:
        await outbox.forget_sent(connection, lane_id(party_id))
    await repository.forget_claims(session, ticket_ids)


async def forget_tickets(session: AsyncSession, ticket_ids: Sequence[UUID]) -> None:
    """Forget both parties of disputes whose tickets were closed long ago."""
    await _forget(session, await repository.party_ids(session, ticket_ids))
    await repository.forget_claims(session, ticket_ids)


async def _forget(session: AsyncSession, party_ids: Sequence[UUID]) -> None:
    await repository.forget(session, party_ids)
    connection = await driver_connection(session)
    for party_id in party_ids:
        await outbox.forget_lane(connection, lane_id(party_id))


async def of_contact(session: AsyncSession, contact_id: UUID) -> list[dict[str, Any]]:
    """What a person said and was told as a party, ready for JSON; nothing of the other party."""
    return [
        {
            "ticket_id": str(party.ticket_id),
            "side": party.side,
            "role": party.role,
            "name": party.name,
            "phone": party.phone,
            "postal_address": party.postal_address,
            "language": party.language,
            "representative": party.representative,
            "statement": party.statement,
            "score": party.score,
            "words": party.words,
            "told": [{"at": _at(one.told_at), "text": one.text} for one in await repository.told_to(session, party.id)],
        }
        for party in await repository.parties_of(session, contact_id)
    ]


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
