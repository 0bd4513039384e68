"""The pages of the tickets in a real Chromium: WCAG 2.2 AA by axe-core, reflow, keyboard, two agents at once."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from importlib.resources import files
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, Page, async_playwright, expect
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.app import create_public_app
from backend.console.shell.pages import COOKIE
from backend.core.database import utcnow
from backend.core.settings import ROOT, Settings
from backend.offices.schemas import Office
from tests.backend.console.tickets.conftest import Console, Desk
from tests.backend.console.tickets.test_pages import everything

pytestmark = pytest.mark.browser
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic", "--no-first-run"]
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "EN-301-549", "best-practice"]
ARTEFACTS = ROOT / "artefacts" / "screenshots"
NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
Open = Callable[..., Awaitable[Page]]


class Serving(uvicorn.Server):
    """A server that says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.up.set()


@pytest.fixture
async def url(engine: AsyncEngine, settings: Settings, office: Office) -> AsyncIterator[str]:
    """The public app on a port of its own."""
    config = uvicorn.Config(
        create_public_app(settings, office), port=0, log_level="warning", timeout_graceful_shutdown=3
    )
    server = Serving(config)
    serving = asyncio.create_task(server.serve())
    await server.up.wait()
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a window; the suite fails where there is none, it does not skip."""
    assert shutil.which(CHROMIUM), f"no Chromium at {CHROMIUM}: run deploy/install-browser.sh or set CHROMIUM"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


@pytest.fixture
async def open_page(browser: Browser, url: str) -> AsyncIterator[Open]:
    """Opens a page below /console/tickets as an agent; errors in a page fail the test."""
    errors: list[str] = []

    async def make(desk: Desk, path: str = "", **options: Any) -> Page:
        context = await browser.new_context(base_url=url, **{"viewport": WIDE, **options})
        token = desk.client.cookies[COOKIE]
        await context.add_cookies([{"name": COOKIE, "value": token, "url": f"{url}/console"}])
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda entry: errors.append(entry.text) if "Content Security" in entry.text else None)
        await page.goto(f"/console/tickets{path}")
        return page

    yield make
    for context in browser.contexts:
        await context.close()
    assert errors == []


async def violations(page: Page) -> list[str]:
    """Rules of axe that fail; asserts that it looked at something."""
    await page.evaluate(AXE + "\n;undefined")
    result = await page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", TAGS)
    assert len(result["passes"]) > 10
    return [f"{found['id']}: {found['nodes'][0]['html']}" for found in result["violations"]]


@pytest.mark.parametrize(("scheme", "size"), [("light", NARROW), ("dark", WIDE)], ids=["light", "dark"])
async def test_every_page_is_accessible_and_fits(
    console: Console, open_page: Open, scheme: str, size: dict[str, int]
) -> None:
    desk = await console.desk()
    ticket = await console.ticket(due_at=utcnow() - timedelta(days=1), latitude=45.7, longitude=21.2)
    await console.ticket(latitude=45.7, longitude=21.2)
    await everything(console, desk, ticket)
    await desk.post("/filters", name="Late", query="view=overdue")
    page = await open_page(desk, color_scheme=scheme, viewport=size)
    for path in ("", "?view=mine&text=zzzz&unit=roads", f"/{ticket.id}", "/new", "/questions"):
        await page.goto(f"/console/tickets{path}")
        for summary in await page.locator("#acts summary, .filters summary").all():
            await summary.click()
        assert await violations(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
        name = "empty" if "?" in path else path.strip("/").replace(str(ticket.id), "one") or "list"
        await page.screenshot(path=ARTEFACTS / f"tickets-{name}-{scheme}-{size['width']}.png", full_page=True)


async def test_the_list_is_walked_by_keyboard(console: Console, open_page: Open) -> None:
    desk = await console.desk("agent", "pests-of-no-unit", "health")
    old, new = await console.ticket(category="pests"), await console.ticket(category="pests", description="Rats again")
    page = await open_page(desk, "?view=open")
    await page.keyboard.press("j")
    await expect(page.locator(f"#item-{new.id} a")).to_be_focused()
    await page.keyboard.press("j")
    await expect(page.locator(f"#item-{old.id} a")).to_be_focused()
    await page.keyboard.press("k")
    await page.keyboard.press("/")
    await expect(page.locator("[data-search]")).to_be_focused()
    await page.keyboard.type("rats")
    await expect(page.locator(".item")).to_have_count(1)
    await expect(page).to_have_url(re.compile(r"text=rats"))
    await page.locator("[data-search]").blur()
    await page.keyboard.press("j")
    await page.keyboard.press("o")
    await expect(page.locator("h1")).to_contain_text(new.reference)
    await page.wait_for_load_state()
    await page.keyboard.press("t")
    await expect(page.locator(".history")).to_contain_text("Took the ticket on")
    await expect(page.locator("#done")).to_have_text("Done: Took the ticket on")


async def test_a_call_is_registered_by_keyboard_alone(console: Console, open_page: Open) -> None:
    page = await open_page(await console.desk(), "/new")
    await expect(page.locator("[name=category]")).to_be_focused()
    for typed in ("noise", "Piața Unirii 3", "Loud music each night", "Maria Pop", "12"):
        await page.keyboard.type(typed)
        await page.keyboard.press("Tab")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("[name=phone]")).to_be_focused()
    await expect(page.locator("#problem")).to_be_visible()
    await expect(page.locator("[name=words]")).to_have_value("Loud music each night")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("0721 555 931")
    await page.keyboard.press("Control+Enter")
    told = page.locator(".read-out dd")
    await expect(told.nth(0)).to_have_text(re.compile(r"^TM-\w{3}-\w{3}$"))
    await expect(told.nth(1)).to_have_text(re.compile(r"^\d{6}$"))
    assert await told.nth(0).evaluate("element => parseFloat(getComputedStyle(element).fontSize)") >= 40
    await page.keyboard.press("Enter")
    await expect(page.locator("[name=words]")).to_have_value("")


async def test_what_a_colleague_does_meanwhile_is_seen_and_no_word_typed_is_lost(
    console: Console, open_page: Open
) -> None:
    ana, ion, ticket = await console.desk(), await console.desk("supervisor", name="Ion"), await console.ticket()
    page = await open_page(ana, f"/{ticket.id}")
    form = page.locator("form[action$='/close']")
    await page.locator("summary", has_text="Close").click()
    await form.locator("[name=reason]").fill("The music is off.")
    await ion.post(f"/{ticket.id}/move", seen=await console.seen(ticket), state="assigned")
    await expect(page.locator(".history")).to_contain_text("State: passed to the unit")
    await form.locator("button").click()
    await expect(page.locator("#notice")).to_contain_text("change of state (Ion)")
    await expect(form.locator("[name=reason]")).to_have_value("The music is off.")
    await expect(form.locator("[name=seen]")).to_have_value(str(await console.seen(ticket)))
    await form.locator("button").click()
    await expect(page.locator("#done")).to_have_text("Done: Closed: solved")
    await expect(page.locator("#notice")).to_be_empty()
    await expect(page.locator("summary", has_text="Reopen")).to_be_visible()


async def test_printed_it_is_the_ticket_without_its_forms(console: Console, open_page: Open) -> None:
    desk, ticket = await console.desk(), await console.ticket()
    page = await open_page(desk, f"/{ticket.id}")
    await page.emulate_media(media="print")
    await expect(page.locator("#acts")).to_be_hidden()
    await expect(page.locator(".bar")).to_be_hidden()
    await expect(page.locator(".history")).to_be_visible()


async def test_without_scripts_the_forms_still_work(console: Console, open_page: Open) -> None:
    desk, ticket = await console.desk(), await console.ticket()
    page = await open_page(desk, f"/{ticket.id}", java_script_enabled=False)
    await page.locator("[data-take]").click()
    await expect(page.locator(".history")).to_contain_text("Took the ticket on")
    await page.goto(f"/console/tickets?view=all&text={ticket.reference}")
    await expect(page.locator(".item")).to_have_count(1)
