"""Citizens on Telegram and with SMS: they write to the running assistant through the providers' stand-ins."""

import asyncio
import threading
from collections import Counter
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
import psycopg

from tests.peers.telegram import TOKEN as TELEGRAM_TOKEN, TelegramPeer
from tests.peers.telegram_updates import Sent, Update
from tests.peers.twilio import ACCOUNT, NUMBER, TOKEN as TWILIO_TOKEN, TwilioPeer
from tests.stack import Stack, running, until

PUBLIC_URL = "https://komshu.example.org"
"""What the providers believe they call; the proxy between is left out."""
SECRET = "a-secret_of-32-letters-and-signs"
FAST = {"TELEGRAM_PER_SECOND": "100000", "TELEGRAM_PER_CHAT_SECONDS": "0", "TWILIO_PER_SECOND": "100"}
SECONDS = 180
RETRY_SECONDS = 0.05
CONNECTIONS = 40
PATIENCE_SECONDS = 10.0
"""How long a provider waits for our answer; Twilio says 15."""
OPEN = """
    SELECT (SELECT count(*) FROM message WHERE author = 'citizen' AND state = 'received')
         + (SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending'))
"""
chats = count(7_000_001)
numbers = count(721_000_001)


class Background:
    """An event loop in a thread: the peers live in it while the tests wait."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def start(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Begin something; `result(seconds)` of what is returned waits for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.start(work).result(SECONDS)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(SECONDS)
        self.loop.close()


class Twilio(TwilioPeer):
    """Calls the public address, as it signs it, through a proxy that is this method."""

    inside = ""

    async def _post(self, url: str, fields: dict[str, str], signed_as: str = "") -> httpx.Response:
        return await super()._post(url.replace(PUBLIC_URL, self.inside), fields, signed_as or url)


@dataclass
class Desk:
    """The running assistant with both providers."""

    stack: Stack
    background: Background
    telegram: TelegramPeer
    twilio: Twilio
    statuses: Counter[int] = field(default_factory=Counter)
    """How posts of `post` were answered; 0 for not at all."""

    def rows(self, query: str, *values: Any) -> list[Any]:
        """What the database holds. Its connection is a new one: tests take the database away."""
        with psycopg.connect(self.stack.database_url) as connection:
            return connection.execute(query, values).fetchall()

    def settled(self) -> bool:
        """Whether everything that came is answered and everything answered is sent."""
        try:
            return not any(self.stack.data_dir.glob("spool/*")) and self.rows(OPEN) == [(0,)]
        except psycopg.OperationalError:
            return False

    def settle(self, seconds: float = SECONDS) -> None:
        until("all is answered and sent", self.settled, seconds)

    def post(self, *chats_updates: Sequence[Update]) -> Any:
        """Begin to post each chat's updates in order, all chats at once, each until it is taken, as Telegram does."""
        return self.background.start(self._post_all(chats_updates))

    async def _post_all(self, chats_updates: Sequence[Sequence[Update]]) -> None:
        limits = httpx.Limits(max_connections=CONNECTIONS)
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS, limits=limits, trust_env=False) as client:
            await asyncio.gather(*(self._post_chat(client, updates) for updates in chats_updates))

    async def _post_chat(self, client: httpx.AsyncClient, updates: Sequence[Update]) -> None:
        for update in updates:
            while (status := await self.telegram._post(client, update)) != httpx.codes.OK:
                self.statuses[status] += 1
                await asyncio.sleep(RETRY_SECONDS)
            self.statuses[status] += 1


@contextmanager
def open_desk(**environment: str) -> Iterator[Desk]:
    """The assistant on Telegram (posted to) and SMS, for as long as the block runs."""
    background, telegram, twilio = Background(), TelegramPeer(), Twilio()
    try:
        for peer in (telegram, twilio):
            background.run(peer.__aenter__())
        with running(**{**settings(telegram, twilio), **environment}) as stack:
            telegram.post_to = f"{stack.url}/channels/telegram"
            twilio.inside, twilio.webhook = stack.url, f"{PUBLIC_URL}/channels/sms"
            until("Telegram knows where to post", lambda: telegram.webhook or environment.get("TELEGRAM_MODE"))
            yield Desk(stack, background, telegram, twilio)
    finally:
        for peer in (telegram, twilio):
            background.run(peer.__aexit__())
        background.stop()


def settings(telegram: TelegramPeer, twilio: TwilioPeer) -> dict[str, str]:
    """Both channels, as an office would set them."""
    return {
        "PUBLIC_URL": PUBLIC_URL,
        "TELEGRAM_MODE": "webhook",
        "TELEGRAM_TOKEN": TELEGRAM_TOKEN,
        "TELEGRAM_SECRET": SECRET,
        "TELEGRAM_API_URL": telegram.url,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
        "TWILIO_NUMBER": NUMBER,
        "TWILIO_API_URL": twilio.url,
        **FAST,
    }


