"""Who works at the desk, and what each role may do."""

from dataclasses import dataclass
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
    "administer",  # accounts, tokens, webhooks
]
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    "reader": frozenset({"read"}),
    "agent": frozenset({"read", "chat", "ticket", "restricted"}),
    "supervisor": frozenset({"read", "chat", "ticket", "restricted", "publish", "direct"}),
    "administrator": frozenset({"read", "publish", "direct", "administer"}),
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
    """They are there and take chats."""
