"""Disputes of the office: the appointments that come, and the form for one that is registered at the counter."""

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from backend.console.disputes import view
from backend.console.shell.guard import Who
from backend.console.shell.pages import page
from backend.console.tickets.view import Text, new_form, sources
from backend.conversations.routes import AppSettings
from backend.core.database import Session
from backend.core.errors import InvalidRequestError, KomshuError
from backend.core.languages import known_language
from backend.disputes.errors import DisputeNotFoundError
from backend.disputes.schemas import ROLES
from backend.offices.service import CurrentOffice, Office
from backend.tickets.desk import permit
from backend.tickets.errors import ReasonMissingError
from backend.tickets.schemas import Registration
from backend.tickets.service import register

pages = APIRouter(prefix="/console/disputes", include_in_schema=False)
FIELDS = {"phone_unreadable": "phone", "reason_missing": "words"}
DETAILS = ("dispute_role", "dispute_topic", "other_party", "other_address", "other_phone")


def _offered(office: Office) -> Office:
    """The office, if disputes go steps there. Raises DisputeNotFoundError."""
    if office.disputes is None:
        raise DisputeNotFoundError
    return office


@pages.get("")
async def coming(request: Request, session: Session, office: CurrentOffice, who: Who, unit: str = "") -> Response:
    """The appointments that come, of the agent's units."""
    found = await view.coming(session, _offered(office), who.agent, unit)
    return page(request, who, "disputes/list.html", coming=found, unit=unit)


@pages.get("/new")
async def blank(request: Request, who: Who, office: CurrentOffice, source: str = "counter") -> Response:
    """An empty form."""
    permit(who.agent)
    return _form(request, who, _offered(office), {"source": source})


@pages.post("/new")
async def file(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    who: Who,
    key: Text = "",
    source: Text = "counter",
    name: Text = "",
    phone: Text = "",
    language: Text = "",
    place: Text = "",
    words: Text = "",
    dispute_role: Text = "",
    dispute_topic: Text = "",
    other_party: Text = "",
    other_address: Text = "",
    other_phone: Text = "",
) -> Response:
    """File it; reference and PIN are read out. What cannot be filed comes back with what was typed."""
    _offered(office)
    typed = {"source": source, "name": name, "phone": phone, "place": place, "words": words}
    typed["language"] = known_language(language) or office.profile.languages[0]
    told = (dispute_role, dispute_topic, other_party, other_address, other_phone)
    details = dict(zip(DETAILS, (one.strip() for one in told), strict=True))
    try:
        if source not in sources(office):
            raise InvalidRequestError
        new = _registration({**typed, "request_key": key}, details)
        async with session.begin_nested():
            filed = await register(session, settings, office, who.agent, new)
    except KomshuError as error:
        return _form(request, who, office, {**typed, **details, "key": key}, error)
    return page(request, who, "tickets/registered.html", filed=filed, source=new.source, status=201)


def _registration(values: dict[str, object], details: dict[str, str]) -> Registration:
    """Raises ReasonMissingError without words, InvalidRequestError for anything else of another form."""
    told = {name: value for name, value in details.items() if value}
    try:
        fields = {**values, "place": values["place"] or None, "kind": "housing_dispute", "details": told}
        return Registration.model_validate(fields)
    except ValidationError as error:
        wordless = any(problem["loc"] == ("words",) for problem in error.errors())
        raise ReasonMissingError if wordless else InvalidRequestError from None


def _form(
    request: Request, who: Who, office: Office, given: dict[str, str], error: KomshuError | None = None
) -> Response:
    blank = dict.fromkeys(DETAILS, "")
    field = FIELDS.get(error.code, "") if error else ""
    form = new_form(office, **{**blank, **given})
    status = error.status if error else 200
    return page(request, who, "disputes/new.html", **form, error=error, field=field, roles=ROLES, status=status)
