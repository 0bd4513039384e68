"""Tickets of other systems are checked and taken in, in batches.

Taking in is idempotent: a row is known by the system it comes from and its number there, or (without a number) by its
reference. Nobody is told of tickets that were taken in, and they have no PIN: who filed them proves it at the desk.
"""

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import and_, func, insert, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as insert_unless
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from backend.contacts import service as contacts
from backend.contacts.phones import e164
from backend.core.database import utcnow
from backend.core.documents import MISTAKES
from backend.offices.schemas import Priority, TicketKind
from backend.offices.service import Office
from backend.tickets.models import Ticket, TicketEvent
from backend.tickets.reference import find_reference, new_reference
from backend.tickets.repository import searchable
from backend.tickets.schemas import Outcome, Source, State
from backend.tickets.steps import STEPS
from backend.tickets.transfer import BATCH, PERSONAL
from backend.tickets.transfer_files import Place, Row

Channel = Literal["web", "telegram", "sms", "whatsapp"] | Source
MOST_REFUSALS = 1000
ADVICE = {
    "timezone_aware": ("has no time zone", 'write it as "2027-03-01T09:30:00+02:00"'),
    **dict.fromkeys(
        ("datetime_type", "datetime_parsing", "datetime_from_date_parsing"),
        ("{said} is no time", 'write it as "2027-03-01T09:30:00+02:00"'),
    ),
    "string_too_long": ("is too long", "shorten it to {max_length} characters"),
    **dict.fromkeys(("less_than_equal", "greater_than_equal"), ("{said} is no place on the earth", "correct it")),
    **dict.fromkeys(("float_type", "float_parsing"), ("{said} is no number", "write it as 45.7537")),
    "finite_number": ("{said} is no number", "write it as 45.7537"),
}


def _clean(text: str) -> str:
    """Text the database can hold."""
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise ValueError("holds signs that are no text: take them out")
    return text


Short = Annotated[str, Field(max_length=500), AfterValidator(_clean)]
Long = Annotated[str, Field(max_length=8000), AfterValidator(_clean)]


class Incoming(BaseModel):
    """One row of a file, as other systems write it."""

    model_config = ConfigDict(extra="forbid")

    source: Source = "api"
    source_number: Short | None = None
    reference: Short | None = None
    kind: TicketKind = "complaint"
    category: str | None = None
    unit: str | None = None
    priority: Priority | None = None
    state: State = "received"
    outcome: Outcome | None = None
    outcome_reason: Long | None = None
    outcome_ground: Long | None = None
    duplicate_of: Short | None = None
    description: Annotated[str, Field(min_length=1, max_length=8000), AfterValidator(_clean)]
    place: Short | None = None
    latitude: float | None = Field(None, ge=-90, le=90, allow_inf_nan=False)
    longitude: float | None = Field(None, ge=-180, le=180, allow_inf_nan=False)
    details: dict[str, Any] = {}
    language: Literal["en", "tr", "ro", "mk", "af"]
    channel: Channel | None = None
    name: Annotated[str, Field(max_length=100), AfterValidator(_clean)] | None = None
    phone: Annotated[str, Field(max_length=40), AfterValidator(_clean)] | None = None
    created_at: AwareDatetime
    updated_at: AwareDatetime | None = None
    due_at: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None

    @property
    def key(self) -> str:
        """What makes it the same ticket when it comes again; empty when nothing does."""
        return f"{self.source}:{self.source_number}" if self.source_number else self.reference or ""


@dataclass(frozen=True)
class Refusal:
    """Why a row was not taken in: the line it begins in, the column, what is wrong, what to do."""

    line: int
    column: str
    what: str
    advice: str


@dataclass
class Outcomes:
    """What became of the rows of a file."""

    new: int = 0
    known: int = 0
    renumbered: int = 0
    """New ones that could not keep their reference: it is taken, or none of this office."""
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    """The first ones; the rest is only counted."""


