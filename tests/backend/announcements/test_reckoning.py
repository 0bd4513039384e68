"""What a preview says is what is sent: texts, languages, SMS, money and time."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, strategies as st

from backend.announcements.reckoning import estimate
from backend.announcements.schemas import LONGEST_LINK, LONGEST_TEXT, Content, Estimate, Group
from backend.announcements.wording import reply, sms, text_language
from backend.core.catalogue import backend_catalogue
from backend.core.languages import LANGUAGES
from backend.offices.schemas import Office
from channels.sms.adapter import LIMIT, SmsAdapter
from channels.sms.config import TwilioConfig
from channels.splitting import pieces, units
from tests.backend.announcements.factories import TEXT, TOPIC, Town, content

ADAPTER = SmsAdapter(TwilioConfig(_env_file=None, account_sid="AC1", auth_token="x", number="+40256000000"))
SPOKEN = st.sampled_from(sorted(LANGUAGES))
TEXTS = st.text(min_size=1, max_size=300).map(str.strip).filter(bool)


async def reckoned(town: Town, of: Content) -> Estimate:
    async with town.sessions() as session:
        return await estimate(session, town.desk, of)


@given(text=TEXTS, written=SPOKEN, spoken=SPOKEN, link=st.sampled_from([None, "https://example.org/știri"]))
def test_the_previewed_sms_is_the_one_the_channel_sends(
    office: Office, text: str, written: str, spoken: str, link: str | None
) -> None:
    of = content(texts={written: text}, link=link)
    said, language = reply(office, of, "sms", spoken)
    body, cost = sms(office, of, spoken)
    parts = ADAPTER.render({**said.content(), "language": language}, 1)
    assert sum(part["segments"] for part in parts) == cost.segments
    assert [part["body"] for part in parts] == [body.strip()]


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_the_longest_announcement_is_one_message(office: Office, spoken: str) -> None:
    of = content(texts={"ro": "ș" * LONGEST_TEXT}, link="https://e.org/".ljust(LONGEST_LINK, "x"))
    assert len(pieces(sms(office, of, spoken)[0], (units, LIMIT))) == 1


@pytest.mark.parametrize(
    ("texts", "spoken", "language"),
    [
        (("ro", "en", "tr"), "tr", "tr"),
        (("ro", "en"), "tr", "ro"),
        (("en", "tr"), "mk", "en"),
        (("tr", "mk"), "mk", "mk"),
        (("af",), "mk", "af"),
    ],
)
def test_who_has_no_text_gets_the_offices_first_language_then_english(
    office: Office, texts: tuple[str, ...], spoken: str, language: str
) -> None:
    profile = office.profile.model_copy(update={"languages": ("ro",)})
    assert text_language(office.model_copy(update={"profile": profile}), dict.fromkeys(texts, "x"), spoken) == language


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_the_way_out_is_in_the_persons_language_whatever_the_text_is(office: Office, spoken: str) -> None:
    body, _ = sms(office, content(), spoken)
    out = backend_catalogue().text("subscriptions.way_out", spoken)
    assert out != "subscriptions.way_out"
    assert body.splitlines()[-1].casefold() == out.casefold() or body.isascii()
    button = reply(office, content(), "telegram", spoken)[0].buttons[0]
    assert button.title == backend_catalogue().text("announcements.stop", spoken)


async def test_people_are_counted_by_channel_and_language(town: Town) -> None:
    for channel, language in (("sms", "ro"), ("sms", "ro"), ("sms", "tr"), ("web", "en"), ("telegram", "mk")):
        await town.person(channel, language)
    await town.stops(await town.person())
    nowhere = await town.person()
    await town.run("UPDATE conversation SET heard_at = NULL WHERE id = :id", id=nowhere)
    await town.person(topic="events")
    found = await reckoned(town, content())
    cost = {language: sms(town.office, content(), language)[1].segments for language in ("ro", "tr")}
    assert found.groups == (
        Group("sms", "ro", "ro", 2, cost["ro"]),
        Group("sms", "tr", "ro", 1, cost["tr"]),
        Group("telegram", "mk", "ro", 1, 0),
        Group("web", "en", "ro", 1, 0),
    )
    assert (found.people, found.unreached, found.segments) == (5, 2, 2 * cost["ro"] + cost["tr"])
    assert found.elsewhere == {"tr": 1, "mk": 1, "en": 1}


async def test_what_was_reckoned_is_what_is_sent(town: Town) -> None:
    people = [
        await town.person(channel, language, areas=areas)
        for channel in ("sms", "web", "whatsapp")
        for language in ("ro", "tr")
        for areas in ((None,), ("Fabric",), ("Mehala",))
    ]
    of = content(areas=("Fabric",), texts={"ro": TEXT, "tr": "Su yok."})
    found = await reckoned(town, of)
    await town.released(areas=of.areas, texts=of.texts)
    await town.deliver()
    said = [one for mine in people for one in await town.said(mine)]
    assert len(said) == found.people == 12
    query = (
        "SELECT c.channel, d.language, count(*) FROM announcement_delivery AS d "
        "JOIN conversation AS c ON c.id = d.conversation_id WHERE c.office_id = :id GROUP BY 1, 2 ORDER BY 1, 2"
    )
    rows = [tuple(row) for row in await town.run(query, id=town.office.profile.id)]
    assert rows == [(group.channel, group.text, group.people) for group in found.groups]


async def test_nothing_written_yet_is_no_other_language(town: Town) -> None:
    await town.person("sms", "tr")
    found = await reckoned(town, content(texts={}))
    assert (found.people, found.segments, found.elsewhere) == (1, 0, {})
    assert (await reckoned(town, content(topic="", texts={}))).people == 0


@pytest.mark.parametrize(
    ("changes", "people", "minutes"),
    [
        ({"announcements_per_minute": 2}, {"web": 5}, 2.5),
        ({"announcements_per_minute": 600}, {"web": 30, "sms": 30}, 0.5),
        ({"announcements_per_minute": 600}, {"web": 60}, 0.1),
        ({}, {}, 0.0),
    ],
)
async def test_the_slower_of_throttle_and_channel_says_how_long_it_takes(
    town: Town, changes: dict[str, Any], people: dict[str, int], minutes: float
) -> None:
    town.changes = changes
    for channel, count in people.items():
        for _ in range(count):
            await town.person(channel)
    assert (await reckoned(town, content())).minutes == pytest.approx(minutes)


@given(people=st.integers(0, 10**6), segments=st.integers(0, 9), price=st.decimals(0, 5, places=4))
def test_money_is_counted_exactly(people: int, segments: int, price: Decimal) -> None:
    found = Estimate((Group("sms", "ro", "ro", people, segments),), 0, price, 0.0)
    assert found.cost == (people * segments * price if price else None)


def test_the_topic_of_these_tests_is_one_of_the_office(office: Office) -> None:
    assert TOPIC in office.announcement_topics
