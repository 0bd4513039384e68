"""Sending: who is told, who not, who later, and that nobody is told twice."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from backend.announcements import delivery
from backend.announcements.delivery import MOST_FAULTS, in_a_tick
from backend.announcements.schemas import Figures
from backend.answers.service import announce
from backend.core.catalogue import backend_catalogue
from backend.core.database import utcnow
from tests.backend.announcements.factories import TEXT, TOPIC, Town


async def test_everybody_who_asked_is_told_once_and_nobody_else(town: Town) -> None:
    wanted = [await town.person(channel) for channel in ("sms", "telegram", "web", "whatsapp")]
    others = [await town.person(topic=None), await town.person(topic="events")]
    of = await town.released()
    assert await town.deliver() == 4
    for mine in wanted:
        [said] = await town.said(mine)
        assert said["text"].startswith(TEXT)
    assert [await town.said(one) for one in others] == [[], []]
    found = await town.fresh(of)
    assert (found.state, found.ended_at is not None) == ("sent", True)
    channels = (("sms", 1), ("telegram", 1), ("web", 1), ("whatsapp", 1))
    assert await town.figures(of) == Figures(sent=4, channels=channels)
    assert (await town.acts(of))[-1] == ("komshu", "announcement.sent")
    await town.time_passes(for_people=True)
    assert await town.deliver() == 0


async def test_districts_choose_who_is_told_and_everywhere_always_belongs(town: Town) -> None:
    here, there, everywhere = [await town.person(areas=(area,)) for area in ("Fabric", "Mehala", None)]
    both = await town.person(areas=("Fabric", "Mehala"))
    await town.released(areas=("Fabric",))
    assert await town.deliver() == 3
    assert [len(await town.said(one)) for one in (here, everywhere, both, there)] == [1, 1, 1, 0]


@pytest.mark.parametrize("channel", ["sms", "whatsapp", "web", "telegram"])
@pytest.mark.parametrize("language", ["en", "tr", "ro", "mk", "af"])
async def test_every_message_ends_with_the_way_out_in_the_persons_language(
    town: Town, channel: str, language: str
) -> None:
    mine = await town.person(channel, language)
    await town.released(link="https://example.org/apa")
    await town.deliver()
    [said] = await town.said(mine)
    if channel in ("sms", "whatsapp"):
        out = backend_catalogue().text("subscriptions.way_out", language)
        assert said["text"] == f"{TEXT}\nhttps://example.org/apa\n{out}"
    else:
        title = backend_catalogue().text("announcements.stop", language)
        assert said["buttons"] == [{"title": title, "payload": "/unsubscribe_updates"}]
        assert (said["text"], said["link"]["url"]) == (TEXT, "https://example.org/apa")


async def test_who_stopped_or_unsubscribed_since_the_release_gets_nothing(town: Town) -> None:
    stopped, left, stays = [await town.person() for _ in range(3)]
    of = await town.released()
    async with town.sessions() as session, session.begin():
        await delivery.begin(session, town.desk)
    await town.stops(stopped)
    await town.unsubscribes(left)
    await town.deliver()
    assert await town.became(of, stopped) == ("skipped", "stopped")
    assert await town.became(of, left) == ("skipped", "unsubscribed")
    assert [len(await town.said(one)) for one in (stopped, left, stays)] == [0, 0, 1]


async def test_whom_no_channel_leads_to_is_skipped(town: Town) -> None:
    mine = await town.person()
    await town.run("UPDATE conversation SET heard_at = NULL WHERE id = :id", id=mine)
    of = await town.released()
    await town.deliver()
    assert await town.became(of, mine) == ("skipped", "unreachable")


def night(town: Town) -> dict[str, Any]:
    """Settings by which it is night now in the office's time zone."""
    local = utcnow().astimezone(town.office.profile.zone)
    return {"quiet_from": (local - timedelta(hours=1)).time(), "quiet_until": (local + timedelta(hours=1)).time()}


