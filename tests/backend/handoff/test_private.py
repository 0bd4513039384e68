"""Private notes reach nobody outside the desk: whatever is done, in whatever order, on whatever channel."""

import ast
import random
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from backend.accounts.schemas import Agent
from backend.answers import service as answers
from backend.answers.engine import turn_request
from backend.conversations import service as conversations, turns
from backend.conversations.schemas import Turn
from backend.core.database import driver_connection
from backend.core.errors import KomshuError
from backend.core.settings import ROOT
from backend.handoff import repository, service
from backend.outbox import repository as outbox
from channels.adapter import Adapter
from channels.message import Reply
from channels.web.adapter import WebAdapter
from tests.backend.handoff.factories import Floor, conversation
from tests.channels.sms.factories import adapter as sms
from tests.channels.telegram.factories import adapter as telegram
from tests.channels.whatsapp.factories import adapter as whatsapp

CHANNELS: dict[str, Callable[[], Adapter]] = {
    "web": WebAdapter,
    "telegram": telegram,
    "sms": sms,
    "whatsapp": whatsapp,
}
PRIVATE_TABLES = {"note", "draft"}
SEQUENCES = 3
LENGTH = 25


class AllChannels(Floor):
    """The real channels of the office."""

    @property
    def adapters(self) -> dict[str, Adapter]:
        return {name: make() for name, make in CHANNELS.items()}


class Chat:
    """One chat in which everything happens that can, with words that must not get out."""

    def __init__(self, floor: Floor, chat: UUID, team: list[Agent], chance: random.Random) -> None:
        self.floor, self.id, self.team, self.chance = floor, chat, team, chance
        self.every = f"private{uuid4().hex}"
        self.marks: list[str] = []

    def mark(self) -> str:
        """Words nobody else writes."""
        self.marks.append(f"{self.every}{len(self.marks)}")
        return f"They {self.marks[-1]} again"

    @property
    def acts(self) -> list[Callable[[], Awaitable[Any]]]:
        session, desk = self.floor.session, self.floor.desk
        one, other = self.chance.sample(self.team, 2)
        key = uuid4().hex
        ticket = {"kind": "complaint", "category": "noise", "place": "", "description": "Loud music", "key": key}
        return [
            lambda: service.take(session, desk, one, self.id),
            lambda: service.take(session, desk, one, self.id, over=True),
            lambda: service.reply(session, desk, one, self.id, "A word for the citizen.", key),
            lambda: service.write_note(session, desk, one, self.id, self.mark()),
            lambda: service.pass_to_agent(session, desk, one, self.id, other.id, self.mark()),
            lambda: service.pass_to_unit(session, desk, one, self.id, "water", self.mark()),
            lambda: service.open_ticket(session, desk, one, self.id, **ticket),
            lambda: service.hand_back(session, desk, one, self.id),
            lambda: repository.save_draft(session, one.id, self.id, self.mark()),
            lambda: self.floor.says(self.id, "A word of the citizen."),
            self.bot_answers,
            self.news,
            self.notice,
            self.leave,
            self.fall_silent,
            self.fail_and_retry,
        ]

    async def bot_answers(self) -> None:
        connection = await driver_connection(self.floor.session)
        channel = await self.floor.column(self.id, "channel")
        for claim, waiting in await answers.claim_due(connection, 60, 5, [channel]):
            at_work = waiting
            while at_work is not None:
                request = str(turn_request(claim, at_work))
                assert not any(mark in request for mark in self.marks)
                turn = Turn((Reply(text="The bot."),), "en")
                said = answers.silence(at_work) if at_work.holder == "agent" else turn
                at_work = await answers.finish(connection, self.floor.adapters, claim, at_work, said)

    async def news(self) -> None:
        connection = await driver_connection(self.floor.session)
        of = await conversation(self.floor.session, self.id)
        await answers.announce(connection, self.floor.adapters, of, "News of your ticket.", "en")

    async def notice(self) -> None:
        await answers.tell_waiting(await driver_connection(self.floor.session), self.floor.adapters, 0.0)

    async def leave(self) -> None:
        await self.floor.session.execute(text("UPDATE presence SET seen_at = now() - interval '1 hour'"))
        await service.sweep(self.floor.session, self.floor.desk)
        for one in self.team:
            await self.floor.session.execute(
                text("UPDATE presence SET seen_at = now(), available = true WHERE account_id = :id"), {"id": one.id}
            )

    async def fall_silent(self) -> None:
        await self.floor.ago("conversation", self.id, 3600, "held_at", "heard_at", "spoken_at")
        await service.sweep(self.floor.session, self.floor.desk)

    async def fail_and_retry(self) -> None:
        failed = "UPDATE delivery SET state = 'failed', reason = 'refused' WHERE lane_id = :id AND state = 'queued'"
        await self.floor.session.execute(text(failed), {"id": self.id})
        connection = await driver_connection(self.floor.session)
        for state in await outbox.states(connection, self.id, 0):
            await service.retry(self.floor.session, self.chance.choice(self.team), self.id, state.number)


