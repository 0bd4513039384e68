"""Reads and writes disputes, their parties, notices and answers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import utcnow
from backend.disputes.models import AppointmentAnswer, Dispute, DisputeNotice, DisputeParty


async def add_dispute(session: AsyncSession, values: dict[str, Any], parties: Sequence[dict[str, Any]]) -> bool:
    """Open a dispute with its parties; False when it is open already."""
    statement = insert(Dispute).values(opened_at=utcnow(), **values).on_conflict_do_nothing()
    if await session.scalar(statement.returning(Dispute.ticket_id)) is None:
        return False
    session.add_all(DisputeParty(ticket_id=values["ticket_id"], **party) for party in parties)
    await session.flush()
    return True


async def dispute(session: AsyncSession, ticket_id: UUID) -> Dispute | None:
    """The dispute of a ticket."""
    return await session.get(Dispute, ticket_id)


async def parties(session: AsyncSession, ticket_id: UUID, *, lock: bool = False) -> dict[str, DisputeParty]:
    """The parties of a dispute by their side; locked until the transaction ends when asked."""
    query = select(DisputeParty).where(DisputeParty.ticket_id == ticket_id).order_by(DisputeParty.side)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return {party.side: party for party in await session.scalars(query)}


async def party(session: AsyncSession, party_id: UUID, *, lock: bool = False) -> DisputeParty | None:
    """A party by its id."""
    return await session.get(DisputeParty, party_id, with_for_update=lock or None, populate_existing=lock)


async def parties_of(session: AsyncSession, contact_id: UUID) -> Sequence[DisputeParty]:
    """What a contact is a party of."""
    return (await session.scalars(select(DisputeParty).where(DisputeParty.contact_id == contact_id))).all()


async def add_notice(
    session: AsyncSession, party_id: UUID, about: str, key: str, content: dict[str, Any]
) -> int | None:
    """Note that a party has to be told something; None when that is noted already."""
    values = {"party_id": party_id, "about": about, "key": key, "content": content, "created_at": utcnow()}
    statement = insert(DisputeNotice).values(**values).on_conflict_do_nothing().returning(DisputeNotice.id)
    found: int | None = await session.scalar(statement)
    return found


async def notice(session: AsyncSession, notice_id: int) -> DisputeNotice | None:
    """A notice, locked until the transaction ends."""
    query = select(DisputeNotice).where(DisputeNotice.id == notice_id).with_for_update()
    found: DisputeNotice | None = await session.scalar(query.execution_options(populate_existing=True))
    return found


async def notices(session: AsyncSession, ticket_id: UUID) -> Sequence[tuple[DisputeNotice, DisputeParty]]:
    """What the parties of a dispute were or are to be told, oldest first."""
    query = (
        select(DisputeNotice, DisputeParty)
        .join(DisputeParty, DisputeParty.id == DisputeNotice.party_id)
        .where(DisputeParty.ticket_id == ticket_id)
        .order_by(DisputeNotice.id)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def told_to(session: AsyncSession, party_id: UUID) -> Sequence[DisputeNotice]:
    """What a party was told, oldest first."""
    query = select(DisputeNotice).where(DisputeNotice.party_id == party_id, DisputeNotice.text.is_not(None))
    return (await session.scalars(query.order_by(DisputeNotice.id))).all()


async def answers(session: AsyncSession, visit_ids: Sequence[int]) -> dict[tuple[int, UUID], AppointmentAnswer]:
    """What parties said to appointments, by appointment and party."""
    query = select(AppointmentAnswer).where(AppointmentAnswer.visit_id.in_(visit_ids))
    return {(one.visit_id, one.party_id): one for one in await session.scalars(query)}


async def save_answer(session: AsyncSession, values: dict[str, Any]) -> None:
    """Keep a party's answer; a changed mind replaces it."""
    statement = insert(AppointmentAnswer).values(**values)
    keys = ["visit_id", "party_id"]
    changed = {name: value for name, value in values.items() if name not in keys}
    await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


async def forget(session: AsyncSession, party_ids: Sequence[UUID]) -> None:
    """Forget who parties are and what they wrote; that there were two, and what became of it, stays."""
    gone = dict.fromkeys(("postal_address", "phone", "representative", "statement", "words", "pin_digest"))
    mine = DisputeParty.id.in_(party_ids)
    await session.execute(update(DisputeParty).where(mine).values(name="…", **gone, contact_id=None))
    await session.execute(
        update(DisputeNotice).where(DisputeNotice.party_id.in_(party_ids)).values(text=None, content={})
    )
    said = update(AppointmentAnswer).where(AppointmentAnswer.party_id.in_(party_ids))
    await session.execute(said.values(proposal=None))


async def forget_told(session: AsyncSession, party_ids: Sequence[UUID]) -> None:
    """Forget the words in which parties were told something; that they were told stays."""
    mine = update(DisputeNotice).where(DisputeNotice.party_id.in_(party_ids))
    await session.execute(mine.values(text=None))


async def forget_claims(session: AsyncSession, ticket_ids: Sequence[UUID]) -> None:
    """Forget what disputes were said to be about."""
    await session.execute(update(Dispute).where(Dispute.ticket_id.in_(ticket_ids)).values(claim="…"))


async def party_ids(session: AsyncSession, ticket_ids: Sequence[UUID]) -> Sequence[UUID]:
    """The parties of the disputes of some tickets."""
    return (await session.scalars(select(DisputeParty.id).where(DisputeParty.ticket_id.in_(ticket_ids)))).all()
