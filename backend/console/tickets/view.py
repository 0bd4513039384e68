"""What the pages of the tickets show, gathered from the features below."""

from typing import Annotated, Any, get_args
from urllib.parse import parse_qsl, urlencode
from uuid import UUID, uuid4

from fastapi import Form, Request
from pydantic import AfterValidator, ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts import service as accounts
from backend.accounts.schemas import Agent
from backend.attachments import documents
from backend.authority.schemas import RELATIONS
from backend.clocks.service import explain
from backend.console.disputes import view as disputes
from backend.console.shell.pages import Words, console_language
from backend.console.tickets import authority_view
from backend.console.tickets.history import told
from backend.contacts import service as contacts
from backend.conversations.errors import ConversationNotFoundError
from backend.conversations.models import Conversation
from backend.conversations.service import conversation
from backend.core.folding import fold
from backend.offices.schemas import Priority, TicketKind
from backend.offices.service import Office
from backend.tickets import casework, desk, listing
from backend.tickets.errors import UnknownCategoryError
from backend.tickets.listing import SORTS, VIEWS, Wanted
from backend.tickets.recipients import fits
from backend.tickets.schemas import OUTCOMES, SOURCES, STATES, Source
from backend.tickets.similar import similar
from backend.tickets.term_acts import possible
from backend.tickets.terms import due_of, rule_of

KINDS: tuple[TicketKind, ...] = get_args(TicketKind)
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
CLOSING = tuple(outcome for outcome in OUTCOMES if outcome != "duplicate")
OPEN_STATES = tuple(state for state in STATES if state != "closed")
ELSEWHERE = {"cimer": "TR"}
"""Sources that only offices of one country have."""
NARROWING = ("unit", "state", "kind", "category", "language", "channel", "due_within", "created_from", "created_to")


def without_nul(text: str) -> str:
    """A text without the sign PostgreSQL keeps in none."""
    return text.replace("\0", "")


Text = Annotated[str, Form(), AfterValidator(without_nul)]
"""A field of a form."""


def wanted_of(address: str) -> Wanted:
    """The filter the query of an address names; what cannot be read is left out."""
    given = {key: without_nul(value) for key, value in parse_qsl(address) if key in Wanted.model_fields}
    while True:
        try:
            return Wanted.model_validate(given)
        except ValidationError as error:
            for problem in error.errors():
                given.pop(str(problem["loc"][0]), None)


def query_of(wanted: Wanted, **changes: object) -> str:
    """The address of a filter, without its page."""
    values = wanted.model_dump(exclude_defaults=True, exclude={"after"}, mode="json") | changes
    return urlencode({key: value for key, value in values.items() if value not in ("", None)})


async def queue(session: AsyncSession, request: Request, agent: Agent) -> dict[str, Any]:
    """The list, its counts, its filters, saved views and the names of who works on what."""
    office: Office = request.app.state.office
    wanted = wanted_of(request.url.query)
    page = await listing.tickets(session, office, agent, wanted)
    return {
        "wanted": wanted,
        "views": [one for one in VIEWS if one != "escalated" or agent.may("direct") or agent.heads],
        "sorts": SORTS,
        "tickets": page.tickets,
        "after": page.after,
        "query": query_of,
        "narrowed": any(getattr(wanted, name) not in ("", None) for name in NARROWING),
        "counts": await listing.counts(session, agent),
        "names": await _names(session, agent),
        "saved": await casework.filters_of(session, agent),
        "asked": len(await casework.questions_for(session, office, agent)),
        "kinds": KINDS,
        "states": STATES,
        "channels": [*sorted(request.app.state.adapters), *sources(office)],
    }


async def _names(session: AsyncSession, agent: Agent) -> dict[UUID, str]:
    return {one.agent.id: one.agent.name for one in await accounts.colleagues(session, agent.office_id)}


async def ticket(session: AsyncSession, request: Request, agent: Agent, ticket_id: UUID) -> dict[str, Any]:
    """One ticket with all that belongs to it. Raises TicketNotFoundError."""
    office: Office = request.app.state.office
    t = Words(office, console_language(request, agent))
    found = await desk.visible(session, agent, ticket_id)
    events = await casework.history_of(session, found.id)
    main, followers = await casework.family(session, agent, found)
    settings = request.app.state.settings
    rule, term = rule_of(settings, office, found), await due_of(session, settings, office, found)
    team = await accounts.colleagues(session, agent.office_id)
    return {
        "ticket": found,
        "seen": events[-1].id if events else 0,
        "history": told(events, t),
        "citizen": await _citizen(session, agent, found.contact_id),
        "names": {one.agent.id: one.agent.name for one in team},
        "team": [one for one in team if fits(one.agent, found)],
        "dispute": await disputes.dispute(session, request, agent, found, t.language),
        "term": explain(term, t.language) if term else "",
        "term_acts": possible(term, rule) if term and rule and agent.may("ticket") and found.state != "closed" else (),
        "main": main,
        "followers": followers,
        "near": await similar(session, agent, found) if found.state != "closed" else [],
        "photos": await documents.photos_of(session, found.id),
        "documents": await documents.documents_of(session, found.id),
        **await authority_view.shown(session, found),
        "questions": await casework.questions_of(session, found.id),
        "visits": await casework.visits_of(session, found.id),
        "chats": [await _chat(session, chat) for chat in await casework.conversations_of(session, found)],
        "may_change": agent.may("ticket"),
        "held": await desk.held_from(session, agent, found),
        "assignee": next((one for one in team if one.agent.id == found.assignee_id), None),
        "kinds": KINDS,
        "priorities": PRIORITIES,
        "outcomes": CLOSING,
        "states": OPEN_STATES,
    }


async def _citizen(session: AsyncSession, agent: Agent, contact_id: UUID) -> Any:
    """Name and number are for who works on tickets; who only reads needs neither."""
    if not agent.may("ticket"):
        return None
    return (await contacts.people(session, [contact_id])).get(contact_id)


async def _chat(session: AsyncSession, conversation_id: UUID) -> Conversation | None:
    try:
        return await conversation(session, conversation_id)
    except ConversationNotFoundError:
        return None


def category_named(office: Office, text: str) -> str | None:
    """The category somebody typed: its id, its name in any language, or the only one with these letters in its name.

    None for nothing typed. Raises UnknownCategoryError.
    """
    typed = fold(text.strip())
    if not typed:
        return None
    names = {
        key: {key, *(fold(name) for name in category.name.values())}
        for key, category in office.categories.categories.items()
    }
    found = [key for key, known in names.items() if typed in known] or [
        key for key, known in names.items() if any(typed in name for name in known)
    ]
    if len(found) != 1:
        raise UnknownCategoryError
    return found[0]


def sources(office: Office) -> list[Source]:
    """How tickets reach the agents of an office, apart from chats and other programs."""
    country = office.profile.country
    return [one for one in SOURCES if one not in ("chat", "api") and ELSEWHERE.get(one, country) == country]


def new_form(office: Office, **given: Any) -> dict[str, Any]:
    """What the page for a new ticket shows: what was typed, or an empty form of its own key."""
    blank = {
        "key": uuid4().hex,
        "source": "phone",
        "language": office.profile.languages[0],
        "kind": "complaint",
        "relation": "family",
        **dict.fromkeys(("source_number", "name", "phone", "category", "place", "words", "acting_for"), ""),
    }
    return {"form": blank | given, "kinds": KINDS, "sources": sources(office), "relations": RELATIONS}
