"""What a citizen says of a closed ticket: solved or not, how satisfied, a word; and a bare yes or no."""

import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BackendAction, Event
from actions.client import SurveyAnswer
from actions.heard import Heard, heard

SLOT = "survey"
SCORE, WORDS = "score", "words"
NOTHING_TO_SAY = frozenset({"deny", "cancel"})
LONGEST_NO = 4
"""A "no" of more words says something."""


class AnswerSurvey(BackendAction):
    """Takes a button under the question, or what was typed after it, and asks the next thing."""

    action_name = "action_answer_survey"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Keep the answer; who was never asked is told nothing about any ticket."""
        message = heard(tracker)
        given = given_answer(message, tracker.get_slot(SLOT))
        if given is None:
            dispatcher.utter_message(response="utter_survey_thanks")
            return [SlotSet(SLOT, None)]
        return await answered(self, dispatcher, tracker.sender_id, given)


class GoOn(BackendAction):
    """A yes or no to nothing the dialogue asked: it may answer what the office asked in its news."""

    action_name = "action_go_on"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Take it for that answer, or offer what there is."""
        message = heard(tracker)
        question = await self.backend.open_question(tracker.sender_id) if message.text else None
        if question is None:
            dispatcher.utter_message(response="utter_go_on")
            return [SlotSet(SLOT, None)]
        if message.intent == "deny":
            dispatcher.utter_message(response="utter_survey_not_solved", reference=question.reference)
            return [SlotSet(SLOT, None)]
        return await answered(
            self, dispatcher, tracker.sender_id, SurveyAnswer(reference=question.reference, solved=True)
        )


async def answered(
    action: BackendAction, dispatcher: CollectingDispatcher, conversation_id: str, given: SurveyAnswer
) -> list[Event]:
    """Keep a part of the answer and ask for the next one."""
    if not await action.backend.answer_survey(conversation_id, given):
        dispatcher.utter_message(response="utter_ticket_unknown")
        return [SlotSet(SLOT, None)]
    step = next_step(given)
    if step is None:
        dispatcher.utter_message(response="utter_survey_thanks")
        return [SlotSet(SLOT, None)]
    sentence = "utter_survey_score" if step == SCORE else "utter_survey_words"
    dispatcher.utter_message(response=sentence, reference=given.reference)
    return [SlotSet(SLOT, {"reference": given.reference, "step": step})]


def next_step(given: SurveyAnswer) -> str | None:
    """What to ask after a part of an answer; nothing after the words."""
    if given.words:
        return None
    return WORDS if given.score else SCORE


def given_answer(message: Heard, asked: Any) -> SurveyAnswer | None:
    """What a message says of a ticket; None when it says that there is nothing to say."""
    reference = str(message.entities.get("reference") or "")
    if not message.text:
        if message.entities.get("words"):
            return None
        score = message.entities.get("score")
        return SurveyAnswer(reference=reference, score=int(score)) if score else _solved(reference)
    asked = asked or {}
    reference = str(asked.get("reference") or "")
    if asked.get("step") == SCORE:
        return SurveyAnswer(reference=reference, score=score_in(message.text))
    return None if says_nothing(message) else SurveyAnswer(reference=reference, words=message.text)


def _solved(reference: str) -> SurveyAnswer:
    return SurveyAnswer(reference=reference, solved=True)


def score_in(text: str) -> int | None:
    """The score in a text: a digit from 1 to 5, else its stars."""
    digit = re.search(r"[1-5]", text)
    stars = len(re.findall("[★⭐]", text))
    return int(digit[0]) if digit else stars or None


def says_nothing(message: Heard) -> bool:
    """Whether somebody declines to say a word."""
    likeliest = message.labels[0][0] if message.labels else message.intent
    return likeliest in NOTHING_TO_SAY and len(message.text.split()) <= LONGEST_NO
