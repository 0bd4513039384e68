"""Reads and writes the tables of articles and their versions."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Integer, String, bindparam, delete, func, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import utcnow
from backend.core.folding import folded_words
from backend.knowledge.articles import plain_text
from backend.knowledge.models import Article, ArticleVersion
from backend.knowledge.schemas import Content, Key, Origin, VersionState

SETTLED = ("published", "withdrawn")
"""States that say what the assistant tells from then on."""
# Built once: putting a statement together costs more than running it, and these run for every question.
VALID = (Article.office_id == bindparam("office_id"), Article.expires >= bindparam("today"))
OF_TOPIC = select(Article).where(*VALID, Article.topic == bindparam("topic"))
WORDS = func.to_tsquery("simple", bindparam("query", type_=String))
NEAREST = (
    select(Article)
    .where(*VALID, Article.language == bindparam("language"), Article.words.bool_op("@@")(WORDS))
    .order_by(func.ts_rank(Article.words, WORDS).desc())
    .limit(bindparam("limit", type_=Integer))
)


@dataclass(frozen=True)
class NewVersion:
    """A version to be written."""

    key: Key
    number: int
    state: VersionState
    origin: Origin
    content: Content
    digest: str | None = None
    restores: int | None = None
    account_id: UUID | None = None
    actor: str = ""


def content_of(version: ArticleVersion) -> Content:
    """What a version says."""
    return Content(version.title, version.body, version.link, version.owner, version.expires, version.sample)


async def lock(session: AsyncSession, office_id: str) -> None:
    """Let nobody else change the office's articles until the transaction ends."""
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 7))"), {"name": f"articles:{office_id}"}
    )


async def add_versions(session: AsyncSession, office_id: str, versions: Sequence[NewVersion]) -> None:
    """Write versions; those published are what the assistant says from now on, those withdrawn it says no more."""
    if not versions:
        return
    now = utcnow()
    rows = [
        {
            **asdict(one.content),
            **one.key._asdict(),
            "office_id": office_id,
            "number": one.number,
            "state": one.state,
            "origin": one.origin,
            "digest": one.digest,
            "restores": one.restores,
            "account_id": one.account_id,
            "actor": one.actor,
            "at": now,
        }
        for one in versions
    ]
    await session.execute(insert(ArticleVersion), rows)
    await _say(session, office_id, [one for one in versions if one.state in SETTLED])


async def _say(session: AsyncSession, office_id: str, versions: Sequence[NewVersion]) -> None:
    keys = [one.key for one in versions]
    place = tuple_(Article.topic, Article.language)
    await session.execute(delete(Article).where(Article.office_id == office_id, place.in_(keys)))
    rows = [_article(office_id, one) for one in versions if one.state == "published"]
    if rows:
        await session.execute(insert(Article).values(rows))


def _article(office_id: str, version: NewVersion) -> dict[str, object]:
    content = version.content
    body = plain_text(content.body)
    words = " ".join(folded_words(f"{content.title} {content.title} {body}"))
    return {
        **version.key._asdict(),
        "office_id": office_id,
        "title": content.title,
        "body": body,
        "link": content.link,
        "owner": content.owner,
        "expires": content.expires,
        "words": func.to_tsvector("simple", words),
    }


async def newest(
    session: AsyncSession, office_id: str, *states: str, origin: str | None = None
) -> dict[Key, ArticleVersion]:
    """The newest version of each article of an office, among those in some states and of an origin."""
    query = select(ArticleVersion).where(ArticleVersion.office_id == office_id)
    if states:
        query = query.where(ArticleVersion.state.in_(states))
    if origin:
        query = query.where(ArticleVersion.origin == origin)
    place = (ArticleVersion.topic, ArticleVersion.language)
    query = query.ext(distinct_on(*place)).order_by(*place, ArticleVersion.number.desc())
    return {Key(one.topic, one.language): one for one in await session.scalars(query)}


async def versions(session: AsyncSession, office_id: str, key: Key) -> Sequence[ArticleVersion]:
    """All versions of one article, newest first."""
    query = select(ArticleVersion).where(
        ArticleVersion.office_id == office_id,
        ArticleVersion.topic == key.topic,
        ArticleVersion.language == key.language,
    )
    return (await session.scalars(query.order_by(ArticleVersion.number.desc()))).all()


async def fetch_article(
    session: AsyncSession, office_id: str, topic: str, languages: Sequence[str], today: date
) -> Article | None:
    """The article of a topic in the first of these languages that has one which has not expired."""
    values = {"office_id": office_id, "topic": topic, "today": today}
    found = {article.language: article for article in await session.scalars(OF_TOPIC, values)}
    return next((found[language] for language in languages if language in found), None)


async def search_articles(
    session: AsyncSession, office_id: str, text: str, language: str, today: date, limit: int
) -> list[Article]:
    """Articles of one language whose folded words are nearest to a text, best first."""
    words = [word for word in folded_words(text) if len(word) > 2]
    if not words:
        return []
    query = " | ".join(f"{word}:*" for word in words)
    values = {"office_id": office_id, "language": language, "today": today, "query": query, "limit": limit}
    return list(await session.scalars(NEAREST, values))


async def settle_drafts(session: AsyncSession, office_id: str, key: Key, state: VersionState) -> None:
    """Mark an article's waiting drafts as decided on."""
    drafts = update(ArticleVersion).where(
        ArticleVersion.office_id == office_id,
        ArticleVersion.topic == key.topic,
        ArticleVersion.language == key.language,
        ArticleVersion.state == "draft",
    )
    await session.execute(drafts.values(state=state))
