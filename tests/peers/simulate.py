"""Talk to the whole assistant in the terminal as if on Telegram, or by SMS.

`python -m tests.peers.simulate telegram --language ro`, or `komshu channels simulate telegram`. It starts an assistant
with ports and data of its own, which takes this machine's stand-in for the provider's server, so nothing leaves it.
"""

import argparse
import asyncio
import io
import re
import shutil
import signal
import sys
from collections.abc import Coroutine, Iterator
from html import unescape
from threading import Thread
from typing import Any, Protocol, Self, TypeVar

import psycopg
from PIL import Image
from rich.console import Console
from rich.text import Text

from channels.sms.segments import counted
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_updates import Sent
from tests.peers.twilio import ACCOUNT, NUMBER, TOKEN, TwilioPeer
from tests.stack import Stack, running, until

ALONE = {
    **dict.fromkeys(("DATABASE_URL", "PUBLIC_URL", "RASA_URL", "TWILIO_MESSAGING_SERVICE"), ""),
    **dict.fromkeys(("TWILIO_NUMBER", "TWILIO_WHATSAPP_NUMBER"), ""),
    "ENVIRONMENT": "development",
    "HOST": "127.0.0.1",
    "TELEGRAM_MODE": "off",
}
"""What the checkout's own settings must not decide here: a real database, a real bot, a real number."""
CHAT = 700_001
SENDERS = {
    "en": "+447911123456",
    "tr": "+905321234567",
    "ro": "+40721123456",
    "mk": "+38970123456",
    "af": "+27821234567",
}
PATIENCE_SECONDS = 60
OPEN = """
    SELECT (SELECT count(*) FROM message WHERE state = 'received')
         + (SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending'))
"""
TWILIO_SAYS = {
    True: "  (Twilio confirms this itself, and takes no message to this number until it hears START)",
    False: "  (Twilio confirms this itself, and takes messages to this number again)",
}
ANCHOR = re.compile(r'<a href="([^"]*)">')
QUIT, PHOTO, LOCATION = "/quit", "/photo", "/location"
LAST_LINES = 8
Result = TypeVar("Result")


class Phone(Protocol):
    """A person's phone: what is typed goes to the assistant's webhook, what the assistant sends is shown."""

    title: str
    peer: Any

    def environment(self) -> dict[str, str]:
        """The settings of an assistant that takes our peer for the provider."""

    def meet(self, url: str) -> None:
        """The assistant is there; wait until it can be written to."""

    async def say(self, text: str) -> int:
        """Send what was typed; returns the HTTP status of the webhook."""

    async def send_photo(self, content: bytes) -> int:
        """Send a picture; returns the same."""

    async def send_place(self, latitude: float, longitude: float) -> int | None:
        """Share a place; returns the same, None where the channel has no such thing."""

    def shown(self) -> list[list[tuple[str, str]]]:
        """Messages since the last time, each as (line, style)."""


class TelegramPhone:
    """A private chat with the bot; a number presses a button of the newest message that has some."""

    title = "Telegram"

    def __init__(self, language: str) -> None:
        self.peer = TelegramPeer()
        self.peer.updates.language = language
        self._seen = 0

    def environment(self) -> dict[str, str]:
        mode = {"TELEGRAM_MODE": "webhook", "TELEGRAM_SECRET": "simulated", "PUBLIC_URL": "https://komshu.example"}
        return {**mode, "TELEGRAM_TOKEN": self.peer.token, "TELEGRAM_API_URL": self.peer.url}

    def meet(self, url: str) -> None:
        self.peer.post_to = f"{url}/channels/telegram"
        until("the assistant tells Telegram its webhook", lambda: bool(self.peer.webhook))

    async def say(self, text: str) -> int:
        offer = next((sent for sent in reversed(self.peer.sent) if sent.buttons), None)
        pressed = int(text) if text.isdecimal() else 0
        if offer and 0 < pressed <= len(offer.buttons):
            return await self.peer.deliver(self.peer.updates.press(offer, pressed - 1))
        return await self.peer.deliver(self.peer.updates.text(CHAT, text))

    async def send_photo(self, content: bytes) -> int:
        return await self.peer.deliver(self.peer.updates.photo(CHAT, content))

    async def send_place(self, latitude: float, longitude: float) -> int | None:
        return await self.peer.deliver(self.peer.updates.location(CHAT, latitude, longitude))

    def shown(self) -> list[list[tuple[str, str]]]:
        new, self._seen = self.peer.sent[self._seen :], len(self.peer.sent)
        return [self._lines(sent) for sent in new]

    @staticmethod
    def _lines(sent: Sent) -> list[tuple[str, str]]:
        links = [(f"  link: {unescape(url)}", "dim") for url in ANCHOR.findall(sent.text)]
        buttons = [(f"  [{number}] {button['text']}", "bold") for number, button in enumerate(sent.buttons, 1)]
        return [(sent.visible, "cyan"), *links, *buttons]


