"""What became of a report: asks for reference and PIN only when they are needed."""

import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import dispute
from actions.base import BackendAction, Event
from actions.client import Lookup
from actions.heard import Heard, actions_since, heard
from actions.report import INTERRUPTIONS, NEWS_BUTTONS

FORM = "status_form"
REFERENCE, PIN = "reference", "pin"
DOCUMENT = frozenset({"share_document"})
"""No answer to this form: it is asked what it is for."""
PIN_PATTERN = re.compile(r"(?<!\w)\d{3}[\s.-]?\d{3}(?!\w)")


class ValidateStatusForm(BackendAction):
    """Rasa calls this at every turn of the form."""

    action_name = "validate_status_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Look the ticket up, or ask for what proves the right to know. No event means: let a rule take it."""
        message, step = heard(tracker), tracker.get_slot("requested_slot")
        if any(name != FORM for name in actions_since(tracker)):
            return await self._asked_again(dispatcher, str(step), tracker.get_slot("lookup"))
        if step is not None and message.intent in INTERRUPTIONS - {"check_status"}:
            return []
        if step is not None and message.intent in NEWS_BUTTONS | DOCUMENT and not message.text:
            return []
        prefix = (await self.backend.office()).reference_prefix
        text, pin = asked_for(message, step, tracker.get_slot("lookup"), prefix)
        found = await self.backend.look_up(tracker.sender_id, text, pin, message.language)
        told = await self._tell(dispatcher, found, text)
        await self._tell_disputes(dispatcher, tracker.sender_id, found, message.language)
        return told

    async def _tell(self, dispatcher: CollectingDispatcher, found: Lookup, text: str) -> list[Event]:
        if found.result == "needs_reference":
            return await self._asked_again(dispatcher, REFERENCE, None)
        if found.result == "needs_pin":
            return await self._asked_again(dispatcher, PIN, {"text": text})
        for ticket in found.tickets:
            dispatcher.utter_message(response="utter_ticket_status", **ticket.model_dump())
            if ticket.missing:
                dispatcher.utter_message(response="utter_authority_missing", **ticket.model_dump())
        if found.result == "unknown":
            dispatcher.utter_message(response="utter_ticket_unknown")
        if found.result == "locked":
            dispatcher.utter_message(response="utter_lookup_locked")
        return [SlotSet("lookup", None), SlotSet("requested_slot", None)]

    async def _tell_disputes(self, dispatcher: CollectingDispatcher, sender: str, found: Lookup, language: str) -> None:
        """Of tickets that are disputes, the step, the next appointment and the day the law sets."""
        if (await self.backend.office()).disputes is None:
            return
        for ticket in found.tickets:
            status = None if ticket.missing else await self.backend.dispute(sender, ticket.reference, language)
            if status:
                dispute.tell(dispatcher, status)

    async def _asked_again(self, dispatcher: CollectingDispatcher, step: str, lookup: Any) -> list[Event]:
        prefix = (await self.backend.office()).reference_prefix
        dispatcher.utter_message(response=f"utter_ask_status_{step}", example=f"{prefix}-4F7-KPX")
        return [SlotSet("lookup", lookup or {}), SlotSet("requested_slot", step)]


def asked_for(message: Heard, step: str | None, lookup: Any, prefix: str) -> tuple[str, str | None]:
    """(text with the reference, PIN or None) of a message at a step of the form."""
    without_reference = re.sub(rf"{prefix}[\s.–-]*\w{{3}}[\s.–-]*\w{{3}}", " ", message.text, flags=re.IGNORECASE)
    if step == PIN:
        digits = re.sub(r"\D", "", without_reference)
        return str((lookup or {}).get("text", "")), digits or "-"
    found = PIN_PATTERN.search(without_reference)
    return message.text, re.sub(r"\D", "", found[0]) if found else None
