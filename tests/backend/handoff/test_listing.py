"""Lists of chats: who sees what, in which order, how many; finding one by words, name, number or reference."""

from typing import Any, get_args
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent, Role
from backend.conversations import desk, listing
from backend.conversations.desk import index_words
from backend.conversations.listing import View, Wanted
from backend.handoff import service
from backend.tickets import chats as tickets
from backend.tickets.schemas import Author, NewTicket
from backend.tickets.service import file_ticket
from tests.backend.handoff.factories import Floor, conversation

VIEWS: tuple[View, ...] = get_args(View)
ALL = 200


@pytest.fixture(autouse=True)
async def _empty(session: AsyncSession) -> None:
    await session.execute(text("UPDATE conversation SET office_id = 'elsewhere'"))


async def ids(floor: Floor, who: Agent, view: View = "all", **wanted: str) -> list[UUID]:
    found = await listing.listed(floor.session, who, Wanted(view, **wanted), [], ALL)
    return [chat.id for chat in found]


@pytest.mark.parametrize(
    ("role", "units", "unit", "visible"),
    [
        *[(role, (), unit, True) for role in ("reader", "agent", "supervisor") for unit in (None, "roads")],
        *[(role, ("roads",), "roads", True) for role in ("reader", "agent", "supervisor")],
        *[(role, ("roads",), None, True) for role in ("reader", "agent", "supervisor")],
        *[(role, ("roads", "water"), "water", True) for role in ("reader", "agent")],
        ("reader", ("water",), "roads", False),
        ("agent", ("water",), "roads", False),
        ("supervisor", ("water",), "roads", True),
        ("administrator", ("water",), "roads", True),
    ],
)
async def test_chats_are_seen_by_their_unit(
    floor: Floor, role: Role, units: tuple[str, ...], unit: str | None, visible: bool
) -> None:
    chat = await floor.chat(said="a lamp is broken")
    await floor.put("conversation", chat, holder="queue", unit=unit)
    while await index_words(floor.session):
        pass
    who = await floor.agent(role, *units)
    assert await ids(floor, who) == ([chat] if visible else [])
    assert await ids(floor, who, words="lamp") == ([chat] if visible else [])
    assert (await listing.counts(floor.session, who, Wanted()))["all"] == visible
    assert (await desk.chat(floor.session, who, chat) is not None) == visible
    of = await conversation(floor.session, chat)
    assert await desk.others_of(floor.session, who, of) == []


async def test_who_holds_a_chat_of_another_unit_sees_it(floor: Floor) -> None:
    me, supervisor = await floor.agent("agent", "water"), await floor.agent("supervisor")
    chat = await floor.chat_held_by(supervisor)
    assert await ids(floor, me) == []
    await service.pass_to_agent(floor.session, floor.desk, supervisor, chat, me.id, "")
    assert await ids(floor, me) == await ids(floor, me, "mine") == [chat]


async def test_every_view_holds_its_chats_who_waits_longest_first_and_as_many_as_are_counted(floor: Floor) -> None:
    me, other = await floor.agent(), await floor.agent(name="Ion")
    mine, waiting, queued, late = [await floor.chat_held_by(who) for who in (me, me, None, None)]
    theirs, bot, old = await floor.chat_held_by(other), await floor.chat(), await floor.chat()
    await service.reply(floor.session, floor.desk, me, waiting, "Good day.", "k")
    for place, chat in enumerate((theirs, queued, mine, late)):
        await floor.says(chat, "Hello?")
        await floor.ago("conversation", chat, 60 * place, "waiting_since")
    await floor.ago("conversation", late, 60, "promised_at")
    await floor.ago("conversation", old, 8 * 86_400, "heard_at")
    expected = {
        "mine": [mine, waiting],
        "unassigned": [late, queued],
        "all": [late, mine, queued, theirs, waiting],
        "waiting": [waiting],
        "overdue": [late],
        "bot": [bot],
    }
    assert {view: await ids(floor, me, view) for view in VIEWS} == expected
    assert await listing.counts(floor.session, me, Wanted()) == {view: len(found) for view, found in expected.items()}
    assert await listing.count_waiting_for(floor.session, me.id) == 1


async def test_an_agents_chat_is_overdue_when_the_citizen_waits_too_long(floor: Floor) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(me)
    await floor.says(chat, "Hello?")
    assert await ids(floor, me, "overdue") == []
    await floor.ago("conversation", chat, listing.ANSWER_WITHIN.total_seconds() + 1, "waiting_since")
    assert await ids(floor, me, "overdue") == [chat]


