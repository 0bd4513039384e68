"""Answers about closed tickets that a desk of its own can see."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.conversations.service import open_web_session, web_conversation
from backend.core.database import utcnow
from backend.surveys.models import Satisfaction
from backend.tickets.repository import ticket_by_reference
from backend.tickets.schemas import Author, NewTicket
from backend.tickets.service import file_ticket
from tests.backend.console.people import Desk


@dataclass
class Answers:
    """Questions and answers of one office."""

    desk: Desk

    async def add(
        self, unit: str, score: int | None, *, at: datetime | None = None, **columns: Any
    ) -> tuple[UUID, str]:
        """One question with its answer; returns the ticket and its reference."""
        office = self.desk.office
        async with self.desk.session() as session, session.begin():
            token, _ = await open_web_session(session, office, "en")
            to = await web_conversation(session, token)
            by = Author(contact_id=to.contact_id, conversation_id=to.id, channel="web")
            category = columns.pop("category", "noise")
            new = NewTicket(request_key=f"{uuid4()}", category=category, description="Loud", language="en")
            filed = await file_ticket(session, self.desk.settings, office, by, new)
            ticket = await ticket_by_reference(session, office.profile.id, filed.reference)
            assert ticket is not None
            row = {
                "office_id": office.profile.id,
                "ticket_id": ticket.id,
                "closing": 1,
                "unit": unit,
                "conversation_id": to.id,
                "channel": "web",
                "language": "en",
                "seq": 1,
                "asked_at": at or utcnow(),
                "score": score,
                "solved": None if score is None else True,
            }
            session.add(Satisfaction(**{**row, **columns}))
            return ticket.id, ticket.reference

    async def some(self) -> None:
        """Two units: one clearly above the target, one with too few answers."""
        for _ in range(18):
            await self.add("environment", 5)
        for score in (2, 4, None):
            await self.add("roads", score, words="Slow." if score == 2 else None)
        await self.add("roads", None, solved=False)
        await self.add("roads", 1, at=utcnow() - timedelta(days=200))


@pytest.fixture
def answers(desk: Desk) -> Answers:
    return Answers(desk)
