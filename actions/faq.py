"""Answer a question from the office's articles."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BackendAction, Event
from actions.client import Answer, OfficeFacts
from actions.heard import Heard, heard


class AnswerQuestion(BackendAction):
    """The article of the topic, else the nearest articles, else a person."""

    action_name = "action_answer_question"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Say it."""
        message = heard(tracker)
        topic = topic_of(message)
        answer = await self.backend.answer(topic, message.language) if topic else None
        if answer:
            say_article(dispatcher, answer)
            return []
        found = await self.backend.search(message.text, message.language) if message.text else []
        buttons = [topic_button(article.topic, article.title) for article in found]
        dispatcher.utter_message(response="utter_no_article", buttons=buttons)
        return []


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


def topic_button(topic: str, title: str) -> dict[str, str]:
    """A button that asks about a topic."""
    return {"title": title, "payload": f'/faq{{"topic": "{topic}"}}'}


def label_button(label: str, office: OfficeFacts, language: str) -> dict[str, str] | None:
    """A button for a label of the classifier, named for people; None for labels that are no topic."""
    base, _, name = label.partition("/")
    if base == "faq" and name in office.topics:
        return topic_button(name, office.topics[name][language])
    if base == "report" and name in office.categories:
        payload = f'/report{{"category": "{name}"}}'
        return {"title": office.categories[name].name[language], "payload": payload}
    return None
