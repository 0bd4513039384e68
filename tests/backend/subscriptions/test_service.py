"""Who wants announcements of what, where, and every way it ends."""

from uuid import uuid4

import pytest
from sqlalchemy import text

from backend.answers.reaching import reach
from backend.audit import service as audit
from backend.contacts import service as contacts
from backend.core.database import driver_connection
from backend.core.errors import NotAllowedError
from backend.core.languages import LANGUAGES
from backend.subscriptions import service
from backend.subscriptions.errors import SubscriptionNotFoundError, SubscriptionUnknownError
from backend.subscriptions.schemas import Count
from tests.backend.subscriptions.conftest import Crowd
from tests.backend.tickets.factories import agent

TOPIC = "water_cuts"


async def test_the_audience_is_who_wants_the_topic_in_one_of_the_areas(crowd: Crowd) -> None:
    everywhere = await crowd.subscriber(TOPIC)
    fabric = await crowd.subscriber(TOPIC, "Fabric")
    both = await crowd.subscriber(TOPIC, "Fabric", "Iosefin")
    mehala = await crowd.subscriber(TOPIC, "Mehala")
    await crowd.subscriber("events", "Fabric")

    async def audience(*areas: str) -> set[object]:
        found = await service.audience(crowd.session, "timisoara", TOPIC, areas)
        assert len(found) == len(set(found)), "nobody is told twice"
        return set(found)

    assert await audience() == {everywhere, fabric, both, mehala}
    assert await audience("Fabric") == {everywhere, fabric, both}
    assert await audience("Fabric", "Iosefin") == {everywhere, fabric, both}
    assert await audience("Freidorf") == {everywhere}
    assert await service.audience(crowd.session, "ankara", TOPIC, []) == []
    await service.leave(crowd.session, fabric)
    assert await audience("Fabric") == {everywhere, both}


async def test_people_are_counted_by_topic_and_area(crowd: Crowd) -> None:
    for areas in ((), ("Fabric",), ("Fabric", "Iosefin")):
        await crowd.subscriber(TOPIC, *areas)
    left = await crowd.subscriber("events")
    await service.leave(crowd.session, left)
    found = await service.counts(crowd.session, "timisoara")
    assert [one for one in found if one.topic == TOPIC] == [
        Count(TOPIC, None, 1),
        Count(TOPIC, "Fabric", 2),
        Count(TOPIC, "Iosefin", 1),
    ]
    assert await service.counts(crowd.session, "ankara") == []


async def test_a_yes_is_kept_with_when_where_and_to_what(crowd: Crowd) -> None:
    contact = await crowd.subscriber(TOPIC, "Fabric", channel="telegram")
    [kept] = await crowd.ever(contact)
    assert (kept.channel, kept.language, kept.ended_at) == ("telegram", "en", None)
    assert kept.sentence == service.consent_version("telegram", "en")
    assert kept.asked_at is not None


def test_each_sentence_has_a_version_of_its_own() -> None:
    channels = ("web", "telegram", "sms", "whatsapp")
    versions = {service.consent_version(channel, language) for channel in channels for language in LANGUAGES}
    assert len(versions) == len(channels) * len(LANGUAGES)


async def test_the_same_again_changes_nothing(crowd: Crowd) -> None:
    mine = await crowd.person()
    contact = (await crowd.of(mine)).contact_id
    for _ in range(2):
        await crowd.wants(mine, TOPIC, "Fabric")
        await crowd.wants(mine, "events")
    assert len(await crowd.ever(contact)) == 2


async def test_one_district_after_the_other_then_everywhere(crowd: Crowd) -> None:
    mine = await crowd.person()
    contact = (await crowd.of(mine)).contact_id
    await crowd.wants(mine, TOPIC, "Fabric")
    await crowd.wants(mine, TOPIC, "Iosefin")
    await crowd.wants(mine, "events", "Fabric")
    assert await crowd.has(contact) == [(TOPIC, "Fabric"), (TOPIC, "Iosefin"), ("events", "Fabric")]
    await crowd.wants(mine, TOPIC)
    assert set(await crowd.has(contact)) == {("events", "Fabric"), (TOPIC, None)}
    assert [one.ended_how for one in await crowd.ever(contact) if one.ended_at] == ["replaced", "replaced"]
    await crowd.wants(mine, TOPIC, "Fabric")
    assert set(await crowd.has(contact)) == {("events", "Fabric"), (TOPIC, None)}, "everywhere holds it already"


async def test_who_left_can_come_back_and_both_times_stay_known(crowd: Crowd) -> None:
    mine = await crowd.person()
    contact = (await crowd.of(mine)).contact_id
    await crowd.wants(mine, TOPIC)
    await service.leave(crowd.session, contact)
    await crowd.wants(mine, TOPIC)
    assert await crowd.has(contact) == [(TOPIC, None)]
    assert [one.ended_how for one in await crowd.ever(contact)] == ["phrase", None]


