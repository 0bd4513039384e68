"""Add to a ticket, withdraw or reopen it: which one, in which words. Only one's own, or with the PIN."""

from dataclasses import replace
from typing import Any, cast

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BackendAction, Event
from actions.client import Care, CareAct, CareRequest, Choice, Status, SurveyAnswer
from actions.heard import Heard, heard
from actions.report import INTERRUPTIONS, was_interrupted_in
from actions.report_draft import LONGEST_DESCRIPTION, Draft
from actions.status import PIN, REFERENCE, asked_for

FORM = "ticket_form"
ACTS: dict[str, CareAct] = {
    "add_to_ticket": "add",
    "withdraw_ticket": "withdraw",
    "reopen_ticket": "reopen",
    "authorise_ticket": "authorise",
}
WHICH, CONFIRM, WORDS = "which", "confirm", "words"
ANSWERS = frozenset({"inform", "affirm", "deny", "share_photo", "share_document", "share_position"})
ASKED = {
    "add": "utter_ask_ticket_add",
    "reopen": "utter_ask_ticket_reopen",
    "withdraw": "utter_ask_ticket_withdraw",
    "authorise": "utter_ask_ticket_authorise",
}
DONE = {
    "add": "utter_ticket_added",
    "reopen": "utter_ticket_reopened",
    "withdraw": "utter_ticket_withdrawn",
    "authorise": "utter_ticket_authorised",
}
REFUSED = {
    "unknown": "utter_ticket_unknown",
    "locked": "utter_lookup_locked",
    "closed": "utter_ticket_is_closed",
    "open": "utter_ticket_is_open",
    "too_late": "utter_ticket_too_late",
    "authorised": "utter_ticket_is_authorised",
    "withheld": "utter_ticket_withheld",
}


