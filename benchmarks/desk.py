"""The desk under load: how fast an agent sees what a citizen writes, and what open consoles cost.

`python -m benchmarks.desk` measures the way of 100 messages, from the citizen's post to the words standing in the
agent's page in Chromium, on an idle desk and again under load: 200 chats held by 20 agents whose consoles are open as
browsers keep them (a stream each, the list fetched anew at most every two seconds when something changed), while
citizens write ten messages a second. It prints medians and 95th percentiles, and the memory at both ends.
"""

import argparse
import asyncio
import json
import random
import threading
import time
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import psutil
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from benchmarks.measuring import percentile
from tests.browser.conftest import CHROMIUM, QUIET
from tests.browser.desk import Console as Desk, rows
from tests.stack import Account, Stack, Visitor, add_account, running

LIST_SECONDS, SPREAD_SECONDS = 2.0, 0.5
"""As backend/console/static/stream.js fetches lists."""
SETTLE_SECONDS = 2.0
PATIENCE_MS = 30_000
WATCH = """() => {
    window.seen = {};
    const look = () => {
        for (const one of document.querySelectorAll("[data-log] .words")) window.seen[one.textContent] ??= Date.now();
    };
    new MutationObserver(look).observe(document.getElementById("live"), { childList: true, subtree: true });
}"""
console = Console()


@dataclass
class Load:
    """What open consoles and writing citizens do, in a thread of their own, and how long lists took, in seconds."""

    stack: Stack
    agents: list[Account]
    visitors: list[Visitor]
    rate: float
    lists: list[float] = field(default_factory=list)
    served: list[float] = field(default_factory=list)
    """Milliseconds the server says a list took it."""
    written: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until told to stop."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        tasks = [asyncio.create_task(self._console(agent)) for agent in self.agents]
        tasks.append(asyncio.create_task(self._citizens()))
        await asyncio.to_thread(self.stopping.wait)
        for task in tasks:
            task.cancel()
        for done in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(done, Exception):
                raise done

    async def _console(self, agent: Account) -> None:
        async with httpx.AsyncClient(base_url=self.stack.url, timeout=60) as client:
            signed = {"login": agent.login, "password": agent.password}
            answer = await client.post("/console/sign-in", data=signed)
            assert answer.status_code == 303, answer.text
            changed = asyncio.Event()
            fetching = asyncio.create_task(self._lists(client, changed))
            try:
                async with client.stream("GET", "/console/stream", timeout=None) as stream:
                    async for line in stream.aiter_lines():
                        if line == "event: changed":
                            changed.set()
            finally:
                fetching.cancel()

    async def _lists(self, client: httpx.AsyncClient, changed: asyncio.Event) -> None:
        while True:
            await changed.wait()
            await asyncio.sleep(random.random() * SPREAD_SECONDS)
            changed.clear()
            began = time.perf_counter()
            answer = await client.get("/console/chats/list?view=all")
            assert answer.status_code == 200
            self.lists.append(time.perf_counter() - began)
            self.served.append(float(answer.headers["Server-Timing"].partition("dur=")[2]))
            await asyncio.sleep(LIST_SECONDS)

    async def _citizens(self) -> None:
        async with httpx.AsyncClient(base_url=self.stack.url, timeout=60) as client:
            while True:
                visitor = random.choice(self.visitors)
                headers = {"Authorization": visitor.client.headers["Authorization"]}
                body = {"id": str(uuid4()), "text": f"A word of a citizen {self.written}"}
                answer = await client.post("/chat/messages", json=body, headers=headers)
                assert answer.status_code == 202, answer.text
                self.written += 1
                await asyncio.sleep(1 / self.rate)


def held(stack: Stack, count: int, agents: list[Account]) -> list[Visitor]:
    """Chats in the hands of agents, so that nothing but the desk is measured."""
    visitors = [Visitor(stack.url) for _ in range(count)]
    for visitor in visitors:
        visitor.send("Hello")
    rows(stack, "UPDATE account SET capacity = 1000")
    chats = [row[0] for row in rows(stack, "SELECT id FROM conversation ORDER BY created_at DESC LIMIT %s", count)]
    for place, chat in enumerate(reversed(chats)):
        agent = agents[place % len(agents)].id
        taken = "UPDATE conversation SET holder = 'agent', agent_id = %s, held_at = now() WHERE id = %s"
        rows(stack, taken, agent, chat)
        rows(stack, "UPDATE message SET state = 'answered' WHERE conversation_id = %s AND state = 'received'", chat)
    return visitors


