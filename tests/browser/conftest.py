"""A real Chromium and a page that chats."""

import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, Playwright, expect, sync_playwright

from backend.core.settings import ROOT
from tests.stack import Stack, add_account

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARTEFACTS = ROOT / "artefacts" / "screenshots"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
ANSWER_MS = 30_000
STUCK_SECONDS = 60
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic", "--no-first-run"]


class Chromium:
    """Chromium without a window, started anew when it is gone."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._browser: Browser | None = None

    def running(self) -> Browser:
        """The browser there is, or a new one."""
        if self._browser is None or not self._browser.is_connected():
            self._browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        return self._browser

    def close(self, contexts: Sequence[BrowserContext]) -> None:
        """Close contexts, their pages left first. A Chromium that does not answer to that is killed."""
        stuck = threading.Timer(STUCK_SECONDS, kill_chromium)
        stuck.start()
        try:
            with suppress(Error):
                for context in contexts:
                    for page in context.pages:
                        page.goto("about:blank")
                    context.close()
        finally:
            stuck.cancel()


def kill_chromium() -> None:
    """Kill the Chromium this run has started."""
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if "chromium" in child.name():
                child.kill()


# Not for the session: while Playwright runs, its event loop would be in the way of the asynchronous tests that follow.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Chromium]:
    """Chromium; the suite fails where there is none, it does not skip."""
    assert Path(CHROMIUM).exists(), f"no Chromium at {CHROMIUM}: run deploy/install-browser.sh or set CHROMIUM"
    with sync_playwright() as playwright:
        chromium = Chromium(playwright)
        yield chromium
        kill_chromium()


@dataclass
class Chat:
    """The widget in a page, as a person uses it."""

    page: Page
    url: str

    def open(self, language: str = "en") -> "Chat":
        """Go to the sample page and open the widget."""
        self.page.goto(f"{self.url}/?language={language}")
        self.page.locator("[data-launcher]").click()
        expect(self.page.locator("[data-input]")).to_be_visible()
        return self

    def reopen(self) -> "Chat":
        """Reload the page and open the widget again."""
        self.page.reload()
        self.page.locator("[data-launcher]").click()
        expect(self.page.locator("[data-input]")).to_be_visible()
        return self

    @property
    def answers(self) -> Locator:
        """What the bot has said so far."""
        return self.page.locator("[data-message][data-author=bot]")

    @property
    def own(self) -> Locator:
        """What the visitor has said so far."""
        return self.page.locator("[data-message][data-author=citizen]")

    @property
    def texts(self) -> list[str]:
        """All messages in the order shown."""
        return self.page.locator("[data-message]").all_inner_texts()

    def type(self, text: str) -> None:
        """Write into the box and send."""
        self.page.locator("[data-input]").fill(text)
        self.page.locator("[data-send]").click()

    def say(self, text: str, answer: str | re.Pattern[str]) -> str:
        """Send a text and wait for an answer that holds this; returns it."""
        before = self.answers.count()
        self.type(text)
        return self.answer(answer, before)

    def answer(self, expected: str | re.Pattern[str], before: int) -> str:
        """The first answer after `before` many that holds what is expected."""
        pattern = expected if isinstance(expected, re.Pattern) else re.compile(re.escape(expected))
        expect(self.answers.nth(before)).to_be_visible(timeout=ANSWER_MS)
        found = self.answers.filter(has_text=pattern).last
        expect(found).to_be_visible(timeout=ANSWER_MS)
        return found.inner_text()

    def picture(self, name: str) -> None:
        """Keep screenshots at phone and desktop width."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        before = self.page.viewport_size
        for kind, size in (("phone", PHONE), ("desktop", DESKTOP)):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            self.page.screenshot(path=ARTEFACTS / f"{name}-{kind}.png", caret="initial")
        self.page.set_viewport_size(before)  # type: ignore[arg-type]


@pytest.fixture
def new_chat(chromium: Chromium, stack: Stack) -> Iterator[Callable[..., Chat]]:
    """Makes a visitor with a browser profile of their own; errors in a page fail the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def make(language: str = "en", **options: Any) -> Chat:
        context = chromium.running().new_context(viewport=PHONE, locale=language, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda entry: errors.append(entry.text) if "Content Security" in entry.text else None)
        return Chat(page, stack.url)

    yield make
    chromium.close(contexts)
    assert errors == []


@pytest.fixture
def new_agent(chromium: Chromium, stack: Stack) -> Iterator[Callable[..., Any]]:
    """Makes an agent of the desk with an account and a browser profile of their own; errors in a page fail the test."""
    from tests.browser.desk import Console

    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def make(name: str = "Ana Pop", role: str = "agent", language: str = "en", **options: Any) -> Console:
        context = chromium.running().new_context(**{"viewport": DESKTOP, "locale": language, **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda entry: errors.append(entry.text) if "Content Security" in entry.text else None)
        scripts = bool(options.get("java_script_enabled", True))
        return Console(page, stack, add_account(stack, name, role, language=language), scripts)

    yield make
    chromium.close(contexts)
    assert errors == []


@pytest.fixture(autouse=True)
def nothing_reported(request: pytest.FixtureRequest) -> None:
    """A town where nothing is open: a new report of the same place would be offered to follow the older one."""
    if "stack" in request.fixturenames:
        request.getfixturevalue("stack").close_tickets()
