"""A dispute's acts on the page of its ticket: register, correct, go on, appoint, end; and its letters."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from pydantic import ValidationError
from starlette.responses import Response

from backend.clocks.service import spoken_day
from backend.console.disputes import view as disputes
from backend.console.shell.guard import Who, go
from backend.console.shell.pages import page
from backend.console.tickets.acts import after
from backend.console.tickets.view import Text
from backend.conversations.routes import AppSettings
from backend.core.catalogue import backend_catalogue
from backend.core.database import Session
from backend.core.errors import InvalidRequestError
from backend.core.languages import known_language
from backend.disputes import service
from backend.disputes.schemas import SIDES, Confirmed, Ending
from backend.disputes.wording import page_address, pin_of
from backend.offices.service import CurrentOffice, Office
from backend.tickets.errors import AppointmentTimeError
from backend.tickets.schemas import NewAppointment, Seen

pages = APIRouter(prefix="/{ticket_id}/dispute")
Event = Annotated[int, Form(alias="seen")]
PARTY = ("name", "role", "postal_address", "phone", "language", "representative", "representative_document")


async def confirmed_of(request: Request) -> Confirmed:
    """Both parties as a form says. Raises InvalidRequestError."""
    form = {key: str(value).replace("\0", "") for key, value in (await request.form()).items()}
    parties = {side: {name: form.get(f"{side}_{name}", "") for name in PARTY} for side in SIDES}
    for party in parties.values():
        party["language"] = known_language(party["language"]) or ""
    values = {side: _without_blank(party) for side, party in parties.items()}
    try:
        topic, claim = form.get("topic") or None, form.get("claim", "")
        return Confirmed.model_validate({**values, "topic": topic, "claim": claim})
    except ValidationError:
        raise InvalidRequestError from None


def _without_blank(party: dict[str, str]) -> dict[str, Any]:
    return {name: value or None if name == "representative_document" else value for name, value in party.items()}


@pages.post("/register")
async def register(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    who: Who,
    ticket_id: UUID,
    event: Event,
) -> Response:
    """Confirm both parties and begin."""
    confirmed = await confirmed_of(request)
    await service.register(session, settings, office, who.agent, Seen(ticket_id, event), confirmed)
    return await after(request, session, who, ticket_id)


@pages.post("/correct")
async def correct(
    request: Request, session: Session, office: CurrentOffice, who: Who, ticket_id: UUID, event: Event
) -> Response:
    """Put the parties right."""
    await service.correct(session, office, who.agent, Seen(ticket_id, event), await confirmed_of(request))
    return await after(request, session, who, ticket_id)


def appointment_of(office: Office, values: dict[str, str]) -> NewAppointment | None:
    """The appointment a form names, at a time of the office's zone; None without a time.

    Raises AppointmentTimeError for a time the clock skips, InvalidRequestError for what is no appointment.
    """
    if not values["at"].strip():
        return None
    try:
        local = datetime.fromisoformat(values["at"]).replace(tzinfo=office.profile.zone)
        optional = {name: values[name].strip() or None for name in ("place", "phone")}
        new = NewAppointment.model_validate({**values, **optional, "at": local})
    except ValueError:
        raise InvalidRequestError from None
    if local.astimezone(UTC).astimezone(office.profile.zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise AppointmentTimeError
    return new


async def _planned(
    office: CurrentOffice,
    at: Text = "",
    minutes: Text = "60",
    person: Text = "",
    place: Text = "",
    phone: Text = "",
    note: Text = "",
) -> NewAppointment | None:
    return appointment_of(
        office, {"at": at, "minutes": minutes, "who": person, "place": place, "phone": phone, "note": note}
    )


Planned = Annotated[NewAppointment | None, Depends(_planned)]


@pages.post("/step")
async def step(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Who,
    ticket_id: UUID,
    event: Event,
    new: Planned,
    step: Text = "",
    reason: Text = "",
) -> Response:
    """Go to a step, or call both parties again to the one it is at."""
    seen = Seen(ticket_id, event)
    await service.move_on(session, office, who.agent, seen, step, reason=reason, appointment=new)
    return await after(request, session, who, ticket_id)


@pages.post("/appointments/{visit_id}/move")
async def move(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Who,
    ticket_id: UUID,
    visit_id: int,
    event: Event,
    new: Planned,
) -> Response:
    """Another time, place or leader."""
    if new is None:
        raise InvalidRequestError
    await service.move_appointment(session, office, who.agent, Seen(ticket_id, event), visit_id, new)
    return await after(request, session, who, ticket_id)


@pages.post("/appointments/{visit_id}/cancel")
async def cancel(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Who,
    ticket_id: UUID,
    visit_id: int,
    event: Event,
    text: Text = "",
) -> Response:
    """It does not take place."""
    await service.cancel_appointment(session, office, who.agent, Seen(ticket_id, event), visit_id, text)
    return await after(request, session, who, ticket_id)


@pages.post("/end")
async def end(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Who,
    ticket_id: UUID,
    event: Event,
    how: Text = "",
    text: Text = "",
    appeal: Text = "",
    document: Text = "",
) -> Response:
    """Rule, settle, withdraw or refer it: `how` is the end and the outcome, with a colon between."""
    name, _, outcome = how.partition(":")
    given = {"end": name, "outcome": outcome, "text": text, "appeal": appeal, "document": document or None}
    try:
        ending = Ending.model_validate(given)
    except ValidationError:
        raise InvalidRequestError from None
    await service.end(session, office, who.agent, Seen(ticket_id, event), ending)
    return await after(request, session, who, ticket_id)


@pages.post("/letters/{notice_id}")
async def letter(
    request: Request,
    session: Session,
    settings: AppSettings,
    office: CurrentOffice,
    who: Who,
    ticket_id: UUID,
    notice_id: int,
) -> Response:
    """A letter to print. A respondent who has no PIN yet, or only one of an earlier print, gets a new one in it."""
    ticket, notice, party = await disputes.letter(session, who.agent, ticket_id, notice_id)
    whole = await service.opened(session, office, ticket)
    assert whole is not None
    language = notice.language or party.language
    invites = party.side == "respondent" and party.contact_id is None and notice.told_at is None
    return page(
        request,
        who,
        "disputes/letter.html",
        ticket=ticket,
        notice=notice,
        party=party,
        language=language,
        when=lambda at: spoken_day(at.astimezone(office.profile.zone).date(), language, year=True),
        say=lambda key, **values: backend_catalogue().text(f"dispute.letter.{key}", language, **values),
        address=page_address(settings, whole, language),
        pin=pin_of(settings, party) if invites else "",
    )


@pages.post("/letters/{notice_id}/posted")
async def posted(request: Request, session: Session, who: Who, ticket_id: UUID, notice_id: int) -> Response:
    """It is on its way."""
    await service.posted(session, who.agent, ticket_id, notice_id)
    return go(request, f"/console/tickets/{ticket_id}")