@dataclass
class TelegramPerson:
    """Somebody with Telegram."""

    desk: Desk
    language: str = "en"
    chat: int = field(default_factory=lambda: next(chats))

    def received(self) -> list[Sent]:
        return [sent for sent in self.desk.telegram.sent if sent.chat_id == self.chat]

    def make(self, kind: str, *values: Any, **more: Any) -> Update:
        """An update of this person, of a kind Updates knows."""
        updates = self.desk.telegram.updates
        updates.language = self.language
        update: Update = getattr(updates, kind)(self.chat, *values, **more)
        return update

    def sends(self, update: Update) -> list[Sent]:
        """Send an update; returns what is answered."""
        before = len(self.received())
        assert self.desk.background.run(self.desk.telegram.deliver(update)) == httpx.codes.OK
        self.desk.settle()
        return self.received()[before:]

    def says(self, text: str) -> str:
        return together(self.sends(self.make("text", text)))

    def presses(self, index: int = 0) -> str:
        """Press a button of the newest message that has some."""
        offer = next(sent for sent in reversed(self.received()) if sent.buttons)
        return together(self.sends(self.desk.telegram.updates.press(offer, index)))


def together(sent: Sequence[Sent]) -> str:
    return "\n".join(one.visible for one in sent)


@dataclass
class SmsPerson:
    """Somebody with a telephone."""

    desk: Desk
    number: str = field(default_factory=lambda: f"+40{next(numbers)}")

    def received(self) -> list[str]:
        return [sent["body"] for sent in self.desk.twilio.sent if sent["to"] == self.number]

    def says(self, text: str = "", *photos: str) -> str:
        """Send an SMS, or an MMS with photos; returns what is answered."""
        before = len(self.received())
        posted = self.desk.background.run(self.desk.twilio.deliver(text, photos=photos, From=self.number))
        assert posted.status_code == httpx.codes.OK
        self.desk.settle()
        return "\n".join(self.received()[before:])


TEXTS = ("hello", "la ce ora deschideti", "kolku dena treba za odgovor", "xqzt wkrj", "thanks", "cop ne zaman toplanir")
"""Each of these has one reply."""
INBOUND = """
    SELECT c.address, m.seq, m.external_id, m.state FROM message m JOIN conversation c ON c.id = m.conversation_id
    WHERE m.author = 'citizen' AND c.address = ANY(%s) ORDER BY c.address, m.seq
"""
ANSWERS = """
    SELECT c.address, m.reply_to FROM message m JOIN conversation c ON c.id = m.conversation_id
    WHERE m.reply_to IS NOT NULL AND c.address = ANY(%s) ORDER BY c.address, m.seq
"""
NOTICES = """
    SELECT c.address, m.seq FROM message m JOIN conversation c ON c.id = m.conversation_id
    WHERE m.author = 'system' AND m.reply_to IS NULL AND c.address = ANY(%s) ORDER BY c.address, m.seq
"""
DELIVERIES = """
    SELECT l.address, d.number, d.provider_id, d.part->>'text', d.unsure, d.state
    FROM delivery d JOIN lane l ON l.id = d.lane_id WHERE l.address = ANY(%s) ORDER BY d.id
"""


@dataclass
class Crowd:
    """Many people with Telegram, each with messages to write."""

    desk: Desk
    people: int
    messages: int
    written: dict[str, list[Update]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for _ in range(self.people):
            person = TelegramPerson(self.desk)
            updates = [person.make("text", TEXTS[number % len(TEXTS)]) for number in range(self.messages)]
            self.written[str(person.chat)] = updates

    def writes(self, which: slice = slice(None)) -> Any:
        """Begin to write everything, or some of each one's messages."""
        return self.desk.post(*(updates[which] for updates in self.written.values()))

    def answered(self) -> int:
        """How many messages have their answer; 0 when the database cannot say."""
        try:
            return sum(state == "answered" for *_, state in self.rows(INBOUND))
        except psycopg.OperationalError:
            return 0

    def rows(self, query: str) -> list[Any]:
        return self.desk.rows(query, list(self.written))

    def check(self) -> int:
        """Nothing lost, nothing answered twice, all in order; returns how many messages arrived twice."""
        self._check_answers()
        deliveries = self.rows(DELIVERIES)
        return sum(self._check_chat(address, [row[1:] for row in deliveries if row[0] == address])
                   for address in self.written)  # fmt: skip

    def _check_answers(self) -> None:
        inbound, answers = self.rows(INBOUND), self.rows(ANSWERS)
        for address, updates in self.written.items():
            stored = [row for row in inbound if row[0] == address]
            posted = [f"{address}:{update['message']['message_id']}" for update in updates]
            assert [external_id for _, _, external_id, _ in stored] == posted, "each is stored once, in order"
            assert {state for *_, state in stored} == {"answered"}
            replied = [reply_to for owner, reply_to in answers if owner == address]
            assert replied == [seq for _, seq, _, _ in stored], "each has one answer, in order"

    def _check_chat(self, address: str, deliveries: list[Any]) -> int:
        """What the provider got against what was to be sent; a copy nobody noted must be of a part called unsure."""
        assert {state for *_, state in deliveries} == {"sent"}
        numbers = [number for number, *_ in deliveries]
        assert numbers == sorted(numbers)
        noted = {provider_id: place for place, (_, provider_id, *_) in enumerate(deliveries)}
        reached, copies = 0, 0
        for sent in self.desk.telegram.sent:
            if sent.chat_id != int(address):
                continue
            if noted.get(str(sent.message_id)) == reached:
                reached += 1
                continue
            copies += 1
            unsure = [text for _, _, text, unsure, _ in deliveries[max(reached - 1, 0) : reached + 1] if unsure]
            assert sent.text in unsure, "only what is called unsure comes twice, and in its place"
        assert reached == len(deliveries), "every answer arrives, in order"
        return copies
