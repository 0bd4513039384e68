"""A citizen whose words have come everywhere words can come."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB

from backend.accounts.schemas import Agent
from backend.attachments.models import Attachment, Document
from backend.authority.models import Authority
from backend.conversations import desk as chats
from backend.core.database import driver_connection, utcnow
from backend.core.sealing import sealed
from backend.disputes.models import AppointmentAnswer, Dispute, DisputeNotice, DisputeParty
from backend.disputes.telling import lane_id
from backend.handoff import repository as handoff, service
from backend.integrations.models import ApiAnswer, ApiToken
from backend.knowledge import questions
from backend.knowledge.schemas import Asked
from backend.outbox import service as outbox
from backend.outbox.schemas import Outgoing
from backend.redaction import service as redaction
from backend.redaction.schemas import Act, Subject
from backend.surveys.models import Satisfaction
from backend.tickets import casework, desk
from backend.tickets.models import Ticket, Visit
from backend.tickets.repository import history
from backend.tickets.schemas import Answer, Author, Change, NewTicket, NewVisit, Seen
from backend.tickets.service import file_ticket
from tests.backend.handoff.factories import Floor

SESSION = text("INSERT INTO bot_session VALUES (:id, :events, now())").bindparams(bindparam("events", type_=JSONB))


@dataclass
class Spread:
    """The chat an agent holds, and the ticket that was filed in it."""

    floor: Floor
    agent: Agent
    chat: UUID
    ticket: Ticket

    @property
    def subject(self) -> Subject:
        return Subject("chat", self.chat)

    async def seen(self) -> Seen:
        return Seen(self.ticket.id, (await history(self.floor.session, self.ticket.id))[-1].id)

    async def hides(self, *words: str, tell: bool = False, subject: Subject | None = None) -> int:
        """Hide every place of some words."""
        of = subject or self.subject
        found = await redaction.occurrences(self.floor.session, self.agent, of, words)
        chosen = {one.key for one in found}
        act = Act("third_person", tell=tell)
        return await redaction.hide(self.floor.session, self.floor.desk, self.agent, of, words, chosen, act)


async def everywhere(floor: Floor, words: str, role: str = "agent") -> Spread:
    """Somebody said these words, and everything that copies words did."""
    session = floor.session
    agent = await floor.agent(role)  # type: ignore[arg-type]
    chat = await floor.chat(floor.push.name, said=f"My neighbour {words} again", name=f"N. {words}")
    await floor.put("conversation", chat, holder="queue", unit="roads")
    await service.take(session, floor.desk, agent, chat)
    await service.reply(session, floor.desk, agent, chat, f"You mean {words}?\nReally {words}", uuid4().hex)
    await service.write_note(session, floor.desk, agent, chat, f"Ask {words} too")
    await handoff.save_draft(session, agent.id, chat, f"Dear {words}")
    await _ticket_texts(floor, agent, chat, words)
    ticket = await session.scalar(select(Ticket).where(Ticket.conversation_id == chat))
    assert ticket is not None
    spread = Spread(floor, agent, chat, ticket)
    await _beside(spread, words)
    await _behind(spread, words)
    await chats.index_words(session)
    return spread


async def _ticket_texts(floor: Floor, agent: Agent, chat: UUID, words: str) -> None:
    session = floor.session
    contact = (await service.seen(session, agent, chat)).conversation.contact_id
    by = Author(contact_id=contact, conversation_id=chat, channel="web")
    new = NewTicket(
        request_key=uuid4().hex,
        category="noise",
        description=f"Noise by {words}, at night",
        place=f"at {words}",
        details={"name": words},
        language="en",
    )
    await file_ticket(session, floor.settings, floor.office, by, new)


async def _beside(spread: Spread, words: str) -> None:
    floor, agent, ticket = spread.floor, spread.agent, spread.ticket
    session = floor.session
    changed = Change(description=f"Noise by {words} and {words}")
    await desk.change(session, floor.settings, floor.office, agent, await spread.seen(), changed)
    await desk.take(session, agent, await spread.seen())
    await desk.ask(session, agent, await spread.seen(), f"Is it {words}?")
    await casework.add_note(session, agent, ticket.id, f"Known: {words}")
    question = await casework.ask_unit(session, floor.office, agent, ticket.id, "roads", f"Do you know {words}?")
    await casework.answer_question(session, agent, question, f"{words}, yes")
    visit = NewVisit(at=utcnow(), who=f"with {words}", place=words, note=words)
    visit_id = await casework.add_visit(session, agent, ticket.id, visit)
    await casework.finish_visit(session, agent, ticket.id, visit_id, f"{words} was out")
    answer = Answer(outcome="partly", reason=f"We spoke to {words}", ground=f"As {words} said")
    await desk.close(session, agent, await spread.seen(), answer)
    session.add(
        Document(
            ticket_id=ticket.id,
            name=f"{words}.pdf",
            media_type="application/pdf",
            size_bytes=1,
            added_by="Ana",
            created_at=utcnow(),
        )
    )
    session.add(
        Attachment(
            contact_id=ticket.contact_id,
            ticket_id=ticket.id,
            width=0,
            height=0,
            size_bytes=1,
            media_type="application/pdf",
            name=f"{words}.pdf",
            created_at=utcnow(),
        )
    )
    session.add(
        Satisfaction(
            office_id="timisoara",
            ticket_id=ticket.id,
            closing=1,
            unit="roads",
            conversation_id=spread.chat,
            channel="web",
            language="en",
            seq=1,
            asked_at=utcnow(),
            words=f"Not with {words}",
        )
    )


async def formalities(spread: Spread, words: str) -> None:
    """The citizen acts for somebody, in a dispute of which the other side has been told."""
    session, ticket = spread.floor.session, spread.ticket
    ticket.kind = "housing_dispute"
    claimed = {"relation": "parent", "state": "claimed", "claimed_at": utcnow()}
    session.add(Authority(ticket_id=ticket.id, name=words, reason=f"no {words}", **claimed))
    session.add(Dispute(ticket_id=ticket.id, claim=f"Rent of {words}", opened_at=utcnow()))
    await session.flush()
    side = {"ticket_id": ticket.id, "side": "respondent", "language": "en"}
    party = DisputeParty(id=uuid4(), name=words, postal_address=words, statement=f"I, {words}", **side)
    session.add(party)
    await session.flush()
    told = {"key": "k", "content": {"claim": words}, "text": f"About {words}", "created_at": utcnow()}
    notice = DisputeNotice(party_id=party.id, about="claim", **told)
    visit = Visit(ticket_id=ticket.id, at=utcnow(), who="Ana", note="", step="hearing", phone=words)
    session.add_all([notice, visit])
    await session.flush()
    said = {"version": 0, "comes": False, "proposal": f"When {words} can", "at": utcnow()}
    session.add(AppointmentAnswer(visit_id=visit.id, party_id=party.id, **said))
    await session.flush()
    sms = Outgoing(notice.id, ({"text": f"About {words}"},), "news")
    await outbox.enqueue(await driver_connection(session), lane_id(party.id), "sms", "+40700000000", [sms])


async def _behind(spread: Spread, words: str) -> None:
    session = spread.floor.session
    await casework.save_filter(session, spread.agent, f"About {words[:40]}", f"words={words}")
    asked = Asked(message_id=f"{spread.chat}:1", text=f"who is {words}", language="en", label="", confidence=None)
    await questions.note(session, "timisoara", asked)
    told = {"text": words, "parse_data": {"text": words, "entities": [{"entity": "place", "value": words}]}}
    events = [{"event": "user", **told}, {"event": "slot", "name": "description", "value": words}]
    await session.execute(SESSION, {"id": str(spread.chat), "events": events})
    token = ApiToken(
        office_id="timisoara",
        digest=uuid4().hex,
        name="Register",
        scopes=[],
        units=[],
        created_by="Ana",
        created_at=utcnow(),
    )
    session.add(token)
    await session.flush()
    body = sealed(spread.floor.settings.secret_key, f'{{"description": "{words}"}}')
    kept = {"request": "r", "status": 201, "headers": {}, "body": body, "at": utcnow()}
    session.add(ApiAnswer(token_id=token.id, key="k", **kept))
    hidden = {"text": "", "hidden": True, "handed_back": f"I said {words}"}
    await spread.floor.says(spread.chat, "", **hidden)
    await session.flush()
