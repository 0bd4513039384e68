"""Requests for one's data, as the chat asks and the desk sees them."""

from typing import Literal

from pydantic import BaseModel

Kind = Literal["export", "erasure"]


class NewPrivacyRequest(BaseModel):
    """What a person asks for in the chat."""

    kind: Kind
    language: str


class PrivacyAsked(BaseModel):
    """Whether the request is new; not when one of the kind is open already."""

    new: bool
