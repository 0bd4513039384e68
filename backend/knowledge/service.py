"""Knowledge: the office's articles, by topic and by search. Publishing one needs no training."""

from datetime import date
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.languages import FALLBACK
from backend.knowledge import repository
from backend.knowledge.articles import read_article
from backend.knowledge.checking import CheckedArticles, check_articles
from backend.knowledge.schemas import Answer, Found
from backend.offices.errors import OfficeDataError
from backend.offices.service import Office, article_paths

__all__ = ["CheckedArticles", "answer", "check_articles", "load_articles", "search"]


async def load_articles(session: AsyncSession, offices_dir: Path, office: Office) -> int:
    """Read and store all articles of an office; returns how many. Raises OfficeDataError."""
    rows = []
    for language, path in article_paths(offices_dir, office.profile.id):
        head, body = read_article(path)
        if path.stem not in office.topics:
            raise OfficeDataError(path, f"{path.stem!r} is no topic of data/taxonomy.yml: rename the file or add it")
        content = head.model_dump(exclude={"sample", "link"}) | {"link": str(head.link) if head.link else None}
        rows.append({**content, "topic": path.stem, "language": language, "body": body})
    await repository.replace_articles(session, office.profile.id, rows)
    return len(rows)


async def answer(session: AsyncSession, office: Office, topic: str, language: str, today: date) -> Answer | None:
    """The office's answer to a topic: in the language, else the office's first, else English; never an expired one."""
    languages = (language, office.profile.languages[0], FALLBACK)
    article = await repository.fetch_article(session, office.profile.id, topic, languages, today)
    if article is None:
        return None
    return Answer(topic=topic, language=article.language, title=article.title, text=article.body, link=article.link)


async def search(session: AsyncSession, office: Office, text: str, language: str, today: date) -> list[Found]:
    """The three articles nearest to a text, best first."""
    found = await repository.search_articles(session, office.profile.id, text, language, today, limit=3)
    return [Found(topic=article.topic, title=article.title) for article in found]
