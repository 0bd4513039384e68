"""Announcements: subscribe to a topic in some districts, see what one is subscribed to, and end it."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BackendAction, Event
from actions.client import Named, Proposal, Subscriptions, Wish
from actions.heard import Heard, heard
from actions.report import INTERRUPTIONS, was_interrupted_in

FORM = "subscription_form"
TOPIC, AREA, CONFIRM = "topic", "area", "confirm"
SUBSCRIBE, UNSUBSCRIBE = "subscribe_updates", "unsubscribe_updates"
ANSWERS = frozenset({"inform", "affirm", "deny"})
EVERYWHERE, ALL = "everywhere", "all"
MOST_MISSES = 2
"""So often a question is asked again before the form lets go."""
SURE_OF_UNSUBSCRIBING = 0.6
LONGEST_TEXT = 500
"""Characters in which a wish names its topic and district."""


class ValidateSubscriptionForm(BackendAction):
    """Rasa calls this at every turn of the form; the answer names the next question."""

    action_name = "validate_subscription_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Take the message in and ask the next question. No event means: this was no answer, let a rule take it."""
        message, step = heard(tracker), tracker.get_slot("requested_slot")
        kept = dict(tracker.get_slot("subscription") or {})
        if was_interrupted_in(tracker, FORM):
            return await self._asked_again(dispatcher, tracker.sender_id, message, kept)
        if step is None or (message.intent == SUBSCRIBE and not message.text):
            return await self._take(dispatcher, tracker, message, {}, "")
        if message.intent in INTERRUPTIONS or (not message.text and message.intent not in ANSWERS):
            return []
        if wants_out(message):
            found = await self.backend.subscriptions(tracker.sender_id, message.language)
            say_list(dispatcher, found)
            return over()
        if step == CONFIRM and message.intent in ("affirm", "deny"):
            return await self._decided(dispatcher, tracker.sender_id, message, kept)
        return await self._take(dispatcher, tracker, message, kept, str(step))

    async def _take(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, message: Heard, kept: dict[str, Any], step: str
    ) -> list[Event]:
        wish = wish_of(message, places_of(tracker), kept, step)
        proposal = await self.backend.propose_subscription(tracker.sender_id, wish)
        told = known(proposal)
        missed = bool(step) and told == {**known_of(kept)}
        misses = int(kept.get("misses", 0)) + 1 if missed else 0
        return self._ask(dispatcher, proposal, {**told, "misses": misses})

    async def _asked_again(
        self, dispatcher: CollectingDispatcher, sender: str, message: Heard, kept: dict[str, Any]
    ) -> list[Event]:
        wish = Wish(**known_of(kept), language=message.language)
        proposal = await self.backend.propose_subscription(sender, wish)
        return self._ask(dispatcher, proposal, {**known(proposal), "misses": 0})

    def _ask(self, dispatcher: CollectingDispatcher, proposal: Proposal, kept: dict[str, Any]) -> list[Event]:
        misses = kept["misses"]
        if not proposal.topics:
            return self._over(dispatcher, "utter_subscription_no_topics")
        if misses > MOST_MISSES:
            return self._over(dispatcher, "utter_subscription_left")
        if proposal.topic is None:
            sentence = "utter_subscription_topic_again" if misses else "utter_subscription_topic"
            dispatcher.utter_message(response=sentence, buttons=topic_buttons(proposal.topics))
            return asking(TOPIC, kept)
        values = {"title": proposal.title, "area": proposal.area, "topic": proposal.topic}
        if not proposal.summary:
            sentence = "utter_subscription_area_again" if misses else "utter_subscription_area"
            dispatcher.utter_message(response=sentence, example=proposal.example, **values)
            return asking(AREA, kept)
        if proposal.already:
            return self._over(dispatcher, "utter_subscription_there", **values)
        dispatcher.utter_message(response="utter_subscription_confirm", summary=proposal.summary)
        return asking(CONFIRM, {**kept, "title": proposal.title, "area": proposal.area})

    async def _decided(
        self, dispatcher: CollectingDispatcher, sender: str, message: Heard, kept: dict[str, Any]
    ) -> list[Event]:
        """A yes is kept; the same yes again, when a turn is repeated, changes nothing."""
        if message.intent == "deny":
            return self._over(dispatcher, "utter_subscription_not")
        done = await self.backend.subscribe(sender, kept["topic"], kept["areas"], message.language)
        sentence = "utter_subscription_noted_area" if kept["areas"] else "utter_subscription_noted"
        values = {"title": kept["title"], "area": kept["area"], "topic": kept["topic"]}
        closing = self._over(dispatcher, sentence, **values)
        if done.stopped:
            dispatcher.utter_message(response="utter_subscription_stopped")
        return closing

    def _over(self, dispatcher: CollectingDispatcher, sentence: str, **values: Any) -> list[Event]:
        dispatcher.utter_message(response=sentence, **values)
        return over()


