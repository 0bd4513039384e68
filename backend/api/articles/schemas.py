"""Articles as other systems see them."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from backend.knowledge.desk import Standing, State
from backend.knowledge.schemas import Content
from backend.knowledge.writing import tidy


class ArticleSummary(BaseModel):
    """Where one article stands."""

    topic: str = Field(examples=["opening_hours"])
    language: str = Field(examples=["ro"])
    state: State
    title: str | None
    owner: str | None = Field(examples=["helpdesk"])
    expires: date | None
    version: int

    @classmethod
    def of(cls, one: Standing, today: date) -> "ArticleSummary":
        """An article of the desk's list."""
        live = one.settled
        return cls(
            topic=one.key.topic,
            language=one.key.language,
            state=one.state(today),
            title=live.title if live else None,
            owner=live.owner if live else None,
            expires=live.expires if live else None,
            version=one.number,
        )


class ArticlePage(BaseModel):
    """Some articles; `next` is the cursor of the next page."""

    items: list[ArticleSummary]
    next: str | None = None


class ArticleDetail(ArticleSummary):
    """One article as the assistant says it, or as it was when it was withdrawn."""

    body: str | None = Field(description="Markdown: bold, lists and links.")
    link: str | None
    sample: bool | None = Field(description="The office has not yet checked the text.")
    changed_at: datetime | None

    @classmethod
    def whole(cls, one: Standing, today: date) -> "ArticleDetail":
        """An article with its text."""
        live = one.settled
        return cls(
            **ArticleSummary.of(one, today).model_dump(),
            body=live.body if live else None,
            link=live.link if live else None,
            sample=live.sample if live else None,
            changed_at=live.at if live else None,
        )


class NewArticle(BaseModel):
    """What the assistant is to say."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = Field(examples=["Opening hours"])
    body: Annotated[str, StringConstraints(max_length=20_000)] = Field(examples=["**Monday to Friday**, 8 to 16."])
    link: Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)] | None = Field(
        None, examples=["https://www.example.org/hours"]
    )
    owner: str = Field(examples=["helpdesk"], description="The unit that answers for it.")
    expires: date

    def content(self) -> Content:
        """The same for the desk."""
        return Content(tidy(self.title), tidy(self.body), self.link or None, self.owner, self.expires)