class Intake:
    """Takes the rows of one file in, or only says what would become of them."""

    def __init__(self, office: Office) -> None:
        self.outcomes = Outcomes()
        self._office = office
        self._seen: dict[str, int] = {}
        self._follow: dict[str, str] = {}
        """Request key of a duplicate -> the reference its main ticket has in the file."""
        self._renamed: dict[str, str] = {}
        """References of the file -> those the tickets have here, where they differ."""

    async def run(
        self, sessions: async_sessionmaker[AsyncSession], rows: Iterable[Place], *, dry: bool
    ) -> AsyncIterator[int]:
        """Go through all rows; a transaction for each batch. Yields how many rows each batch had."""
        places = iter(rows)
        while batch := list(islice(places, BATCH)):
            accepted = list(self._accepted(batch))
            async with sessions() as session, session.begin():
                fresh = await self._unknown(session, accepted)
                self.outcomes.new += len(fresh)
                if fresh and not dry:
                    await self._insert(session, fresh)
            yield len(batch)
        if not dry:
            await self._join_duplicates(sessions)

    def _accepted(self, batch: Iterable[Place]) -> Iterator[Incoming]:
        for line, row in batch:
            found = self._checked(line, {name: value for name, value in row.items() if value is not None})
            if found is None:
                self.outcomes.refused += 1
            else:
                yield found

    def _checked(self, line: int, row: Row) -> Incoming | None:
        try:
            ticket = Incoming.model_validate(_unpacked(row))
        except ValidationError as error:
            for one in error.errors():
                self._refuse(line, *_mistake(one))
            return None
        problems = list(self._problems(line, ticket))
        for problem in problems:
            self._refuse(line, *problem)
        return None if problems else ticket

    def _refuse(self, line: int, column: str, what: str, advice: str) -> None:
        if len(self.outcomes.refusals) < MOST_REFUSALS:
            self.outcomes.refusals.append(Refusal(line, column, what, advice))

    def _problems(self, line: int, ticket: Incoming) -> Iterator[tuple[str, str, str]]:
        """What fits no ticket of this office."""
        if not ticket.key:
            yield "source_number", "is missing", "add the number the ticket has where it comes from, or a reference"
        elif first := self._seen.get(ticket.key):
            yield "source_number", f"is that of line {first} too", "take one of the two out"
        self._seen.setdefault(ticket.key, line)
        if ticket.unit and ticket.unit not in self._office.units:
            yield "unit", f"{ticket.unit!r} is no unit", "name one of units.yml, or leave it empty"
        if ticket.category and ticket.category not in self._office.categories.categories:
            yield "category", f"{ticket.category!r} is no category", "name one of categories.yml, or leave it empty"
        if ticket.phone and e164(ticket.phone, self._office.profile.country) is None:
            yield "phone", "is no telephone number", "write it as +40 256 408 300, or leave it empty"
        if (ticket.latitude is None) is not (ticket.longitude is None):
            yield "latitude", "stands without the other half", "give latitude and longitude, or neither"

    async def _unknown(self, session: AsyncSession, tickets: Sequence[Incoming]) -> list[Incoming]:
        """Those that are not here yet."""
        here = await self._here(session, tickets)
        fresh = []
        for ticket in tickets:
            if ticket.duplicate_of:
                self._follow[self._request_key(ticket)] = ticket.duplicate_of
            reference = here.get(ticket.key)
            if reference is None:
                fresh.append(ticket)
            else:
                self.outcomes.known += 1
                self._rename(ticket, reference)
        return fresh

    async def _here(self, session: AsyncSession, tickets: Sequence[Incoming]) -> dict[str, str]:
        """Keys of tickets that are here -> their references."""
        numbers = [(ticket.source, ticket.source_number) for ticket in tickets if ticket.source_number]
        references = [ticket.reference for ticket in tickets if not ticket.source_number]
        keys = [self._request_key(ticket) for ticket in tickets]
        columns = (Ticket.source, Ticket.source_number, Ticket.request_key, Ticket.reference)
        same = or_(
            tuple_(Ticket.source, Ticket.source_number).in_(numbers),
            Ticket.reference.in_(references),
            Ticket.request_key.in_(keys),
        )
        found = await session.execute(select(*columns).where(Ticket.office_id == self._office.profile.id, same))
        here: dict[str, str] = {}
        for source, number, request_key, reference in found:
            names = (f"{source}:{number}", reference, request_key.removeprefix(self._prefix))
            here |= dict.fromkeys(names, reference)
        return here

    @property
    def _prefix(self) -> str:
        return f"import:{self._office.profile.id}:"

    def _request_key(self, ticket: Incoming) -> str:
        return self._prefix + ticket.key

    def _rename(self, ticket: Incoming, reference: str) -> None:
        if ticket.reference and ticket.reference != reference:
            self._renamed[ticket.reference] = reference

    async def _insert(self, session: AsyncSession, tickets: Sequence[Incoming]) -> None:
        """Store tickets. One that met a reference or a row that appeared meanwhile is looked at again."""
        while tickets:
            stored = await self._stored(session, tickets)
            left = [ticket for ticket in tickets if self._request_key(ticket) not in stored]
            here = await self._here(session, left) if left else {}
            tickets = [ticket for ticket in left if ticket.key not in here]
            self.outcomes.new -= len(left) - len(tickets)
            self.outcomes.known += len(left) - len(tickets)

    async def _stored(self, session: AsyncSession, tickets: Sequence[Incoming]) -> set[str]:
        """Store tickets that meet nothing that is here, with their histories; returns their request keys."""
        references = await self._references(session, tickets)
        people = await self._people(session, tickets)
        values = [self._values(*one) for one in zip(tickets, references, people, strict=True)]
        statement = insert_unless(Ticket).values(values).on_conflict_do_nothing()
        stored = list(await session.execute(statement.returning(Ticket.id, Ticket.request_key)))
        told = {"at": utcnow(), "actor": "system", "kind": "imported", "content": {}}
        channels = {self._request_key(ticket): ticket.source for ticket in tickets}
        events = [{**told, "ticket_id": key, "channel": channels[request_key]} for key, request_key in stored]
        if events:
            await session.execute(insert(TicketEvent), events)
        return {request_key for _, request_key in stored}

    async def _references(self, session: AsyncSession, tickets: Sequence[Incoming]) -> list[str]:
        """The references the tickets get: their own where it is valid and free, else new ones."""
        prefix = self._office.profile.reference_prefix
        own = [find_reference(ticket.reference or "", prefix) for ticket in tickets]
        taken = set(await session.scalars(select(Ticket.reference).where(Ticket.reference.in_(filter(None, own)))))
        given = []
        for ticket, reference in zip(tickets, own, strict=True):
            while reference is None or reference in taken:
                reference = new_reference(prefix)  # noqa: PLW2901
            taken.add(reference)
            given.append(reference)
            self._rename(ticket, reference)
            self.outcomes.renumbered += bool(ticket.reference) and reference != ticket.reference
        return given

    async def _people(self, session: AsyncSession, tickets: Sequence[Incoming]) -> list[UUID]:
        country = self._office.profile.country
        people = [(ticket.name, e164(ticket.phone, country) if ticket.phone else None) for ticket in tickets]
        return await contacts.persons(session, self._office.profile.id, people)

    def _values(self, ticket: Incoming, reference: str, contact_id: UUID) -> dict[str, object]:
        category = self._office.categories.categories.get(ticket.category or "")
        own = ticket.model_dump(exclude={"name", "phone", "duplicate_of"})
        return {
            **own,
            "id": func.gen_random_uuid(),
            "office_id": self._office.profile.id,
            "reference": reference,
            "request_key": self._request_key(ticket),
            "pin_digest": "",
            "unit": ticket.unit or self._office.unit_for(ticket.kind, ticket.category, ticket.place),
            "priority": ticket.priority or (category.priority if category else "normal"),
            "channel": ticket.channel or ticket.source,
            "contact_id": contact_id,
            "updated_at": ticket.updated_at or ticket.created_at,
            "words": searchable(ticket.description, ticket.place, reference),
            # Nobody is told of what was over before it came: the list of what is overdue shows it.
            "reminded": list(STEPS) if ticket.due_at and ticket.due_at < utcnow() else [],
            "next_reminder_at": utcnow(),
        }

    async def _join_duplicates(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        """Let duplicates follow their main tickets, which may stand behind them in the file."""
        follow = iter(self._follow.items())
        while batch := list(islice(follow, BATCH)):
            async with sessions() as session, session.begin():
                mains = {key: self._renamed.get(reference, reference) for key, reference in batch}
                await self._join(session, mains)

    async def _join(self, session: AsyncSession, mains: Mapping[str, str]) -> None:
        office_id = self._office.profile.id
        query = select(Ticket.reference, Ticket.id).where(
            Ticket.office_id == office_id, Ticket.reference.in_(mains.values())
        )
        ids = {row.reference: row.id for row in await session.execute(query)}
        for request_key, reference in mains.items():
            if main := ids.get(reference):
                mine = and_(Ticket.request_key == request_key, Ticket.duplicate_of.is_(None), Ticket.id != main)
                await session.execute(update(Ticket).where(mine).values(duplicate_of=main))


def _unpacked(row: Row) -> Row:
    """A row whose details, in a table, are text."""
    details = row.get("details")
    if not isinstance(details, str):
        return row
    try:
        return {**row, "details": json.loads(details)}
    except ValueError:
        return row


def _mistake(error: Mapping[str, Any]) -> tuple[str, str, str]:
    """(column, what is wrong, what to do). The value is told only where it cannot be somebody's own words."""
    column = ".".join(str(step) for step in error["loc"])
    if error["type"] == "value_error":
        what, _, advice = str(error["ctx"]["error"]).partition(": ")
        return column, what, advice
    what, advice = ADVICE.get(error["type"]) or MISTAKES.get(error["type"], (error["msg"], ""))
    said = "what it says" if column.split(".")[0] in PERSONAL else repr(error["input"])[:60]
    return column, what.replace("{said}", said), advice.format(**error.get("ctx", {}))
