"""The page for a new ticket, for the telephone and the counter: one form, by keyboard, reference and PIN at its end."""

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from backend.console.shell.guard import Who
from backend.console.shell.pages import page
from backend.console.tickets.view import Text, category_named, new_form, sources
from backend.conversations.routes import AppSettings
from backend.core.database import Session
from backend.core.errors import InvalidRequestError, KomshuError
from backend.core.languages import known_language
from backend.offices.service import CurrentOffice
from backend.tickets.desk import permit
from backend.tickets.errors import ReasonMissingError
from backend.tickets.schemas import Filed, Registration
from backend.tickets.service import register

pages = APIRouter()
FIELDS = {"phone_unreadable": "phone", "unknown_category": "category", "reason_missing": "words"}
"""Where on the form an error belongs."""


@pages.get("/new")
async def blank(request: Request, who: Who, office: CurrentOffice, source: str = "phone") -> Response:
    """An empty form; `?source=counter` for who sits at the counter."""
    permit(who.agent)
    return page(request, who, "tickets/new.html", **new_form(office, source=source), error=None, field="")


@pages.post("/new")
async def file(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    who: Who,
    key: Text = "",
    source: Text = "phone",
    source_number: Text = "",
    name: Text = "",
    phone: Text = "",
    language: Text = "",
    kind: Text = "complaint",
    category: Text = "",
    place: Text = "",
    words: Text = "",
    acting_for: Text = "",
    relation: Text = "other",
) -> Response:
    """File it; what cannot be filed comes back with what was typed."""
    typed = {
        "source": source,
        "source_number": source_number,
        "name": name,
        "phone": phone,
        "language": known_language(language) or office.profile.languages[0],
        "kind": kind,
        "place": place,
        "words": words,
        "acting_for": acting_for,
        "relation": relation,
    }
    try:
        if source not in sources(office):
            raise InvalidRequestError
        chosen = category_named(office, category)
        new = _registration({**typed, "request_key": key, "category": chosen})
        async with session.begin_nested():
            filed: Filed = await register(session, settings, office, who.agent, new)
    except KomshuError as error:
        form = new_form(office, **typed, category=category, key=key)
        field = FIELDS.get(error.code, "")
        return page(request, who, "tickets/new.html", status=error.status, **form, error=error, field=field)
    return page(request, who, "tickets/registered.html", filed=filed, source=new.source, status=201)


def _registration(values: dict[str, object]) -> Registration:
    """Raises ReasonMissingError without words, InvalidRequestError for anything else of another form."""
    optional = {key: value or None for key, value in values.items() if key in ("source_number", "place")}
    try:
        return Registration.model_validate(values | optional)
    except ValidationError as error:
        wordless = any(problem["loc"] == ("words",) for problem in error.errors())
        raise ReasonMissingError if wordless else InvalidRequestError from None
