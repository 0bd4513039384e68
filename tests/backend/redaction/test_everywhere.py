"""What is made unreadable stands nowhere any more: not in any table, nor in what people and programs are shown."""

import json

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings, strategies as st
from sqlalchemy import select, text

from backend.conversations import desk as chats, listing as listing_of_chats, service as conversations
from backend.conversations.listing import Wanted as ChatsWanted
from backend.core.blocks import MARK
from backend.core.database import driver_connection
from backend.integrations.models import ApiAnswer
from backend.privacy import export
from backend.redaction import repository
from backend.redaction.errors import (
    RedactionBusyError,
    RedactionChangedError,
    RedactionNothingError,
    RedactionWordsError,
)
from backend.redaction.matching import find
from backend.redaction.schemas import Act, Subject
from backend.redaction.service import hide, occurrences, spoken
from backend.tickets import listing
from backend.tickets.listing import Wanted
from backend.tickets.openly import _shown as openly
from tests.backend.handoff.factories import Floor
from tests.backend.redaction.scan import columns, places
from tests.backend.redaction.spread import everywhere, formalities

LETTERS = "abcdefghijklmnoprstuvzçğıöşüășțâîбвгдѓежзиќјлљмнњпрстќуфчџшêë"
NAMES = st.text(LETTERS, min_size=4, max_size=12).map(lambda word: f"Zq{word}xk")
WORDS = st.one_of(
    NAMES,
    st.tuples(NAMES, NAMES).map(" ".join),
    st.from_regex(r"07[2-9][0-9] 61[0-9] 8\d{2}", fullmatch=True),
    NAMES.map(lambda name: f"{name}@zqpost.zqt"),
    st.tuples(NAMES, st.sampled_from("\"\\/%{}<>'’")).map("".join),
)
PLANTED = {
    "message.content",
    "message_words.words",
    "note.text",
    "draft.text",
    "contact.name",
    "contact.words",
    "delivery.part",
    "bot_session.events",
    "ticket.description",
    "ticket.place",
    "ticket.details",
    "ticket.words",
    "ticket.outcome_reason",
    "ticket.outcome_ground",
    "ticket_event.content",
    "ticket_question.question",
    "ticket_question.answer",
    "visit.who",
    "visit.note",
    "visit.found",
    "document.name",
    "attachment.name",
    "satisfaction.words",
    "saved_filter.query",
    "unanswered.words",
}
FORMAL = {
    "authority.name",
    "authority.reason",
    "dispute.claim",
    "dispute_party.name",
    "dispute_party.postal_address",
    "dispute_party.statement",
    "dispute_notice.content",
    "dispute_notice.text",
    "appointment_answer.proposal",
    "visit.phone",
}


async def test_the_words_were_everywhere_before(floor: Floor) -> None:
    await everywhere(floor, "Zqplanted Neighbour")
    assert await places(floor.session, "Zqplanted Neighbour") >= PLANTED


async def test_every_column_of_words_is_looked_at(floor: Floor) -> None:
    assert {tuple(name.split(".")) for name in PLANTED} <= set(await columns(floor.session))


@given(words=WORDS)
@example(words="0722 618 845")
@example(words="Мара Ѓорѓиевска")
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_nothing_of_the_words_is_left(floor: Floor, words: str) -> None:
    async with floor.session.begin_nested() as outer:
        spread = await everywhere(floor, words)
        assert await spread.hides(words) > 20
        await chats.index_words(floor.session)
        assert await places(floor.session, words) == set()
        await outer.rollback()


async def test_nothing_is_left_beside_a_dispute_and_where_somebody_acts_for_another(floor: Floor) -> None:
    spread = await everywhere(floor, "Zqneighbour")
    await formalities(spread, "Zqneighbour")
    before = await places(floor.session, "Zqneighbour")
    assert before >= FORMAL
    await spread.hides("Zqneighbour")
    assert await places(floor.session, "Zqneighbour") == set()


