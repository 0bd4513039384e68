"""Reads and writes contacts and identities."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from sqlalchemy import ARRAY, ColumnElement, Uuid, and_, any_, bindparam, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contacts.models import Contact, Identity, PrivacyNotice
from backend.core.blocks import MARK
from backend.core.database import utcnow
from backend.core.folding import folded_words

STOP = "UPDATE identity SET stopped_at = COALESCE(stopped_at, now()) WHERE channel = %s AND external_id = %s"
START = "UPDATE identity SET stopped_at = NULL WHERE channel = %s AND external_id = %s"
STOPPED = "SELECT EXISTS (SELECT FROM identity WHERE channel = %s AND external_id = %s AND stopped_at IS NOT NULL)"
PHONE = "UPDATE contact SET phone = %s, time_zone = COALESCE(%s, time_zone) WHERE id = %s"


async def insert_contact(
    session: AsyncSession, office_id: str, channel: str, external_id: str, **facts: str | None
) -> UUID | None:
    """A new contact with one identity; None when the channel knows this person already."""
    now = utcnow()
    contact = Contact(office_id=office_id, created_at=now, words=_words(facts.get("name")), **facts)
    session.add(contact)
    await session.flush()
    values = {"contact_id": contact.id, "channel": channel, "external_id": external_id, "created_at": now}
    statement = insert(Identity).values(**values).on_conflict_do_nothing().returning(Identity.id)
    if await session.scalar(statement) is None:
        await session.delete(contact)
        await session.flush()
        return None
    return contact.id


async def stopped_channels(session: AsyncSession, contact_id: UUID) -> set[str]:
    """Channels on which a contact wants no messages they did not ask for."""
    query = select(Identity.channel).where(Identity.contact_id == contact_id, Identity.stopped_at.is_not(None))
    return set((await session.scalars(query)).all())


async def stopped_among(session: AsyncSession, ids: Sequence[UUID]) -> set[tuple[UUID, str]]:
    """(contact, channel) of some contacts where they want no messages they did not ask for."""
    mine = Identity.contact_id == any_(literal(ids, ARRAY(Uuid())))
    query = select(Identity.contact_id, Identity.channel).where(mine, Identity.stopped_at.is_not(None))
    return {(row[0], row[1]) for row in await session.execute(query)}


async def has_stopped(connection: AsyncConnection[Any], channel: str, external_id: str) -> bool:
    """Whether a person wants no messages they did not ask for."""
    row = await (await connection.execute(STOPPED, (channel, external_id))).fetchone()
    return bool(row and row[0])


async def refuses(session: AsyncSession, channel: str, external_id: str) -> bool:
    """Whether who is at an address of a channel wants no messages they did not ask for."""
    query = select(Identity.id).where(
        Identity.channel == channel, Identity.external_id == external_id, Identity.stopped_at.is_not(None)
    )
    return await session.scalar(query.limit(1)) is not None


async def zone_of(session: AsyncSession, contact_id: UUID) -> str | None:
    """A contact's time zone, when it is known."""
    zone: str | None = await session.scalar(select(Contact.time_zone).where(Contact.id == contact_id))
    return zone


async def rename(session: AsyncSession, contact_id: UUID, name: str) -> None:
    """Remember what a channel calls a contact, unless a part of their name was made unreadable."""
    new = and_(Contact.name.is_distinct_from(name), func.coalesce(Contact.name, "").not_like(f"%{MARK}%"))
    named = update(Contact).where(Contact.id == contact_id, new)
    await session.execute(named.values(name=name, words=_words(name)))


async def mark_stopped(connection: AsyncConnection[Any], channel: str, external_id: str, *, stopped: bool) -> None:
    """Note whether a person wants messages they did not ask for."""
    await connection.execute(STOP if stopped else START, (channel, external_id))


async def set_phone(connection: AsyncConnection[Any], contact_id: UUID, phone: str, zone: str | None) -> None:
    """Remember a contact's number and where it is."""
    await connection.execute(PHONE, (phone, zone, contact_id))


