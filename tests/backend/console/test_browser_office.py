"""Signing in, one's own settings and the office room in a real Chromium: axe-core, reflow, targets, focus."""

import asyncio
import os
import re
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.resources import files
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI
from playwright.async_api import Browser, Page, async_playwright, expect

from backend.accounts.service import agent_of
from backend.audit.service import record
from backend.console.shell.pages import COOKIE
from backend.core.settings import ROOT
from tests.backend.accounts.factories import PASSWORD
from tests.backend.console.people import Desk, Person
from tests.peers.telegram import Server

pytestmark = pytest.mark.browser
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic", "--no-first-run"]
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "EN-301-549", "best-practice"]
ARTEFACTS = ROOT / "artefacts" / "screenshots"
NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
SMALL = """() => [...document.querySelectorAll("main a, main button, main input, main select, main summary")]
    .filter(one => one.type !== "hidden")
    .map(one => [one, (one.closest("label.check") || one).getBoundingClientRect()])
    .filter(([one, box]) => box.width > 0 && (box.height < 43.5 || box.width < 43.5))
    .map(([one]) => one.outerHTML.slice(0, 120))"""
"""Targets in the page's own part below 44 pixels; a check box is pressed on its whole label."""
Open = Callable[..., Awaitable[Page]]


@pytest.fixture
async def url(shared_app: FastAPI, desk: Desk) -> AsyncIterator[str]:
    """The desk's app on a port of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(shared_app)  # type: ignore[arg-type]
    serving = asyncio.create_task(server.serve([listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.stopping.set()
    await serving


@pytest.fixture
async def open_page(url: str) -> AsyncIterator[Open]:
    """Opens a page, signed in as somebody or not; errors in a page and breaches of its policy fail the test."""
    assert shutil.which(CHROMIUM), f"no Chromium at {CHROMIUM}: run deploy/install-browser.sh or set CHROMIUM"
    errors: list[str] = []

    async def make(path: str, person: Person | None = None, **options: Any) -> Page:
        context = await browser.new_context(base_url=url, locale="en", **{"viewport": WIDE, **options})
        if person:
            token = person.client.cookies[COOKIE]
            await context.add_cookies([{"name": COOKIE, "value": token, "url": f"{url}/console"}])
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda entry: errors.append(entry.text) if "Content Security" in entry.text else None)
        await page.goto(path)
        return page

    async with async_playwright() as playwright:
        browser: Browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield make
        await browser.close()
    assert errors == []


async def faults(page: Page) -> list[str]:
    """Rules of axe that fail, targets that are small, and a page that is wider than its window."""
    await page.evaluate(AXE + "\n;undefined")
    result = await page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", TAGS)
    assert len(result["passes"]) > 10
    found = [f"{one['id']}: {one['nodes'][0]['html']}" for one in result["violations"]]
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*found, *await page.evaluate(SMALL), *([f"{wide} px too wide"] if wide > 0 else [])]


async def furnished(desk: Desk) -> tuple[Person, dict[str, str]]:
    """An administrator of a desk with something on every page, and the pages by name."""
    boss = await desk.somebody("administrator", name="Ana-Maria Constantinescu-Dobrogeanu")
    mine = await desk.account("supervisor", name="Ben", units=list(desk.office.units)[:3], login="ben@town.example")
    await boss.post("/console/office/canned/new", {"name": "Hello", "text_en": "Good day {citizen}"})
    async with desk.session() as session, session.begin():
        for act in ("chat.taken", "chat.to_unit", "ticket.closed", "account.reset"):
            kind = act.split(".")[0]
            await record(session, agent_of(mine), act, kind, mine.id, reference="TM-NNF-9GT")
    listed = (await boss.get("/console/office/canned")).text
    reply = listed.split('href="/console/office/canned/')[2].split('"')[0]
    return boss, {
        "home": "/console/office",
        "accounts": "/console/office/accounts",
        "account-new": "/console/office/accounts/new",
        "account": f"/console/office/accounts/{mine.id}",
        "audit": "/console/office/audit",
        "canned": "/console/office/canned",
        "canned-one": f"/console/office/canned/{reply}",
        "profile": "/console/profile",
        "password": "/console/password",
        "factor-setup": "/console/second-factor/setup",
    }


@pytest.mark.parametrize(("scheme", "size"), [("light", NARROW), ("dark", WIDE)], ids=["light", "dark"])
async def test_every_page_is_accessible_and_fits(
    desk: Desk, open_page: Open, scheme: str, size: dict[str, int]
) -> None:
    boss, paths = await furnished(desk)
    await desk.signed_in(await desk.fresh_named("Ana-Maria Constantinescu-Dobrogeanu"))
    page = await open_page("/console/profile", boss, color_scheme=scheme, viewport=size)
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    for name, path in paths.items():
        await page.goto(path)
        assert await faults(page) == [], name
        await page.screenshot(path=ARTEFACTS / f"office-{name}-{scheme}.png", full_page=True)
    await page.goto(paths["account"])
    for summary in await page.locator("main summary").all():
        await summary.click()
    assert await faults(page) == [], "opened"
    await page.locator("form[action$='/reset'] button").click()
    await expect(page.locator("code.secret")).to_be_visible()
    assert await faults(page) == [], "first password"
    await page.screenshot(path=ARTEFACTS / f"office-first-password-{scheme}.png")


@pytest.mark.parametrize(("scheme", "size"), [("dark", NARROW), ("light", WIDE)], ids=["dark", "light"])
async def test_signing_in_by_keyboard(desk: Desk, open_page: Open, scheme: str, size: dict[str, int]) -> None:
    await desk.account("supervisor", login="ana", must_change=True)
    page = await open_page("/console/profile", color_scheme=scheme, viewport=size)
    assert await faults(page) == []
    await expect(page.locator("[name=login]")).to_be_focused()
    await page.keyboard.type("ana")
    await page.keyboard.press("Tab")
    await page.keyboard.type("wrong")
    await page.keyboard.press("Enter")
    await expect(page.locator("#problem")).to_be_visible()
    await expect(page.locator("[name=password]")).to_be_focused()
    await expect(page.locator("[name=password]")).to_have_accessible_description(
        "The sign-in name or the password is not right. Check both and try again."
    )
    await expect(page.locator("[name=login]")).to_have_value("ana")
    assert await faults(page) == [], "refused"
    await page.screenshot(path=ARTEFACTS / f"sign-in-refused-{scheme}.png")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text("Change the password")
    assert await faults(page) == [], "first change"
    await page.locator("[name=old]").fill(PASSWORD)
    await page.locator("[name=new]").fill("another four random words")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/console/chats$"))


async def test_a_second_factor_is_set_up_and_asked_for(desk: Desk, open_page: Open) -> None:
    mine = await desk.account(login="ana")
    page = await open_page("/console/second-factor/setup", await desk.signed_in(mine), viewport=NARROW)
    secret = await page.locator("code.secret").inner_text()
    await page.locator("[name=code]").fill("000000")
    await page.keyboard.press("Enter")
    await expect(page.locator("[name=code]")).to_be_focused()
    assert await faults(page) == []
    await page.locator("[name=code]").fill(pyotp.TOTP(secret).now())
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/console/profile$"))
    asked = await open_page("/console/second-factor", await desk.signed_in(mine, factor_due=True), viewport=NARROW)
    await expect(asked.locator("[name=code]")).to_be_focused()
    assert await faults(asked) == []


async def test_a_wrong_field_of_an_account_gets_the_focus(desk: Desk, open_page: Open) -> None:
    await desk.account(login="taken")
    page = await open_page("/console/office/accounts/new", await desk.somebody("administrator"), viewport=NARROW)
    await page.locator("[name=login]").fill("taken")
    await page.locator("[name=name]").fill("Ana")
    await page.keyboard.press("Enter")
    await expect(page.locator("[name=login]")).to_be_focused()
    await expect(page.locator("[name=login]")).to_have_attribute("aria-invalid", "true")
    await expect(page.locator("[name=name]")).to_have_value("Ana")
    assert await faults(page) == []
