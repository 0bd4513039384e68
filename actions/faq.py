"""Answer a question from the office's articles."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BackendAction, Event
from actions.client import Answer
from actions.heard import Heard, heard
from actions.other_matter import SLOT, kept_matter, offered
from actions.topic_buttons import topic_button
from actions.unanswered import asked_by

GLOSSARY = "glossary"


class AnswerQuestion(BackendAction):
    """The article of the topic, else the nearest articles, else a person."""

    action_name = "action_answer_question"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Say it."""
        message = heard(tracker)
        topic = topic_of(message)
        if topic == GLOSSARY and message.text and (term := await self.backend.term(message.text, message.language)):
            dispatcher.utter_message(response="utter_term", **term.model_dump())
            return []
        asked = asked_by(message, topic)
        # What is not answered is noted once: by the search, or for a pressed button by the look-up itself.
        answer = await self.backend.answer(topic, message.language, None if message.text else asked) if topic else None
        if answer:
            say_article(dispatcher, answer)
            return await self._other_matter(dispatcher, message) if message.also and not tracker.active_loop else []
        found = await self.backend.search(message.text, message.language, asked) if message.text else []
        buttons = [topic_button(article.topic, article.title) for article in found]
        dispatcher.utter_message(response="utter_no_article", buttons=buttons)
        return []

    async def _other_matter(self, dispatcher: CollectingDispatcher, message: Heard) -> list[Event]:
        office = await self.backend.office()
        kept = kept_matter(message, office)
        offered(dispatcher, kept, office, message.language)
        return [SlotSet(SLOT, kept)]


def topic_of(message: Heard) -> str | None:
    """The topic a button names, else the likeliest one."""
    named = message.entities.get("topic")
    if named:
        return str(named)
    return next((label.split("/", 1)[1] for label, _ in message.labels if label.startswith("faq/")), None)


def say_article(dispatcher: CollectingDispatcher, answer: Answer) -> None:
    """An article as a message with its source, so that it can be voted on."""
    source: dict[str, Any] = {"article": {"topic": answer.topic, "title": answer.title}, "language": answer.language}
    if answer.link:
        source["link"] = {"title": answer.title, "url": answer.link}
    dispatcher.utter_message(text=answer.text, json_message=source)