def _words(name: str | None) -> ColumnElement[str]:
    return func.to_tsvector("simple", " ".join(folded_words(name or "")))


async def add_caller(session: AsyncSession, office_id: str, **facts: str | None) -> UUID:
    """A new contact no channel knows."""
    contact = Contact(office_id=office_id, created_at=utcnow(), words=_words(facts.get("name")), **facts)
    session.add(contact)
    await session.flush()
    return contact.id


async def with_phone(session: AsyncSession, office_id: str, phone: str) -> Sequence[Contact]:
    """Contacts with this number (E.164), the oldest first."""
    query = select(Contact).where(Contact.office_id == office_id, Contact.phone == phone)
    return (await session.scalars(query.order_by(Contact.created_at, Contact.id))).all()


async def with_phones(session: AsyncSession, office_id: str, phones: Collection[str]) -> Sequence[Contact]:
    """Contacts with one of these numbers (E.164), the oldest first."""
    query = select(Contact).where(Contact.office_id == office_id, Contact.phone.in_(phones))
    return (await session.scalars(query.order_by(Contact.created_at, Contact.id))).all()


async def add_people(session: AsyncSession, office_id: str, people: Sequence[dict[str, Any]]) -> None:
    """Many new contacts no channel knows, in one go; each with id, name, phone and time_zone."""
    words = func.to_tsvector("simple", bindparam("folded"))
    statement = Contact.__table__.insert().values(words=words)  # type: ignore[attr-defined]
    facts = {"office_id": office_id, "created_at": utcnow()}
    rows = [{**one, **facts, "folded": " ".join(folded_words(one["name"] or ""))} for one in people]
    if rows:
        await session.execute(statement, rows)


async def named(session: AsyncSession, office_id: str, word: str, limit: int) -> Sequence[UUID]:
    """Contacts with a folded word in their name that begins like this one."""
    query = select(Contact.id).where(
        Contact.office_id == office_id, Contact.words.bool_op("@@")(func.to_tsquery("simple", f"{word}:*"))
    )
    return (await session.scalars(query.limit(limit))).all()


async def contacts(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Contact]:
    """Contacts by their ids."""
    return (await session.scalars(select(Contact).where(Contact.id.in_(ids)))).all()


async def phone_of(session: AsyncSession, contact_id: UUID) -> str | None:
    """A contact's number, when it is known."""
    phone: str | None = await session.scalar(select(Contact.phone).where(Contact.id == contact_id))
    return phone


async def known_of(session: AsyncSession, contact_id: UUID) -> tuple[Contact, Sequence[Identity], PrivacyNotice | None]:
    """A contact, its identities and the privacy line that was shown."""
    identities = select(Identity).where(Identity.contact_id == contact_id).order_by(Identity.id)
    contact = await session.get_one(Contact, contact_id)
    return contact, (await session.scalars(identities)).all(), await session.get(PrivacyNotice, contact_id)


async def note_notice(session: AsyncSession, contact_id: UUID, version: str, channel: str, language: str) -> None:
    """Remember a privacy line; the first one stays."""
    values = {"contact_id": contact_id, "at": utcnow(), "version": version, "channel": channel, "language": language}
    await session.execute(insert(PrivacyNotice).values(**values).on_conflict_do_nothing())


async def forget(session: AsyncSession, contact_id: UUID) -> None:
    """Forget name, number and time zone."""
    mine = update(Contact).where(Contact.id == contact_id)
    await session.execute(mine.values(name=None, phone=None, time_zone=None, words=_words(None)))


async def forget_identities(session: AsyncSession, contact_id: UUID) -> None:
    """Forget how channels know a contact."""
    await session.execute(delete(Identity).where(Identity.contact_id == contact_id))


def refold(contact: Contact) -> None:
    """Make the search find a contact by the name it has now."""
    contact.words = _words(contact.name)
