"""Looks for words in every text of every table."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.folding import folded_words
from backend.redaction.matching import find

COLUMNS = text(
    "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables "
    "USING (table_schema, table_name) WHERE table_schema = 'public' AND table_type = 'BASE TABLE' "
    "AND udt_name IN ('text', 'varchar', 'jsonb', 'json', 'tsvector', '_text', '_varchar', 'bpchar', 'xml') "
    "ORDER BY table_name, column_name"
)


async def columns(session: AsyncSession) -> list[tuple[str, str]]:
    """(table, column) of everything that can hold words."""
    return [(row[0], row[1]) for row in await session.execute(COLUMNS)]


async def places(session: AsyncSession, words: str) -> set[str]:
    """`table.column` of all that holds some words, however they are spelled; search indexes by any one word."""
    return {f"{table}.{column}" async for table, column in _holding(session, words)}


async def _holding(session: AsyncSession, words: str) -> AsyncIterator[tuple[str, str]]:
    folded = [word for word in folded_words(words) if len(word) > 4]
    for table, column in await columns(session):
        index = column == "words" and folded
        if index and await _indexed(session, table, folded):
            yield table, column
        for value in await session.scalars(text(f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL')):
            if any(find(part, words) for part in _texts(value)):
                yield table, column
                break


async def _indexed(session: AsyncSession, table: str, folded: list[str]) -> bool:
    kind = await session.scalar(
        text("SELECT udt_name FROM information_schema.columns WHERE table_name = :t AND column_name = 'words'"),
        {"t": table},
    )
    if kind != "tsvector":
        return False
    query = text(f"SELECT count(*) FROM \"{table}\" WHERE words @@ to_tsquery('simple', :query)")
    return bool(await session.scalar(query, {"query": " | ".join(folded)}))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield str(key)
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
