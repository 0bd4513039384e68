"""Who works at the desk, and what each role may do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID

Role = Literal["reader", "agent", "supervisor", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)
Permission = Literal[
    "read",  # see chats, tickets and articles of one's units
    "chat",  # take chats over and answer
    "ticket",  # file, change and close tickets
    "publish",  # publish articles and canned replies
    "direct",  # act on what another agent holds, see all units and the audit log
    "restricted",  # see restricted tickets of one's own units
    "announce",  # write announcements to subscribers, propose and withdraw them
    "release",  # release announcements others wrote
    "redact",  # make words and pictures unreadable, where one holds the chat or works on the ticket
    "administer",  # accounts, tokens, webhooks
]
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    "reader": frozenset({"read"}),
    "agent": frozenset({"read", "chat", "ticket", "restricted", "redact", "announce"}),
    "supervisor": frozenset(
        {"read", "chat", "ticket", "restricted", "redact", "publish", "direct", "announce", "release"}
    ),
    "administrator": frozenset({"read", "publish", "direct", "announce", "release", "administer"}),
}


@dataclass(frozen=True)
class Agent:
    """A person who is signed in at the desk."""

    id: UUID
    office_id: str
    name: str
    role: Role
    units: tuple[str, ...] = ()
    """Units they work for; empty means the whole office, restricted matters excepted."""
    languages: tuple[str, ...] = ()
    """Languages they answer in; empty means all."""
    language: str = "en"
    """The console's."""
    heads: tuple[str, ...] = ()
    """Units they are head of."""
    permissions: frozenset[Permission] | None = None
    """What a program that acts as an agent may do; None means what the role allows."""

    def may(self, permission: Permission) -> bool:
        """Whether their role allows something."""
        return permission in (PERMISSIONS[self.role] if self.permissions is None else self.permissions)

    def sees_unit(self, unit: str) -> bool:
        """Whether what this unit answers for is theirs to see."""
        return not self.units or unit in self.units or self.may("direct")

    def sees_restricted(self, unit: str) -> bool:
        """Whether restricted matters of this unit are theirs to see: only for who was named for the unit."""
        return self.may("restricted") and unit in self.units


@dataclass(frozen=True)
class Identity:
    """Whom the office's identity provider vouches for."""

    subject: str
    """`issuer|sub`."""
    email: str
    email_verified: bool


@dataclass(frozen=True)
class Colleague:
    """Somebody of the desk, as the others see them."""

    agent: Agent
    capacity: int
    present: bool
    """They have the console open."""
    available: bool
    """They are there and take chats; nobody does who is away."""
    away: "Away | None" = None
    """Their absence, while it lasts."""


@dataclass(frozen=True)
class Away:
    """Somebody is not at work for some days."""

    id: UUID
    account_id: UUID
    begins_at: datetime
    ends_at: datetime
    """The beginning of the first day they are there again."""
    stand_in: UUID | None
    """Who gets what is theirs meanwhile."""


@dataclass(frozen=True)
class Candidate:
    """Somebody a unit's next ticket could be given to."""

    agent: Agent
    present: bool
    assigned_at: datetime | None
    """When they were last given one."""
