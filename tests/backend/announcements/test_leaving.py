"""A bulletin that lies in the outbox is not sent to who wants it no more."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from backend.announcements import service
from backend.announcements.models import Announcement
from backend.sender import Sender
from tests.backend.announcements.factories import TOPIC, Town
from tests.backend.outbox.factories import ScriptedAdapter, pool_of


async def sent(town: Town, *people: UUID) -> list[bool]:
    """Run the sender until nothing waits for these people any more; returns who of them was written to."""
    adapter = ScriptedAdapter()
    adapter.name = "sms"
    async with pool_of(town.settings) as pool:
        settings = town.settings.model_copy(update={"poll_seconds": 0.02})
        task = asyncio.create_task(Sender(settings, pool, {"sms": adapter}).run())
        async with asyncio.timeout(20):
            while not await settled(town, people):
                pass
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    addresses = {address for address, _ in adapter.sent}
    return [await address(town, one) in addresses for one in people]


async def settled(town: Town, people: Sequence[UUID]) -> bool:
    """Whether nothing waits for these people any more."""
    parts = [part for one in people for part in await town.parts(one)]
    return not any(state in ("queued", "sending") for _, state in parts)


async def left(town: Town, of: Announcement) -> tuple[tuple[str, str, int], ...]:
    """(state, reason, people) of those who did not get it."""
    return (await town.figures(of)).reasons


async def address(town: Town, conversation_id: UUID) -> str:
    found: str = (await town.run("SELECT address FROM conversation WHERE id = :id", id=conversation_id)).scalar_one()
    return found


async def test_who_left_or_stopped_while_it_waited_gets_nothing_and_the_figures_say_so(town: Town) -> None:
    stays, leaves, stops = [await town.person() for _ in range(3)]
    of = await town.released()
    await town.deliver()
    await town.unsubscribes(leaves)
    await town.stops(stops)
    assert await sent(town, stays, leaves, stops) == [True, False, False]
    states = [await town.parts(one) for one in (stays, leaves, stops)]
    assert states == [[("bulletin", "sent")], [("bulletin", "withdrawn")], [("bulletin", "withdrawn")]]
    assert await town.became(of, stays) == ("sent", None)
    assert sorted(await left(town, of)) == [("skipped", "stopped", 1), ("skipped", "unsubscribed", 1)]


@pytest.mark.parametrize(
    ("had", "announced", "kept", "gets_it"),
    [
        ((None,), (), None, True),
        (("Fabric", "Mehala"), ("Fabric",), "Fabric", True),
        (("Fabric", "Mehala"), ("Fabric",), "Mehala", False),
        (("Fabric", "Mehala"), ("Fabric", "Mehala"), "Mehala", True),
        (("Fabric", "Mehala"), (), "Mehala", True),
    ],
)
async def test_what_is_left_of_their_districts_decides(
    town: Town, had: tuple[str | None, ...], announced: tuple[str, ...], kept: str | None, gets_it: bool
) -> None:
    mine = await town.person(areas=had)
    await town.released(areas=announced)
    await town.deliver()
    ended = (
        "UPDATE subscription SET ended_at = now() FROM conversation AS c WHERE c.contact_id = subscription.contact_id "
        "AND c.id = :id AND (topic <> :topic OR area IS DISTINCT FROM CAST(:kept AS text))"
    )
    await town.run(ended, id=mine, topic=TOPIC, kept=kept)
    assert await sent(town, mine) == [gets_it]


async def test_what_is_asked_again_is_counted_once_and_a_withdrawn_message_not_at_all(town: Town) -> None:
    leaves, withdrawn = await town.person(), await town.person()
    of = await town.released()
    await town.deliver()
    await town.unsubscribes(leaves)
    await town.unsubscribes(withdrawn)
    update = "UPDATE announcement_delivery SET state = 'skipped', reason = 'withdrawn' WHERE conversation_id = :id"
    async with pool_of(town.settings) as pool, pool.connection() as connection:
        for _ in range(2):
            assert await service.unwanted(connection, leaves, await number_of(town, leaves), stopped=False) == of.id
            await service.take_back(connection, of.id, leaves, await number_of(town, leaves), stopped=False)
        await town.run(update, id=withdrawn)
        number = await number_of(town, withdrawn)
        assert await service.unwanted(connection, withdrawn, number, stopped=False) == of.id
        await service.take_back(connection, of.id, withdrawn, number, stopped=False)
    kept = await town.figures(of)
    assert (kept.sent, kept.skipped, kept.reasons) == (1, 1, (("skipped", "unsubscribed", 1),))
    assert await town.became(of, withdrawn) == ("skipped", "withdrawn")


async def number_of(town: Town, conversation_id: UUID) -> int:
    query = "SELECT max(number) FROM announcement_delivery WHERE conversation_id = :id"
    found: int = (await town.run(query, id=conversation_id)).scalar_one()
    return found
