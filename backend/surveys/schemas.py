"""Answers as they are given, and what they come to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

Verdict = Literal["above", "below", "too_few"]
Group = Literal["asked", "answered", "satisfied", "dissatisfied", "unsolved"]


class SurveyAnswer(BaseModel):
    """One part of an answer: whether it is solved, how satisfied, or a word."""

    reference: str = Field(max_length=20)
    solved: bool | None = None
    score: int | None = Field(None, ge=1, le=5)
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)] = ""


class SurveyKept(BaseModel):
    """Whether the answer was kept; not when the person is not behind such a ticket, or was never asked."""

    kept: bool


class OpenQuestion(BaseModel):
    """The question a bare "yes" or "no" answers."""

    reference: str


@dataclass(frozen=True)
class Interval:
    """Shares from 0 to 1 between which the true one lies, as far as so many answers can tell."""

    low: float
    high: float


@dataclass(frozen=True)
class Satisfied:
    """How satisfied people were with one unit in a stretch of time."""

    unit: str
    asked: int
    answered: int
    """Gave a score."""
    satisfied: int
    """Gave 4 or 5."""
    unsolved: int
    """Said that it is not solved."""
    target: float

    @property
    def response(self) -> float | None:
        """Share of those asked who gave a score; None when nobody was asked."""
        return self.answered / self.asked if self.asked else None

    @property
    def share(self) -> float | None:
        """Share of the scores that are 4 or 5; None without a score."""
        return self.satisfied / self.answered if self.answered else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's 95 % interval of that share; None without a score."""
        return wilson(self.satisfied, self.answered) if self.answered else None

    @property
    def verdict(self) -> Verdict:
        """What can be said against the target: nothing while the target lies inside the interval."""
        if self.interval is None or self.interval.low < self.target <= self.interval.high:
            return "too_few"
        return "above" if self.interval.low >= self.target else "below"


Z_95 = 1.959964
"""Standard normal quantile of 0.975."""


def wilson(successes: int, of: int) -> Interval:
    """The score interval of E. B. Wilson (1927) for a share, at 95 %; `of` is above 0.

    It keeps within 0 and 1 and stays wide for few answers, where the usual one of plus and minus shrinks to nothing.
    """
    share, weight = successes / of, Z_95**2 / of
    middle = (share + weight / 2) / (1 + weight)
    reach = (Z_95 / (1 + weight)) * (share * (1 - share) / of + weight / (4 * of)) ** 0.5
    return Interval(max(0.0, middle - reach), min(1.0, middle + reach))


@dataclass(frozen=True)
class Answered:
    """One question and its answer, for the people of the office."""

    ticket_id: UUID
    unit: str
    asked_at: datetime
    solved: bool | None
    score: int | None
    words: str | None
