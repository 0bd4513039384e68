"""The typed client of the backend's internal API: all that actions can do to the world."""

import asyncio
from collections.abc import Mapping
from typing import Literal, Self

import httpx
from pydantic import BaseModel, TypeAdapter

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


class OfficeFacts(BaseModel):
    """The office as the dialogue needs it."""

    reference_prefix: str
    emergency_number: str
    phone: str
    categories: dict[str, CategoryFacts]
    topics: dict[str, dict[str, str]]


class Filed(BaseModel):
    """What the citizen is told after filing."""

    reference: str
    pin: str
    unit: str
    due: str = ""


class Status(BaseModel):
    """What became of a ticket, in words."""

    reference: str
    state: str
    subject: str
    unit: str
    filed: str


class Lookup(BaseModel):
    """The answer to a look-up."""

    result: Literal["found", "needs_reference", "needs_pin", "unknown", "locked"]
    tickets: list[Status]


CareAct = Literal["add", "withdraw", "reopen"]
CareResult = Literal["found", "done", "needs_reference", "needs_pin", "unknown", "locked", "closed", "open", "too_late"]


class Choice(BaseModel):
    """The tickets of a person something can be done with, or why it cannot with the one they named."""

    result: CareResult
    tickets: list[Status]


class CareRequest(BaseModel):
    """What a person does with a ticket of theirs; the same request_key again does nothing more."""

    act: CareAct
    reference: str
    request_key: str
    words: str = ""
    photos: list[str] = []
    language: str


class Care(BaseModel):
    """What became of it, and the ticket as it is now."""

    result: CareResult
    ticket: Status | None


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


class HandedBack(BaseModel):
    """What a person did in a chat the bot gets back."""

    tickets: list[Status]


class Promise(BaseModel):
    """When a person answers."""

    open_now: bool
    when: str
    minutes: int | None
    phone: str
    ending: str = ""
    local: str = ""


class Position(BaseModel):
    """A point on the earth, WGS 84, in degrees."""

    latitude: float
    longitude: float


class NewTicket(BaseModel):
    """What is filed."""

    request_key: str
    kind: str
    category: str | None
    description: str
    place: str | None
    position: Position | None
    photos: list[str]
    details: dict[str, str]
    language: str
    same_as: str | None = None


class Told(BaseModel):
    """What is known of a ticket before it is filed."""

    category: str
    description: str
    place: str | None
    position: Position | None
    language: str


class SameMatter(BaseModel):
    """An open ticket that may be about the same thing."""

    id: str
    subject: str
    place: str
    filed: str


class Formalities(BaseModel):
    """What the law asks of a request, by kind of ticket and language."""

    kinds: dict[str, dict[str, str]]


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
        adapter: TypeAdapter[Answer | None] = TypeAdapter(Answer | None)
        params = {"topic": topic, "language": language, **_noted(asked)}
        response = await self._call("GET", "/internal/knowledge/answer", params=params)
        return adapter.validate_json(response.content)

    async def term(self, text: str, language: str) -> Term | None:
        """The term of the glossary a question asks for, or None."""
        adapter: TypeAdapter[Term | None] = TypeAdapter(Term | None)
        response = await self._call("GET", "/internal/office/term", params={"text": text, "language": language})
        return adapter.validate_json(response.content)

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
        adapter: TypeAdapter[SameMatter | None] = TypeAdapter(SameMatter | None)
        response = await self._call("POST", "/internal/tickets/same", body=told)
        return adapter.validate_json(response.content)

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

    async def open_question(self, conversation_id: str) -> OpenQuestion | None:
        """The question a bare "yes" or "no" answers, or None."""
        adapter: TypeAdapter[OpenQuestion | None] = TypeAdapter(OpenQuestion | None)
        response = await self._call("GET", f"/internal/conversations/{conversation_id}/survey")
        return adapter.validate_json(response.content)

    async def request_privacy(self, conversation_id: str, kind: Literal["export", "erasure"], language: str) -> bool:
        """Ask for a copy of one's data, or to have it erased; False when that is asked for already."""
        path = f"/internal/conversations/{conversation_id}/privacy"
        response = await self._call("POST", path, json={"kind": kind, "language": language})
        return PrivacyAsked.model_validate_json(response.content).new

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


def _noted(asked: Asked | None) -> dict[str, str]:
    return {name: str(value) for name, value in asked if value not in ("", None)} if asked else {}
