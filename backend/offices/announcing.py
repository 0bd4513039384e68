"""What an office sends announcements about, as announcements.yml says."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from backend.core.languages import LANGUAGES
from backend.offices.wording import Data, Names, Said

TOPIC_ID = re.compile(r"^[a-z0-9_]+$")


def _topic_id(name: str) -> str:
    if not TOPIC_ID.match(name):
        raise ValueError(f"{name!r} is no id: write small letters a-z, digits and underscores")
    return name


def _known_languages(words: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    if unknown := sorted(set(words) - set(LANGUAGES)):
        raise ValueError(f"{', '.join(unknown)}: name one or more of {', '.join(LANGUAGES)}")
    return words


class NewsTopic(Data):
    """Something the office sends announcements about, and how people call it."""

    id: Annotated[str, AfterValidator(_topic_id)]
    name: Names
    words: Annotated[dict[str, tuple[Said, ...]], AfterValidator(_known_languages)] = Field(default_factory=dict)
    """Language -> words by which people name it; one of four letters or more is found with an ending too."""
    districts: bool = True
    """Whether people choose a district; without, everybody gets all of it."""


class Announcements(Data):
    """The content of announcements.yml."""

    topics: tuple[NewsTopic, ...] = ()

    @model_validator(mode="after")
    def each_topic_once(self) -> Self:
        """An id leads to one topic."""
        ids = [topic.id for topic in self.topics]
        if doubled := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"topics {', '.join(doubled)} stand twice: keep each once")
        return self
