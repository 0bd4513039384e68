"""The typed client of the backend's internal API: all that actions can do to the world."""

import asyncio
from collections.abc import Mapping
from typing import Literal, Self, TypeVar

import httpx
from pydantic import BaseModel

from actions.tickets import (
    Acting as Acting,
    Care as Care,
    CareAct as CareAct,
    CareRequest as CareRequest,
    CareResult as CareResult,
    Choice as Choice,
    Filed as Filed,
    Formalities as Formalities,
    HandedBack as HandedBack,
    Lookup as Lookup,
    NewTicket as NewTicket,
    Position as Position,
    SameMatter as SameMatter,
    Status as Status,
    Told as Told,
)

Model = TypeVar("Model", bound=BaseModel)
TIMEOUT_SECONDS = 5.0
"""Rasa would wait five minutes for an action; a citizen does not."""


class Answer(BaseModel):
    """An article as it is said."""

    topic: str
    language: str
    title: str
    text: str
    link: str | None


class Term(BaseModel):
    """A term of the glossary, explained."""

    name: str
    expansion: str
    meaning: str


class Found(BaseModel):
    """An article near a text."""

    topic: str
    title: str


class Asked(BaseModel):
    """The message behind a question: with it the backend notes a question that no article answers."""

    message_id: str
    label: str = ""
    confidence: float | None = None


class SearchResult(BaseModel):
    """Articles near a text, best first."""

    found: list[Found]


class CategoryFacts(BaseModel):
    """What must be asked for a category, and its names by language."""

    needs: tuple[str, ...]
    name: dict[str, str]


class DisputeFacts(BaseModel):
    """What must be asked about a dispute between landlord and tenant, by id and language."""

    topics: dict[str, dict[str, str]]
    papers: dict[str, str]
    roles: dict[str, dict[str, str]]


class DisputeStatus(BaseModel):
    """How far a dispute is, in words."""

    reference: str
    step: str
    due: str
    appointment: str
    appointment_id: int | None
    page: str


class AppointmentReply(BaseModel):
    """Whether a party comes to an appointment, and when they could instead."""

    appointment: int
    comes: bool
    proposal: str
    language: str


class Replied(BaseModel):
    """Whether an answer was kept."""

    kept: bool
    reference: str
    when: str


class OfficeFacts(BaseModel):
    """The office as the dialogue needs it."""

    reference_prefix: str
    emergency_number: str
    phone: str
    categories: dict[str, CategoryFacts]
    topics: dict[str, dict[str, str]]
    disputes: DisputeFacts | None = None


class SurveyAnswer(BaseModel):
    """One part of an answer about a closed ticket: whether it is solved, how satisfied (1 to 5), or a word."""

    reference: str
    solved: bool | None = None
    score: int | None = None
    words: str = ""


class SurveyKept(BaseModel):
    """Whether an answer was kept."""

    kept: bool


class PrivacyAsked(BaseModel):
    """Whether a request is new; not when one of the kind is open already."""

    new: bool


class OpenQuestion(BaseModel):
    """The ticket a bare "yes" or "no" is about."""

    reference: str


class Promise(BaseModel):
    """When a person answers."""

    open_now: bool
    when: str
    minutes: int | None
    phone: str
    ending: str = ""
    local: str = ""


class Named(BaseModel):
    """A thing and what it is called in the person's language."""

    id: str
    title: str


class Wish(BaseModel):
    """What is known of a wish for announcements, and the message that says more; `asked` is the step it answers."""

    topic: str | None = None
    areas: list[str] = []
    everywhere: bool = False
    text: str = ""
    places: list[str] = []
    asked: str = ""
    language: str


class Proposal(BaseModel):
    """What the wish comes to; `summary` is the sentence to agree to, once topic and area are known."""

    topics: list[Named]
    topic: str | None
    areas: list[str]
    everywhere: bool
    title: str
    area: str
    summary: str
    already: bool
    example: str


