"""Every act of agents, whoever has the chat and whoever acts: what is done, what is refused, who is told."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.accounts.errors import AccountUnknownError
from backend.accounts.schemas import Agent, Role
from backend.accounts.service import be_present
from backend.core.errors import InvalidRequestError, KomshuError, NotAllowedError
from backend.core.languages import LANGUAGES
from backend.handoff import repository, service
from backend.handoff.errors import (
    AgentAwayError,
    AgentFullError,
    ChatNotHeldError,
    ChatTakenError,
    ChatUnknownError,
    ReplyEmptyError,
    ReplyTooLongError,
    TransferLimitError,
)
from backend.inbox.errors import ChannelUnknownError
from tests.backend.handoff.factories import Floor, conversation

Act = Callable[[Floor, Agent, UUID], Awaitable[Any]]
TAKEN = "You are now talking with Ana from our desk. The assistant is silent while you talk."
OK = None


async def pass_to_agent(floor: Floor, who: Agent, chat: UUID) -> None:
    colleague = await floor.agent(name="Ion")
    await service.pass_to_agent(floor.session, floor.desk, who, chat, colleague.id, "Yours, I think.")


async def open_ticket(floor: Floor, who: Agent, chat: UUID) -> str:
    fields = {"kind": "complaint", "category": "noise", "place": "Piața Unirii", "description": "Loud music"}
    return await service.open_ticket(floor.session, floor.desk, who, chat, **fields, key=uuid4().hex)


ACTS: dict[str, Act] = {
    "take": lambda floor, who, chat: service.take(floor.session, floor.desk, who, chat),
    "over": lambda floor, who, chat: service.take(floor.session, floor.desk, who, chat, over=True),
    "reply": lambda floor, who, chat: service.reply(floor.session, floor.desk, who, chat, "Good day.", uuid4().hex),
    "hand_back": lambda floor, who, chat: service.hand_back(floor.session, floor.desk, who, chat),
    "pass": pass_to_agent,
    "to_unit": lambda floor, who, chat: service.pass_to_unit(floor.session, floor.desk, who, chat, "water", "Yours."),
    "note": lambda floor, who, chat: service.write_note(floor.session, floor.desk, who, chat, "Knows the mayor."),
    "ticket": open_ticket,
    "retry": lambda floor, who, chat: service.retry(floor.session, who, chat, 1),
}
HOLDERS = ("bot", "queue", "mine", "other")
HELD, TAKEN_BY = ChatNotHeldError, ChatTakenError
ALLOWED: dict[str, dict[str, tuple[type[KomshuError] | None, ...]]] = {
    "agent": {
        "take": (OK, OK, OK, TAKEN_BY),
        "over": (OK, OK, OK, TAKEN_BY),
        "reply": (HELD, HELD, OK, HELD),
        "hand_back": (HELD, HELD, OK, HELD),
        "pass": (HELD, HELD, OK, HELD),
        "to_unit": (HELD, HELD, OK, HELD),
        "note": (OK, OK, OK, OK),
        "ticket": (OK, OK, OK, OK),
        "retry": (OK, OK, OK, OK),
    },
    "supervisor": {
        "take": (OK, OK, OK, TAKEN_BY),
        "over": (OK, OK, OK, OK),
        "reply": (HELD, HELD, OK, HELD),
        "hand_back": (HELD, OK, OK, OK),
        "pass": (HELD, HELD, OK, OK),
        "to_unit": (HELD, HELD, OK, OK),
        "note": (OK, OK, OK, OK),
        "ticket": (OK, OK, OK, OK),
        "retry": (OK, OK, OK, OK),
    },
}
CASES = [
    (role, act, holder, expected)
    for role, acts in ALLOWED.items()
    for act, outcomes in acts.items()
    for holder, expected in zip(HOLDERS, outcomes, strict=True)
]


async def held(floor: Floor, holder: str, me: Agent) -> UUID:
    """A chat in the hands of somebody."""
    if holder == "bot":
        return await floor.chat()
    other = await floor.agent(name="Maria")
    return await floor.chat_held_by({"queue": None, "mine": me, "other": other}[holder])


@pytest.mark.parametrize(("role", "act", "holder", "expected"), CASES)
async def test_who_may_do_what_to_whose_chat(
    floor: Floor, role: Role, act: str, holder: str, expected: type[KomshuError] | None
) -> None:
    me = await floor.agent(role)
    chat = await held(floor, holder, me)
    before = (await floor.state(chat), await floor.acts(chat), await floor.audited(chat))
    if expected is None:
        await ACTS[act](floor, me, chat)
        return
    with pytest.raises(expected):
        await ACTS[act](floor, me, chat)
    assert (await floor.state(chat), await floor.acts(chat), await floor.audited(chat)) == before


@pytest.mark.parametrize("holder", ["bot", "queue", "other"])
@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("role", ["reader", "administrator"])
async def test_who_may_only_look_does_nothing(floor: Floor, role: Role, act: str, holder: str) -> None:
    me = await floor.agent(role)
    chat = await held(floor, holder, me)
    before = await floor.state(chat)
    with pytest.raises(NotAllowedError):
        await ACTS[act](floor, me, chat)
    assert await floor.state(chat) == before


@pytest.mark.parametrize("act", ACTS)
async def test_to_another_unit_the_chat_does_not_exist(floor: Floor, act: str) -> None:
    chat = await floor.chat_held_by(None)
    with pytest.raises(ChatUnknownError):
        await ACTS[act](floor, await floor.agent("agent", "water"), chat)


@pytest.mark.parametrize("act", ACTS)
async def test_a_chat_of_another_office_does_not_exist(floor: Floor, act: str) -> None:
    chat = await floor.chat()
    await floor.put("conversation", chat, office_id="van")
    with pytest.raises(ChatUnknownError):
        await ACTS[act](floor, await floor.agent("supervisor"), chat)


async def test_taking_over_tells_the_citizen_who_speaks_and_writes_it_down(floor: Floor) -> None:
    me, chat = await floor.agent(), await floor.chat_held_by(None)
    await ACTS["take"](floor, me, chat)
    assert (await floor.state(chat))[:2] == ("agent", me.id)
    assert await floor.texts(chat, "system") == [TAKEN]
    assert await floor.acts(chat) == [("taken", "")]
    assert await floor.audited(chat) == ["chat.taken"]


async def test_taking_what_one_has_changes_nothing(floor: Floor) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(me)
    await ACTS["take"](floor, me, chat)
    assert await floor.texts(chat, "system") == [TAKEN]
    assert await floor.acts(chat) == [("taken", "")]


async def test_who_comes_late_is_told_who_was_first(floor: Floor) -> None:
    chat = await floor.chat_held_by(await floor.agent(name="Maria Pop"))
    with pytest.raises(ChatTakenError) as refused:
        await ACTS["take"](floor, await floor.agent(), chat)
    assert refused.value.values == {"name": "Maria Pop"}


async def test_a_full_agent_takes_no_more(floor: Floor) -> None:
    me = await floor.agent()
    await floor.put("account", me.id, capacity=2)
    for _ in range(2):
        await floor.chat_held_by(me)
    with pytest.raises(AgentFullError) as refused:
        await floor.chat_held_by(me)
    assert refused.value.values == {"count": 2}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_reply_is_a_persons_word_in_the_chat_and_in_the_outbox(floor: Floor, language: str) -> None:
    me = await floor.agent(name="Ana Pop")
    chat = await floor.chat_held_by(me, floor.push.name)
    await floor.put("conversation", chat, language=language)
    number = await service.reply(floor.session, floor.desk, me, chat, "  Добар ден, bună ziua!  ", "k")
    assert (await floor.deliveries(chat))[-1] == ("Добар ден, bună ziua!", "person", "queued")
    said = (await conversation(floor.session, chat)).last_seq
    assert number == said
    assert await floor.texts(chat, "agent") == ["Добар ден, bună ziua!"]
    assert await floor.column(chat, "waiting_since") is None
    assert await floor.column(chat, "promised_at") is None


async def test_the_same_reply_again_changes_nothing(floor: Floor) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(me, floor.push.name)
    sent = [await service.reply(floor.session, floor.desk, me, chat, "Once.", "k") for _ in range(3)]
    assert len(set(sent)) == 1
    assert await floor.texts(chat, "agent") == ["Once."]
    assert [part[0] for part in await floor.deliveries(chat)].count("Once.") == 1


@pytest.mark.parametrize(("words", "error"), [("", ReplyEmptyError), (" \n", ReplyEmptyError), ("x", None)])
@pytest.mark.parametrize("act", [service.reply, service.write_note])
async def test_words_must_be_there_and_not_too_many(
    floor: Floor, act: Any, words: str, error: type[KomshuError] | None
) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(me)
    key = ("k",) if act is service.reply else ()
    if error:
        with pytest.raises(error):
            await act(floor.session, floor.desk, me, chat, words, *key)
    else:
        await act(floor.session, floor.desk, me, chat, words, *key)
    with pytest.raises(ReplyTooLongError):
        await act(floor.session, floor.desk, me, chat, "x" * (floor.settings.message_max_characters + 1), *key)


@pytest.mark.parametrize("act", ["reply", "note"])
async def test_what_was_sent_or_noted_is_no_draft_any_more(floor: Floor, act: str) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(me)
    await repository.save_draft(floor.session, me.id, chat, "Knows the ma")
    await ACTS[act](floor, me, chat)
    assert await repository.draft(floor.session, me.id, chat) == ""


async def test_a_refused_act_keeps_the_draft(floor: Floor) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(await floor.agent(name="Maria"))
    await repository.save_draft(floor.session, me.id, chat, "Half a sen")
    with pytest.raises(ChatNotHeldError):
        await ACTS["reply"](floor, me, chat)
    assert await repository.draft(floor.session, me.id, chat) == "Half a sen"


async def test_handing_back_tells_the_citizen_and_the_bot(floor: Floor) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(me)
    await floor.says(chat, "The lamp in Strada Lungă is broken")
    await ACTS["hand_back"](floor, me, chat)
    assert (await floor.state(chat))[:3] == ("bot", None, None)
    assert (await floor.texts(chat, "system"))[1:] == [
        "Ana has ended the conversation. You are with the automated assistant again."
    ]
    assert "Strada Lungă" in await floor.told_to_bot(chat)
    assert [kind for kind, _ in await floor.acts(chat)] == ["taken", "handed_back"]


async def test_passing_on_tells_who_comes_and_keeps_the_note_inside(floor: Floor) -> None:
    me, colleague = await floor.agent(), await floor.agent(name="Ion")
    chat = await floor.chat_held_by(me)
    await service.pass_to_agent(floor.session, floor.desk, me, chat, colleague.id, "Is angry.")
    assert (await floor.state(chat))[:2] == ("agent", colleague.id)
    assert (await floor.texts(chat, "system"))[-1] == "Your chat goes on with Ion, who can read what was said."
    assert (await floor.acts(chat))[-1] == ("passed_on", "Is angry.")
    assert "angry" not in "".join(await floor.texts(chat, "system", "agent", "bot"))


async def test_a_unit_gets_the_chat_into_its_queue_with_a_promise(floor: Floor) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(me)
    await service.pass_to_unit(floor.session, floor.desk, me, chat, "water", "A pipe.")
    assert (await floor.state(chat))[:3] == ("queue", None, "water")
    assert await floor.column(chat, "promised_at") is not None
    assert (await floor.acts(chat))[-1] == ("to_unit", "A pipe.")
    [_, told] = await floor.texts(chat, "system")
    assert floor.office.units["water"].name["en"] in told


async def test_a_unit_that_does_not_exist_gets_nothing(floor: Floor) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(me)
    with pytest.raises(NotAllowedError):
        await service.pass_to_unit(floor.session, floor.desk, me, chat, "moon", "")


@pytest.mark.parametrize(
    ("role", "available", "there", "error"),
    [
        ("agent", True, True, OK),
        ("agent", False, True, AgentAwayError),
        ("agent", True, False, AgentAwayError),
        ("reader", True, True, AgentAwayError),
        ("administrator", True, True, AgentAwayError),
        ("supervisor", True, True, OK),
    ],
)
async def test_a_chat_goes_to_nobody_who_does_not_take_chats(
    floor: Floor, role: Role, available: bool, there: bool, error: type[KomshuError] | None
) -> None:
    me, colleague = await floor.agent(), await floor.agent(role, name="Ion", there=there)
    if there:
        await be_present(floor.session, colleague.id, available=available)
    chat = await floor.chat_held_by(me)
    act = service.pass_to_agent(floor.session, floor.desk, me, chat, colleague.id, "")
    if error is None:
        await act
    else:
        with pytest.raises(error):
            await act
        assert (await floor.state(chat))[1] == me.id


async def test_a_chat_goes_to_no_full_colleague_to_nobody_unknown_and_not_to_oneself(floor: Floor) -> None:
    me, colleague = await floor.agent(), await floor.agent(name="Ion")
    chat = await floor.chat_held_by(me)
    await floor.put("account", colleague.id, capacity=1)
    await floor.chat_held_by(colleague)
    for to, error in ((colleague.id, AgentFullError), (uuid4(), AccountUnknownError), (me.id, AgentAwayError)):
        with pytest.raises(error):
            await service.pass_to_agent(floor.session, floor.desk, me, chat, to, "")


async def test_after_two_transfers_within_the_hour_a_supervisor_decides(floor: Floor) -> None:
    ana, ion, maria = [await floor.agent(name=name) for name in ("Ana", "Ion", "Maria")]
    chat = await floor.chat_held_by(ana)
    await service.pass_to_agent(floor.session, floor.desk, ana, chat, ion.id, "")
    await service.pass_to_unit(floor.session, floor.desk, ion, chat, "water", "")
    await service.take(floor.session, floor.desk, maria, chat)
    for act in ("pass", "to_unit"):
        with pytest.raises(TransferLimitError) as refused:
            await ACTS[act](floor, maria, chat)
        assert refused.value.values == {"count": 2}
    assert (await floor.state(chat))[1] == maria.id
    await ACTS["to_unit"](floor, await floor.agent("supervisor"), chat)
    assert (await floor.state(chat))[0] == "queue"


async def test_an_hour_later_it_may_be_passed_on_again(floor: Floor) -> None:
    ana, ion = await floor.agent(), await floor.agent(name="Ion")
    chat = await floor.chat_held_by(ana)
    await service.pass_to_agent(floor.session, floor.desk, ana, chat, ion.id, "")
    await service.pass_to_agent(floor.session, floor.desk, ion, chat, ana.id, "")
    await floor.ago("note", chat, 3601, "at", key="conversation_id")
    await ACTS["pass"](floor, ana, chat)
    assert (await floor.state(chat))[1] not in (ana.id, None)


async def test_a_ticket_from_the_chat_is_told_there_with_its_pin(floor: Floor) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(me)
    reference = await ACTS["ticket"](floor, me, chat)
    assert reference in (await floor.texts(chat, "system"))[-1]
    assert [kind for kind, _ in await floor.acts(chat)] == ["taken", "ticket"]
    with pytest.raises(InvalidRequestError):
        await service.open_ticket(
            floor.session, floor.desk, me, chat, kind="poem", category="", place="", description="x", key="k"
        )


async def test_a_channel_that_was_switched_off_is_said_so_and_stops_nothing_else(floor: Floor) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(me, "telegram")
    with pytest.raises(ChannelUnknownError):
        await ACTS["reply"](floor, me, chat)
    await ACTS["note"](floor, me, chat)
    await ACTS["hand_back"](floor, me, chat)
    assert (await floor.state(chat))[0] == "bot"


async def test_who_acts_is_there_whatever_their_browser_can_do(floor: Floor) -> None:
    me = await floor.agent(there=False)
    chat = await floor.chat_held_by(me)
    assert await service.sweep(floor.session, floor.desk) == 0
    assert (await floor.state(chat))[1] == me.id
