"""The steps of a term that people are told of, and when the next one is reached. Pure: no clock, no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from backend.clocks.schemas import Due

Step = Literal["half", "four_fifths", "two_days_before", "overdue", "escalated"]
STEPS: tuple[Step, ...] = get_args(Step)
SETTLED = frozenset({"answered", "transferred", "lapsed", "interrupted"})
"""While the term stands still, and when it is over, nobody is reminded of anything."""
AFTER_THE_END = timedelta(seconds=1)
"""The last second of the day still belongs to the term."""
ESCALATES_AFTER = timedelta(days=1)
"""Overdue for that long without anybody's doing something."""


@dataclass(frozen=True)
class Plan:
    """Where a term stands at a moment."""

    now: datetime
    told: tuple[str, ...]
    """Steps that were told and are not to be told again, unless the date moves past them."""
    left: Mapping[Step, datetime]
    """Steps that were not told, and when each is reached."""

    @property
    def reached(self) -> tuple[Step, ...]:
        """What is to be told now, in its order. Who learns only now that it is overdue has a day until it escalates."""
        found = [step for step in STEPS if step in self.left and self.left[step] <= self.now]
        return tuple(step for step in found if step != "escalated" or "overdue" not in found)

    @property
    def next_at(self) -> datetime | None:
        """When somebody has to look again: in the past while something is reached and not told."""
        return min(self.left.values(), default=None)

    def once_told(self) -> "Plan":
        """As it is when what is reached was told."""
        rest = {step: moment for step, moment in self.left.items() if step not in self.reached}
        if "escalated" in rest and rest["escalated"] <= self.now:
            rest["escalated"] = self.now + ESCALATES_AFTER
        return Plan(self.now, (*self.told, *self.reached), rest)


def plan(due: Due | None, told: Sequence[str], now: datetime, moved_at: datetime | None = None) -> Plan:
    """Where a term stands; `moved_at` is when somebody of the desk last did something to the ticket.

    A step that was told stays told while it is still reached, however the term was counted anew, and is to be told
    again only once the date has moved so far that it lies in the future.
    """
    moments = _moments(due, told, moved_at)
    kept = tuple(step for step in told if moments.get(step, now) <= now)  # type: ignore[call-overload]
    return Plan(now, kept, {step: moment for step, moment in moments.items() if step not in kept})


def _moments(due: Due | None, told: Sequence[str], moved_at: datetime | None) -> dict[Step, datetime]:
    """When each step is reached."""
    if due is None or due.state in SETTLED:
        return {}
    moments: dict[Step, datetime] = {one.kind: one.at for one in due.reminders}
    still_since = due.moment if moved_at is None or "escalated" in told else max(due.moment, moved_at)
    return {**moments, "overdue": due.moment + AFTER_THE_END, "escalated": still_since + ESCALATES_AFTER}