class Subscribed(BaseModel):
    """Whether the person once stopped everything on this channel."""

    stopped: bool


class Subscriptions(BaseModel):
    """What a person is subscribed to, and what has just ended."""

    current: list[Named]
    ended: list[str]
    all_title: str


class BackendClient:
    """Calls the backend. Without an answer every method raises httpx.HTTPError: the turn fails and is retried."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._office: OfficeFacts | None = None
        self._formalities: Formalities | None = None

    @classmethod
    def for_url(cls, url: str, token: str) -> Self:
        """A client for actions that run outside the backend's process."""
        return cls(httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}))

    async def office(self) -> OfficeFacts:
        """The office's facts, asked for once."""
        if self._office is None:
            response = await self._call("GET", "/internal/office")
            self._office = OfficeFacts.model_validate_json(response.content)
        return self._office

    async def answer(self, topic: str, language: str, asked: Asked | None = None) -> Answer | None:
        """The article of a topic, or None."""
        params = {"topic": topic, "language": language, **_noted(asked)}
        response = await self._call("GET", "/internal/knowledge/answer", params=params)
        return _or_none(Answer, response)

    async def term(self, text: str, language: str) -> Term | None:
        """The term of the glossary a question asks for, or None."""
        response = await self._call("GET", "/internal/office/term", params={"text": text, "language": language})
        return _or_none(Term, response)

    async def search(self, text: str, language: str, asked: Asked | None = None) -> list[Found]:
        """Articles near a text, best first."""
        params = {"text": text, "language": language, **_noted(asked)}
        response = await self._call("GET", "/internal/knowledge/search", params=params)
        return SearchResult.model_validate_json(response.content).found

    async def file_ticket(self, conversation_id: str, ticket: NewTicket) -> Filed:
        """File a ticket; the same request_key again files nothing new."""
        path = f"/internal/conversations/{conversation_id}/tickets"
        response = await self._call("POST", path, body=ticket)
        return Filed.model_validate_json(response.content)

    async def same_matter(self, told: Told) -> SameMatter | None:
        """An open ticket that is likely about the same thing, or None."""
        response = await self._call("POST", "/internal/tickets/same", body=told)
        return _or_none(SameMatter, response)

    async def formalities(self) -> Formalities:
        """What the law asks of a request, asked for once."""
        if self._formalities is None:
            response = await self._call("GET", "/internal/tickets/formalities")
            self._formalities = Formalities.model_validate_json(response.content)
        return self._formalities

    async def look_up(self, conversation_id: str, text: str, pin: str | None, language: str) -> Lookup:
        """What became of the ticket a text names."""
        path = f"/internal/conversations/{conversation_id}/lookup"
        response = await self._call("POST", path, json={"text": text, "pin": pin, "language": language})
        return Lookup.model_validate_json(response.content)

    async def choose(self, conversation_id: str, act: CareAct, text: str, pin: str | None, language: str) -> Choice:
        """The tickets of this person something can be done with: the one a text names, else all that fit."""
        path = f"/internal/conversations/{conversation_id}/choose"
        response = await self._call("POST", path, json={"act": act, "text": text, "pin": pin, "language": language})
        return Choice.model_validate_json(response.content)

    async def care(self, conversation_id: str, request: CareRequest) -> Care:
        """Add to a ticket of this person, withdraw or reopen it."""
        response = await self._call("POST", f"/internal/conversations/{conversation_id}/care", body=request)
        return Care.model_validate_json(response.content)

    async def answer_survey(self, conversation_id: str, answer: SurveyAnswer) -> bool:
        """Keep a part of an answer about a closed ticket; False when this person was never asked."""
        response = await self._call("POST", f"/internal/conversations/{conversation_id}/survey", body=answer)
        return SurveyKept.model_validate_json(response.content).kept

    async def dispute(self, conversation_id: str, reference: str, language: str) -> DisputeStatus | None:
        """How far a dispute is, for one of its parties; None for who is none, and for every other ticket."""
        params = {"reference": reference, "language": language}
        response = await self._call("GET", f"/internal/conversations/{conversation_id}/dispute", params=params)
        return _or_none(DisputeStatus, response)

    async def reply_to_appointment(self, conversation_id: str, reply: AppointmentReply) -> Replied:
        """Keep whether this person comes to an appointment they are called to."""
        path = f"/internal/conversations/{conversation_id}/dispute/appointment"
        return Replied.model_validate_json((await self._call("POST", path, body=reply)).content)

    async def open_question(self, conversation_id: str) -> OpenQuestion | None:
        """The question a bare "yes" or "no" answers, or None."""
        response = await self._call("GET", f"/internal/conversations/{conversation_id}/survey")
        return _or_none(OpenQuestion, response)

    async def request_privacy(self, conversation_id: str, kind: Literal["export", "erasure"], language: str) -> bool:
        """Ask for a copy of one's data, or to have it erased; False when that is asked for already."""
        path = f"/internal/conversations/{conversation_id}/privacy"
        response = await self._call("POST", path, json={"kind": kind, "language": language})
        return PrivacyAsked.model_validate_json(response.content).new

    async def propose_subscription(self, conversation_id: str, wish: Wish) -> Proposal:
        """What a wish for announcements comes to with its newest message."""
        path = f"/internal/conversations/{conversation_id}/subscriptions/proposal"
        return Proposal.model_validate_json((await self._call("POST", path, body=wish)).content)

    async def subscribe(self, conversation_id: str, topic: str, areas: list[str], language: str) -> Subscribed:
        """Keep what this person said yes to; no area means everywhere. The same again changes nothing."""
        path = f"/internal/conversations/{conversation_id}/subscriptions"
        wish = Wish(topic=topic, areas=areas, language=language)
        return Subscribed.model_validate_json((await self._call("POST", path, body=wish)).content)

    async def subscriptions(self, conversation_id: str, language: str) -> Subscriptions:
        """What this person is subscribed to."""
        path = f"/internal/conversations/{conversation_id}/subscriptions"
        response = await self._call("GET", path, params={"language": language})
        return Subscriptions.model_validate_json(response.content)

    async def unsubscribe(self, conversation_id: str, subscription: str | None, language: str) -> Subscriptions:
        """End one subscription of this person, or with None all."""
        path = f"/internal/conversations/{conversation_id}/subscriptions/ended"
        response = await self._call("POST", path, json={"subscription": subscription, "language": language})
        return Subscriptions.model_validate_json(response.content)

    async def request_person(self, conversation_id: str, language: str, *, callback: bool = False) -> Promise:
        """Queue the conversation for a person, who answers here or calls back."""
        path = f"/internal/conversations/{conversation_id}/handoff"
        response = await self._call("POST", path, json={"language": language, "callback": callback})
        return Promise.model_validate_json(response.content)

    async def handed_back(self, conversation_id: str, language: str) -> list[Status]:
        """Tickets a person filed in a chat the bot gets back."""
        path = f"/internal/conversations/{conversation_id}/handed-back"
        response = await self._call("GET", path, params={"language": language})
        return HandedBack.model_validate_json(response.content).tickets

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str] | None = None,
        json: Mapping[str, str | bool | None] | None = None,
        body: BaseModel | None = None,
    ) -> httpx.Response:
        content = body.model_dump(mode="json") if body else json
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):  # httpx has no time limit on calls within the process
                response = await self._http.request(method, path, params=params, json=content, timeout=TIMEOUT_SECONDS)
        except TimeoutError as error:
            raise httpx.ReadTimeout(f"no answer within {TIMEOUT_SECONDS} s") from error
        return response.raise_for_status()


def _or_none(model: type[Model], response: httpx.Response) -> Model | None:
    return None if response.content == b"null" else model.model_validate_json(response.content)


def _noted(asked: Asked | None) -> dict[str, str]:
    return {name: str(value) for name, value in asked if value not in ("", None)} if asked else {}
