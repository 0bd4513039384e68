"""The load generator, a process of its own: `python -m benchmarks.load '<job as JSON>'`.

Prints `begin` when the warm-up is over, so that the caller can read what the servers have cost so far, then the
result as one line of JSON. Every conversation has one message in flight; after a script's last turn it begins anew.
"""

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass, field

import aiohttp
import uvloop

from benchmarks.clients import CONVERSATIONS, PATIENCE_SECONDS, Conversation, TurnFailedError
from benchmarks.messages import LANGUAGES, TURNS, message

MOST_FAILURES = 20


@dataclass(frozen=True)
class Job:
    """What to do: `conversations` at once for `seconds`, or, with `turns`, one after the other, so many turns each."""

    side: str
    url: str
    token: str
    conversations: int
    seconds: float = 0.0
    turns: int = 0


@dataclass
class Outcome:
    """What was measured."""

    answered: int = 0
    """Turns whose answer came within the time."""
    milliseconds: list[float] = field(default_factory=list)
    """Latency of each turn that began within the time."""
    by_turn: list[list[float]] = field(default_factory=list)
    """Of long conversations: one list of latencies each, turn by turn."""
    failures: list[str] = field(default_factory=list)
    seconds: float = 0.0
    own_cpu_seconds: float = 0.0


class Load:
    """Runs one job."""

    def __init__(self, job: Job, client: aiohttp.ClientSession) -> None:
        self._job = job
        self._client = client
        self._begun = 0
        self.outcome = Outcome()

    def conversation(self) -> tuple[Conversation, str]:
        """A new conversation and its language; languages take turns."""
        language = LANGUAGES[self._begun % len(LANGUAGES)]
        self._begun += 1
        opened = CONVERSATIONS[self._job.side](self._client, self._job.url, self._job.token, language)
        return opened, language

    async def talk(self, turns: int, until: float) -> list[float]:
        """One conversation; returns the latencies of its turns in milliseconds."""
        latencies: list[float] = []
        try:
            opened, language = self.conversation()
            async with opened:
                for turn in range(turns):
                    started = time.perf_counter()
                    if started >= until:
                        break
                    await opened.say(message(language, turn))
                    ended = time.perf_counter()
                    latencies.append((ended - started) * 1000)
                    self.outcome.answered += ended <= until
        except (TurnFailedError, TimeoutError, aiohttp.ClientError) as error:
            self.outcome.failures.append(f"{type(error).__name__}: {error}")
            if len(self.outcome.failures) > MOST_FAILURES:
                raise SystemExit("too many turns failed: " + self.outcome.failures[-1]) from None
        return latencies

    async def _keep_talking(self, until: float) -> None:
        while time.perf_counter() < until:
            self.outcome.milliseconds += await self.talk(TURNS, until)

    async def run(self) -> None:
        """Warm up, then measure."""
        for _ in LANGUAGES:
            await self.talk(TURNS, float("inf"))
        self.outcome = Outcome()
        print("begin", flush=True)
        before, started = time.process_time(), time.perf_counter()
        if self._job.turns:
            for _ in range(self._job.conversations):
                self.outcome.by_turn.append(await self.talk(self._job.turns, float("inf")))
        else:
            until = started + self._job.seconds
            await asyncio.gather(*(self._keep_talking(until) for _ in range(self._job.conversations)))
        elapsed = time.perf_counter() - started
        self.outcome.seconds = elapsed if self._job.turns else self._job.seconds
        self.outcome.own_cpu_seconds = time.process_time() - before


async def main(job: Job) -> None:
    """Run a job and print its outcome."""
    patience, jar = aiohttp.ClientTimeout(total=PATIENCE_SECONDS), aiohttp.DummyCookieJar()
    connections = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connections, timeout=patience, cookie_jar=jar) as client:
        load = Load(job, client)
        await load.run()
    print(json.dumps(asdict(load.outcome)))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # cheaper than asyncio's own
        runner.run(main(Job(**json.loads(sys.argv[1]))))
