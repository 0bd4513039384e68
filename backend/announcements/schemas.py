"""Announcements as they are written, what sending them would take, and what became of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal, get_args

State = Literal["draft", "proposed", "released", "sending", "sent", "withdrawn"]
STATES: tuple[State, ...] = get_args(State)
Reason = Literal[
    "quiet",  # later: it is night where the person lives
    "with_agent",  # later: an agent is talking with them
    "talking",  # later: they are talking with the assistant
    "failed",  # later or skipped: a fault of ours
    "stopped",  # skipped: they want no messages they did not ask for
    "unsubscribed",  # skipped: they were subscribed when it was released, and are not any more
    "unreachable",  # skipped: no channel leads to them
    "expired",  # skipped: its time was over before their turn came
    "withdrawn",  # skipped: the office took it back
]
REASONS: tuple[Reason, ...] = get_args(Reason)
OPEN = ("waiting", "later")
LONGEST_TEXT = 1000
"""Characters of a text, in UTF-16 code units: with link and way out it stays one message on every channel."""
LONGEST_LINK = 300


@dataclass(frozen=True)
class Content:
    """What is sent, as somebody wrote it."""

    topic: str
    areas: tuple[str, ...]
    texts: Mapping[str, str]
    """Language -> text, only those that say something."""
    link: str | None = None
    valid_until: datetime | None = None
    emergency: bool = False


@dataclass(frozen=True)
class Group:
    """People on one channel who speak one language."""

    channel: str
    language: str
    """Theirs; the way out is written in it."""
    text: str
    """The language of the text they get."""
    people: int
    segments: int
    """SMS one of them costs; 0 where messages are not paid by the segment."""


@dataclass(frozen=True)
class Estimate:
    """Whom an announcement would reach, at what cost and in what time."""

    groups: tuple[Group, ...]
    unreached: int
    """Subscribed people who stopped all messages, or whom no channel leads to."""
    segment_cost: Decimal
    """0: not known."""
    minutes: float
    """How long sending would take at the throttle and at the channels' own pace, nobody waiting for morning."""

    @property
    def people(self) -> int:
        """How many would be told."""
        return sum(group.people for group in self.groups)

    @property
    def segments(self) -> int:
        """How many SMS would be paid."""
        return sum(group.people * group.segments for group in self.groups)

    @property
    def cost(self) -> Decimal | None:
        """What the SMS would cost; None when the price of one is not known."""
        return self.segments * self.segment_cost if self.segment_cost else None

    @property
    def elsewhere(self) -> Mapping[str, int]:
        """Language -> how many who speak it would get a text in another one."""
        found: dict[str, int] = {}
        for group in self.groups:
            if group.text != group.language:
                found[group.language] = found.get(group.language, 0) + group.people
        return found


@dataclass(frozen=True)
class Figures:
    """How far an announcement is: people by state, and by reason for those skipped or put off."""

    waiting: int = 0
    later: int = 0
    sent: int = 0
    skipped: int = 0
    reasons: tuple[tuple[str, str, int], ...] = ()
    """(state, reason, people)."""
    channels: tuple[tuple[str, int], ...] = ()
    """(channel, people told there)."""

    @property
    def everybody(self) -> int:
        """All who were to be told."""
        return self.waiting + self.later + self.sent + self.skipped

    @property
    def settled(self) -> int:
        """Those with whom it is done."""
        return self.sent + self.skipped

    def taken_back(self, channel: str, reason: str) -> "Figures":
        """The same with one person less who was told, on that channel, and one more skipped for that reason."""
        channels = Counter(dict(self.channels))
        channels[channel] -= 1
        reasons = Counter({(state, why): people for state, why, people in self.reasons})
        reasons["skipped", reason] += 1
        return replace(
            self,
            sent=self.sent - 1,
            skipped=self.skipped + 1,
            reasons=tuple((state, why, people) for (state, why), people in sorted(reasons.items())),
            channels=tuple((name, people) for name, people in sorted(channels.items()) if people),
        )


@dataclass(frozen=True)
class ToldOne:
    """What became of one announcement for one person."""

    topic: str
    state: str
    reason: str | None
    channel: str | None
    at: datetime | None
