"""From somebody's words to the sentence they say yes to."""

from typing import Any

import pytest

from backend.core.languages import LANGUAGES
from backend.subscriptions.naming import way_out
from backend.subscriptions.proposing import propose
from backend.subscriptions.schemas import Proposal, Wish
from tests.backend.subscriptions.conftest import Crowd

TOPIC = "water_cuts"


async def proposed(crowd: Crowd, channel: str = "sms", **wish: Any) -> Proposal:
    of = await crowd.of(await crowd.person(channel))
    return await propose(crowd.session, crowd.office, of, Wish(**{"language": "en", **wish}))


@pytest.mark.parametrize(
    ("wish", "topic", "areas", "everywhere"),
    [
        ({"text": "subscribe me"}, None, [], False),
        ({"text": "water cuts please"}, TOPIC, [], False),
        ({"text": "water in Fabric", "places": ["Fabric"]}, TOPIC, ["Fabric"], False),
        ({"text": "tell me about Fabric", "places": ["Fabric"]}, None, ["Fabric"], False),
        ({"text": "water, Fabric and Iosefin", "places": ["Fabric", "Iosefin"]}, TOPIC, ["Fabric", "Iosefin"], False),
        ({"text": "water in the whole city"}, TOPIC, [], True),
        ({"topic": TOPIC}, TOPIC, [], False),
        ({"topic": "dragons"}, None, [], False),
        ({"topic": TOPIC, "text": "fabrıc", "asked": "area"}, TOPIC, ["Fabric"], False),
        ({"topic": TOPIC, "text": "all", "asked": "area"}, TOPIC, [], True),
        ({"topic": TOPIC, "everywhere": True}, TOPIC, [], True),
        ({"topic": TOPIC, "text": "Atlantis", "asked": "area"}, TOPIC, [], False),
        ({"topic": TOPIC, "text": "rather concerts", "asked": "area"}, "events", [], False),
        ({"topic": TOPIC, "areas": ["Fabric"], "text": "Iosefin", "asked": "confirm"}, TOPIC, ["Iosefin"], False),
        ({"topic": TOPIC, "areas": ["Fabric"], "text": "everywhere", "asked": "confirm"}, TOPIC, [], True),
        ({"topic": TOPIC, "areas": ["Fabric"], "text": "hm", "asked": "confirm"}, TOPIC, ["Fabric"], False),
        ({"topic": TOPIC, "areas": ["Atlantis"]}, TOPIC, [], False),
        ({"text": "council meetings"}, "council", [], True),
        ({"text": "council meetings in Fabric", "places": ["Fabric"]}, "council", [], True),
    ],
)
async def test_what_a_message_adds(
    crowd: Crowd, wish: dict[str, Any], topic: str | None, areas: list[str], everywhere: bool
) -> None:
    found = await proposed(crowd, **wish)
    assert (found.topic, found.areas, found.everywhere) == (topic, areas, everywhere)
    assert bool(found.summary) is bool(topic and (areas or everywhere))
    assert [one.id for one in found.topics] == list(crowd.office.announcement_topics)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("channel", "named"), [("sms", "SMS"), ("telegram", "Telegram"), ("web", "")])
async def test_the_sentence_tells_what_where_how_and_the_way_out(
    crowd: Crowd, language: str, channel: str, named: str
) -> None:
    found = await proposed(crowd, channel, topic=TOPIC, areas=["Fabric", "Iosefin"], language=language)
    for part in (crowd.office.announcement_topics[TOPIC][language], "Fabric, Iosefin", way_out(language)):
        assert part in found.summary
    if language != "mk":
        assert named in found.summary
    assert "subscriptions." not in found.summary


@pytest.mark.parametrize(
    ("has", "wants", "already"),
    [
        (["Fabric"], ["Fabric"], True),
        (["Fabric"], ["Fabric", "Iosefin"], False),
        (["Fabric", "Iosefin"], ["Iosefin"], True),
        (["Fabric"], [], False),
        ([], ["Fabric"], True),
        ([], [], True),
    ],
)
async def test_what_one_has_already_is_seen(crowd: Crowd, has: list[str], wants: list[str], already: bool) -> None:
    mine = await crowd.person()
    await crowd.wants(mine, TOPIC, *has)
    of = await crowd.of(mine)
    for topic, expected in ((TOPIC, already), ("roads", False)):
        wish = Wish(topic=topic, areas=wants, everywhere=not wants, language="en")
        assert (await propose(crowd.session, crowd.office, of, wish)).already is expected


async def test_an_office_without_topics_or_districts(crowd: Crowd) -> None:
    of = await crowd.of(await crowd.person())
    nothing = crowd.office.model_copy(update={"announcements": type(crowd.office.announcements)()})
    found = await propose(crowd.session, nothing, of, Wish(text="water", language="en"))
    assert (found.topics, found.topic) == ([], None)
    nowhere = crowd.office.model_copy(update={"gazetteer": type(crowd.office.gazetteer)()})
    found = await propose(crowd.session, nowhere, of, Wish(text="water", language="en"))
    assert (found.everywhere, found.example) == (True, "")
    assert found.summary
