"""The office's articles: stored, answered and searched."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.languages import LANGUAGES
from backend.knowledge.models import Article
from backend.knowledge.service import answer, load_articles, search
from backend.offices.errors import OfficeDataError
from backend.offices.schemas import Office
from tests.backend.offices.factories import names, small_office

TODAY = date(2026, 11, 22)
OFFICE = small_office().model_copy(
    update={"topics": {topic: names(topic) for topic in ("opening_hours", "resident_parking", "marriage")}}
)


def publish(folder: Path, topic: str, language: str, title: str, body: str = "x", expires: str = "2027-12-31") -> None:
    path = folder / "smallville" / "articles" / language / f"{topic}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'---\ntitle: "{title}"\nowner: desk\nexpires: {expires}\n---\n{body}\n', encoding="utf-8")


async def topics_of(session: AsyncSession) -> list[tuple[str, str]]:
    rows = await session.execute(select(Article.topic, Article.language).where(Article.office_id == "smallville"))
    return sorted((topic, language) for topic, language in rows)


async def test_loading_again_makes_the_articles_exactly_those_of_the_files(
    session: AsyncSession, tmp_path: Path
) -> None:
    publish(tmp_path, "opening_hours", "ro", "Program")
    publish(tmp_path, "marriage", "ro", "Căsătorie")
    assert await load_articles(session, tmp_path, OFFICE) == 2
    (tmp_path / "smallville" / "articles" / "ro" / "marriage.md").unlink()
    publish(tmp_path, "opening_hours", "tr", "Çalışma saatleri")
    assert await load_articles(session, tmp_path, OFFICE) == 2
    assert await topics_of(session) == [("opening_hours", "ro"), ("opening_hours", "tr")]


async def test_an_article_on_no_topic_is_refused_by_name_and_stores_nothing(
    session: AsyncSession, tmp_path: Path
) -> None:
    publish(tmp_path, "opening_hours", "ro", "Program")
    publish(tmp_path, "weather", "ro", "Vremea")
    with pytest.raises(OfficeDataError, match=r"weather\.md.*taxonomy"):
        await load_articles(session, tmp_path, OFFICE)
    assert await topics_of(session) == []


@pytest.mark.parametrize(
    ("there", "asked", "answered"),
    [
        (("ro", "tr", "en"), "tr", "tr"),
        (("ro", "en"), "tr", "ro"),
        (("en", "tr"), "mk", "en"),
        (("en",), "en", "en"),
        (("tr", "mk"), "af", None),
        ((), "ro", None),
    ],
)
async def test_the_answer_is_in_the_language_else_the_offices_first_else_english(
    session: AsyncSession, tmp_path: Path, there: tuple[str, ...], asked: str, answered: str | None
) -> None:
    for language in there:
        publish(tmp_path, "opening_hours", language, language)
    await load_articles(session, tmp_path, OFFICE)
    found = await answer(session, OFFICE, "opening_hours", asked, TODAY)
    assert (found.language if found else None) == answered


async def test_an_answer_holds_title_text_and_link(session: AsyncSession, tmp_path: Path) -> None:
    publish(tmp_path, "opening_hours", "ro", "Program", "Luni:\n\n- 08:00")
    path = tmp_path / "smallville" / "articles" / "ro" / "opening_hours.md"
    path.write_text(path.read_text().replace("owner", "link: https://example.org/a?b=c\nowner"))
    await load_articles(session, tmp_path, OFFICE)
    found = await answer(session, OFFICE, "opening_hours", "ro", TODAY)
    assert found is not None
    assert (found.title, found.text, found.link) == ("Program", "Luni:\n• 08:00", "https://example.org/a?b=c")


@pytest.mark.parametrize(
    ("today", "answered"), [(date(2026, 11, 21), "ro"), (date(2026, 11, 22), "ro"), (date(2026, 11, 23), "en")]
)
async def test_an_expired_article_is_never_answered_nor_found(
    session: AsyncSession, tmp_path: Path, today: date, answered: str
) -> None:
    publish(tmp_path, "opening_hours", "ro", "Program", expires="2026-11-22")
    publish(tmp_path, "opening_hours", "en", "Hours")
    await load_articles(session, tmp_path, OFFICE)
    found = await answer(session, OFFICE, "opening_hours", "ro", today)
    assert found is not None
    assert found.language == answered
    assert bool(await search(session, OFFICE, "program", "ro", today)) is (answered == "ro")


async def test_another_offices_articles_are_neither_answered_nor_found(session: AsyncSession, tmp_path: Path) -> None:
    publish(tmp_path, "opening_hours", "ro", "Program")
    await load_articles(session, tmp_path, OFFICE)
    other = small_office(id="bigville")
    assert await answer(session, other, "opening_hours", "ro", TODAY) is None
    assert await search(session, other, "program", "ro", TODAY) == []


SEARCHES = [
    ("en", "Residents' parking", "Where do I get a parking permit?", "PARKING"),
    ("tr", "Mahalle sakini otoparkı", "Abonelik için kimlik gerekir", "otopark aboneligi"),
    ("tr", "Çalışma saatleri", "Işık ve su", "CALISMA SAATLERI"),
    ("ro", "Parcare rezidențială", "Aduceți actul", "parcare rezidentiala"),
    ("ro", "Parcare rezidențială", "Aduceți actul", "REZIDENȚIALĂ"),
    ("mk", "Станарски паркинг", "Плаќање на шалтер", "stanarski parking"),
    ("mk", "Станарски паркинг", "Плаќање на шалтер", "plakjanje"),
    ("mk", "Јавни површини", "Затворена е улицата", "ulicata"),
    ("af", "Parkering vir inwoners", "Bring jou motorregistrasie; môre", "parkering more"),
]


@pytest.mark.parametrize(("language", "title", "body", "query"), SEARCHES)
async def test_words_are_found_however_they_are_written(
    session: AsyncSession, tmp_path: Path, language: str, title: str, body: str, query: str
) -> None:
    publish(tmp_path, "resident_parking", language, title, body)
    publish(tmp_path, "marriage", language, "Zzz")
    await load_articles(session, tmp_path, OFFICE)
    found = await search(session, OFFICE, query, language, TODAY)
    assert [(article.topic, article.title) for article in found] == [("resident_parking", title)]


async def test_the_title_counts_more_than_the_body(session: AsyncSession, tmp_path: Path) -> None:
    publish(tmp_path, "marriage", "en", "Other things", "parking")
    publish(tmp_path, "resident_parking", "en", "Parking", "other things")
    await load_articles(session, tmp_path, OFFICE)
    found = await search(session, OFFICE, "parking", "en", TODAY)
    assert [article.topic for article in found] == ["resident_parking", "marriage"]


@pytest.mark.parametrize("text", ["", "  ", "a an", "?!", "' | & ! ( ) : * <->", "\\"])
async def test_a_text_without_words_finds_nothing(session: AsyncSession, tmp_path: Path, text: str) -> None:
    publish(tmp_path, "marriage", "en", "A an")
    await load_articles(session, tmp_path, OFFICE)
    assert await search(session, OFFICE, text, "en", TODAY) == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_at_most_three_are_found(session: AsyncSession, office: Office, language: str) -> None:
    title = office.topics["opening_hours"][language]
    found = await search(session, office, f"{title} {office.topics['privacy'][language]}", language, TODAY)
    assert 1 <= len(found) <= 3
