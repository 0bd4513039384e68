"""The console in a page, as an agent uses it."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import ARTEFACTS, DESKTOP, PHONE
from tests.stack import Account, Stack

LIVE_MS = 60_000


@dataclass
class Console:
    """One agent's browser."""

    page: Page
    stack: Stack
    account: Account
    scripts: bool = True

    @property
    def url(self) -> str:
        return f"{self.stack.url}/console"

    def sign_in(self) -> "Console":
        """From the first page to the list of chats."""
        self.page.goto(self.url)
        self.enter()
        return self

    def enter(self) -> None:
        """Fill in the sign-in page that is shown."""
        self.page.locator("[name=login]").fill(self.account.login)
        self.page.locator("[name=password]").fill(self.account.password)
        self.page.locator("form button.primary").click()
        expect(self.page.locator("#chats")).to_be_visible()

    def queue(self, view: str = "unassigned") -> "Console":
        """One of the lists."""
        self.page.goto(f"{self.url}/chats?view={view}")
        self.ready()
        return self

    def ready(self) -> None:
        """The page's scripts run; without scripts there is nothing to wait for."""
        if self.scripts:
            expect(self.page.locator("html[data-ready]")).to_be_attached()

    def item(self, words: str) -> Locator:
        """The chat of the list whose last words these are."""
        return self.page.locator("[data-item]", has_text=words)

    def open(self, chat: UUID | str) -> "Console":
        """A chat's page."""
        self.page.goto(f"{self.url}/chats/{chat}")
        expect(self.log).to_be_visible()
        self.ready()
        return self

    def take(self) -> None:
        """Take the open chat over."""
        self.page.locator("[data-take]").click()
        expect(self.page.locator("[data-send]")).to_be_visible(timeout=LIVE_MS)

    def answer(self, words: str) -> None:
        """Write to the citizen."""
        self.box.fill(words)
        self.page.locator("[data-send]").click()
        expect(self.said(words)).to_be_visible(timeout=LIVE_MS)
        expect(self.box).to_have_value("")

    def note(self, words: str) -> None:
        """Write to the colleagues."""
        self.box.fill(words)
        self.page.locator("[data-note]").click()
        expect(self.page.locator(".message.note", has_text=words)).to_be_visible(timeout=LIVE_MS)

    @property
    def box(self) -> Locator:
        return self.page.locator("[data-reply-text]")

    @property
    def log(self) -> Locator:
        return self.page.locator("[data-log]")

    def said(self, words: str | re.Pattern[str]) -> Locator:
        """What was said in the open chat and holds these words."""
        return self.log.locator("article", has_text=words)

    def lines(self) -> list[str]:
        """Names of all messages, notes and acts shown, in order."""
        return list(self.log.locator("> *").evaluate_all("all => all.map(one => one.id)"))

    def items(self) -> list[str]:
        """Names of the chats of the list, in order."""
        return list(self.page.locator(".item").evaluate_all("all => all.map(one => one.id)"))

    def picture(self, name: str) -> None:
        """Keep screenshots at phone and desktop width."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        before = self.page.viewport_size
        for kind, size in (("phone", PHONE), ("desktop", DESKTOP)):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            self.page.screenshot(path=ARTEFACTS / f"console-{name}-{kind}.png", caret="initial")
        self.page.set_viewport_size(before)  # type: ignore[arg-type]


def rows(stack: Stack, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What the assistant's database answers."""
    with psycopg.connect(stack.database_url, autocommit=True) as database:
        found = database.execute(query.encode(), values)
        return found.fetchall() if found.description else []


def chat_of(stack: Stack, words: str) -> UUID:
    """The chat in which a citizen said this."""
    query = "SELECT conversation_id FROM message WHERE author = 'citizen' AND content->>'text' = %s"
    [[found]] = rows(stack, query, words)
    return UUID(str(found))


FAILED = """
WITH person AS (
    INSERT INTO contact (id, office_id, name, phone, created_at)
    VALUES (gen_random_uuid(), 'timisoara', 'Ion Popescu', '+40721' || (100000 + floor(random() * 899999))::text, now())
    RETURNING id
), chat AS (
    INSERT INTO conversation (id, office_id, contact_id, channel, address, language, holder, agent_id, held_at,
                              callback, person_seq, last_seq, created_at, heard_at, waiting_since)
    SELECT gen_random_uuid(), 'timisoara', id, 'sms', '+40721', 'ro', 'agent', %(agent)s, now(), true, 0, 2, now(),
           now(), now()
    FROM person RETURNING id
), said AS (
    INSERT INTO message (conversation_id, seq, author, channel, content, language, state, attempts, created_at)
    SELECT id, 1, 'citizen', 'sms', '{"text": "Bună ziua, sunați-mă vă rog"}'::jsonb, 'ro', 'answered', 0, now()
    FROM chat
    UNION ALL
    SELECT id, 2, 'agent', 'sms', '{"text": "Vă sunăm.", "by": "Ana"}'::jsonb, 'ro', 'queued', 0, now() FROM chat
), lane AS (
    INSERT INTO lane (id, channel, address, version, fence, free_at)
    SELECT id, 'sms', '+40721', 1, 0, now() FROM chat RETURNING id
), part AS (
    INSERT INTO delivery (lane_id, number, position, channel, part, kind, state, attempts, unsure, reason, expires_at,
                          created_at, settled_at)
    SELECT id, 2, 0, 'sms', '{"text": "Vă sunăm."}', 'person', 'failed', 1, false, 'blocked', now(), now(), now()
    FROM lane
)
SELECT id FROM chat
"""
"""A chat by SMS, held, with an answer that could not be delivered and a wish to be called."""


def failed_chat(stack: Stack, agent: UUID) -> UUID:
    """As FAILED says."""
    with psycopg.connect(stack.database_url, autocommit=True) as database:
        row = database.execute(FAILED, {"agent": agent}).fetchone()
    assert row
    return UUID(str(row[0]))
