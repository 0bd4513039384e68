"""The pages of articles in a real Chromium: WCAG 2.2 AA by axe-core, reflow, the preview, two people at once."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import uvicorn
from playwright.async_api import Page, async_playwright, expect

from backend.accounts.schemas import Role
from backend.app import create_public_app
from backend.console.shell.pages import COOKIE
from backend.knowledge import questions
from backend.knowledge.schemas import Asked
from tests.backend.console.people import Desk
from tests.backend.console.test_knowledge import CONTENT, PLACE, Room
from tests.backend.console.tickets.test_browser import ARTEFACTS, AXE, CHROMIUM, NARROW, QUIET, TAGS, WIDE, Serving

pytestmark = pytest.mark.browser
Open = Callable[..., Awaitable[Page]]


@pytest.fixture
async def room(desk: Desk, tmp_path: Path) -> AsyncIterator[Room]:
    made = Room(desk, tmp_path)
    await made.load(CONTENT)
    yield made
    for table in ("article", "article_version", "unanswered"):
        await desk.run(f"DELETE FROM {table} WHERE office_id = :office", office=desk.office.profile.id)


@pytest.fixture
async def opens(room: Room) -> AsyncIterator[Open]:
    """Opens a page as somebody with a role; errors in a page fail the test."""
    app = create_public_app(room.desk.settings, room.desk.office)
    server = Serving(uvicorn.Config(app, port=0, log_level="warning", timeout_graceful_shutdown=3))
    serving = asyncio.create_task(server.serve())
    await server.up.wait()
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    errors: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)

        async def make(path: str, role: Role = "supervisor", **options: Any) -> Page:
            context = await browser.new_context(base_url=url, **{"viewport": WIDE, **options})
            token = (await room.desk.somebody(role)).client.cookies[COOKIE]
            await context.add_cookies([{"name": COOKIE, "value": token, "url": f"{url}/console"}])
            page = await context.new_page()
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda entry: errors.append(entry.text) if "Content Security" in entry.text else None)
            await page.goto(path)
            return page

        yield make
        await browser.close()
    server.should_exit = True
    await serving
    await app.state.sessions.kw["bind"].dispose()
    # axe itself tries to set styles in the preview's own tree.
    assert [error for error in errors if "Applying inline style" not in error] == []


async def violations(page: Page) -> list[str]:
    """Rules of axe that fail; asserts that it looked at something."""
    await page.evaluate(AXE + "\n;undefined")
    result = await page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", TAGS)
    assert len(result["passes"]) > 10
    return [f"{found['id']}: {found['nodes'][0]['html']}" for found in result["violations"]]


async def fill(room: Room) -> None:
    """A conflict, a draft and a question without an answer."""
    person = await room.desk.somebody("supervisor")
    text = {"title": "New", "body": "**New**", "owner": "helpdesk", "expires": "2099-01-01"}
    await person.post(PLACE, {**text, "do": "publish", "seen": 1})
    await person.post(PLACE, {**text, "body": "# Draft", "do": "draft", "seen": 2})
    await room.load(replace(CONTENT, title="Changed in the file"))
    async with room.desk.session() as session, session.begin():
        asked = Asked("rent a boat", "en", f"{uuid4()}:1", "faq/tourism", 0.4)
        await questions.note(session, room.desk.office.profile.id, asked)


PAGES = {
    "list": "/console/knowledge",
    "article": PLACE,
    "compare": f"{PLACE}/compare?before=1&after=2",
    "unanswered": "/console/knowledge/unanswered",
    "usefulness": "/console/knowledge/usefulness",
}


@pytest.mark.parametrize(("scheme", "size"), [("light", NARROW), ("dark", WIDE)])
async def test_no_violations_and_no_sideways_scrolling(
    room: Room, opens: Open, scheme: str, size: dict[str, int]
) -> None:
    await fill(room)
    page = await opens(PLACE, color_scheme=scheme, viewport=size)
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    for name, path in PAGES.items():
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
        await page.screenshot(path=ARTEFACTS / f"knowledge-{name}-{scheme}-{size['width']}.png")
        assert await violations(page) == [], name


async def test_the_preview_follows_what_is_typed_in_the_widgets_own_look(room: Room, opens: Open) -> None:
    page = await opens(PLACE)
    said = page.locator("komshu-preview .bubble .text")
    await expect(said).to_have_text("Monday: 08:00\n• door 2")
    await page.locator("[name=body]").fill("Tuesday **only**\n\n# Heading")
    await expect(said).to_have_text("Tuesday only\nHeading")
    await expect(page.locator("#preview .fault")).to_contain_text("a heading")
    radius = await page.locator("komshu-preview .bubble").evaluate("bubble => getComputedStyle(bubble).borderRadius")
    assert radius != "0px"
    await expect(page.locator("komshu-preview [data-useful=yes]")).to_have_text("Yes")


async def test_what_is_refused_stays_and_is_read_out(room: Room, opens: Open) -> None:
    mine, theirs = await opens(PLACE), await opens(PLACE)
    await theirs.locator("[name=title]").fill("Theirs")
    await theirs.locator("button[value=publish]").click()
    await expect(theirs.locator(".versions li")).to_have_count(2)
    await mine.locator("[name=title]").fill("Mine")
    await mine.locator("button[value=publish]").click()
    await expect(mine.locator("#editor [role=alert]")).to_be_focused()
    await expect(mine.locator("#editor del")).to_contain_text(["Theirs"])
    await expect(mine.locator("[name=title]")).to_have_value("Mine")
    await mine.locator("button[value=publish]").click()
    await expect(mine.locator(".versions li")).to_have_count(3)
    assert await room.says() == ("Mine", "Monday: 08:00\n• door 2")


async def test_the_list_is_narrowed_while_typing(room: Room, opens: Open) -> None:
    page = await opens("/console/knowledge")
    await page.locator("[data-search]").fill("opening")
    await expect(page.locator("[id^=topic-]")).to_have_count(1)
    await expect(page.locator("#articles [role=status]")).to_contain_text(re.compile(r"^1 of 1"))


@pytest.mark.parametrize("path", PAGES.values())
async def test_everything_is_there_without_scripts(room: Room, opens: Open, path: str) -> None:
    await fill(room)
    page = await opens(path, java_script_enabled=False)
    await expect(page.locator("h1")).to_be_visible()
    if path == PLACE:
        await expect(page.locator("komshu-preview")).to_contain_text("Draft")
        await page.locator("button[value=draft]").click()
        await expect(page.locator(".versions li")).to_have_count(5)