def ways(page: Page, visitor: Visitor, count: int) -> list[float]:
    """Milliseconds from a citizen's post to the words in the agent's page."""
    page.evaluate(WATCH)
    found = []
    for _ in range(count):
        words = f"Message {uuid4()}"
        began = time.time()
        visitor.send(words)
        page.wait_for_function("words => window.seen[words]", arg=words, timeout=PATIENCE_MS)
        found.append(page.evaluate("words => window.seen[words]", words) - began * 1000)
    return found


def memory(stack: Stack) -> dict[str, float]:
    """Megabytes of each part, shared pages in proportion."""
    parts = {name: stack.processes(name) for name in ("backend", "worker")} | {"postgres": stack.postgres()}
    return {name: sum(_pss(one) for one in family) / 1e6 for name, family in parts.items()}


def _pss(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss)
    except psutil.NoSuchProcess:
        return 0.0


def show(title: str, milliseconds: list[float]) -> None:
    """One line of figures."""
    shares = ", ".join(f"p{share} {percentile(milliseconds, share / 100):.0f} ms" for share in (50, 95, 99))
    console.print(f"{title}: {len(milliseconds)} times, {shares}, longest {max(milliseconds):.0f} ms")


def under_load(stack: Stack, load: Load, page: Page, visitor: Visitor, messages: int, seconds: float) -> None:
    """The same with all consoles open, and what they cost."""
    thread = threading.Thread(target=load.run)
    thread.start()
    time.sleep(SETTLE_SECONDS * 5)
    before, ends = memory(stack), time.monotonic() + seconds
    load.lists.clear()
    load.served.clear()
    found = ways(page, visitor, messages)
    page.wait_for_timeout(max(0.0, ends - time.monotonic()) * 1000)
    after = memory(stack)
    load.stopping.set()
    thread.join(60)
    show(f"Citizen to agent, {len(load.agents)} consoles open, {len(load.visitors)} chats", found)
    show("List of chats, as a console waits for it", [taken * 1000 for taken in load.lists])
    show("List of chats, as the server took", load.served)
    table = Table("part", "MB at the beginning", f"MB after {seconds:.0f} s", "growth")
    for name, first in before.items():
        table.add_row(name, f"{first:.1f}", f"{after[name]:.1f}", f"{after[name] - first:+.1f}")
    console.print(table)
    console.print(json.dumps({"written": load.written, "lists": len(load.lists)}))


def main() -> None:
    """Read the options and measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=100)
    options.add_argument("--seconds", type=float, default=600.0, help="of load")
    options.add_argument("--chats", type=int, default=200)
    options.add_argument("--agents", type=int, default=20)
    options.add_argument("--rate", type=float, default=10.0, help="messages of citizens a second")
    chosen = options.parse_args()
    with (
        running(AGENT_SILENCE_MINUTES="100000", AGENT_ABSENT_SECONDS="100000") as stack,
        sync_playwright() as playwright,
    ):
        agents = [add_account(stack, f"Agent {number}") for number in range(chosen.agents)]
        watcher = add_account(stack, "Ana Pop")
        own, *visitors = held(stack, chosen.chats, [watcher, *agents])
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        desk = Desk(browser.new_page(), stack, watcher).sign_in()
        [[chat]] = rows(stack, "SELECT id FROM conversation ORDER BY created_at LIMIT 1")
        desk.open(chat)
        show("Citizen to agent, nobody else there", ways(desk.page, own, chosen.messages))
        load = Load(stack, agents, visitors, chosen.rate)
        under_load(stack, load, desk.page, own, chosen.messages, chosen.seconds)
        browser.close()


if __name__ == "__main__":
    main()