class ValidateTicketForm(BackendAction):
    """Rasa calls this at every turn of the form; the answer names the next question."""

    action_name = "validate_ticket_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Take the message in and ask the next question. No event means: this was no answer, let a rule take it."""
        message, step = heard(tracker), tracker.get_slot("requested_slot")
        kept = dict(tracker.get_slot("care") or {})
        if was_interrupted_in(tracker, FORM):
            return self._ask(dispatcher, str(step), kept)
        begins = step is None or (message.intent in ACTS and not message.text)
        if begins:
            return await self._begin(dispatcher, tracker.sender_id, message)
        if message.intent in INTERRUPTIONS or (not message.text and message.intent not in ANSWERS):
            return []
        if step in (WHICH, REFERENCE, PIN):
            return await self._choose(dispatcher, tracker.sender_id, message, kept, str(step))
        if step == CONFIRM:
            return await self._confirmed(dispatcher, tracker.sender_id, message, kept)
        return await self._worded(dispatcher, tracker.sender_id, message, kept)

    async def _begin(self, dispatcher: CollectingDispatcher, sender: str, message: Heard) -> list[Event]:
        act, named = ACTS.get(message.intent, "add"), str(message.entities.get("reference") or "")
        if message.entities.get("solved") == "no" and named:
            await self.backend.answer_survey(sender, SurveyAnswer(reference=named, solved=False))
        kept = {"act": act, "enclosed": message.enclosed} if message.enclosed else {"act": act}
        return await self._choose(dispatcher, sender, message, kept, None)

    async def _choose(
        self, dispatcher: CollectingDispatcher, sender: str, message: Heard, kept: dict[str, Any], step: str | None
    ) -> list[Event]:
        """Find out which ticket, and whether this can be done with it."""
        prefix = (await self.backend.office()).reference_prefix
        text, pin = asked_for(message, step, {"text": kept.get("text", "")}, prefix)
        named = text if message.text or step == PIN else str(message.entities.get("reference") or "")
        if step in (WHICH, REFERENCE) and not named:
            return self._ask(dispatcher, step, kept)
        found = await self.backend.choose(sender, kept["act"], named, pin, message.language)
        if found.result == "needs_pin" and not message.text and step is None:  # a button is somebody else's
            return self._over(dispatcher, "utter_ticket_unknown")
        if found.result == "found" and len(found.tickets) == 1 and kept.get("enclosed"):
            wordless, [ticket] = replace(message, text=""), found.tickets
            named_one = {**kept, "reference": ticket.reference}
            return await self._do(dispatcher, sender, wordless, named_one, [str(kept["enclosed"])])
        return await self._chosen(dispatcher, found, {**kept, "text": named}, prefix)

    async def _chosen(
        self, dispatcher: CollectingDispatcher, found: Choice, kept: dict[str, Any], prefix: str
    ) -> list[Event]:
        if found.result in ("needs_reference", "needs_pin"):
            step = REFERENCE if found.result == "needs_reference" else PIN
            return self._ask(dispatcher, step, {**kept, "example": f"{prefix}-4F7-KPX"})
        if found.result != "found":
            return self._refused(dispatcher, found.result, found.tickets[0] if found.tickets else None)
        if len(found.tickets) > 1:
            offered = [(ticket.reference, ticket.subject) for ticket in found.tickets]
            return self._ask(dispatcher, WHICH, {**kept, "offered": offered})
        [ticket] = found.tickets
        step = CONFIRM if kept["act"] == "withdraw" else WORDS
        return self._ask(dispatcher, step, {**kept, "reference": ticket.reference, "subject": ticket.subject})

    def _ask(self, dispatcher: CollectingDispatcher, step: str, kept: dict[str, Any]) -> list[Event]:
        if step == REFERENCE:
            dispatcher.utter_message(response="utter_ask_status_reference", example=kept.get("example", ""))
        elif step == PIN:
            dispatcher.utter_message(response="utter_ask_status_pin")
        elif step == WHICH:
            dispatcher.utter_message(response="utter_ask_ticket_which", buttons=ticket_buttons(kept["offered"]))
        else:
            named = {name: kept[name] for name in ("reference", "subject")}
            dispatcher.utter_message(response=ASKED[kept["act"]], **named)
        return [SlotSet("care", kept), SlotSet("requested_slot", step)]

    async def _confirmed(
        self, dispatcher: CollectingDispatcher, sender: str, message: Heard, kept: dict[str, Any]
    ) -> list[Event]:
        if message.intent == "affirm":
            return await self._do(dispatcher, sender, message, kept, [])
        if message.intent == "deny":
            return self._over(dispatcher, "utter_ticket_kept", reference=kept["reference"])
        return self._ask(dispatcher, CONFIRM, kept)

    async def _worded(
        self, dispatcher: CollectingDispatcher, sender: str, message: Heard, kept: dict[str, Any]
    ) -> list[Event]:
        enclosed = message.enclosed if message.intent in ("share_photo", "share_document") else None
        photos = [enclosed] if enclosed else []
        if not photos and (not message.text or kept["act"] == "authorise"):
            return self._ask(dispatcher, WORDS, kept)
        return await self._do(dispatcher, sender, message, kept, photos)

    async def _do(
        self,
        dispatcher: CollectingDispatcher,
        sender: str,
        message: Heard,
        kept: dict[str, Any],
        photos: list[str],
    ) -> list[Event]:
        """Do it once for this message, however often the turn is repeated."""
        request = CareRequest(
            act=kept["act"],
            reference=kept["reference"],
            request_key=message.message_id,
            words=message.text[:LONGEST_DESCRIPTION] if kept["act"] != "withdraw" else "",
            photos=photos,
            language=message.language,
        )
        done: Care = await self.backend.care(sender, request)
        if done.result != "done" or done.ticket is None:
            return self._refused(dispatcher, done.result, done.ticket)
        return self._over(dispatcher, DONE[kept["act"]], reference=done.ticket.reference, unit=done.ticket.unit)

    def _refused(self, dispatcher: CollectingDispatcher, result: str, ticket: Status | None) -> list[Event]:
        named = ticket.model_dump() if ticket else {}
        over = self._over(dispatcher, REFUSED.get(result, "utter_ticket_unknown"), **named)
        if result != "too_late" or ticket is None:
            return over
        return [*over, SlotSet("handed", Draft(details={"earlier": ticket.reference}).as_slot())]

    def _over(self, dispatcher: CollectingDispatcher, sentence: str, **values: Any) -> list[Event]:
        dispatcher.utter_message(response=sentence, **values)
        return [SlotSet("care", None), SlotSet("requested_slot", None)]


def ticket_buttons(offered: Any) -> list[dict[str, str]]:
    """A button for each ticket there is to choose from."""
    return [
        {"title": f"{reference} · {subject}", "payload": f'/inform{{"reference": "{reference}"}}'}
        for reference, subject in cast("list[tuple[str, str]]", offered)
    ]
