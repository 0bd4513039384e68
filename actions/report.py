"""The report form: asks only for what is missing, lets it be corrected, files it."""

from dataclasses import replace
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import authority, dispute, other_matter, report_draft as drafts
from actions.base import BackendAction, Event
from actions.client import NewTicket, OfficeFacts, Position, SameMatter, Told
from actions.documents import authorise_buttons
from actions.heard import Heard, actions_since, heard
from actions.report_draft import CONFIRM, CORRECTION, LONGEST_DESCRIPTION, MOST_PHOTOS, SAME, Draft

FORM = "report_form"
INTERRUPTIONS = frozenset(
    {"faq", "greet", "goodbye", "thank", "help", "bot_challenge", "abuse", "emergency", "cancel"}
    | {"talk_to_human", "call_me_back", "change_language", "check_status", "handed_back"}
)
"""Intents that a rule answers in the middle of a form; the form then asks again."""
NEWS_BUTTONS = frozenset(
    {"answer_survey", "reopen_ticket", "authorise_ticket", "answer_appointment", "unsubscribe_updates"}
)
"""Buttons under news, which come whenever they like: what they open is no answer to a form."""
OFFERED_CATEGORIES = 4


class ValidateReportForm(BackendAction):
    """Rasa calls this at every turn of the form; the answer names the next question."""

    action_name = "validate_report_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Take the message in and ask the next question. No event means: this was no answer, let a rule take it."""
        message, office = heard(tracker), await self.backend.office()
        step = tracker.get_slot("requested_slot")
        draft = Draft.from_slot(tracker.get_slot("report"))
        if was_interrupted(tracker):
            return await self._ask(dispatcher, draft, step or drafts.next_step(draft, office), message, office)
        if step is None:
            return [*await self._begin(dispatcher, tracker, message, office), SlotSet("handed", None)]
        if message.intent in INTERRUPTIONS or (message.intent in NEWS_BUTTONS and not message.text):
            return []
        if step == CONFIRM and message.intent == "affirm":
            return [SlotSet("report", draft.as_slot()), SlotSet("requested_slot", None)]
        if step == SAME:
            return await self._settle_same(dispatcher, draft, message, office)
        return await self._take(dispatcher, draft, step, message, office)

    async def _begin(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, message: Heard, office: OfficeFacts
    ) -> list[Event]:
        """Open the form, with what a person was told if that is what is to be filed; the law's wishes come first."""
        handed = tracker.get_slot("handed") if message.entities.get("handed") else None
        before = tracker.get_slot(other_matter.SLOT)
        draft = Draft.from_slot(handed) if handed else other_matter.begun(drafts.opened(message), before)
        noted = other_matter.noted(dispatcher, message, office, before)
        if message.intent == "share_photo" and (
            waiting := await authorise_buttons(self, tracker.sender_id, message, office)
        ):
            dispatcher.utter_message(response="utter_ask_document", buttons=waiting, document=message.enclosed)
            return [*noted, SlotSet("report", draft.as_slot()), SlotSet("requested_slot", "description")]
        formalities = (await self.backend.formalities()).kinds.get(draft.kind)
        if formalities:
            dispatcher.utter_message(response="utter_formalities", formalities=formalities[message.language])
        return [*noted, *await self._take(dispatcher, draft, None, message, office)]

    async def _take(
        self, dispatcher: CollectingDispatcher, draft: Draft, step: str | None, message: Heard, office: OfficeFacts
    ) -> list[Event]:
        told = drafts.answered(draft, step, message) if step else draft
        acknowledge_enclosures(dispatcher, message)
        if step == CONFIRM and told == draft:
            return await self._ask(dispatcher, told, CORRECTION, message, office)
        if step == "place" and told == draft:
            dispatcher.utter_message(response="utter_ask_report_place_again")
            return [SlotSet("report", told.as_slot()), SlotSet("requested_slot", "place")]
        again = str(message.entities.get("change") or "")
        return await self._ask(dispatcher, told, again or drafts.next_step(told, office), message, office)

    async def _ask(
        self, dispatcher: CollectingDispatcher, draft: Draft, step: str, message: Heard, office: OfficeFacts
    ) -> list[Event]:
        if step == CONFIRM and not draft.same_asked and (same := await self._same(draft, message)):
            dispatcher.utter_message(response="utter_ask_report_same", **same.model_dump())
            asked = replace(draft, same_asked=True, same_as=same.id)
            return [SlotSet("report", asked.as_slot()), SlotSet("requested_slot", SAME)]
        if step == CONFIRM:
            dispatcher.utter_message(response="utter_ask_report_confirm", **summary(draft, office, message.language))
        elif step == "category":
            buttons = category_buttons(message, office)
            dispatcher.utter_message(response="utter_ask_report_category", buttons=buttons)
        elif step in dispute.STEPS:
            dispute.ask(dispatcher, step, office, message.language)
        elif step != SAME:
            dispatcher.utter_message(response=f"utter_ask_report_{step}")
        return [SlotSet("report", draft.as_slot()), SlotSet("requested_slot", step)]

    async def _same(self, draft: Draft, message: Heard) -> SameMatter | None:
        if draft.category is None or not (draft.place or draft.position):
            return None
        position = Position(**draft.position) if draft.position else None
        told = Told(
            category=draft.category,
            description=draft.description[:LONGEST_DESCRIPTION],
            place=draft.place or None,
            position=position,
            language=message.language,
        )
        return await self.backend.same_matter(told)

    async def _settle_same(
        self, dispatcher: CollectingDispatcher, draft: Draft, message: Heard, office: OfficeFacts
    ) -> list[Event]:
        """The same matter is followed; a no, and every other answer, files a ticket of its own."""
        settled = draft if message.intent == "affirm" else replace(draft, same_as=None)
        return await self._ask(dispatcher, settled, CONFIRM, message, office)


