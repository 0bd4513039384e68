"""Messages stored once and in order; conversations claimed by one worker at a time."""

import asyncio
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from backend.conversations import repository, turns
from backend.conversations.models import Conversation, Message
from backend.core.database import driver_connection, make_sessions
from backend.core.settings import Settings
from backend.offices.schemas import Office
from tests.backend.conversations.factories import (
    LEASE,
    LOST,
    answer,
    claim_next,
    claim_only,
    claimed,
    due_in_seconds,
    finish,
    says,
    visitor,
)
from tests.backend.races import until_blocked

DELIVERIES = 50


async def deliver(engine: AsyncEngine, to: UUID, external_ids: list[str]) -> list[int]:
    """Deliver messages all at once, each in a transaction of its own."""
    sessions = make_sessions(engine)

    async def one(external_id: str) -> int:
        async with sessions() as session, session.begin():
            return await repository.receive(session, to, "web", external_id, {"text": external_id})

    return await asyncio.gather(*(one(external_id) for external_id in external_ids))


async def committed(engine: AsyncEngine, office: Office) -> Conversation:
    async with make_sessions(engine)() as session, session.begin():
        return await visitor(session, office)


async def stored(engine: AsyncEngine, of: Conversation) -> tuple[list[tuple[int, str | None]], int]:
    """(number, external id) of every message in the order they were stored, and the conversation's last number."""
    async with make_sessions(engine)() as session:
        query = select(Message.seq, Message.external_id).where(Message.conversation_id == of.id).order_by(Message.id)
        rows = [(row.seq, row.external_id) for row in await session.execute(query)]
        last = await session.scalar(select(Conversation.last_seq).where(Conversation.id == of.id))
    return rows, last or 0


async def test_many_identical_deliveries_at_once_give_one_message_and_one_number(
    engine: AsyncEngine, office: Office
) -> None:
    conversation = await committed(engine, office)
    external_id = f"{conversation.id}:{uuid4()}"
    numbers = await deliver(engine, conversation.id, [external_id] * DELIVERIES)
    assert set(numbers) == {1}
    assert await stored(engine, conversation) == ([(1, external_id)], 1)


async def test_a_delivery_that_comes_again_while_the_first_is_being_stored_takes_no_number(
    engine: AsyncEngine, office: Office
) -> None:
    conversation, external_id = await committed(engine, office), str(uuid4())
    async with make_sessions(engine)() as session, session.begin():
        first = await repository.receive(session, conversation.id, "web", external_id, {"text": "x"})
        again = asyncio.create_task(deliver(engine, conversation.id, [external_id]))
        await until_blocked(engine)
    assert [first, *await again] == [1, 1]
    assert await stored(engine, conversation) == ([(1, external_id)], 1)


async def test_many_different_messages_at_once_get_the_numbers_in_the_order_they_are_stored(
    engine: AsyncEngine, office: Office
) -> None:
    conversation = await committed(engine, office)
    numbers = await deliver(engine, conversation.id, [str(uuid4()) for _ in range(DELIVERIES)])
    assert sorted(numbers) == list(range(1, DELIVERIES + 1))
    rows, last = await stored(engine, conversation)
    assert [seq for seq, _ in rows] == list(range(1, DELIVERIES + 1))
    assert last == DELIVERIES


async def test_a_message_delivered_again_later_keeps_its_number(session: AsyncSession, office: Office) -> None:
    conversation = await visitor(session, office)
    ids = ["a", "b", "a", "b", "c"]
    numbers = [await repository.receive(session, conversation.id, "web", f"{conversation.id}:{one}", {}) for one in ids]
    assert numbers == [1, 2, 1, 2, 3]


