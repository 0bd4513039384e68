"""What agents can be told of a ticket."""

from dataclasses import dataclass
from typing import Literal, get_args
from uuid import UUID

Kind = Literal[
    "assigned",
    "reopened",
    "half",
    "four_fifths",
    "two_days_before",
    "overdue",
    "deemed_refused",
    "escalated",
    "unattended",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Telling:
    """Something to tell one person."""

    account_id: UUID
    ticket_id: UUID
    kind: Kind
    event: int
    """The line of the ticket's history that it tells of."""