@pytest.mark.parametrize("view", VIEWS)
async def test_filters_narrow_lists_and_counts_alike(floor: Floor, view: View) -> None:
    me = await floor.agent()
    for place in range(24):
        chat = await floor.chat(("web", floor.push.name)[place % 2], language=("en", "tr", "mk")[place % 3])
        holder = ("bot", "queue", "agent")[place % 3 if place < 12 else (place + 1) % 3]
        own = me.id if holder == "agent" else None
        await floor.put("conversation", chat, holder=holder, agent_id=own, unit=(None, "roads", "water")[place % 3])
    for filters in (
        {},
        {"unit": "roads"},
        {"language": "tr"},
        {"channel": "web"},
        {"channel": floor.push.name, "language": "mk", "unit": "water"},
    ):
        found = await listing.listed(floor.session, me, Wanted(view, **filters), [], ALL)
        assert (await listing.counts(floor.session, me, Wanted(view, **filters)))[view] == len(found)
        assert all(chat.channel == filters.get("channel", chat.channel) for chat in found)
        assert all(chat.unit == filters.get("unit", chat.unit) for chat in found)
        assert all(chat.language == filters.get("language", chat.language) for chat in found)


async def test_a_list_shows_the_last_words_and_never_what_the_bot_alone_is_told(floor: Floor) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(me)
    await service.hand_back(floor.session, floor.desk, me, chat)
    [listed] = await listing.listed(floor.session, me, Wanted("bot"), [], ALL)
    assert (listed.author, listed.preview[:10]) == ("system", "Ana has en")


SAID = {
    "en": "The lamp in Marasesti Street is broken",
    "tr": "Mărășești sokağındaki lamba yanmıyor, çöp de alınmadı",
    "ro": "Becul de pe strada Mărășești nu funcționează",
    "mk": "Светилката на улица Марашешти не работи, ѓубрето не е собрано",
    "af": "Die lig in Marasestistraat is stukkend, môre ook",
}
FOUND = [
    ("broken", {"en"}),
    ("BROKEN lamp", {"en"}),
    ("çöp", {"tr"}),
    ("cop", {"tr"}),
    ("sokağında", {"tr"}),
    ("sokagindaki lamba", {"tr"}),
    ("funcționează", {"ro"}),
    ("functioneaza", {"ro"}),
    ("Марашешти", {"en", "tr", "ro", "mk", "af"}),
    ("marasesti", {"en", "tr", "ro", "mk", "af"}),
    ("Mărășești", {"en", "tr", "ro", "mk", "af"}),
    ("svetilkata", {"mk"}),
    ("светил", {"mk"}),
    ("gjubreto", {"mk"}),
    ("Ѓубрето", {"mk"}),
    ("môre", {"af"}),
    ("more stukkend", {"af"}),
    ("broken çöp", set()),
    ("nothing of the kind", set()),
    ("???", set()),
    ("' & | !", set()),
    ("%", set()),
    ("lam", {"en", "tr"}),
]


async def bystanders(floor: Floor) -> None:
    """Five hundred chats that are not looked for."""
    await floor.session.execute(
        text("""
        WITH person AS (
            INSERT INTO contact (id, office_id, name, phone, created_at)
            SELECT gen_random_uuid(), 'timisoara', 'Nobody ' || n, '+4072' || (1000000 + n), now()
            FROM generate_series(1, 500) AS n RETURNING id
        ), chat AS (
            INSERT INTO conversation (id, office_id, contact_id, channel, address, language, holder, callback,
                                      person_seq, last_seq, created_at, heard_at)
            SELECT gen_random_uuid(), 'timisoara', id, 'web', '', 'en', 'bot', false, 0, 1, now(), now()
            FROM person RETURNING id
        )
        INSERT INTO message (conversation_id, seq, author, channel, content, state, attempts, created_at)
        SELECT id, 1, 'citizen', 'web', '{"text": "good evening all"}'::jsonb, 'answered', 0, now() FROM chat
        """)
    )


async def indexed(floor: Floor) -> None:
    while await index_words(floor.session):
        pass


async def test_what_was_said_is_found_in_every_spelling_among_five_hundred(floor: Floor) -> None:
    me = await floor.agent()
    await bystanders(floor)
    chats = {await floor.chat(said=said, language=code): code for code, said in SAID.items()}
    await indexed(floor)
    for words, expected in FOUND:
        assert {chats[one] for one in await ids(floor, me, words=words)} == expected, words
    assert len(await ids(floor, me, words="evening")) == ALL


