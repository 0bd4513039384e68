"""Not understood: once, the nearest topics; twice, a person."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BackendAction, Event
from actions.client import OfficeFacts
from actions.heard import Heard, actions_since, heard
from actions.topic_buttons import label_button, topic_button
from actions.unanswered import asked_by

OFFERED = 3


class SuggestTopics(BackendAction):
    """Offers what the message may have meant."""

    action_name = "action_suggest_topics"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Say it; the second time in a row, offer a person instead."""
        if self.action_name in actions_since(tracker, turns_back=1):
            dispatcher.utter_message(response="utter_still_not_understood")
            return []
        message = heard(tracker)
        office = await self.backend.office()
        buttons = near_labels(message, office)
        if len(buttons) < OFFERED and message.text:
            found = await self.backend.search(message.text, message.language, asked_by(message))
            known = {button["payload"] for button in buttons}
            more = [topic_button(article.topic, article.title) for article in found]
            buttons += [button for button in more if button["payload"] not in known]
        dispatcher.utter_message(response="utter_did_you_mean", buttons=buttons[:OFFERED])
        return []


def near_labels(message: Heard, office: OfficeFacts) -> list[dict[str, str]]:
    """Buttons of the likeliest topics and categories."""
    buttons = [label_button(label, office, message.language) for label, _ in message.labels]
    return [button for button in buttons if button][:OFFERED]