@pytest.mark.parametrize(("channel", "state"), [("sms", "later"), ("telegram", "later"), ("web", "sent")])
async def test_at_night_phones_wait_for_the_morning(town: Town, channel: str, state: str) -> None:
    town.changes = night(town)
    mine = await town.person(channel)
    of = await town.released()
    await town.deliver()
    found, reason = await town.became(of, mine)
    assert (found, reason) == (state, "quiet" if state == "later" else None)
    if state == "later":
        assert utcnow() < await town.due(of, mine) <= utcnow() + timedelta(hours=2)
        assert (await town.fresh(of)).state == "sending"
        town.changes = {}
        await town.time_passes(for_people=True)
        await town.deliver()
    assert len(await town.said(mine)) == 1
    assert (await town.fresh(of)).state == "sent"


async def test_an_emergency_is_told_at_night_and_into_a_talk(town: Town) -> None:
    town.changes = night(town)
    asleep, talking, with_agent = [await town.person() for _ in range(3)]
    await town.heard(talking, timedelta())
    await town.run("UPDATE conversation SET holder = 'agent' WHERE id = :id", id=with_agent)
    await town.released(emergency=True)
    await town.deliver()
    assert [len(await town.said(one)) for one in (asleep, talking, with_agent)] == [1, 1, 1]


async def test_an_emergency_is_not_told_to_who_stopped(town: Town) -> None:
    mine = await town.person()
    await town.stops(mine)
    await town.released(emergency=True)
    await town.deliver()
    assert await town.said(mine) == []


async def test_who_talks_with_an_agent_is_told_after_it(town: Town) -> None:
    mine = await town.person()
    await town.run("UPDATE conversation SET holder = 'agent' WHERE id = :id", id=mine)
    of = await town.released()
    await town.deliver()
    assert await town.became(of, mine) == ("later", "with_agent")
    await town.time_passes(for_people=True)
    await town.deliver()
    assert await town.said(mine) == []
    await town.run("UPDATE conversation SET holder = 'bot' WHERE id = :id", id=mine)
    await town.time_passes(for_people=True)
    await town.deliver()
    assert await town.became(of, mine) == ("sent", None)
    assert len(await town.said(mine)) == 1


async def test_who_talks_with_the_assistant_is_told_after_it(town: Town) -> None:
    mine = await town.person("web")
    await town.heard(mine, timedelta(minutes=1))
    of = await town.released()
    await town.deliver()
    assert await town.became(of, mine) == ("later", "talking")
    assert timedelta(minutes=3) < await town.due(of, mine) - utcnow() < timedelta(minutes=5)


async def test_the_throttle_makes_batches_and_the_next_job_waits_for_its_time(town: Town) -> None:
    town.changes = {"announcements_per_minute": 12}
    people = [await town.person() for _ in range(5)]
    of = await town.released()
    counts = []
    for _ in range(4):
        counts.append(await town.deliver())
        counts.append(await town.deliver())
        await town.time_passes()
    assert counts == [2, 0, 2, 0, 1, 0, 0, 0]
    assert [len(await town.said(one)) for one in people] == [1] * 5
    assert (await town.fresh(of)).state == "sent"


@pytest.mark.parametrize("per_minute", [1, 5, 6, 7, 59, 60, 120, 6000])
def test_a_tick_keeps_the_throttle(per_minute: int) -> None:
    people, wait = in_a_tick(per_minute)
    assert people >= 1
    assert people / (wait / timedelta(minutes=1)) == pytest.approx(per_minute)
    assert wait <= timedelta(minutes=1)


async def test_emergencies_go_first_then_what_was_released_first(town: Town) -> None:
    town.changes = {"announcements_per_minute": 6}
    mine = await town.person(areas=(None,))
    await town.run("UPDATE conversation SET heard_at = now() - interval '1 day' WHERE id = :id", id=mine)
    for words in ("first", "second"):
        await town.released(texts={"ro": words})
    await town.released(texts={"ro": "urgent"}, emergency=True)
    for _ in range(3):
        await town.deliver()
        await town.time_passes()
    assert [said["text"].splitlines()[0] for said in await town.said(mine)] == ["urgent", "first", "second"]


async def test_what_is_over_is_told_to_nobody_any_more(town: Town) -> None:
    town.changes = {"announcements_per_minute": 6}
    first, second = await town.person(), await town.person()
    of = await town.released(valid_until=utcnow() + timedelta(hours=1))
    await town.deliver()
    await town.run("UPDATE announcement SET valid_until = now() WHERE id = :id", id=of.id)
    await town.time_passes()
    await town.deliver()
    assert sorted([len(await town.said(one)) for one in (first, second)]) == [0, 1]
    found = await town.figures(of)
    assert (found.sent, found.skipped, found.reasons) == (1, 1, (("skipped", "expired", 1),))
    assert (await town.fresh(of)).state == "sent"


