"""Programs that work with the office: what a token may do, what an endpoint is told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

from backend.accounts.schemas import Agent, Permission

Scope = Literal[
    "chats:read", "chats:write", "tickets:read", "tickets:write", "articles:read", "articles:write", "audit:read"
]
SCOPES: tuple[Scope, ...] = get_args(Scope)
EventName = Literal[
    "ticket.filed",
    "ticket.changed",
    "ticket.assigned",
    "ticket.moved",
    "ticket.closed",
    "ticket.reopened",
    "ticket.escalated",
    "chat.queued",
    "chat.taken",
    "chat.returned",
    "announcement.sent",
]
EVENTS: tuple[EventName, ...] = get_args(EventName)
DeliveryState = Literal["waiting", "delivered", "given_up"]
PERMISSIONS: dict[Scope, frozenset[Permission]] = {
    "chats:read": frozenset({"read"}),
    "chats:write": frozenset({"read", "chat"}),
    "tickets:read": frozenset({"read", "restricted"}),
    "tickets:write": frozenset({"read", "ticket", "restricted"}),
    "articles:read": frozenset({"read"}),
    "articles:write": frozenset({"read", "publish"}),
    "audit:read": frozenset({"read"}),
}
"""What a scope lets an agent of the desk do. Restricted tickets still need a unit named on the token."""


@dataclass(frozen=True)
class Holder:
    """The program behind a request: it works at the desk as an agent without an account."""

    agent: Agent
    scopes: frozenset[Scope]


@dataclass(frozen=True)
class KeptAnswer:
    """What a write was answered with, to answer it again."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Happening:
    """Something endpoints may be told. Nothing in it says who a citizen is or what they wrote."""

    event: EventName
    office_id: str
    subject: str
    """The ticket or chat; what happens to one is told in order."""
    unit: str | None
    """The unit it concerns; None concerns the whole desk."""
    data: dict[str, Any]
    restricted: bool = False


@dataclass(frozen=True)
class Sending:
    """One delivery that is being sent, and the lease on its endpoint."""

    id: UUID
    endpoint_id: UUID
    office_id: str
    token: UUID
    url: str
    secrets: tuple[str, ...]
    """Sealed, the newest first."""
    event: str
    data: dict[str, Any]
    created_at: datetime
    begun_at: datetime
    attempts: int

    @property
    def webhook_id(self) -> str:
        """The same for every try: by it a receiver knows what it has had."""
        return f"msg_{self.id.hex}"


@dataclass(frozen=True)
class Result:
    """How one try ended."""

    status: int | None = None
    """The receiver's HTTP status; None when there was no answer."""
    reason: str | None = None
    """Why it failed: refused, redirected, gone, timeout, unreachable, insecure, address_refused, secret_unreadable."""
    wait_seconds: float = 0.0
    """How long the receiver asked to be left alone."""
