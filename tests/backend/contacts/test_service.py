"""Who is behind an identity, where they live, and what they want to get."""

from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contacts.models import Contact, Identity
from backend.contacts.service import (
    new_sender,
    new_web_visitor,
    remember_name,
    share_phone,
    start,
    stop,
    wants_news,
    zone,
)
from backend.core.database import driver_connection
from backend.core.secrets import token_digest


async def contact_of(session: AsyncSession, channel: str, address: str) -> Contact:
    query = select(Contact).join(Identity, Identity.contact_id == Contact.id)
    found = await session.scalar(query.where(Identity.channel == channel, Identity.external_id == address))
    assert found is not None
    await session.refresh(found)
    return found


async def test_a_visitor_is_known_by_the_digest_of_a_token_nobody_else_has(session: AsyncSession) -> None:
    one, token = await new_web_visitor(session, "timisoara")
    other, another = await new_web_visitor(session, "timisoara")
    assert one != other
    assert token != another
    assert (await contact_of(session, "web", token_digest(token))).id == one


@pytest.mark.parametrize(
    ("channel", "address", "phone", "time_zone"),
    [
        ("sms", "+40721000111", "+40721000111", "Europe/Bucharest"),
        ("sms", "+905321234567", "+905321234567", "Europe/Istanbul"),
        ("whatsapp", "whatsapp:+38970123456", "+38970123456", "Europe/Skopje"),
        ("sms", "+12025550123", "+12025550123", "America/New_York"),
        ("sms", "+79161234567", "+79161234567", None),
        ("telegram", "77001", None, None),
    ],
)
async def test_a_number_of_any_country_says_where_its_owner_lives(
    session: AsyncSession, channel: str, address: str, phone: str | None, time_zone: str | None
) -> None:
    assert await new_sender(session, "timisoara", channel, address, "Ana")
    contact = await contact_of(session, channel, address)
    assert (contact.phone, contact.time_zone, contact.name) == (phone, time_zone, "Ana")
    expected = ZoneInfo(time_zone or "Africa/Johannesburg")
    assert await zone(session, contact.id, ZoneInfo("Africa/Johannesburg")) == expected


async def test_who_is_known_already_gets_no_second_contact(session: AsyncSession) -> None:
    address = f"+40{uuid4().int % 10**9}"
    assert await new_sender(session, "timisoara", "sms", address, None)
    assert await new_sender(session, "timisoara", "sms", address, None) is None
    assert await new_sender(session, "timisoara", "whatsapp", address, None)


async def test_no_news_for_who_wants_none_until_they_want_it_again(session: AsyncSession) -> None:
    contact_id = await new_sender(session, "timisoara", "sms", "+40721000222", None)
    assert contact_id
    connection = await driver_connection(session)
    wanted = [await wants_news(session, contact_id, "sms")]
    for change in (stop, stop, start):
        await change(connection, "sms", "+40721000222")
        wanted.append(await wants_news(session, contact_id, "sms"))
    assert wanted == [True, False, False, True]
    await stop(connection, "sms", "+40721000222")
    assert await wants_news(session, contact_id, "telegram")


@pytest.mark.parametrize(
    ("number", "region", "kept"),
    [
        ("+38970123456", "RO", "+38970123456"),
        ("38970123456", "RO", "+38970123456"),
        ("0721 000 111", "RO", "+40721000111"),
        ("12", "RO", None),
        ("nothing", "RO", None),
        ("", None, None),
    ],
)
async def test_a_shared_number_is_kept_when_it_can_be_one(
    session: AsyncSession, number: str, region: str | None, kept: str | None
) -> None:
    contact_id = await new_sender(session, "timisoara", "telegram", str(uuid4()), None)
    assert contact_id
    connection = await driver_connection(session)
    assert await share_phone(connection, contact_id, number, region) is (kept is not None)
    contact = await session.get(Contact, contact_id, populate_existing=True)
    assert contact is not None
    assert contact.phone == kept


async def test_a_name_is_kept_as_the_channel_says_it_now(session: AsyncSession) -> None:
    contact_id = await new_sender(session, "timisoara", "telegram", "77003", "Ana")
    assert contact_id
    await remember_name(session, contact_id, "Ana P." + "x" * 500)
    contact = await session.get(Contact, contact_id, populate_existing=True)
    assert contact is not None
    assert contact.name is not None
    assert contact.name.startswith("Ana P.")
    assert len(contact.name) == 100