async def test_what_lies_in_the_outbox_expires_with_the_announcement(town: Town) -> None:
    mine = await town.person()
    until = utcnow() + timedelta(minutes=30)
    await town.released(valid_until=until)
    await town.deliver()
    query = "SELECT expires_at FROM delivery WHERE lane_id = :id"
    expires = (await town.run(query, id=mine)).scalar_one()
    assert abs(expires - until) < timedelta(seconds=10)


async def test_withdrawing_stops_what_has_not_gone_out(town: Town) -> None:
    town.changes = {"announcements_per_minute": 12}
    people = [await town.person() for _ in range(4)]
    of = await town.released()
    await town.deliver()
    written = [one for one in people if await town.said(one)]
    assert len(written) == 2
    await town.run("UPDATE delivery SET state = 'sent' WHERE lane_id = :id", id=written[0])
    of = await town.act("withdraw", town.agent(), of.id)
    await town.time_passes(for_people=True)
    assert await town.deliver() == 0
    assert (await town.fresh(of)).state == "withdrawn"
    assert await town.parts(written[0]) == [("bulletin", "sent")]
    assert await town.parts(written[1]) == [("bulletin", "withdrawn")]
    found = await town.figures(of)
    assert (found.sent, found.reasons) == (1, (("skipped", "withdrawn", 3),))


async def test_two_workers_at_once_tell_everybody_once(town: Town) -> None:
    people = [await town.person() for _ in range(12)]
    await town.released()
    async with town.sessions() as session, session.begin():
        await delivery.begin(session, town.desk)

    async def worker() -> None:
        batch = delivery.Batch(town.desk)
        while await delivery._next(town.sessions, batch):
            pass

    await asyncio.gather(*(worker() for _ in range(3)))
    await worker()
    assert [len(await town.said(one)) for one in people] == [1] * 12


async def test_a_fault_of_ours_holds_up_nobody_and_is_tried_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = await town.person(), await town.person()

    async def failing(connection: Any, adapters: Any, to: Any, *args: Any) -> int:
        number = await announce(connection, adapters, to, *args)
        if to.id == bad:
            raise RuntimeError("a bug")
        return number

    monkeypatch.setattr(delivery, "announce", failing)
    of = await town.released()
    for _ in range(MOST_FAULTS):
        assert (await town.fresh(of)).state in ("released", "sending")
        await town.deliver()
        await town.time_passes(for_people=True)
    assert await town.became(of, bad) == ("skipped", "failed")
    assert [len(await town.said(one)) for one in (bad, good)] == [0, 1]
    assert (await town.fresh(of)).state == "sent"


async def test_release_and_every_batch_put_in_the_next_job(town: Town) -> None:
    query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'announcements:deliver'"
    before = (await town.run(query)).scalar_one()
    await town.person()
    await town.released()
    assert (await town.run(query)).scalar_one() == before + 1
    await town.deliver()
    assert (await town.run(query)).scalar_one() == before + 2
    await town.deliver()
    await town.time_passes()
    await town.deliver()
    assert (await town.run(query)).scalar_one() == before + 2


async def test_webhooks_hear_of_figures_and_of_nobody(town: Town) -> None:
    endpoint = (
        "INSERT INTO webhook_endpoint (id, office_id, name, url, events, units, secret, created_by, created_at) "
        "VALUES (:id, :office, 'x', 'https://example.org', '[\"announcement.sent\"]', '[]', 's', 'Ana', now())"
    )
    mine = uuid4()
    await town.run(endpoint, id=mine, office=town.office.profile.id)
    await town.person()
    of = await town.released(areas=("Fabric",))
    await town.deliver()
    query = text("SELECT event, data FROM webhook_delivery WHERE endpoint_id = :id")
    async with town.sessions() as session:
        [(event, data)] = (await session.execute(query, {"id": mine})).all()
    assert event == "announcement.sent"
    assert data == {
        "id": str(of.id),
        "topic": TOPIC,
        "areas": ["Fabric"],
        "emergency": False,
        "sent": 1,
        "skipped": 0,
    }
