"""Tickets as other systems see them."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from backend.attachments.models import Attachment, Document
from backend.authority.models import Authority
from backend.authority.schemas import Relation, State as AuthorityState
from backend.offices.schemas import Priority, TicketKind
from backend.tickets.listing import Listed, Sort, View, Wanted
from backend.tickets.models import Ticket, TicketEvent, TicketQuestion, Visit
from backend.tickets.schemas import Line, Position, Source, State, Words

Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]


class TicketSummary(BaseModel):
    """One ticket of a list. It does not say who the citizen is."""

    id: UUID
    reference: str = Field(examples=["TM-4F7-KPX"])
    kind: TicketKind
    category: str | None = Field(examples=["pothole_road"])
    unit: str = Field(examples=["roads"])
    priority: Priority
    state: State
    outcome: str | None
    place: str | None
    language: str
    channel: str
    assignee_id: UUID | None = Field(description="The account or token that works on it.")
    duplicate_of: UUID | None
    due_at: datetime | None
    escalated_at: datetime | None = Field(description="Since when supervisors know that it is overdue and lies.")
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, one: Listed) -> "TicketSummary":
        """A ticket of the desk's list."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class TicketPage(BaseModel):
    """Some tickets; `next` is the cursor of the next page."""

    items: list[TicketSummary]
    next: str | None = None


class TicketQuery(BaseModel):
    """Which tickets, in which order."""

    view: View = "all"
    unit: str = Field("", max_length=100)
    state: State | None = None
    kind: TicketKind | None = None
    category: str = Field("", max_length=100)
    language: str = Field("", max_length=10)
    channel: str = Field("", max_length=20)
    due_within: int | None = Field(None, ge=0, le=366, description="Days from now.")
    created_from: date | None = None
    created_to: date | None = Field(None, description="The last day, in the office's time.")
    q: str = Field("", max_length=200, description="Words, a name, a number or a reference.")
    sort: Sort = "newest"
    limit: int = Field(50, ge=1, le=200)
    after: str = Field("", max_length=100, description="`next` of the page before.")

    def wanted(self) -> Wanted:
        """The same for the desk's list."""
        same = self.model_dump(exclude={"q", "limit", "after", "state", "kind"})
        after = self.after.replace(" ", "+")
        return Wanted(**same, state=self.state or "", kind=self.kind or "", text=self.q, after=after)


class Citizen(BaseModel):
    """Who is behind a ticket, as far as is known."""

    name: str | None
    phone: str | None


class HistoryLine(BaseModel):
    """One line of the history: who, when, what, from where."""

    event: int = Field(description="The number a change can be based on.")
    at: datetime
    kind: str = Field(examples=["assigned"])
    actor: str = Field(examples=["agent"], description="citizen, agent, operator or system")
    by: str | None = Field(description="The agent's name.")
    channel: str
    content: dict[str, Any] = Field(examples=[{"unit": ["desk", "roads"], "reason": ""}])

    @classmethod
    def of(cls, event: TicketEvent) -> "HistoryLine":
        """A line of the desk's history."""
        content = {key: value for key, value in event.content.items() if key != "by"}
        return cls(
            event=event.id,
            at=event.at,
            kind=event.kind,
            actor=event.actor.partition(":")[0],
            by=event.content.get("by"),
            channel=event.channel,
            content=content,
        )


class QuestionView(BaseModel):
    """A question to another unit, and its answer."""

    id: int
    unit: str
    question: str
    asked_by: str
    asked_at: datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None

    @classmethod
    def of(cls, one: TicketQuestion) -> "QuestionView":
        """A question of the desk."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class VisitView(BaseModel):
    """Somebody goes there, or has been."""

    id: int
    at: datetime
    place: str | None
    who: str
    note: str
    found: str | None
    done_at: datetime | None

    @classmethod
    def of(cls, one: Visit) -> "VisitView":
        """A visit of the desk."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class DocumentView(BaseModel):
    """A file of a ticket."""

    id: UUID
    name: str
    media_type: str
    size_bytes: int
    added_by: str
    created_at: datetime

    @classmethod
    def of(cls, one: Document) -> "DocumentView":
        """A document of the desk."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class PaperView(BaseModel):
    """A PDF the citizen sent."""

    id: UUID
    name: str
    pages: int
    size_bytes: int
    created_at: datetime

    @classmethod
    def of(cls, one: Attachment) -> "PaperView":
        """A PDF of the desk."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class ActingView(BaseModel):
    """For whom a ticket was filed, when it was not for its author."""

    name: str
    relation: Relation
    state: AuthorityState = Field(description="Until it is `accepted`, personal answers are not told to the author.")
    reason: str | None
    shown_at: datetime | None
    checked_by: str | None
    checked_at: datetime | None

    @classmethod
    def of(cls, one: Authority) -> "ActingView":
        """Who acts for whom, as the desk sees it."""
        return cls(**{name: getattr(one, name) for name in cls.model_fields})