@pytest.mark.parametrize(("topic", "areas"), [("dragons", ()), (TOPIC, ("Atlantis",)), (TOPIC, ("Fabric", ""))])
async def test_what_the_office_does_not_have_is_refused(crowd: Crowd, topic: str, areas: tuple[str, ...]) -> None:
    mine = await crowd.person()
    with pytest.raises(SubscriptionUnknownError):
        await crowd.wants(mine, topic, *areas)
    assert await crowd.ever((await crowd.of(mine)).contact_id) == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_one_is_ended_then_all(crowd: Crowd, language: str) -> None:
    mine = await crowd.person()
    contact = (await crowd.of(mine)).contact_id
    await crowd.wants(mine, TOPIC, "Fabric")
    await crowd.wants(mine, "events")
    await crowd.wants(mine, "roads")
    listed = await service.listed(crowd.session, crowd.office, contact, language)
    name = crowd.office.announcement_topics[TOPIC][language]
    assert listed.current[0].title == f"{name} · Fabric"
    first = (await service.current(crowd.session, contact))[0].id
    done = await service.end(crowd.session, crowd.office, contact, first, language)
    assert (done.ended, len(done.current)) == ([f"{name} · Fabric"], 2)
    again = await service.end(crowd.session, crowd.office, contact, first, language)
    assert (again.ended, len(again.current)) == ([], 2)
    rest = await service.end(crowd.session, crowd.office, contact, None, language)
    assert (len(rest.ended), rest.current) == (2, [])


async def test_nobody_ends_somebody_elses(crowd: Crowd) -> None:
    theirs = await crowd.subscriber(TOPIC)
    mine = await crowd.subscriber("events")
    [their_wish] = await crowd.ever(theirs)
    done = await service.end(crowd.session, crowd.office, mine, their_wish.id, "en")
    assert (done.ended, await crowd.has(theirs)) == ([], [(TOPIC, None)])
    with pytest.raises(SubscriptionNotFoundError):
        await service.end_by_agent(crowd.session, await agent(crowd.session), mine, their_wish.id)


async def test_a_topic_the_office_gave_up_is_still_told_and_ended(crowd: Crowd) -> None:
    contact = await crowd.subscriber(TOPIC)
    await crowd.session.execute(text("UPDATE subscription SET topic = 'gone'"))
    crowd.session.expire_all()
    [one] = (await service.listed(crowd.session, crowd.office, contact, "en")).current
    assert one.title == "gone · everywhere"
    await service.leave(crowd.session, contact)
    assert await crowd.has(contact) == []


async def test_an_agent_ends_one_and_it_is_written_down(crowd: Crowd) -> None:
    contact = await crowd.subscriber(TOPIC, "Fabric", "Iosefin")
    [first, _] = await crowd.ever(contact)
    clerk = await agent(crowd.session, "agent")
    await service.end_by_agent(crowd.session, clerk, contact, first.id)
    assert await crowd.has(contact) == [(TOPIC, "Iosefin")]
    acts = await audit.of_object(crowd.session, clerk.office_id, "subscription", first.id)
    assert [(act.action, act.actor, act.content) for act in acts] == [("subscription.ended", clerk.name, {})]
    with pytest.raises(SubscriptionNotFoundError):
        await service.end_by_agent(crowd.session, clerk, contact, first.id)
    with pytest.raises(SubscriptionNotFoundError):
        await service.end_by_agent(crowd.session, clerk, contact, uuid4())


@pytest.mark.parametrize("role", ["reader", "administrator"])
async def test_who_answers_no_chats_ends_nothing(crowd: Crowd, role: str) -> None:
    contact = await crowd.subscriber(TOPIC)
    [only] = await crowd.ever(contact)
    with pytest.raises(NotAllowedError):
        await service.end_by_agent(crowd.session, await agent(crowd.session, role), contact, only.id)  # type: ignore[arg-type]
    assert await crowd.has(contact) == [(TOPIC, None)]


@pytest.mark.parametrize("channel", ["sms", "telegram", "whatsapp"])
async def test_stop_silences_announcements_and_start_brings_them_back(crowd: Crowd, channel: str) -> None:
    mine = await crowd.person(channel)
    of = await crowd.of(mine)
    assert await crowd.wants(mine, TOPIC)
    connection = await driver_connection(crowd.session)
    await contacts.stop(connection, channel, of.address)
    people = await service.audience(crowd.session, "timisoara", TOPIC, [])
    assert people == [of.contact_id], "the wish stays"
    assert await reach(crowd.session, crowd.desk(), people) is None, "nothing is sent"
    assert not await crowd.wants(mine, "events"), "who subscribes now has to be told"
    await contacts.start(connection, channel, of.address)
    reached = await reach(crowd.session, crowd.desk(), people)
    assert reached is not None


@pytest.mark.parametrize("channel", ["web", "sms", "telegram", "whatsapp"])
async def test_leaving_keeps_news_of_ones_own_tickets(crowd: Crowd, channel: str) -> None:
    contact = await crowd.subscriber(TOPIC, channel=channel)
    assert await reach(crowd.session, crowd.desk(), await service.audience(crowd.session, "timisoara", TOPIC, []))
    await service.leave(crowd.session, contact)
    assert await service.audience(crowd.session, "timisoara", TOPIC, []) == []
    assert await reach(crowd.session, crowd.desk(), [contact]) is not None


async def test_nothing_is_left_of_who_is_forgotten(crowd: Crowd) -> None:
    contact = await crowd.subscriber(TOPIC, "Fabric")
    other = await crowd.subscriber(TOPIC)
    await service.leave(crowd.session, contact)
    await service.forget(crowd.session, contact)
    assert await crowd.ever(contact) == []
    assert await crowd.has(other) == [(TOPIC, None)]
