"""Messages that were not understood."""

import pytest

from actions.fallback import OFFERED
from tests.actions.conftest import Desk
from tests.actions.factories import LANGUAGES

SUGGEST = "action_suggest_topics"
LABELS = [("nlu_fallback", 0.5), ("faq/marriage", 0.2), ("greet", 0.1), ("report/noise", 0.1), ("faq/privacy", 0.1)]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_likeliest_topics_and_categories_are_offered_in_the_language(desk: Desk, language: str) -> None:
    ran = await (await desk.visitor(language)).says(SUGGEST, "hm", intent="nlu_fallback", ranking=LABELS)
    assert ran.said == ["utter_did_you_mean"]
    buttons = ran.responses[0]["buttons"]
    assert [button["payload"] for button in buttons] == [
        '/faq{"topic": "marriage"}',
        '/report{"category": "noise"}',
        '/faq{"topic": "privacy"}',
    ]
    assert buttons[0]["title"] == desk.office.topics["marriage"][language]


async def test_never_more_than_three_are_offered(desk: Desk) -> None:
    many = [(f"faq/{topic}", 0.1) for topic in desk.office.topics]
    ran = await (await desk.visitor()).says(SUGGEST, "hm", intent="nlu_fallback", ranking=many)
    assert len(ran.responses[0]["buttons"]) == OFFERED


async def test_articles_near_the_words_fill_up_what_labels_leave_and_none_is_offered_twice(desk: Desk) -> None:
    visitor = await desk.visitor("ro")
    ranking = [("faq/resident_parking", 0.2)]
    ran = await visitor.says(SUGGEST, "parcare rezidentiala abonament", intent="nlu_fallback", ranking=ranking)
    payloads = [button["payload"] for button in ran.responses[0]["buttons"]]
    assert payloads[0] == '/faq{"topic": "resident_parking"}'
    assert len(payloads) == len(set(payloads))


async def test_the_second_time_in_a_row_a_person_is_offered(desk: Desk) -> None:
    visitor = await desk.visitor()
    ran = await visitor.says(SUGGEST, "hm", intent="nlu_fallback", ranking=LABELS, earlier=(SUGGEST,))
    assert ran.said == ["utter_still_not_understood"]


async def test_after_something_understood_topics_are_offered_again(desk: Desk) -> None:
    visitor = await desk.visitor()
    ran = await visitor.says(SUGGEST, "hm", intent="nlu_fallback", ranking=LABELS, earlier=("utter_greet",))
    assert ran.said == ["utter_did_you_mean"]


async def test_words_near_nothing_are_answered_without_buttons(desk: Desk) -> None:
    ran = await (await desk.visitor()).says(SUGGEST, "qqqq wwww", intent="nlu_fallback")
    assert (ran.said, ran.responses[0]["buttons"]) == (["utter_did_you_mean"], [])
