"""Who acts for whom, as it is claimed and checked."""

from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import BaseModel, StringConstraints

Relation = Literal["family", "lawyer", "association", "other"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)
State = Literal["claimed", "shown", "accepted", "refused"]
"""Claimed: no paper yet. Shown: a paper waits for somebody to check it."""


class Claim(BaseModel):
    """What an author says: for whom they act, as what, and with which paper."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    relation: Relation = "other"
    paper: UUID | None = None
    """A photo or PDF of theirs; none when it is still to come."""
