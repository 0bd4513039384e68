"""Subscribing to announcements and leaving again, with the running assistant: web chat, Telegram and SMS."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from backend.core.catalogue import backend_catalogue
from backend.core.settings import ROOT
from backend.offices.service import read_office
from backend.subscriptions.naming import way_out
from tests.flow.channels import Desk, SmsPerson, TelegramPerson, open_desk
from tests.flow.walk import WALKS
from tests.stack import Visitor

pytestmark = pytest.mark.stack
OFFICE = read_office(ROOT / "data" / "offices", "timisoara")
CURRENT = """
    SELECT s.topic, s.area, s.channel, s.language FROM subscription s JOIN identity i USING (contact_id)
    WHERE s.ended_at IS NULL AND i.channel = %s AND i.external_id = %s ORDER BY s.asked_at
"""
ON_THE_WEB = """
    SELECT s.topic, s.area FROM subscription s WHERE s.ended_at IS NULL AND s.channel = 'web'
    ORDER BY s.asked_at DESC LIMIT 1
"""


@dataclass(frozen=True)
class Wishes:
    """What somebody types, without diacritics; Macedonian in Latin letters."""

    language: str
    water: str
    events: str
    whole: str
    """Topic and district in one message."""
    yes: str
    everywhere: str
    which: str


WISHES = (
    Wishes(
        "en",
        "let me know when water is cut",
        "send me news about events",
        "Please notify me when water is cut in Zona Buziasului",
        "yes",
        "everywhere",
        "what am i subscribed to",
    ),
    Wishes(
        "tr",
        "su kesintisi olunca bana mesaj atin",
        "etkinliklerden haberdar olmak istiyorum, abone olayim",
        "Zona Buziasului su kesintilerini bana sms ile bildirin",
        "evet",
        "her yer",
        "hangi duyurulara aboneyim",
    ),
    Wishes(
        "ro",
        "anunta-ma cand se opreste apa",
        "vreau sa primesc noutati despre evenimente",
        "anunta-ma cand se opreste apa in Zona Buziasului",
        "da",
        "peste tot",
        "la ce sunt abonat",
    ),
    Wishes(
        "mk",
        "prakajte mi poraki za prekini na voda",
        "sakam da dobivam izvestuvanja za nastani",
        "prakajte mi izvestuvanja za prekini na voda vo Zona Buziasului",
        "da",
        "sekade",
        "na sto sum pretplaten",
    ),
    Wishes(
        "af",
        "laat weet my elke keer as die water afgaan",
        "stuur my kennisgewings oor konserte en feeste",
        "stuur my kennisgewings oor wateronderbrekings in Zona Buziasului",
        "ja",
        "oral",
        "waarop is ek ingeteken",
    ),
)
every_language = pytest.mark.parametrize("wishes", WISHES, ids=lambda wishes: wishes.language)
WALK = {walk.language: walk for walk in WALKS}


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with open_desk() as desk:
        yield desk


def name(topic: str, language: str) -> str:
    return OFFICE.announcement_topics[topic][language]


def told(key: str, language: str) -> str:
    return backend_catalogue().text(key, language)


@every_language
def test_a_question_in_the_middle_a_district_without_diacritics_then_the_list(desk: Desk, wishes: Wishes) -> None:
    visitor = Visitor(desk.stack.url, wishes.language)
    assert name("water_cuts", wishes.language) in visitor.says(wishes.water)
    middle = visitor.says(WALK[wishes.language].question + "?")
    assert WALK[wishes.language].hours in middle
    assert name("water_cuts", wishes.language) in middle, "then it is asked again"
    summary = visitor.says("zona buziasului")
    for part in (name("water_cuts", wishes.language), "Zona Buziașului", way_out(wishes.language)):
        assert part in summary
    noted = visitor.says(wishes.yes)
    assert "Zona Buziașului" in noted
    assert desk.rows(ON_THE_WEB) == [("water_cuts", "Zona Buziașului")]
    listed = visitor.replies(visitor.send(wishes.which))[0]
    assert f"{name('water_cuts', wishes.language)} · Zona Buziașului" in listed["text"]
    ended = visitor.presses(listed["buttons"][0]["payload"])
    assert "Zona Buziașului" in ended
    assert desk.rows(ON_THE_WEB) == []


@every_language
def test_everything_in_one_message_and_the_way_out(desk: Desk, wishes: Wishes) -> None:
    visitor = Visitor(desk.stack.url, wishes.language)
    summary = visitor.says(wishes.whole)
    assert "Zona Buziașului" in summary
    assert way_out(wishes.language) in summary
    visitor.presses("/affirm")
    again = visitor.says(wishes.whole)
    assert "Zona Buziașului" in again
    assert way_out(wishes.language) not in again, "they have it already and nothing is asked"
    assert visitor.says(way_out(wishes.language).lower()) == told("subscriptions.left", wishes.language)
    assert desk.rows(ON_THE_WEB) == []


@every_language
def test_cancelling_and_a_no_keep_nothing(desk: Desk, wishes: Wishes) -> None:
    visitor = Visitor(desk.stack.url, wishes.language)
    visitor.says(wishes.events)
    visitor.says(WALK[wishes.language].cancel)
    visitor.says(wishes.events)
    summary = visitor.says(wishes.everywhere)
    assert told("subscriptions.everywhere", wishes.language) in summary
    visitor.presses("/deny")
    assert desk.rows(ON_THE_WEB) == []


def test_one_district_after_the_other_with_buttons(desk: Desk) -> None:
    visitor = Visitor(desk.stack.url, "ro")
    topics = visitor.replies(visitor.send("", button="/help"))[0]
    assert topics
    offered = visitor.replies(visitor.send("vreau sa ma abonez"))[0]["buttons"]
    assert [button["title"] for button in offered] == [names["ro"] for names in OFFICE.announcement_topics.values()]
    visitor.presses(offered[1]["payload"])
    visitor.says("Fabric")
    more = visitor.replies(visitor.send("", button="/affirm"))[0]["buttons"]
    visitor.presses(more[0]["payload"])
    visitor.says("iosefin si freidorf")
    visitor.presses("/affirm")
    listed = visitor.replies(visitor.send("", button="/unsubscribe_updates"))[0]
    areas = [line.split(" · ")[1] for line in listed["text"].split("\n") if " · " in line]
    assert sorted(areas) == ["Fabric", "Freidorf", "Iosefin"]
    assert len(listed["buttons"]) == 4
    visitor.presses(listed["buttons"][-1]["payload"])
    assert desk.rows(ON_THE_WEB) == []


def test_a_list_in_the_middle_of_a_report_ends_what_it_says(desk: Desk) -> None:
    desk.stack.close_tickets()
    visitor = Visitor(desk.stack.url)
    visitor.says("tell me about council meetings, subscribe me")
    noted = visitor.replies(visitor.send("", button="/affirm"))[0]
    assert [button["payload"] for button in noted["buttons"]] == ["/subscribe_updates", "/unsubscribe_updates"]
    listed = visitor.replies(visitor.send("", button="/unsubscribe_updates"))[0]
    visitor.says("there is a deep pothole since Monday")
    ended = visitor.presses(listed["buttons"][0]["payload"])
    assert "Stopped" in ended
    assert desk.rows(ON_THE_WEB) == []
    assert "Strada Mărășești 12" in visitor.says("Strada Marasesti 12"), "the report goes on"


def test_by_sms_with_numbers_for_buttons(desk: Desk) -> None:
    person = SmsPerson(desk)
    asked = person.says("su kesintisi olunca bana mesaj atin")
    assert "1 Her yer" in asked
    summary = person.says("1")
    assert "SMS" in summary
    assert "HABER KAPAT" in summary
    assert person.says("1")
    assert desk.rows(CURRENT, "sms", person.number) == [("water_cuts", None, "sms", "tr")]
    person.says("otobus ve tramvay haberleri icin abone et")
    person.says("fabric")
    person.says("evet")
    assert [row[:2] for row in desk.rows(CURRENT, "sms", person.number)][1:] == [("transport", "Fabric")]
    listed = person.says("hangi duyurulara aboneyim")
    assert "3 Hepsi" in listed
    person.says("1")
    assert [row[:2] for row in desk.rows(CURRENT, "sms", person.number)] == [("transport", "Fabric")]
    assert person.says("Haber kapat") == told("subscriptions.left", "tr")
    assert desk.rows(CURRENT, "sms", person.number) == []


def test_stop_by_sms_is_more_than_the_way_out(desk: Desk) -> None:
    person = SmsPerson(desk)
    person.says("send me news about council meetings")
    person.says("1")
    person.says("STOP")
    assert len(desk.rows(CURRENT, "sms", person.number)) == 1, "the wish stays; nothing is sent"
    stopped = "SELECT stopped_at IS NOT NULL FROM identity WHERE channel = 'sms' AND external_id = %s"
    assert desk.rows(stopped, person.number) == [(True,)]
    person.says("START")
    assert desk.rows(stopped, person.number) == [(False,)]
    person.says("news off")
    assert (desk.rows(CURRENT, "sms", person.number), desk.rows(stopped, person.number)) == ([], [(False,)])


def test_on_telegram_also_while_a_person_holds_the_chat(desk: Desk) -> None:
    person = TelegramPerson(desk, "ro")
    person.says("anunta-ma cand se opreste apa in Fabric")
    person.presses(0)
    address = str(person.chat)
    assert desk.rows(CURRENT, "telegram", address) == [("water_cuts", "Fabric", "telegram", "ro")]
    held = "UPDATE conversation SET holder = 'agent' WHERE address = %s RETURNING holder"
    assert desk.rows(held, address) == [("agent",)]
    assert person.says("Fără știri") == "", "the agent answers"
    assert desk.rows(CURRENT, "telegram", address) == []
    seen = "SELECT count(*) FROM message WHERE content->>'text' = 'Fără știri'"
    assert desk.rows(seen) == [(1,)], "and sees it"
