"""A second matter in a message: noted, offered after the first, begun with the words it was told in."""

from typing import Any

import pytest

from actions.other_matter import begun, kept_matter
from actions.report_draft import Draft
from tests.actions.conftest import Desk, Visitor
from tests.actions.factories import LANGUAGES, facts, message

FORM, FILE, ANSWER = "validate_report_form", "action_file_report", "action_answer_question"
TEXT = "A deep hole in the road. And nobody has emptied our bin"
BOTH: dict[str, Any] = {
    "intent": "report",
    "ranking": [("report/pothole_road", 0.8)],
    "also": ("report/missed_collection",),
    "place": "Strada Mare 5",
}
BUTTON = '/report{"category": "missed_collection"}'


async def filed(visitor: Visitor) -> Any:
    await visitor.says(FORM, "/affirm", intent="affirm")
    return await visitor.runs(FILE)


async def test_a_second_matter_is_noted_at_once_and_offered_when_the_first_is_filed(desk: Desk) -> None:
    visitor = await desk.visitor()
    told = await visitor.says(FORM, TEXT, **BOTH)
    assert told.said == ["utter_noted_both", "utter_ask_report_confirm"]
    offer = await filed(visitor)
    assert offer.said == ["utter_report_filed", "utter_other_matter"]
    [button] = offer.responses[1]["buttons"]
    assert button["payload"] == BUTTON
    assert offer.responses[1]["other"] == button["title"] == told.responses[0]["other"]


async def test_its_button_begins_it_with_the_words_and_the_place_already_told(desk: Desk) -> None:
    visitor = await desk.visitor()
    await visitor.says(FORM, TEXT, **BOTH)
    await filed(visitor)
    pressed = await visitor.says(FORM, BUTTON, intent="report", category="missed_collection")
    assert pressed.said == ["utter_ask_report_date"]
    draft = visitor.slots["report"]
    assert (draft["description"], draft["place"], draft["category"]) == (TEXT, "Strada Mare 5", "missed_collection")
    assert visitor.slots["other_matter"] is None


async def test_a_message_with_one_matter_says_nothing_of_another(desk: Desk) -> None:
    visitor = await desk.visitor()
    assert (await visitor.says(FORM, TEXT, **{**BOTH, "also": ()})).said == ["utter_ask_report_confirm"]
    assert (await filed(visitor)).said == ["utter_report_filed"]


async def test_an_answered_question_offers_the_second_matter(desk: Desk) -> None:
    visitor = await desk.visitor()
    ranking = [("faq/opening_hours", 0.9)]
    ran = await visitor.says(ANSWER, TEXT, intent="faq", ranking=ranking, also=("report/missed_collection",))
    assert ran.said[-1] == "utter_other_matter"
    assert [button["payload"] for button in ran.responses[-1]["buttons"]] == [BUTTON]


@pytest.mark.parametrize(
    ("also", "label"),
    [
        ((), None),
        (("give_praise",), None),
        (("report/no_such",), None),
        (("give_praise", "faq/marriage"), "faq/marriage"),
        (("report/missed_collection", "faq/marriage"), "report/missed_collection"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_only_what_the_office_has_a_name_for_is_kept(also: tuple[str, ...], label: str | None, language: str) -> None:
    kept = kept_matter(message("text", also=also, language=language, place="Loga"), facts())
    assert kept == (label and {"label": label, "description": "text", "place": "Loga"})


@pytest.mark.parametrize(
    ("draft", "label", "description"),
    [
        (Draft(category="missed_collection"), "report/missed_collection", "words"),
        (Draft(category="pothole_road"), "report/missed_collection", ""),
        (Draft(), "report/missed_collection", ""),
        (Draft(category="missed_collection", description="new words"), "report/missed_collection", "new words"),
        (Draft(category="marriage"), "faq/marriage", ""),
    ],
)
def test_the_words_are_taken_over_by_the_matter_they_belong_to_only(draft: Draft, label: str, description: str) -> None:
    assert begun(draft, {"label": label, "description": "words", "place": ""}).description == description
    assert begun(draft, None) == draft
