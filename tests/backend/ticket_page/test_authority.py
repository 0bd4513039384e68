"""The public page of a ticket whose author acts for somebody else."""

from uuid import uuid4

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.authority.schemas import Claim
from backend.contacts.service import new_web_visitor
from backend.core.catalogue import backend_catalogue
from backend.core.database import make_sessions
from backend.core.languages import LANGUAGES
from backend.core.settings import Settings
from backend.offices.schemas import Office
from backend.tickets.schemas import Author, NewTicket
from backend.tickets.service import file_ticket
from tests.backend.ticket_page.test_page import app as app, client as client


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_says_that_an_authorisation_is_needed_and_names_nobody(
    client: httpx.AsyncClient, settings: Settings, office: Office, engine: AsyncEngine, language: str
) -> None:
    async with make_sessions(engine)() as session, session.begin():
        contact_id, _ = await new_web_visitor(session, office.profile.id)
        author = Author(contact_id=contact_id, conversation_id=None, channel="web")
        asked = {"request_key": str(uuid4()), "kind": "information_request", "description": "Plans", "language": "en"}
        new = NewTicket.model_validate({**asked, "acting": Claim(name="Vera Ilieva", relation="family")})
        filed = await file_ticket(session, settings, office, author, new)
    form = {"reference": filed.reference, "pin": filed.pin, "language": language}
    page = (await client.post("/ticket", data=form)).text
    say = backend_catalogue().text
    assert say("ticket_page.authority", language) in page
    assert "Vera" not in page
    assert say("ticket.state.received", language) not in page
    assert f"<h3>{say('ticket_page.steps', language)}</h3>" not in page