@pytest.mark.parametrize("words", ["Ђорђе", "Stefanovski", "стефан", "Џорџ стефан", "STEFANOVSKI dz"])
async def test_a_person_is_found_by_their_name_in_every_spelling(floor: Floor, words: str) -> None:
    me = await floor.agent()
    await bystanders(floor)
    chat = await floor.chat(name="Ђорђе Џорџ Стефановски")
    await indexed(floor)
    assert await ids(floor, me, words=words) == [chat]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("+40 721 555 123", True),
        ("0721 555 123", True),
        ("555123", True),
        ("0721.555.123", True),
        ("5123", False),
        ("0721 555 124", False),
    ],
)
async def test_a_person_is_found_by_digits_of_their_number(floor: Floor, words: str, found: bool) -> None:
    me = await floor.agent()
    await bystanders(floor)
    chat = await floor.chat()
    await floor.put("contact", (await conversation(floor.session, chat)).contact_id, phone="+40721555123")
    assert (chat in await ids(floor, me, words=words)) == found


async def test_a_chat_is_found_by_the_reference_of_its_ticket(floor: Floor) -> None:
    me = await floor.agent()
    chat = await floor.chat()
    of = await conversation(floor.session, chat)
    by = Author(contact_id=of.contact_id, conversation_id=chat, channel="web")
    new = NewTicket(request_key="k", category="noise", description="Loud music", language="en")
    filed = await file_ticket(floor.session, floor.settings, floor.office, by, new)
    for words in (filed.reference, filed.reference.lower(), f"about {filed.reference} please"):
        also = await tickets.chats_behind(floor.session, floor.office, me, words)
        found = await listing.listed(floor.session, me, Wanted(words=words), also, ALL)
        assert [one.id for one in found] == [chat]


async def test_a_search_looks_through_all_views_and_finds_no_other_unit(floor: Floor) -> None:
    chats = [await floor.chat_held_by(None) for _ in range(2)]
    await floor.put("conversation", chats[0], holder="bot", unit=None)
    await indexed(floor)
    assert set(await ids(floor, await floor.agent(), "mine", words="hello")) == set(chats)
    assert await ids(floor, await floor.agent("agent", "water"), "mine", words="hello") == [chats[0]]


MANY = """
    WITH person AS (
        INSERT INTO contact (id, office_id, name, phone, words, created_at)
        SELECT gen_random_uuid(), 'timisoara', 'Person ' || n, '+4072' || (1000000 + n),
               to_tsvector('simple', 'person ' || md5(n::text)), now()
        FROM generate_series(1, 20000) AS n RETURNING id
    ), chat AS (
        INSERT INTO conversation (id, office_id, contact_id, channel, address, language, holder, callback, person_seq,
                                  last_seq, created_at, heard_at, waiting_since)
        SELECT gen_random_uuid(), 'timisoara', id, 'web', '', 'en',
               CASE WHEN random() < 0.01 THEN 'queue' ELSE 'bot' END, false, 0, 1, now(),
               now() - random() * interval '2 years', now() - random() * interval '1 day'
        FROM person RETURNING id
    ), said AS (
        INSERT INTO message (conversation_id, seq, author, channel, content, state, attempts, created_at)
        SELECT id, 1, 'citizen', 'web', jsonb_build_object('text', md5(id::text)), 'answered', 0, now() FROM chat
        RETURNING id, conversation_id
    )
    INSERT INTO message_words (message_id, conversation_id, words)
    SELECT id, conversation_id,
           to_tsvector('simple', md5(conversation_id::text) || ' ' || md5(id::text) || ' the lamp in my street')
    FROM said
"""


class Explained:
    """The plan of the last statement on conversations."""

    def __init__(self, session: AsyncSession, monkeypatch: pytest.MonkeyPatch) -> None:
        self.plan = ""
        real = session.execute

        async def explained(statement: Any, *args: Any, **options: Any) -> Any:
            raw = await session.connection()
            sent: list[tuple[str, Any]] = []
            event.listen(raw.sync_connection, "before_cursor_execute", lambda *what: sent.append(what[2:4]))
            done = await real(statement, *args, **options)
            rows = await raw.exec_driver_sql(f"EXPLAIN {sent[0][0]}", sent[0][1])
            self.plan = "\n".join(row[0] for row in rows)
            return done

        monkeypatch.setattr(session, "execute", explained)


async def test_twenty_thousand_chats_are_listed_counted_and_searched_by_index(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = await floor.agent()
    await floor.session.execute(text(MANY))
    for index in ("ix_message_words_words", "ix_contact_words"):
        await floor.session.execute(text(f"SELECT gin_clean_pending_list('{index}')"))
    await floor.session.execute(text("ANALYZE conversation, contact, message, message_words"))
    explained = Explained(floor.session, monkeypatch)
    for view in ("mine", "unassigned", "all", "waiting", "overdue", "bot"):
        await ids(floor, me, view)
        assert "ix_conversation_" in explained.plan, view
        assert "Seq Scan on conversation" not in explained.plan, view
    await listing.counts(floor.session, me, Wanted())
    assert "Seq Scan on conversation" not in explained.plan
    await ids(floor, me, words="d41d8cd9")
    assert "ix_message_words_words" in explained.plan
    assert "ix_contact_words" in explained.plan
