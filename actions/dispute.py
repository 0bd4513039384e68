"""A dispute between landlord and tenant: what is asked only of it, how far it is, who comes to an appointment.

What was told lies in the details of the report's draft: `dispute_role`, `dispute_topic`, `other_party`,
`other_contact`.
"""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import BackendAction, Event
from actions.client import AppointmentReply, DisputeStatus, OfficeFacts
from actions.dispute_words import role_in, topic_in
from actions.heard import Heard, heard

KIND = "housing_dispute"
ROLE, TOPIC, OTHER, CONTACT = "dispute_role", "dispute_topic", "other_party", "other_contact"
STEPS = (ROLE, TOPIC, OTHER, CONTACT)
CHOICES = {ROLE: '/inform{"dispute_role": "{}"}', TOPIC: '/inform{"dispute_topic": "{}"}'}
UNKNOWN = "–"
LONGEST = 300


def next_step(kind: str, details: dict[str, str], office: OfficeFacts) -> str | None:
    """What to ask next of a dispute; None when all is told, and where disputes go no steps."""
    if kind != KIND or office.disputes is None:
        return None
    return next((step for step in STEPS if step not in details), None)


def described(kind: str, text: str, place: str, details: dict[str, str]) -> dict[str, Any]:
    """Place and details of a draft with a description. Of a dispute a place named in passing is not the dwelling's
    address, and the topic is known if the words name one only.
    """
    if kind != KIND:
        return {"place": place, "details": details}
    topic = topic_in(text) if TOPIC not in details else None
    return {"place": "", "details": {**details, TOPIC: topic} if topic else details}


def takes(step: str, message: Heard) -> bool:
    """Whether a message at a step is about this; what is enclosed goes to the report."""
    return step in STEPS and not message.enclosed


def answered(details: dict[str, str], step: str, message: Heard) -> dict[str, str]:
    """The details after an answer; the same when it was none."""
    readers = {ROLE: _role, TOPIC: _topic, OTHER: _name, CONTACT: _contact}
    value = readers[step](message)
    return {**details, step: value} if value else details


def _role(message: Heard) -> str | None:
    return str(message.entities.get(ROLE) or "") or role_in(message.text)


def _topic(message: Heard) -> str | None:
    named = message.entities.get(TOPIC) or topic_in(message.text)
    return str(named) if named else "other" if message.text else None


def _name(message: Heard) -> str | None:
    words = " ".join(message.text.split())[:LONGEST]
    return words if sum(sign.isalpha() for sign in words) >= 2 else None


def _contact(message: Heard) -> str | None:
    if message.entities.get(CONTACT) or message.intent == "deny":
        return UNKNOWN
    words = " ".join(message.text.split())[:LONGEST]
    return words if sum(sign.isalnum() for sign in words) >= 2 else None


def buttons(step: str, office: OfficeFacts, language: str) -> list[dict[str, str]]:
    """The choices under a question."""
    if office.disputes is None or step not in CHOICES:
        return []
    payload, named = CHOICES[step], office.disputes.roles if step == ROLE else office.disputes.topics
    return [{"title": names[language], "payload": payload.replace("{}", key)} for key, names in named.items()]


def ask(dispatcher: CollectingDispatcher, step: str, office: OfficeFacts, language: str) -> None:
    """Ask one of the steps."""
    offered = buttons(step, office, language)
    dispatcher.utter_message(response=f"utter_ask_report_{step}", **({"buttons": offered} if offered else {}))


def summary(details: dict[str, str], office: OfficeFacts, language: str) -> dict[str, str]:
    """What the summary shows of a dispute: in words, and empty where nothing was told."""
    facts = office.disputes
    role = facts.roles.get(details.get(ROLE, ""), {}) if facts else {}
    topic = facts.topics.get(details.get(TOPIC, ""), {}) if facts else {}
    contact = details.get(CONTACT, "")
    return {
        "role": role.get(language, ""),
        "matter": topic.get(language, ""),
        "other": details.get(OTHER, ""),
        "other_contact": "" if contact == UNKNOWN else contact,
    }


def said_after(dispatcher: CollectingDispatcher, kind: str, office: OfficeFacts, language: str) -> None:
    """After filing: what to bring, and how it goes on."""
    if kind == KIND and office.disputes:
        dispatcher.utter_message(response="utter_dispute_filed", papers=office.disputes.papers[language])


def tell(dispatcher: CollectingDispatcher, status: DisputeStatus) -> None:
    """How far a dispute is; with buttons when an appointment comes."""
    sentence = "utter_dispute_appointment" if status.appointment_id else "utter_dispute_status"
    dispatcher.utter_message(response=sentence, **status.model_dump())


class AnswerAppointment(BackendAction):
    """Takes a button under an appointment: the person can come, or cannot and says when they could."""

    action_name = "action_answer_appointment"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[Event]:
        """Keep it for the unit; who is no party is told nothing about any appointment."""
        message = heard(tracker)
        given = _reply(message)
        kept = await self.backend.reply_to_appointment(tracker.sender_id, given) if given else None
        if given is None or kept is None or not kept.kept:
            dispatcher.utter_message(response="utter_appointment_over")
            return []
        values = {"appointment": given.appointment, "reference": kept.reference, "when": kept.when}
        dispatcher.utter_message(response=_sentence(given), **values)
        return []


def _reply(message: Heard) -> AppointmentReply | None:
    number = str(message.entities.get("appointment") or "")
    if not number.isdecimal() or len(number) > 9:
        return None
    proposal = str(message.entities.get("proposal") or "")
    comes = message.entities.get("comes") == "yes"
    return AppointmentReply(appointment=int(number), comes=comes, proposal=proposal, language=message.language)


def _sentence(given: AppointmentReply) -> str:
    if given.comes:
        return "utter_appointment_kept"
    return "utter_appointment_proposed" if given.proposal else "utter_appointment_propose"