class SmsPhone:
    """A mobile phone; under each message stands what it costs the office."""

    title = "SMS"

    def __init__(self, language: str) -> None:
        self.peer = TwilioPeer()
        self.sender = SENDERS[language]
        self._seen = 0
        self._stopped = False

    def environment(self) -> dict[str, str]:
        account = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_NUMBER": NUMBER}
        return {**account, "TWILIO_API_URL": self.peer.url}

    def meet(self, url: str) -> None:
        self.peer.webhook = f"{url}/channels/sms"

    async def say(self, text: str) -> int:
        return (await self.peer.deliver(text, sender=self.sender)).status_code

    async def send_photo(self, content: bytes) -> int:
        return (await self.peer.deliver(photos=(self.peer.add_file(content),), sender=self.sender)).status_code

    async def send_place(self, latitude: float, longitude: float) -> int | None:
        return None

    def shown(self) -> list[list[tuple[str, str]]]:
        new, self._seen = self.peer.sent[self._seen :], len(self.peer.sent)
        messages = [[(message["body"], "cyan"), (f"  ({cost(message['body'])})", "dim")] for message in new]
        before, self._stopped = self._stopped, self.sender in self.peer.stopped
        notes = [[(TWILIO_SAYS[self._stopped], "dim")]] if before != self._stopped else []
        return notes + messages


PHONES: dict[str, type[TelegramPhone] | type[SmsPhone]] = {"telegram": TelegramPhone, "sms": SmsPhone}


def cost(body: str) -> str:
    """What is paid for an SMS, such as `2 segments, GSM-7: paid as 2 SMS`."""
    count = counted(body)
    return f"{count.segments} segment{'s' * (count.segments != 1)}, {count.encoding}: paid as {count.segments} SMS"


class Background:
    """An event loop in a thread of its own: the peer answers while the terminal waits for a line."""

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        """The result of what runs there."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def picture() -> bytes:
    """A small photo."""
    content = io.BytesIO()
    Image.new("RGB", (320, 240), (90, 90, 90)).save(content, "JPEG")
    return content.getvalue()


def lines(console: Console) -> Iterator[str]:
    """What is typed, until the end of input or `/quit`; what comes through a pipe is shown, too."""
    while True:
        try:
            line = input("> ").strip()
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        if not sys.stdin.isatty():
            console.print(Text(line))
        if line == QUIT:
            return
        yield line


def deliver(phone: Phone, background: Background, line: str) -> str:
    """Send a line; returns a sentence about what did not work, or nothing."""
    command, *words = line.split()
    if command == LOCATION:
        try:
            latitude, longitude = (float(word.strip(",")) for word in words)
        except ValueError:
            return f"Two numbers are needed: {LOCATION} 45.7 21.2"
        status = background.do(phone.send_place(latitude, longitude))
    else:
        status = background.do(phone.send_photo(picture()) if command == PHOTO else phone.say(line))
    if status is None:
        return "SMS cannot share a place: type the address."
    return "" if 200 <= status < 300 else f"The assistant did not take it (HTTP {status})."


def converse(phone: Phone, background: Background, stack: Stack, console: Console) -> None:
    """Read, deliver, wait for what is answered, show it."""
    with psycopg.connect(stack.database_url, autocommit=True) as database:
        for line in lines(console):
            if trouble := deliver(phone, background, line) if line else "":
                console.print(Text(trouble, style="red"))
                continue
            show_answers(phone, database, console)


def show_answers(phone: Phone, database: psycopg.Connection[Any], console: Console) -> None:
    """Show all that comes until nothing waits to be answered or sent."""

    def settled() -> bool:
        row = database.execute(OPEN).fetchone()
        show(phone, console)
        return bool(row and row[0] == 0)

    try:
        until("an answer", settled, PATIENCE_SECONDS)
    except AssertionError:
        console.print(Text("No answer yet; an empty line looks again.", style="red"))


def show(phone: Phone, console: Console) -> None:
    """Show new messages."""
    for message in phone.shown():
        for line, style in message:
            console.print(Text(line, style=style))


def simulate(phone: Phone, console: Console) -> None:
    """Start everything, talk, stop everything. Raises AssertionError when the assistant does not start."""
    starting = console.status("starting an assistant of its own (the first time a minute more)")
    folder = None
    with Background() as background:
        background.do(phone.peer.__aenter__())
        try:
            starting.start()
            with running(**{**ALONE, **phone.environment()}) as stack:
                folder = stack.data_dir
                phone.meet(stack.url)
                starting.stop()
                console.print(
                    Text(f"{phone.title}: type what a citizen would. Also {PHOTO}, {LOCATION} 45.7 21.2, {QUIT}.")
                )
                converse(phone, background, stack, console)
                starting.update("stopping")
                starting.start()
        finally:
            starting.stop()
            if folder:
                shutil.rmtree(folder, ignore_errors=True)
            background.do(phone.peer.__aexit__())


def main() -> int:
    """Simulate until the end of input; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("channel", choices=sorted(PHONES))
    parser.add_argument("--language", choices=sorted(SENDERS), default="en")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        simulate(PHONES[options.channel](options.language), Console(soft_wrap=True, highlight=False))
    except KeyboardInterrupt:
        return 130
    except AssertionError as error:
        told = ["The assistant did not start:", *str(error).splitlines()[-LAST_LINES:]]
        Console(stderr=True, soft_wrap=True).print(Text("\n".join(told), style="red"))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
