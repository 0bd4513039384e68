"""Every column that can hold words is one redactions go through, or is known to hold nobody's: none is forgotten."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.database import Base
from backend.disputes.models import AppointmentAnswer
from backend.redaction.texts import COLUMNS, TABLES, key_from, key_of
from backend.tickets.models import Visit
from tests.backend.redaction import wordless
from tests.backend.redaction.scan import columns

WRITTEN = {(name, column) for name, table in TABLES.items() for column in COLUMNS[table]}


async def forgotten(session: AsyncSession) -> set[tuple[str, str]]:
    """Columns that can hold words of which nobody said what they hold."""
    found = {one for one in await columns(session) if one[1] not in wordless.EVERYWHERE}
    return found - WRITTEN - set(wordless.named())


async def test_redactions_go_through_every_column_that_holds_words_of_people(session: AsyncSession) -> None:
    assert await forgotten(session) == set()


@pytest.mark.parametrize("kind", ["text", "varchar", "jsonb", "text[]"])
async def test_a_new_table_is_noticed(session: AsyncSession, kind: str) -> None:
    await session.execute(text(f"CREATE TABLE letter (id int, words {kind})"))
    assert await forgotten(session) == {("letter", "words")}


async def test_every_column_is_named_once_and_is_there(session: AsyncSession) -> None:
    named = [*WRITTEN, *wordless.named()]
    assert sorted(named) == sorted(set(named))
    assert set(named) <= set(await columns(session))


@pytest.mark.parametrize("row", [Visit(id=7), AppointmentAnswer(visit_id=7, party_id=uuid4())])
def test_a_row_is_found_by_what_names_it(row: Base) -> None:
    key = key_from(type(row), key_of(row))
    assert key[0] == 7
    assert key[1:] == ((row.party_id,) if isinstance(row, AppointmentAnswer) else ())
    assert all(isinstance(part, int | UUID) for part in key)
