"""A long time under load through Telegram's way in, and how fast a webhook answers while the bot is away.

`python -m benchmarks.soak --seconds 600 --rate 50` posts so many messages a second, samples the memory of each process
every ten seconds and compares the first minute with the last. `python -m benchmarks.soak --webhook` stops Rasa and
measures how long posts take. Both run the whole assistant on ports and data of its own.
"""

import argparse
import asyncio
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from statistics import mean

import httpx
import psutil
import psycopg
from rich.console import Console
from rich.table import Table

from backend.core.settings import ROOT
from benchmarks.machine import memory_megabytes
from benchmarks.measuring import percentile
from benchmarks.messages import LANGUAGES, message
from benchmarks.our_stack import OurStack, data_folder
from benchmarks.places import LOGS
from benchmarks.processes import free_ports, start, stop, unbroken, wait_for
from tests.peers.telegram import TOKEN
from tests.peers.telegram_updates import Update, Updates, as_json

SAMPLE_SECONDS = 10.0
MINUTE = 60.0
AT_ONCE = 200
"""People who write in turn; who has written MESSAGES makes room for somebody new."""
MESSAGES = 20
PATIENCE_SECONDS = 600.0
NO_LIMIT = "100000"
console = Console()
COUNTS = """
    SELECT count(*) FILTER (WHERE state = 'answered'), count(*) FILTER (WHERE state = 'received'),
           count(*) FILTER (WHERE state NOT IN ('answered', 'received'))
    FROM message WHERE author = 'citizen' AND channel = 'telegram'
"""
WAITED = """
    SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY waited), percentile_disc(0.95) WITHIN GROUP (ORDER BY waited),
           max(waited)
    FROM (SELECT extract(epoch FROM settled_at - created_at)::float AS waited FROM message
          WHERE author = 'citizen' AND channel = 'telegram' AND state = 'answered')
"""
OPEN = "SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending')"


class SoakStack(OurStack):
    """Ours with Telegram, whose server is a process beside it."""

    def __init__(self, data: Path, peer_url: str) -> None:
        super().__init__(data)
        self.secret = secrets.token_hex(16)
        self._environment |= {
            "PUBLIC_URL": "https://komshu.example.org",
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_SECRET": self.secret,
            "TELEGRAM_API_URL": peer_url,
            "TELEGRAM_PER_SECOND": NO_LIMIT,
            "TELEGRAM_PER_CHAT_SECONDS": "0",
        }

    def row(self, query: str) -> tuple[float, ...]:
        """The first row of an answer of its database."""
        with psycopg.connect(f"postgresql://postgres:@/komshu?host={self.data}/postgres") as connection:
            found = connection.execute(query).fetchone()
        return found or ()

    def memory(self) -> dict[str, float]:
        """Megabytes by part."""
        return {part: memory_megabytes(pids) for part, pids in self.processes().items()}


@dataclass
class Posts:
    """What became of the posts."""

    milliseconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    """How they were answered; 0 for not at all."""
    seconds: float = 0.0
    """From the first to the answer to the last."""

    def told(self) -> str:
        """In one line."""
        p50, p95 = (percentile(self.milliseconds, share) for share in (0.50, 0.95))
        worst = max(self.milliseconds, default=float("nan"))
        answers = ", ".join(f"{times} x {status}" for status, times in sorted(self.statuses.items()))
        return f"webhook p50 {p50:.1f} ms, p95 {p95:.1f} ms, longest {worst:.0f} ms ({answers})"


def updates() -> Iterator[Update]:
    """Messages of people who take turns, for ever."""
    made, newcomers = Updates(language="en"), count(1)
    people = [[next(newcomers), turn % MESSAGES] for turn in range(AT_ONCE)]
    while True:
        for person in people:
            chat, turn = person
            yield made.text(chat, message(LANGUAGES[chat % len(LANGUAGES)], turn))
            person[:] = [chat, turn + 1] if turn + 1 < MESSAGES else [next(newcomers), 0]


async def post(client: httpx.AsyncClient, stack: SoakStack, update: Update, posts: Posts) -> None:
    """One post, measured, and again until it is taken, as Telegram does."""
    headers = {"content-type": "application/json", "X-Telegram-Bot-Api-Secret-Token": stack.secret}
    status = 0
    while status != httpx.codes.OK:
        began = time.perf_counter()
        with suppress(httpx.HTTPError):
            status = (await client.post("/channels/telegram", content=as_json(update), headers=headers)).status_code
        posts.milliseconds.append((time.perf_counter() - began) * 1000)
        posts.statuses[status] += 1


async def load(stack: SoakStack, rate: float, seconds: float) -> Posts:
    """Post at an even pace, whether or not earlier posts were answered."""
    posts = Posts()
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=stack.url, limits=limits, timeout=60, trust_env=False) as client:
        began, running = time.perf_counter(), set()
        for number, update in enumerate(islice(updates(), int(rate * seconds))):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            task = asyncio.create_task(post(client, stack, update, posts))
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)
    posts.seconds = time.perf_counter() - began
    return posts


