"""Questions answered from the office's articles."""

import pytest

from actions.faq import topic_of
from actions.topic_buttons import label_button
from tests.actions.conftest import Desk
from tests.actions.factories import LANGUAGES, facts, message

ANSWER = "action_answer_question"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_article_of_the_topic_is_said_in_the_language_with_its_source(desk: Desk, language: str) -> None:
    visitor = await desk.visitor(language)
    ran = await visitor.says(ANSWER, "?", intent="faq", ranking=[("faq/resident_parking", 0.9)])
    [said] = ran.responses
    assert said["text"]
    source = said["custom"]
    assert source["article"]["topic"] == "resident_parking"
    assert source["language"] == language
    assert source["link"] == {"title": source["article"]["title"], "url": "https://www.timpark.ro/"}
    assert ran.events == []


async def test_an_article_without_a_link_is_said_without_one(desk: Desk) -> None:
    answer = await desk.client.answer("opening_hours", "ro")
    assert answer is not None
    ran = await (await desk.visitor("ro")).says(ANSWER, "program?", intent="faq", topic="opening_hours")
    assert ("link" in ran.responses[0]["custom"]) is (answer.link is not None)


async def test_a_pressed_topic_comes_before_the_likeliest_one(desk: Desk) -> None:
    visitor = await desk.visitor()
    ran = await visitor.says(ANSWER, "/faq", intent="faq", ranking=[("faq/privacy", 0.9)], topic="marriage")
    assert ran.responses[0]["custom"]["article"]["topic"] == "marriage"


async def test_without_an_article_the_nearest_ones_are_offered(desk: Desk) -> None:
    visitor = await desk.visitor("ro")
    ran = await visitor.says(ANSWER, "abonament de parcare rezidențială", intent="faq", topic="no_such_topic")
    assert ran.said == ["utter_no_article"]
    assert '/faq{"topic": "resident_parking"}' in [button["payload"] for button in ran.responses[0]["buttons"]]


async def test_a_pressed_topic_without_an_article_offers_nothing(desk: Desk) -> None:
    ran = await (await desk.visitor()).says(ANSWER, '/faq{"topic": "gone"}', intent="faq", topic="gone")
    assert (ran.said, ran.responses[0]["buttons"]) == (["utter_no_article"], [])


@pytest.mark.parametrize(
    ("ranking", "topic"),
    [
        ([("faq/marriage", 0.4), ("faq/privacy", 0.3)], "marriage"),
        ([("report/noise", 0.4), ("faq/privacy", 0.3)], "privacy"),
        ([("report/noise", 0.4)], None),
        ([], None),
    ],
)
def test_the_topic_is_the_likeliest_of_the_questions(ranking: list[tuple[str, float]], topic: str | None) -> None:
    assert topic_of(message("?", ranking=ranking)) == topic


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("label", "button"),
    [
        ("faq/marriage", ("marriage", '/faq{"topic": "marriage"}')),
        ("report/pothole_road", ("pothole_road", '/report{"category": "pothole_road"}')),
        ("faq/unknown", None),
        ("report/unknown", None),
        ("greet", None),
        ("nlu_fallback", None),
    ],
)
def test_labels_of_topics_and_categories_become_buttons_named_for_people(
    language: str, label: str, button: tuple[str, str] | None
) -> None:
    expected = {"title": f"{button[0]} ({language})", "payload": button[1]} if button else None
    assert label_button(label, facts(), language) == expected