async def test_programs_that_repeat_a_request_get_no_words_back(floor: Floor) -> None:
    others = set(await floor.session.scalars(select(ApiAnswer.key)))
    spread = await everywhere(floor, "Zqneighbour")
    assert set(await floor.session.scalars(select(ApiAnswer.key))) > others
    await spread.hides("zqneighbour")
    assert set(await floor.session.scalars(select(ApiAnswer.key))) <= others


async def test_nobody_is_shown_the_words(floor: Floor) -> None:
    spread = await everywhere(floor, "Zqneighbour")
    await spread.hides("Zqneighbour")
    session = floor.session
    connection = await driver_connection(session)
    widget = await conversations.shown(connection, floor.adapters["web"], spread.chat, 0, "tr")
    told = json.dumps([one.model_dump(mode="json") for one in widget], ensure_ascii=False)
    assert "kurum tarafından kaldırıldı" in told
    page = await openly(session, floor.settings, floor.office, spread.ticket, "ro")
    assert "eliminat de instituție" in page.reason
    copy = await export.everything(session, floor.office, spread.ticket.contact_id)
    listed = await listing.tickets(session, floor.office, spread.agent, Wanted(view="all"))
    seen = json.dumps([told, str(page), str(listed), json.dumps(copy, ensure_ascii=False)], ensure_ascii=False)
    assert not find(seen, "Zqneighbour")
    assert b"zqneighbour" not in export.archive(copy, floor.office, "en").lower()


async def test_the_search_finds_what_is_left_of_a_message(floor: Floor) -> None:
    spread = await everywhere(floor, "Zqneighbour")
    await spread.hides("Zqneighbour")
    found = [
        [one.id for one in await listing_of_chats.listed(floor.session, spread.agent, ChatsWanted(words=words), [], 10)]
        for words in ("zqneighbour", "again")
    ]
    assert found == [[], [spread.chat]]


async def test_the_history_and_the_audit_log_say_who_and_why_but_not_what(floor: Floor) -> None:
    spread = await everywhere(floor, "Zqneighbour")
    count = await spread.hides("Zqneighbour")
    assert ("redacted", "") in await floor.acts(spread.chat)
    query = text("SELECT content, actor FROM audit_entry WHERE action = 'redaction.words' AND object_id = :id")
    [(content, actor)] = (await floor.session.execute(query, {"id": str(spread.chat)})).all()
    assert (content, actor) == ({"reason": "third_person", "places": count}, "Ana")
    query = text("SELECT content FROM ticket_event WHERE kind = 'redacted' AND ticket_id = :id")
    said = (await floor.session.scalars(query, {"id": spread.ticket.id})).one()
    assert said == {"by": "Ana", "reason": "third_person"}
    [kept] = await repository.everything(floor.session)
    assert all(set(spot) == {"place", "start", "length", "size"} for spot in kept.spots)


async def test_only_the_chosen_places_are_hidden(floor: Floor) -> None:
    chat = await floor.chat(said="Ali met Alister, then Ali left")
    boss, of = await floor.agent("supervisor"), Subject("chat", chat)
    found = await occurrences(floor.session, boss, of, ["ali"])
    assert [(one.words, one.span.whole) for one in found] == [("Ali", True), ("Ali", False), ("Ali", True)]
    chosen = {one.key for one in found if one.span.whole}
    await hide(floor.session, floor.desk, boss, of, ["ali"], chosen, Act("mistake"))
    assert await floor.texts(chat, "citizen") == [f"{MARK} met Alister, then {MARK} left"]


async def test_parts_that_have_not_left_go_without_the_words(floor: Floor) -> None:
    spread = await everywhere(floor, "Zqneighbour")
    await service_reply(floor, spread.agent, spread.chat, "Only Zqneighbour")
    await spread.hides("Zqneighbour")
    parts = await floor.deliveries(spread.chat)
    assert (MARK, "person", "withdrawn") in parts
    assert (f"Only {MARK}", "person", "queued") in parts


