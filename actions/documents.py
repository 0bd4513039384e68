"""A document out of the blue: what is it for? One of the person's tickets, or a new one."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BackendAction, Event
from actions.client import CareAct, OfficeFacts, Status
from actions.heard import Heard, heard

OFFERED = 4
AUTHORISE_TOPIC = "authorise_someone"


class AskWhatFor(BackendAction):
    """Offers the tickets that wait for an authorisation, then the open ones."""

    action_name = "action_ask_what_for"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Ask; the document waits in the buttons."""
        message, office = heard(tracker), await self.backend.office()
        document = str(message.enclosed or "")
        open_ones = await tickets_for(self, tracker.sender_id, "add", message.language)
        buttons = await authorise_buttons(self, tracker.sender_id, message, office)
        buttons += [add_button(ticket, document) for ticket in open_ones]
        dispatcher.utter_message(response="utter_ask_document", buttons=buttons[:OFFERED], document=document)
        return [ActiveLoop(None), SlotSet("requested_slot", None)] if tracker.active_loop else []


async def tickets_for(action: BackendAction, sender: str, act: CareAct, language: str) -> list[Status]:
    """The person's tickets something can be done with."""
    found = await action.backend.choose(sender, act, "", None, language)
    return found.tickets if found.result == "found" else []


async def authorise_buttons(
    action: BackendAction, sender: str, message: Heard, office: OfficeFacts
) -> list[dict[str, str]]:
    """A button for each ticket that waits for a paper, to hand in what has just come."""
    waiting = await tickets_for(action, sender, "authorise", message.language)
    return [authorise_button(ticket, str(message.enclosed or ""), office, message.language) for ticket in waiting]


def authorise_button(ticket: Status, document: str, office: OfficeFacts, language: str) -> dict[str, str]:
    """Hand it in as the authorisation for a ticket."""
    named = office.topics.get(AUTHORISE_TOPIC, {}).get(language, ticket.subject)
    payload = f'/authorise_ticket{{"reference": "{ticket.reference}", "document": "{document}"}}'
    return {"title": f"{ticket.reference} · {named}", "payload": payload}


def add_button(ticket: Status, document: str) -> dict[str, str]:
    """Add it to a ticket."""
    payload = f'/add_to_ticket{{"reference": "{ticket.reference}", "document": "{document}"}}'
    return {"title": f"{ticket.reference} · {ticket.subject}", "payload": payload}