async def test_two_workers_never_hold_one_conversation(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    conversation = await visitor(session, office)
    await says(session, settings, conversation, "hello")
    first = await claim_only(session, LEASE)
    assert first is not None
    assert first.conversation_id == conversation.id
    assert await claim_only(session, LEASE) is None


async def test_a_lease_that_ran_out_is_taken_over_and_a_renewed_one_is_not(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    conversation = await visitor(session, office)
    await says(session, settings, conversation, "hello")
    first = await claim_only(session, LOST)
    second = await claim_only(session, LOST)
    assert first is not None
    assert second is not None
    assert first.token != second.token
    await turns.renew(await driver_connection(session), [second.token, uuid4()], LEASE)
    assert await claim_only(session, LEASE) is None


async def test_a_lost_lease_is_not_renewed_nor_given_back(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    conversation = await visitor(session, office)
    await says(session, settings, conversation, "hello")
    lost = await claim_only(session, LOST)
    held = await claim_only(session, LOST)
    assert lost is not None
    assert held is not None
    await turns.renew(await driver_connection(session), [lost.token], LEASE)
    await turns.release(await driver_connection(session), lost, 1)
    await session.refresh(conversation)
    assert conversation.lease_token == held.token
    assert await claim_only(session, LEASE) is not None


async def test_who_waited_longest_is_answered_first(session: AsyncSession, settings: Settings, office: Office) -> None:
    early = await visitor(session, office)
    await says(session, settings, early, "first")
    late = Conversation(
        id=uuid4(),
        office_id="timisoara",
        contact_id=early.contact_id,
        channel="sms",
        language="en",
        created_at=early.created_at,
        due_at=func.now() - func.make_interval(0, 0, 0, 0, 0, 0, 5),
    )
    session.add(late)
    await session.flush()
    order = [await claim_only(session, LEASE, "web", "sms") for _ in range(3)]
    assert [claim.conversation_id if claim else None for claim in order] == [late.id, early.id, None]


async def test_messages_are_answered_in_their_order(session: AsyncSession, settings: Settings, office: Office) -> None:
    conversation = await visitor(session, office)
    await says(session, settings, conversation, "one", "two", "three")
    claim, waiting = await claimed(session)
    order = [waiting.content["text"]]
    while following := await finish(session, claim, waiting, answer("ok")):
        order.append(following.content["text"])
        waiting = following
    assert order == ["one", "two", "three"]
    assert await claim_next(session, LEASE) is None
    assert await due_in_seconds(session, conversation) is None


async def test_a_message_that_comes_while_a_turn_is_taken_is_next(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    conversation = await visitor(session, office)
    await says(session, settings, conversation, "one")
    claim, waiting = await claimed(session)
    await says(session, settings, conversation, "two")
    following = await finish(session, claim, waiting, answer("ok"))
    assert following is not None
    assert following.content["text"] == "two"


async def test_a_message_that_comes_while_a_conversation_is_given_back_is_not_forgotten(
    engine: AsyncEngine, settings: Settings, office: Office
) -> None:
    conversation, sessions = await committed(engine, office), make_sessions(engine)
    await deliver(engine, conversation.id, ["race-one:" + str(conversation.id)])
    async with sessions() as session, session.begin():
        claim, waiting = await claimed(session)
    async with sessions() as session, session.begin():
        assert await finish(session, claim, waiting, answer("ok")) is None
        coming = asyncio.create_task(deliver(engine, conversation.id, ["race-two:" + str(conversation.id)]))
        await until_blocked(engine)
    await coming
    async with sessions() as session, session.begin():
        claim, waiting = await claimed(session)
        assert (claim.conversation_id, waiting.seq) == (conversation.id, 3)
        assert await finish(session, claim, waiting, answer("ok")) is None


async def test_giving_back_leaves_what_came_since_it_was_read_due(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    conversation = await visitor(session, office)
    await says(session, settings, conversation, "one")
    claim, _ = await claimed(session)
    await says(session, settings, conversation, "two")
    await turns.release(await driver_connection(session), claim, 1)
    due = await due_in_seconds(session, conversation)
    assert due is not None
    assert due <= 0


@pytest.mark.parametrize(
    ("payload", "offered"),
    [
        ("/offered", True),
        ('/faq{"topic": "a"}', True),
        ("/other", False),
        ("/offer", False),
        ("", False),
    ],
)
async def test_only_a_payload_the_conversation_was_shown_was_offered(
    session: AsyncSession, settings: Settings, office: Office, payload: str, offered: bool
) -> None:
    conversation = await visitor(session, office)
    await says(session, settings, conversation, "hello", "/other")
    claim, waiting = await claimed(session)
    await finish(session, claim, waiting, answer("ok", buttons=("/offered", '/faq{"topic": "a"}')))
    assert await repository.was_offered(session, conversation.id, payload) is offered


async def test_what_another_conversation_was_shown_was_not_offered_here(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    other = await visitor(session, office)
    await says(session, settings, other, "hello")
    claim, waiting = await claimed(session)
    await finish(session, claim, waiting, answer("ok", buttons=("/offered",)))
    mine = await visitor(session, office)
    assert not await repository.was_offered(session, mine.id, "/offered")


async def test_a_button_a_citizen_wrote_themselves_was_not_offered(session: AsyncSession, office: Office) -> None:
    conversation = await visitor(session, office)
    forged = {"text": "x", "buttons": [{"title": "x", "payload": "/forged"}]}
    await repository.receive(session, conversation.id, "web", f"{conversation.id}:forged", forged)
    assert not await repository.was_offered(session, conversation.id, "/forged")


async def test_a_person_is_called_once_and_an_agent_keeps_the_chat(session: AsyncSession, office: Office) -> None:
    conversation = await visitor(session, office)
    await repository.queue_for_person(session, conversation.id)
    await session.refresh(conversation)
    first = conversation.queued_at
    await repository.queue_for_person(session, conversation.id)
    await session.refresh(conversation)
    assert (conversation.holder, conversation.queued_at) == ("queue", first)
    conversation.holder = "agent"
    await session.flush()
    await repository.queue_for_person(session, conversation.id)
    await session.refresh(conversation)
    assert conversation.holder == "agent"
