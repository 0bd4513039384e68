"""Deliveries as those who send them and those who look at them see them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

Kind = Literal["answer", "notice", "news", "person", "bulletin"]
KEEPS: dict[Kind, timedelta] = {
    "answer": timedelta(hours=24),
    "notice": timedelta(minutes=10),
    "news": timedelta(days=3),
    "person": timedelta(days=3),
    "bulletin": timedelta(hours=12),
}
"""How long sending makes sense: after that a citizen would only be puzzled."""
EXPIRED = "expired"
"""The reason of a delivery that was given up because its time was over."""


@dataclass(frozen=True)
class Outgoing:
    """Parts of one message, to be sent in order."""

    number: int
    parts: tuple[dict[str, Any], ...]
    kind: Kind = "answer"
    until: datetime | None = None
    """When sending it makes no sense any more, where that is sooner than its kind says."""

    def keeps(self, now: datetime) -> timedelta:
        """How long sending it still makes sense."""
        return min(KEEPS[self.kind], self.until - now) if self.until else KEEPS[self.kind]


@dataclass(frozen=True)
class LaneClaim:
    """A worker's right to send to one address, for a while."""

    id: UUID
    token: UUID
    channel: str
    address: str
    version: int
    bulk: bool = False
    """Nothing but bulletins waited there."""


@dataclass(frozen=True)
class Part:
    """The next part of a lane."""

    id: int
    number: int
    part: dict[str, Any]
    attempts: int
    expired: bool
    kind: Kind = "answer"


@dataclass(frozen=True)
class DeliveryState:
    """How far a message has come: the state of the part that is furthest behind."""

    number: int
    state: str
    reason: str | None
    detail: str | None
    unsure: bool
    attempts: int
    at: datetime | None


@dataclass(frozen=True)
class Failure:
    """A message that was given up: where it belongs and why, nothing of what it says or to whom."""

    conversation_id: UUID
    number: int
    channel: str
    reason: str
    detail: str
    at: datetime