async def tables_with(floor: Floor, mark: str) -> set[str]:
    """All tables in which a word stands anywhere."""
    names = await floor.session.scalars(
        text(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' "
            "AND table_type = 'BASE TABLE'"
        )
    )
    found = set()
    for name in names.all():
        query = text(f'SELECT EXISTS (SELECT FROM "{name}" AS one WHERE one::text LIKE :mark)')
        if await floor.session.scalar(query, {"mark": f"%{mark}%"}):
            found.add(name)
    return found


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("seed", range(SEQUENCES))
async def test_what_is_noted_stands_in_no_table_that_anything_outside_reads(
    floor: Floor, channel: str, seed: int
) -> None:
    floor = AllChannels(floor.session, floor.settings, floor.office)
    await floor.session.execute(text("UPDATE account SET disabled_at = now()"))
    team = [
        await floor.agent(role, name=name) for role, name in (("agent", "Ana"), ("agent", "Ion"), ("supervisor", "Eva"))
    ]
    chance = random.Random(f"{channel} {seed}")
    chat = Chat(floor, await floor.chat(channel), team, chance)
    await service.take(floor.session, floor.desk, team[0], chat.id)
    await service.write_note(floor.session, floor.desk, team[0], chat.id, chat.mark())
    for _ in range(LENGTH):
        act = chance.choice(chat.acts)
        try:
            async with floor.session.begin_nested():
                await act()
        except KomshuError:
            continue
    assert await tables_with(floor, f"{chat.every}0 ") == {"note"}
    assert await tables_with(floor, chat.every) <= PRIVATE_TABLES
    shown = await conversations.shown(await driver_connection(floor.session), WebAdapter(), chat.id, 0)
    sent = await floor.session.scalars(text("SELECT part::text FROM delivery WHERE lane_id = :id"), {"id": chat.id})
    outside = "".join([one.model_dump_json() for one in shown] + list(sent))
    assert outside.count("You are now talking with") >= 1
    assert not any(mark in outside for mark in chat.marks)


async def test_this_test_sees_a_word_wherever_it_stands(floor: Floor) -> None:
    me, mark = await floor.agent(), uuid4().hex
    chat = await floor.chat_held_by(me, floor.push.name)
    await service.reply(floor.session, floor.desk, me, chat, f"so {mark}", "k")
    assert await tables_with(floor, mark) == {"message", "delivery"}


async def test_what_the_bot_alone_is_told_is_not_shown_to_the_citizen(floor: Floor) -> None:
    me = await floor.agent()
    chat = await floor.chat_held_by(me)
    await floor.says(chat, "hidden from nobody")
    await service.hand_back(floor.session, floor.desk, me, chat)
    rows = await turns.messages_after(await driver_connection(floor.session), chat, 0, 100)
    assert all("handed_back" not in row.content for row in rows)


READERS = ("backend.handoff", "backend.console", "backend.api", "backend.redaction.texts")
"""Who may read notes and drafts: the desk, systems that act for an agent, and what makes words in them unreadable."""


def imports(path: Path) -> set[str]:
    """What a module imports, names of `from` imports included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def modules() -> list[Path]:
    folders = ("actions", "backend", "bot", "channels")
    return [path for folder in folders for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts]


def test_only_the_desk_reads_notes() -> None:
    private = re.compile(r"backend\.handoff\.(models\.(Note|Draft)|repository)|backend\.handoff\.models$")
    tables = re.compile(r"\b(FROM|JOIN|INTO|UPDATE)\s+(note|draft)\b", re.IGNORECASE)
    wrong = []
    for path in modules():
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if not name.startswith(READERS):
            wrong += [f"{name} imports {found}" for found in imports(path) if private.match(found)]
            wrong += [f"{name}: {found[0]}" for found in tables.finditer(path.read_text())]
    assert wrong == []
    assert len(modules()) > 100


def test_what_speaks_to_citizens_does_not_know_the_desk() -> None:
    speaking = ("answers", "outbox", "conversations", "notifications", "inbox", "tickets", "knowledge", "integrations")
    for path in modules():
        parts = path.relative_to(ROOT).parts
        if parts[0] in ("actions", "bot", "channels") or parts[1] in speaking:
            assert not any(found.startswith("backend.handoff") for found in imports(path)), path
