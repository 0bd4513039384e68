"""Knowledge: the office's articles, by topic and by search. Publishing one needs no training."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.languages import FALLBACK
from backend.knowledge import questions, repository
from backend.knowledge.checking import CheckedArticles, check_articles
from backend.knowledge.loading import load_articles
from backend.knowledge.schemas import Answer, Asked, Found
from backend.offices.service import Office

__all__ = ["CheckedArticles", "answer", "check_articles", "load_articles", "note_unanswered", "search"]

note_unanswered = questions.note


async def answer(session: AsyncSession, office: Office, topic: str, language: str, today: date) -> Answer | None:
    """The office's answer to a topic: in the language, else the office's first, else English; never an expired one."""
    languages = (language, office.profile.languages[0], FALLBACK)
    article = await repository.fetch_article(session, office.profile.id, topic, languages, today)
    if article is None:
        return None
    return Answer(topic=topic, language=article.language, title=article.title, text=article.body, link=article.link)


async def search(
    session: AsyncSession, office: Office, text: str, language: str, today: date, asked: Asked | None = None
) -> list[Found]:
    """The three articles nearest to a text, best first. `asked` is noted as a question that had no answer."""
    found = await repository.search_articles(session, office.profile.id, text, language, today, limit=3)
    if asked is not None:
        await questions.note(session, office.profile.id, asked, offered=len(found))
    return [Found(topic=article.topic, title=article.title) for article in found]