class ListSubscriptions(BackendAction):
    """Tells what a person is subscribed to, with a button to end each; a pressed button ends it."""

    action_name = "action_subscriptions"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """End what was chosen, or show the list."""
        message = heard(tracker)
        which = str(message.entities.get("which") or "")
        if not which:
            found = await self.backend.subscriptions(tracker.sender_id, message.language)
            say_list(dispatcher, found)
            return []
        chosen = None if which == ALL else which
        done = await self.backend.unsubscribe(tracker.sender_id, chosen, message.language)
        if done.ended:
            dispatcher.utter_message(response="utter_subscription_ended", list=lines(done.ended))
        else:
            say_list(dispatcher, done)
        return []


def wish_of(message: Heard, places: list[str], kept: dict[str, Any], step: str) -> Wish:
    """What is known of a wish, and what the message, typed or pressed, says more."""
    told = known_of(kept)
    named = message.entities.get("topic")
    pressed_everywhere = message.entities.get("area") == EVERYWHERE and not message.text
    return Wish(
        topic=str(named) if named and not message.text else told["topic"],
        areas=[] if pressed_everywhere else told["areas"],
        everywhere=pressed_everywhere or told["everywhere"],
        text=message.text[:LONGEST_TEXT],
        places=places if message.text else [],
        asked=step,
        language=message.language,
    )


def places_of(tracker: Tracker) -> list[str]:
    """The official names of all places in the last message."""
    entities = tracker.latest_message.get("entities", [])
    return [str(entity["value"]) for entity in entities if entity.get("entity") == "place"]


def known(proposal: Proposal) -> dict[str, Any]:
    """What the form keeps of a proposal."""
    return {"topic": proposal.topic, "areas": proposal.areas, "everywhere": proposal.everywhere}


def known_of(kept: dict[str, Any]) -> dict[str, Any]:
    """The same of what was kept before."""
    return {"topic": kept.get("topic"), "areas": kept.get("areas", []), "everywhere": kept.get("everywhere", False)}


def asking(step: str, kept: dict[str, Any]) -> list[Event]:
    """The form goes on with a question."""
    return [SlotSet("subscription", kept), SlotSet("requested_slot", step)]


def over() -> list[Event]:
    """The form is done."""
    return [SlotSet("subscription", None), SlotSet("requested_slot", None)]


def wants_out(message: Heard) -> bool:
    """Whether somebody asked about news types that they want none."""
    likeliest, confidence = message.labels[0] if message.labels else ("", 0.0)
    return bool(message.text) and likeliest == UNSUBSCRIBE and confidence >= SURE_OF_UNSUBSCRIBING


def topic_buttons(topics: list[Named]) -> list[dict[str, str]]:
    """A button for each topic."""
    return [{"title": topic.title, "payload": f'/inform{{"topic": "{topic.id}"}}'} for topic in topics]


def say_list(dispatcher: CollectingDispatcher, found: Subscriptions) -> None:
    """What somebody is subscribed to, with a button to end each, and all of them where there are several."""
    if not found.current:
        dispatcher.utter_message(response="utter_subscriptions_none")
        return
    every = [Named(id=ALL, title=found.all_title)] if len(found.current) > 1 else []
    buttons = [
        {"title": one.title, "payload": f'/unsubscribe_updates{{"which": "{one.id}"}}'}
        for one in (*found.current, *every)
    ]
    titles = lines([one.title for one in found.current])
    dispatcher.utter_message(response="utter_subscriptions", list=titles, buttons=buttons)


def lines(titles: list[str]) -> str:
    """Titles below each other."""
    return "\n".join(f"– {title}" for title in titles)