class FileReport(BackendAction):
    """Files the confirmed report and tells reference and PIN."""

    action_name = "action_file_report"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """File it once for this message, however often the turn is repeated."""
        message, draft = heard(tracker), Draft.from_slot(tracker.get_slot("report"))
        office = await self.backend.office()
        filed = await self.backend.file_ticket(tracker.sender_id, new_ticket(draft, message, office))
        sentence = "utter_report_followed" if draft.same_as else "utter_report_filed"
        dispatcher.utter_message(response=sentence, **filed.model_dump())
        authority.said_after(dispatcher, draft.acting, filed.reference)
        dispute.said_after(dispatcher, draft.kind, office, message.language)
        other_matter.offered(dispatcher, tracker.get_slot(other_matter.SLOT), office, message.language)
        return [SlotSet("report", None)]


def was_interrupted(tracker: Tracker) -> bool:
    """Whether a rule has just answered something else and the form only has to ask again."""
    return was_interrupted_in(tracker, FORM)


def was_interrupted_in(tracker: Tracker, form: str) -> bool:
    """The same of any form."""
    return any(name != form for name in actions_since(tracker))


def acknowledge_enclosures(dispatcher: CollectingDispatcher, message: Heard) -> None:
    """Say that a photo, a document or a position arrived."""
    if message.entities.get("photo"):
        dispatcher.utter_message(response="utter_photo_received")
    if message.entities.get("document"):
        dispatcher.utter_message(response="utter_document_received")
    if message.entities.get("latitude") is not None:
        dispatcher.utter_message(response="utter_position_received")


def category_buttons(message: Heard, office: OfficeFacts) -> list[dict[str, str]]:
    """The likeliest categories, topped up with the first ones of the office."""
    likely = [label.split("/", 1)[1] for label, _ in message.labels if label.startswith("report/")]
    names = dict.fromkeys([*likely, *office.categories])
    return [
        {"title": office.categories[name].name[message.language], "payload": f'/inform{{"category": "{name}"}}'}
        for name in names
        if name in office.categories
    ][:OFFERED_CATEGORIES]


def summary(draft: Draft, office: OfficeFacts, language: str) -> dict[str, str]:
    """What the citizen is shown before filing; empty values are left out of the sentence."""
    category = office.categories.get(draft.category or "")
    position = draft.position
    return {
        "subject": category.name[language] if category else "",
        "description": draft.description,
        "place": draft.place,
        "position": f"{position['latitude']:.5f}, {position['longitude']:.5f}" if position else "",
        "details": ", ".join(value for name, value in draft.details.items() if name not in dispute.STEPS),
        "photos": str(len(draft.photos)) if draft.photos else "",
        "represented": authority.represented(draft.acting),
        **dispute.summary(draft.details, office, language),
    }


def new_ticket(draft: Draft, message: Heard, office: OfficeFacts) -> NewTicket:
    """The draft as the backend takes it."""
    return NewTicket(
        request_key=message.message_id,
        kind=draft.kind,
        category=draft.category if draft.category in office.categories else None,
        description=draft.description[:LONGEST_DESCRIPTION],
        place=draft.place or None,
        position=Position(**draft.position) if draft.position else None,
        photos=list(draft.photos[:MOST_PHOTOS]),
        details=draft.details,
        language=message.language,
        same_as=draft.same_as,
        acting=authority.as_sent(draft.acting),
    )
