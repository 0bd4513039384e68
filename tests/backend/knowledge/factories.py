"""An office with three topics, its article files, and people who work on them."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent, Role
from backend.knowledge import desk
from backend.knowledge.articles import article_file
from backend.knowledge.desk import Standing
from backend.knowledge.schemas import Answer, Content, Key
from backend.knowledge.service import answer, load_articles
from backend.offices.schemas import Office
from tests.backend.offices.factories import names, small_office

TODAY = date(2026, 11, 22)
HOURS = Key("opening_hours", "ro")
CONTENT = Content("Program", "Luni: **08:00**", "https://example.org/program", "desk", date(2027, 12, 31))


def an_office() -> Office:
    """Smallville with three topics."""
    topics = {topic: names(topic) for topic in ("opening_hours", "resident_parking", "marriage")}
    return small_office().model_copy(update={"topics": topics})


def somebody(role: Role = "supervisor", name: str = "Ana") -> Agent:
    """Somebody of Smallville's desk."""
    return Agent(id=uuid4(), office_id="smallville", name=name, role=role)


@dataclass
class Folder:
    """Smallville's articles: its files, and what the database makes of them."""

    session: AsyncSession
    path: Path
    office: Office

    def write(self, content: Content | None, key: Key = HOURS) -> None:
        """Write the file of an article; None removes it."""
        path = self.path / "smallville" / "articles" / key.language / f"{key.topic}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            path.unlink()
        else:
            path.write_text(article_file(content), encoding="utf-8")

    async def load(self, content: Content | None = CONTENT, key: Key = HOURS) -> Standing:
        """Write the file and load the office, as every start does."""
        self.write(content, key)
        await load_articles(self.session, self.path, self.office)
        return await self.standing(key)

    async def standing(self, key: Key = HOURS) -> Standing:
        """Where an article stands."""
        return desk.standing(key, await desk.history(self.session, self.office, key))

    async def publish(self, key: Key = HOURS, agent: Agent | None = None, **changes: Any) -> Standing:
        """Publish a changed text at the desk."""
        there = await self.standing(key)
        changed = replace(CONTENT, **changes)
        await desk.publish(self.session, self.office, agent or somebody(), key, there.number, changed, TODAY)
        return await self.standing(key)

    async def propose(self, key: Key = HOURS, agent: Agent | None = None, **changes: Any) -> Standing:
        """Keep a changed text as a draft."""
        there = await self.standing(key)
        changed = replace(CONTENT, **changes)
        await desk.save_draft(self.session, self.office, agent or somebody("agent"), key, there.number, changed)
        return await self.standing(key)

    async def says(self, key: Key = HOURS) -> str | None:
        """The title of what the assistant answers, asked the way the bot asks; None for nothing in this language."""
        found: Answer | None = await answer(self.session, self.office, key.topic, key.language, TODAY)
        return found.title if found and found.language == key.language else None
