"""Articles as files, as texts of the desk and as answers."""

import json
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, HttpUrl

VersionState = Literal["published", "draft", "superseded", "dropped", "withdrawn", "offered"]
Origin = Literal["file", "desk"]
GONE = ""
"""The digest of a file that is not there any more."""


class FrontMatter(BaseModel):
    """The head of an article file."""

    model_config = ConfigDict(extra="forbid")

    title: str
    link: HttpUrl | None = None
    owner: str
    expires: date
    sample: bool = False


class Key(NamedTuple):
    """Which article of an office."""

    topic: str
    language: str


@dataclass(frozen=True)
class Content:
    """All that an article says."""

    title: str
    body: str
    """Markdown."""
    link: str | None
    owner: str
    expires: date
    sample: bool = False

    @classmethod
    def of_file(cls, head: FrontMatter, body: str) -> Self:
        """The content of an article file."""
        link = str(head.link) if head.link else None
        return cls(head.title, body.strip(), link, head.owner, head.expires, head.sample)

    @property
    def digest(self) -> str:
        """A name of exactly this content, however its file is written."""
        fields = [self.title, self.body, self.link, self.owner, self.expires.isoformat(), self.sample]
        return sha256(json.dumps(fields).encode()).hexdigest()


class Answer(BaseModel):
    """An article as the bot says it."""

    topic: str
    language: str
    title: str
    text: str
    link: str | None


class Found(BaseModel):
    """An article that may answer a free text."""

    topic: str
    title: str


@dataclass(frozen=True)
class Asked:
    """A question no article answered, as the bot tells it."""

    text: str
    language: str
    message_id: str = ""
    """`<conversation>:<number>`."""
    label: str = ""
    confidence: float | None = None