async def service_reply(floor: Floor, agent: object, chat: object, words: str) -> None:
    from backend.handoff import service

    await service.reply(floor.session, floor.desk, agent, chat, words, words)  # type: ignore[arg-type]


async def test_the_citizen_is_told_once_when_it_was_their_message(floor: Floor) -> None:
    spread = await everywhere(floor, "Zqneighbour")
    await floor.says(spread.chat, "Zqneighbour, I say")
    await spread.hides("Zqneighbour", tell=True)
    told = [words for words in await floor.texts(spread.chat, "system") if "personal details" in words]
    assert len(told) == 1


async def test_nobody_is_told_of_a_colleagues_words(floor: Floor) -> None:
    agent = await floor.agent()
    chat = await floor.chat_held_by(agent)
    await service_reply(floor, agent, chat, "About Zqneighbour")
    of = Subject("chat", chat)
    found = await occurrences(floor.session, agent, of, ["zqneighbour"])
    act = Act("mistake", tell=True)
    await hide(floor.session, floor.desk, agent, of, ["zqneighbour"], {one.key for one in found}, act)
    assert not [words for words in await floor.texts(chat, "system") if "personal details" in words]


async def test_what_reads_otherwise_now_is_refused(floor: Floor) -> None:
    chat = await floor.chat(said="Call Zqneighbour")
    boss, of = await floor.agent("supervisor"), Subject("chat", chat)
    chosen = {one.key for one in await occurrences(floor.session, boss, of, ["zqneighbour"])}
    await floor.session.execute(text("""UPDATE message SET content = '{"text": "Zqneighbour, call"}'"""))
    floor.session.expire_all()
    with pytest.raises(RedactionChangedError):
        await hide(floor.session, floor.desk, boss, of, ["zqneighbour"], chosen, Act("mistake"))


async def test_nothing_is_changed_while_the_assistant_answers(floor: Floor) -> None:
    chat = await floor.chat(said="Call Zqneighbour")
    boss, of = await floor.agent("supervisor"), Subject("chat", chat)
    chosen = {one.key for one in await occurrences(floor.session, boss, of, ["zqneighbour"])}
    await floor.session.execute(text("UPDATE conversation SET lease_until = now() + interval '1 minute'"))
    floor.session.expire_all()
    with pytest.raises(RedactionBusyError):
        await hide(floor.session, floor.desk, boss, of, ["zqneighbour"], chosen, Act("mistake"))


@pytest.mark.parametrize("words", [[], [" "], ["x"], ["a" * 301], [f"word{n}" for n in range(21)]])
async def test_words_that_cannot_be_looked_for_are_refused(floor: Floor, words: list[str]) -> None:
    chat = await floor.chat()
    with pytest.raises(RedactionWordsError):
        await occurrences(floor.session, await floor.agent("supervisor"), Subject("chat", chat), words)


async def test_somebody_has_to_choose_a_place(floor: Floor) -> None:
    chat = await floor.chat()
    boss = await floor.agent("supervisor")
    with pytest.raises(RedactionNothingError):
        await hide(floor.session, floor.desk, boss, Subject("chat", chat), ["hello"], set(), Act("mistake"))


async def test_one_message_is_offered_with_what_is_likely_somebodys(floor: Floor) -> None:
    chat = await floor.chat(said="First")
    number = await floor.says(chat, "Ring 0722 618 845")
    boss = await floor.agent("supervisor")
    texts, offered = await spoken(floor.session, floor.office, boss, Subject("chat", chat), number)
    assert [one.text for one in texts] == ["Ring 0722 618 845"]
    assert [(one.kind, one.words) for one in offered] == [("phone", "0722 618 845")]


async def test_a_name_that_was_hidden_does_not_come_back_with_the_next_message(floor: Floor) -> None:
    from backend.contacts.service import remember_name

    spread = await everywhere(floor, "Zqneighbour")
    await spread.hides("Zqneighbour")
    await remember_name(floor.session, spread.ticket.contact_id, "N. Zqneighbour")
    assert await places(floor.session, "Zqneighbour") == set()
