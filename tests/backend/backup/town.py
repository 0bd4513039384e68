"""A town's data: some of everything, in a database of its own."""

import asyncio
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.administration import add_account
from backend.attachments.service import store_photo
from backend.backup import postgres
from backend.backup.archive import Told
from backend.contacts.service import caller
from backend.conversations.service import open_web_session, receive, web_conversation
from backend.core.database import make_engine, make_sessions
from backend.core.settings import Settings
from backend.knowledge.service import load_articles
from backend.migrations.upgrade import migrate
from backend.offices.schemas import Office
from backend.offices.service import load_office
from backend.tickets.schemas import Author, NewTicket
from backend.tickets.service import file_ticket
from channels.message import Inbound
from tests.backend.attachments.factories import add_document
from tests.factories import jpeg

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
FILLED = (
    *("account", "article", "attachment", "bot_session", "contact", "conversation", "document", "identity", "message"),
    *("note", "office", "procrastinate_jobs", "ticket", "ticket_event"),
)
"""Tables the town must have rows in, or the comparisons say little."""
WORDS = ("Gropi în față la nr. 12", "Çöp toplanmadı; 'şikâyet'", "Дупка на улица\n\\.\tнова", "=1+1 \x7f � 🕳️")


def untold(_step: str, _total: int) -> Told:
    """Progress nobody looks at."""
    return lambda _: None


@contextmanager
def database(url: str, name: str, like: str = "template1") -> Iterator[str]:
    """A database on the server of a URL, empty or like another; dropped afterwards, with what a restore left."""
    with postgres.connect(postgres.named(url, postgres.MAINTENANCE)) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}".encode())
    yield postgres.named(url, name)
    with postgres.connect(postgres.named(url, postgres.MAINTENANCE)) as connection:
        for ending in ("", postgres.RESTORING, postgres.REPLACED):
            postgres.drop(connection, name + ending)


def populate(settings: Settings, *, tickets: int = 4) -> None:
    """Migrate the settings' database and put a town's data into it and into its storage."""
    migrate(settings.database_url)
    asyncio.run(_populate(settings, tickets))


async def _populate(settings: Settings, tickets: int) -> None:
    engine = make_engine(settings.database_url)
    async with make_sessions(engine)() as session, session.begin():
        office = await load_office(session, settings.offices_dir, settings.office)
        await load_articles(session, settings.offices_dir, office)
        account, _ = await add_account(
            session, office, login=f"ana-{uuid4().hex[:8]}", name="Ana Ștefănescu", role="agent"
        )
        for number in range(tickets):
            await _chat_with_ticket(session, settings, office, number)
        await session.execute(
            text(
                "INSERT INTO note (conversation_id, after_seq, at, account_id, actor, kind, text, content) "
                "SELECT id, 1, now(), :account, 'agent', 'note', :words, '{\"a\": [1, null]}' FROM conversation"
            ),
            {"account": account.id, "words": WORDS[1]},
        )
        await session.execute(
            text("INSERT INTO bot_session SELECT id::text, :events, now() FROM conversation ON CONFLICT DO NOTHING"),
            {"events": json.dumps([{"event": "user", "text": WORDS[3]}])},
        )
        await session.execute(text("INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('q', 'news')"))
    await engine.dispose()


async def _chat_with_ticket(session: AsyncSession, settings: Settings, office: Office, number: int) -> None:
    token, _ = await open_web_session(session, office, "ro")
    chat = await web_conversation(session, token)
    await receive(session, settings, chat, Inbound(external_id=str(uuid4()), text=WORDS[number % len(WORDS)]))
    photo = uuid4()
    await store_photo(session, settings, chat.contact_id, photo, jpeg((40 + number, 30)))
    by = Author(contact_id=chat.contact_id, conversation_id=chat.id, channel="web")
    new = NewTicket(request_key=f"{uuid4()}", description=WORDS[number % len(WORDS)], language="ro", photos=[photo])
    await file_ticket(session, settings, office, by, new)
    ticket = (await session.execute(text("SELECT id FROM ticket ORDER BY created_at DESC, id LIMIT 1"))).scalar_one()
    await add_document(session, settings, ticket, f"plan {number}.pdf", PDF * (number + 1), added_by="Ana")
    await caller(session, office.profile.id, "Ion Ţepeş", f"+4072100000{number}")


def rows(url: str) -> dict[str, list[str]]:
    """Every row of every table as text, and where each sequence stands."""
    with postgres.connect(url) as connection:
        found = {
            table: [row for (row,) in connection.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1'.encode())]
            for table in postgres.counts(connection)
        }
        sequences = connection.execute("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1").fetchall()
    return {**found, "(sequences)": [str(one) for one in sequences]}


def schema(url: str) -> list[str]:
    """Columns, indexes, constraints, functions and types."""
    queries = (
        "SELECT table_name || column_name || data_type || COALESCE(column_default, '') FROM information_schema.columns "
        "WHERE table_schema = 'public'",
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
        "SELECT proname || prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        "SELECT tgname || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    )
    with postgres.connect(url) as connection:
        found = [str(row) for query in queries for (row,) in connection.execute(query.encode())]
    # PostgreSQL writes the casts of a list in another way once it has read its own writing.
    return sorted(re.sub(r"::[a-z ]+(\[\])?|[()]", "", one) for one in found)


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def flipped(content: bytes, place: int, bit: int) -> io.BytesIO:
    """The same bytes with one bit turned over."""
    changed = bytearray(content)
    changed[place] ^= 1 << bit
    return io.BytesIO(bytes(changed))
