"""Contacts: who is behind an identity on a channel, and what they want to get."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from psycopg import AsyncConnection
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contacts import repository
from backend.contacts.models import Contact, Identity, PrivacyNotice
from backend.contacts.phones import e164, time_zone, time_zones
from backend.core.secrets import new_token, token_digest

WEB = "web"
LONGEST_NAME = 100
MOST_NAMESAKES = 500


async def new_web_visitor(session: AsyncSession, office_id: str) -> tuple[UUID, str]:
    """A new visitor of the web chat: the contact and the token only the visitor's browser keeps."""
    token = new_token()
    contact_id = await repository.insert_contact(session, office_id, WEB, token_digest(token))
    assert contact_id is not None
    return contact_id, token


async def new_sender(
    session: AsyncSession, office_id: str, channel: str, address: str, name: str | None
) -> UUID | None:
    """A person who writes for the first time on a channel; None when another delivery was faster."""
    phone = e164(address.removeprefix("whatsapp:")) if "+" in address else None
    zone = time_zone(phone) if phone else None
    return await repository.insert_contact(session, office_id, channel, address, name=name, phone=phone, time_zone=zone)


async def remember_name(session: AsyncSession, contact_id: UUID, name: str) -> None:
    """Keep what a channel calls a person, for the agents."""
    await repository.rename(session, contact_id, name[:LONGEST_NAME])


async def stop(connection: AsyncConnection[Any], channel: str, address: str) -> None:
    """From now on this person gets answers only, no news."""
    await repository.mark_stopped(connection, channel, address, stopped=True)


async def start(connection: AsyncConnection[Any], channel: str, address: str) -> None:
    """This person wants news again."""
    await repository.mark_stopped(connection, channel, address, stopped=False)


async def share_phone(connection: AsyncConnection[Any], contact_id: UUID, number: str, region: str | None) -> bool:
    """Keep a number a person shared, of any country; False when it cannot be one."""
    phone = e164(number if number.startswith("+") else f"+{number}") or e164(number, region)
    if phone is None:
        return False
    await repository.set_phone(connection, contact_id, phone, time_zone(phone))
    return True


async def wants_news(session: AsyncSession, contact_id: UUID, channel: str) -> bool:
    """Whether messages the person did not ask for may go out on a channel."""
    return channel not in await repository.stopped_channels(session, contact_id)


async def stopped(connection: AsyncConnection[Any], channel: str, address: str) -> bool:
    """Whether an address wants no messages it did not ask for."""
    return await repository.has_stopped(connection, channel, address)


async def stopped_among(session: AsyncSession, ids: Sequence[UUID]) -> set[tuple[UUID, str]]:
    """(contact, channel) of some contacts where they want no messages they did not ask for."""
    return await repository.stopped_among(session, ids)


async def refuses(session: AsyncSession, channel: str, address: str) -> bool:
    """Whether who is at an address said there that they want no news."""
    return await repository.refuses(session, channel, address)


async def zone(session: AsyncSession, contact_id: UUID, office_zone: ZoneInfo) -> ZoneInfo:
    """The time zone a person lives by, as far as is known."""
    known = await repository.zone_of(session, contact_id)
    return ZoneInfo(known) if known else office_zone


async def zones(session: AsyncSession, contact_id: UUID, office_zone: ZoneInfo) -> tuple[ZoneInfo, ...]:
    """All time zones a person may live in: their own, those of their number's country, else the office's."""
    if known := await repository.zone_of(session, contact_id):
        return (ZoneInfo(known),)
    phone = await phone_of(session, contact_id)
    return tuple(map(ZoneInfo, time_zones(phone) if phone else ())) or (office_zone,)


async def caller(session: AsyncSession, office_id: str, name: str | None, phone: str | None) -> UUID:
    """The contact of somebody at the telephone or the counter: found by the number (E.164), else a new one."""
    if phone and (known := await repository.with_phone(session, office_id, phone)):
        if name and not any(contact.name for contact in known):
            await remember_name(session, known[0].id, name)
        return known[0].id
    facts = {"name": name[:LONGEST_NAME] if name else None, "phone": phone}
    return await repository.add_caller(session, office_id, **facts, time_zone=time_zone(phone) if phone else None)


async def persons(session: AsyncSession, office_id: str, people: Sequence[tuple[str | None, str | None]]) -> list[UUID]:
    """The contact of each name and number (E.164): known when both are the same, else new. For other systems' data."""
    known = await repository.with_phones(session, office_id, {phone for _, phone in people if phone})
    ids = {(contact.name, contact.phone): contact.id for contact in reversed(known)}
    found, fresh = [], []
    for name, phone in people:
        contact_id = ids.get((name, phone)) if phone else None
        if contact_id is None:
            contact_id = ids[name, phone] = uuid4()
            zone_of_phone = time_zone(phone) if phone else None
            fresh.append({"id": contact_id, "name": name, "phone": phone, "time_zone": zone_of_phone})
        found.append(contact_id)
    await repository.add_people(session, office_id, fresh)
    return found


async def matching(session: AsyncSession, office_id: str, word: str) -> Sequence[UUID]:
    """Contacts with a folded word in their name that begins like this one; at most 500."""
    return await repository.named(session, office_id, word, MOST_NAMESAKES)


async def with_phone(session: AsyncSession, office_id: str, phone: str) -> Sequence[UUID]:
    """Contacts with this number (E.164), the oldest first."""
    return [contact.id for contact in await repository.with_phone(session, office_id, phone)]


async def people(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, Contact]:
    """Contacts by their ids."""
    return {contact.id: contact for contact in await repository.contacts(session, ids)}


async def phone_of(session: AsyncSession, contact_id: UUID) -> str | None:
    """A person's number (E.164), as far as it is known."""
    return await repository.phone_of(session, contact_id)


async def known_of(session: AsyncSession, contact_id: UUID) -> tuple[Contact, Sequence[Identity], PrivacyNotice | None]:
    """A person, how channels know them, and the privacy line they were shown."""
    return await repository.known_of(session, contact_id)


async def note_notice(session: AsyncSession, contact_id: UUID, version: str, channel: str, language: str) -> None:
    """Write down that a person is shown a privacy line; the first one stays."""
    await repository.note_notice(session, contact_id, version, channel, language)


async def forget(session: AsyncSession, contact_id: UUID) -> None:
    """Forget name, number and time zone; channels still know the person."""
    await repository.forget(session, contact_id)


async def forget_identities(session: AsyncSession, contact_id: UUID) -> None:
    """No channel knows this person any more: who writes again is somebody new."""
    await repository.forget_identities(session, contact_id)


def refold(contact: Contact) -> None:
    """Make the search find a person by the name they have now."""
    repository.refold(contact)