class TicketState(BaseModel):
    """A ticket after an act. Nothing in it says who the citizen is."""

    id: UUID
    reference: str = Field(examples=["TM-4F7-KPX"])
    state: State
    unit: str
    assignee_id: UUID | None
    outcome: str | None
    event: int = Field(description="The newest of its history: `If-Match` for the next change.")

    @classmethod
    def of(cls, ticket: Ticket, event: int) -> "TicketState":
        """A ticket as it is now."""
        same = ("id", "reference", "state", "unit", "assignee_id", "outcome")
        return cls(**{name: getattr(ticket, name) for name in same}, event=event)


class TicketDetail(TicketState):
    """One ticket, whole."""

    kind: TicketKind
    category: str | None
    priority: Priority
    source: Source
    source_number: str | None
    description: str
    place: str | None
    position: Position | None
    details: dict[str, Any]
    language: str
    channel: str
    citizen: Citizen
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    outcome_reason: str | None
    outcome_ground: str | None
    duplicate_of: UUID | None
    duplicates: list[UUID]
    chats: list[UUID]
    photos: list[UUID]
    documents: list[DocumentView]
    papers: list[PaperView]
    acting_for: ActingView | None
    questions: list[QuestionView]
    visits: list[VisitView]
    history: list[HistoryLine]


class NewTicketBody(BaseModel):
    """What is filed: by a citizen in another system (`api`), or written down for one (`phone`, `counter`, `letter`)."""

    source: Source = Field("api", description="How it reached the office; not `chat`.")
    source_number: Line | None = Field(None, examples=["REG-2026-118"], description="Its number where it came from.")
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""
    phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = Field(
        "", examples=["0721 123 456"]
    )
    language: str = Field(examples=["ro"], description="The citizen's: en, tr, ro, mk or af.")
    kind: TicketKind = "complaint"
    category: str | None = Field(None, examples=["pothole_road"])
    place: Line | None = Field(None, examples=["Strada Eroilor 5"])
    position: Position | None = None
    words: Words = Field(examples=["A deep hole in front of number 5."])


class FiledTicket(BaseModel):
    """A ticket that was filed. The PIN opens it to whoever has it: give it to the citizen, and keep it nowhere."""

    id: UUID | None = Field(description="Null when the ticket went to a unit this token does not see.")
    reference: str = Field(examples=["TM-4F7-KPX"])
    pin: str = Field(examples=["402918"])
    unit: str = Field(description="The unit's name, in the citizen's language.")


class Assigning(BaseModel):
    """To which unit, to which colleague (the id of an account), or with neither back to the unit."""

    unit: str | None = Field(None, examples=["roads"])
    to: UUID | None = None
    reason: Reason = ""


class Changing(BaseModel):
    """What is put right; only what is given changes."""

    kind: TicketKind | None = None
    category: str | None = None
    place: Line | None = None
    position: Position | None = None
    description: Words | None = None
    priority: Priority | None = None
    keep_unit: bool = Field(False, description="Leave it with its unit though kind or category say another.")


class Moving(BaseModel):
    """Another open state."""

    state: State = Field(examples=["in_progress"])


class Text(BaseModel):
    """Words: a note, a question to the citizen, an answer, what was found."""

    text: Reason = Field(examples=["The crew comes on Friday."])


class Reopening(BaseModel):
    """Why."""

    reason: Reason


class Following(BaseModel):
    """Which ticket answers for this one."""

    reference: Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, max_length=20)]


class Asking(BaseModel):
    """A question to another unit."""

    unit: str = Field(examples=["water"])
    question: Reason


class Made(BaseModel):
    """What was added."""

    id: int