@dataclass
class Sample:
    """The state of things at one moment."""

    at: float
    memory: dict[str, float]
    answered: int
    waiting: int


async def watch(stack: SoakStack, samples: list[Sample]) -> None:
    """Sample until cancelled."""
    began = time.monotonic()
    while True:
        answered, waiting, _ = await asyncio.to_thread(stack.row, COUNTS)
        memory = await asyncio.to_thread(stack.memory)
        samples.append(Sample(time.monotonic() - began, memory, answered, waiting))
        shown = " ".join(f"{part} {megabytes:.0f}" for part, megabytes in sorted(memory.items()))
        console.print(f"{samples[-1].at:5.0f} s  answered {answered}  waiting {waiting}  MB: {shown}")
        await asyncio.sleep(SAMPLE_SECONDS)


async def soak(stack: SoakStack, rate: float, seconds: float) -> tuple[Posts, list[Sample], float]:
    """The load, and how long it took afterwards until everything was answered and sent."""
    samples: list[Sample] = []
    watching = asyncio.create_task(watch(stack, samples))
    posts = await load(stack, rate, seconds)
    loaded = time.monotonic()
    while stack.row(COUNTS)[1] or stack.row(OPEN)[0]:
        if time.monotonic() - loaded > PATIENCE_SECONDS:
            break
        await asyncio.sleep(0.5)
    watching.cancel()
    return posts, samples, time.monotonic() - loaded


def show(stack: SoakStack, samples: Sequence[Sample], seconds: float) -> None:
    """Memory in the first minute against the last."""
    table = Table("MB", "first minute", "last minute", "change")
    span = min(MINUTE, seconds / 2)
    early = [one for one in samples if one.at <= span]
    late = [one for one in samples if seconds - span <= one.at <= seconds]
    for part in sorted(samples[0].memory):
        first, last = (mean(one.memory.get(part, 0.0) for one in some) for some in (early, late))
        table.add_row(part, f"{first:.1f}", f"{last:.1f}", f"{last - first:+.1f}")
    console.print(table)
    answered, waiting, others = stack.row(COUNTS)
    p50, p95, longest = stack.row(WAITED)
    console.print(f"answered {answered}, waiting {waiting}, failed or muted {others}")
    console.print(f"from stored to answered: p50 {p50:.2f} s, p95 {p95:.2f} s, longest {longest:.1f} s")


def run_soak(stack: SoakStack, peer_url: str, rate: float, seconds: float) -> None:
    """Load for so many seconds, then wait until all is done."""
    posts, samples, behind = asyncio.run(soak(stack, rate, seconds))
    taken = posts.statuses[httpx.codes.OK]
    console.print(f"\n{taken} messages, {rate:g}/s wanted, {taken / posts.seconds:.1f}/s taken; {posts.told()}")
    show(stack, samples, seconds)
    sent = len(httpx.get(f"{peer_url}/control/sent", timeout=60, trust_env=False).json())
    console.print(f"{sent} arrived at the provider; all was done {behind:.1f} s after the last post")


def run_webhook(stack: SoakStack, rate: float, seconds: float) -> None:
    """How long posts take while nobody answers them."""
    bot = [psutil.Process(pid) for pid in stack.processes()["rasa"]]
    for process in bot:
        process.suspend()
    try:
        posts = asyncio.run(load(stack, rate, seconds))
    finally:
        for process in bot:
            process.resume()
    console.print(f"Rasa stopped, {rate:g} messages/s for {seconds:g} s: {posts.told()}")


@contextmanager
def telegram_server() -> Iterator[str]:
    """Telegram's stand-in as a process of its own; gives its address."""
    [port] = free_ports(1)
    url, log = f"http://127.0.0.1:{port}", LOGS / "telegram.log"
    process = start([sys.executable, "-m", "tests.peers.telegram", "--port", str(port)], ROOT, {}, log)
    try:
        wait_for(lambda: _listens(url), process, log, 60, "Telegram's stand-in")
        yield url
    finally:
        with unbroken():
            stop(process)


def _listens(url: str) -> bool:
    with suppress(httpx.HTTPError):
        return httpx.get(f"{url}/control/calls", trust_env=False).status_code == httpx.codes.OK
    return False


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--webhook", action="store_true", help="only how long posts take while Rasa is stopped")
    parser.add_argument("--seconds", type=float, help="how long; 600, or 10 with --webhook")
    parser.add_argument("--rate", type=float, help="messages a second; 50, or 100 with --webhook")
    options = parser.parse_args()
    seconds = options.seconds or (10.0 if options.webhook else 600.0)
    rate = options.rate or (100.0 if options.webhook else 50.0)
    with data_folder() as data, telegram_server() as peer_url, SoakStack(data, peer_url) as stack:
        if options.webhook:
            run_webhook(stack, rate, seconds)
        else:
            run_soak(stack, peer_url, rate, seconds)


if __name__ == "__main__":
    main()
