"""Papers of citizens and who they act for, as another system reads them."""

from uuid import uuid4

from backend.attachments.papers import keep_paper, note_paper, told
from backend.attachments.service import attach_photos
from backend.authority.schemas import Claim
from backend.conversations.models import Conversation
from backend.conversations.service import receive
from channels.message import Inbound
from tests.backend.api.office import Api
from tests.backend.attachments.papers import pdf


async def test_a_ticket_shows_its_papers_and_whom_it_is_for(api: Api) -> None:
    ticket = await api.ticket(acting=Claim(name="Ana Popescu", relation="family"))
    paper = await keep_paper(api.settings, uuid4(), "procură.pdf", pdf(2))
    async with api.sessions() as session, session.begin():
        await note_paper(session, ticket.contact_id, paper)
        await attach_photos(session, ticket.contact_id, [paper.id], ticket.id)
    token = await api.token()
    whole = (await api.call(token, "GET", f"/tickets/{ticket.id}")).json()
    acting = {key: whole["acting_for"][key] for key in ("name", "relation", "state")}
    assert acting == {"name": "Ana Popescu", "relation": "family", "state": "claimed"}
    [shown] = whole["papers"]
    assert (shown["id"], shown["name"], shown["pages"]) == (str(paper.id), "procură.pdf", 2)
    assert whole["photos"] == []
    file = await api.call(token, "GET", f"/tickets/{ticket.id}/papers/{paper.id}")
    assert (file.status_code, file.content) == (200, pdf(2))
    assert file.headers["content-disposition"].startswith("attachment;")
    assert file.headers["x-content-type-options"] == "nosniff"


async def test_a_ticket_of_ones_own_is_for_nobody_else(api: Api) -> None:
    ticket, token = await api.ticket(), await api.token()
    whole = (await api.call(token, "GET", f"/tickets/{ticket.id}")).json()
    assert (whole["acting_for"], whole["papers"]) == (None, [])


async def test_a_document_in_a_chat_is_named(api: Api) -> None:
    chat, token = await api.chat(), await api.token()
    paper = await keep_paper(api.settings, uuid4(), "cerere.pdf", pdf())
    async with api.sessions() as session, session.begin():
        talk = await session.get_one(Conversation, chat)
        await note_paper(session, talk.contact_id, paper)
        inbound = Inbound.model_validate({"external_id": str(paper.id), **told(paper)})
        await receive(session, api.settings, talk, inbound)
    shown = (await api.call(token, "GET", f"/chats/{chat}")).json()
    assert [one["document"]["name"] for one in shown["messages"] if one["document"]] == ["cerere.pdf"]
