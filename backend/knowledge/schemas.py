"""Articles as files and as answers."""

from datetime import date

from pydantic import BaseModel, ConfigDict, HttpUrl


class FrontMatter(BaseModel):
    """The head of an article file."""

    model_config = ConfigDict(extra="forbid")

    title: str
    link: HttpUrl | None = None
    owner: str
    expires: date
    sample: bool = False


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
