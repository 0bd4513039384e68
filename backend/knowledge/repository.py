"""Reads and writes the article table."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.folding import folded_words
from backend.knowledge.models import Article


async def replace_articles(session: AsyncSession, office_id: str, rows: Sequence[dict[str, object]]) -> None:
    """Make an office's articles exactly these rows."""
    await session.execute(delete(Article).where(Article.office_id == office_id))
    for row in rows:
        words = " ".join(folded_words(f"{row['title']} {row['title']} {row['body']}"))
        await session.execute(
            insert(Article).values(**row, office_id=office_id, words=func.to_tsvector("simple", words))
        )


async def fetch_article(
    session: AsyncSession, office_id: str, topic: str, languages: Sequence[str], today: date
) -> Article | None:
    """The article of a topic in the first of these languages that has one which has not expired."""
    query = select(Article).where(Article.office_id == office_id, Article.topic == topic, Article.expires >= today)
    found = {article.language: article for article in await session.scalars(query)}
    return next((found[language] for language in languages if language in found), None)


async def search_articles(
    session: AsyncSession, office_id: str, text: str, language: str, today: date, limit: int
) -> list[Article]:
    """Articles of one language whose folded words are nearest to a text, best first."""
    words = [word for word in folded_words(text) if len(word) > 2]
    if not words:
        return []
    query = func.to_tsquery("simple", " | ".join(f"{word}:*" for word in words))
    rank = func.ts_rank(Article.words, query)
    matching = select(Article).where(
        Article.office_id == office_id,
        Article.language == language,
        Article.expires >= today,
        Article.words.bool_op("@@")(query),
    )
    return list(await session.scalars(matching.order_by(rank.desc()).limit(limit)))
