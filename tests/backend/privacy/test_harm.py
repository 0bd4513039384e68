"""What must reach nobody else: the link to one's data, restricted matters, PINs, colleagues' words, others' tickets."""

import json
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attachments import documents, personal as attachments
from backend.conversations import desk as chats
from backend.conversations.secrecy import veiled
from backend.conversations.service import conversation
from backend.core.database import make_sessions
from backend.core.settings import Settings
from backend.handoff import service as handoff
from backend.offices.schemas import Office
from backend.privacy import export, service
from backend.privacy.errors import SamePersonError
from backend.tickets import casework, desk, repository
from backend.tickets.personal import ids_of
from backend.tickets.schemas import Seen
from tests.backend.handoff.factories import Floor
from tests.backend.privacy.test_requests import LINK, asked, carried_out
from tests.backend.surveys.factories import Town
from tests.backend.tickets.factories import agent

PDF = b"%PDF-1.4\nx\n%%EOF"


def address() -> str:
    return f"+4072{uuid4().int % 10**7:07}"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Reference: TM-4F7-KPX\nPIN: 123456\nKeep both", "Reference: TM-4F7-KPX\nPIN: ••••••\nKeep both"),
        ("ПИН: 123456.", "ПИН: ••••••."),
        ("my pin is 123456", "my pin is ••••••"),
        ("here https://x.example/privacy/aB-9_z and so", "here https://x.example/privacy/… and so"),
        ("call 0256 408 300 at 12", "call 0256 408 300 at 12"),
    ],
)
def test_pins_and_personal_links_are_the_citizens_alone(said: str, shown: str) -> None:
    assert veiled(said) == shown


async def test_a_reader_of_the_chat_does_not_get_the_link_to_the_data(town: Town) -> None:
    mine = await town.person("sms", address=address())
    await carried_out(town, await asked(town, mine))
    reader = await agent(town.session, "reader", "water")
    assert await chats.chat(town.session, reader, mine) is not None
    lines = await chats.lines(town.session, mine, before=None, limit=100)
    links = [found[1] for line in lines if (found := LINK.search(line.content["text"]))]
    assert links
    assert all(link.startswith("…") for link in links)


async def test_who_confirmed_does_not_read_the_copy_alone(town: Town) -> None:
    request = await asked(town, await town.person())
    admin, other = [await agent(town.session, "administrator") for _ in range(2)]
    await service.confirm(town.session, town.office, admin, request.id)
    with pytest.raises(SamePersonError):
        await service.readable(town.session, town.office, admin, request.id)
    assert await service.readable(town.session, town.office, other, request.id) is request


async def test_the_copy_holds_neither_colleagues_words_nor_strangers_tickets(town: Town) -> None:
    mine, other = await town.person(), await town.person()
    ticket = await town.files(mine, description="Loud")
    theirs = await town.files(other, description="Mrs Pop beats her dog", details={"name": "Author Name"})
    boss = await agent(town.session, "supervisor")
    seen = Seen(ticket.id, (await repository.history(town.session, ticket.id))[-1].id)
    await desk.assign(town.session, town.office, boss, seen, unit="roads", reason="The usual quarreller")
    contact = (await conversation(town.session, mine)).contact_id
    await repository.link(town.session, theirs.id, contact)
    data = json.dumps(await export.everything(town.session, town.office, contact))
    assert "Loud" in data
    assert theirs.reference in data
    for word in ("quarreller", "Author Name", "Mrs Pop"):
        assert word not in data


async def test_a_chat_is_as_restricted_as_the_ticket_filed_in_it(town: Town) -> None:
    mine = await town.person()
    ticket = await town.files(mine, category="staff_conduct", description="Corruption by X")
    await town.session.flush()
    reader, boss = await agent(town.session, "reader", "water"), await agent(town.session, "supervisor")
    named = await agent(town.session, "agent", ticket.unit)
    assert [await chats.chat(town.session, one, mine) is not None for one in (reader, boss, named)] == [
        False,
        False,
        True,
    ]


async def test_the_pin_of_a_desks_ticket_is_told_once_and_veiled(
    session: AsyncSession, settings: Settings, office: Office
) -> None:
    floor = Floor(session, settings, office)
    who = await floor.agent()
    chat = await floor.chat_held_by(None)
    filing = {"kind": "complaint", "category": "noise", "place": "", "description": "Loud"}
    first, again = [await handoff.open_ticket(session, floor.desk, who, chat, **filing, key="same") for _ in range(2)]
    assert first == again
    told = [line for line in await floor.texts(chat, "system") if first in line]
    assert len(told) == 1
    lines = await chats.lines(session, chat, before=None, limit=100)
    assert any("••••••" in line.content["text"] for line in lines)
    others = [await handoff.open_ticket(session, floor.desk, who, chat, **filing, key="") for _ in range(2)]
    assert len({first, *others}) == 3, "a form without a key is a new one each time"


async def test_documents_about_an_erased_person_go_with_their_photos(town: Town) -> None:
    mine = await town.person("sms", address=address())
    ticket = await town.files(mine, description="Loud")
    clerk = await agent(town.session)
    kept = await casework.keep_file(town.session, town.settings, clerk, ticket.id, PDF)
    await casework.add_document(town.session, clerk, ticket.id, "identity card.pdf", kept)
    contact: UUID = (await conversation(town.session, mine)).contact_id
    assert await ids_of(town.session, contact) == [ticket.id]
    await town.session.commit()
    sessions = make_sessions(town.session.bind)  # type: ignore[arg-type]
    await attachments.forget_documents(town.settings, sessions, [ticket.id])
    assert await documents.documents_of(town.session, ticket.id) == []
    left = text("SELECT count(*) FROM document WHERE ticket_id = :id")
    assert await town.session.scalar(left, {"id": ticket.id}) == 0
