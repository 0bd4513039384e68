"""Acting for somebody else on a ticket's page, and documents in the widget, in a real Chromium: axe and reflow."""

import pytest
from playwright.async_api import Browser, Page, expect

from backend.core.catalogue import backend_catalogue
from tests.backend.attachments.papers import locked, pdf
from tests.backend.console.tickets.conftest import Console
from tests.backend.console.tickets.test_authority import formal, sent
from tests.backend.console.tickets.test_browser import (
    ARTEFACTS,
    WIDE,
    Open,
    browser as browser,
    open_page as open_page,
    url as url,
    violations,
)
from tests.factories import jpeg

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
ZOOMED = {"width": 320, "height": 256}
LONG = "Cerere_de_informatii_publice_pentru_mama_mea_" + "x" * 60 + ".pdf"


@pytest.mark.parametrize(
    ("scheme", "size"), [("light", PHONE), ("dark", WIDE), ("light", WIDE)], ids=["phone", "dark", "wide"]
)
async def test_every_state_of_an_authorisation_is_accessible_and_fits(
    console: Console, open_page: Open, scheme: str, size: dict[str, int]
) -> None:
    desk = await console.desk()
    ticket = await formal(console)
    page = await open_page(desk, color_scheme=scheme, viewport=size)

    async def look(state: str) -> None:
        await page.goto(f"/console/tickets/{ticket.id}")
        for summary in await page.locator("#acts summary").all():
            await summary.click()
        assert await violations(page) == [], state
        assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"], state
        name = f"authority-{state}-{scheme}-{size['width']}.png"
        await page.screenshot(path=ARTEFACTS / name, full_page=True)

    await look("claimed")
    paper = await sent(console, ticket)
    await look("shown")
    await desk.post(f"/{ticket.id}/authority/refuse", paper=str(paper), text="The signature is missing. " * 8)
    await look("refused")
    await page.goto("/console/tickets/new")
    await page.locator("form details summary").click()
    assert await violations(page) == [], "a new ticket"
    await page.screenshot(path=ARTEFACTS / f"authority-new-{scheme}-{size['width']}.png", full_page=True)


async def test_an_agent_accepts_with_the_mouse_alone(console: Console, open_page: Open) -> None:
    desk, ticket = await console.desk(), await formal(console)
    await sent(console, ticket)
    page = await open_page(desk, f"/{ticket.id}")
    await page.locator("form[action$='/authority/accept'] button").click()
    await expect(page.locator("#ticket .tag", has_text="accepted")).to_be_visible()
    await expect(page.locator("form[action$='/authority/accept']")).to_have_count(0)


async def opened(browser: Browser, url: str, language: str, **options: object) -> Page:
    context = await browser.new_context(**{"viewport": PHONE, **options})  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(f"{url}/?language={language}")
    await page.locator("[data-launcher]").click()
    await expect(page.locator("[data-input]")).to_be_visible()
    return page


async def chooses(page: Page, name: str, content: bytes, kind: str = "application/pdf") -> None:
    file = {"name": name, "mimeType": kind, "buffer": content}
    await page.locator("input[data-document]").set_input_files(file)  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [PHONE, WIDE, ZOOMED], ids=["phone", "wide", "zoom-400"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_document_is_sent_and_stays_after_a_reload(
    browser: Browser, url: str, size: dict[str, int], scheme: str
) -> None:
    page = await opened(browser, url, "ro", viewport=size, color_scheme=scheme)
    await page.locator("[data-input]").fill("o vorbă începută")
    await chooses(page, LONG, pdf())
    own = page.locator("[data-message][data-author=citizen]")
    await expect(own).to_contain_text(LONG)
    await expect(own).to_contain_text("Documentul:")
    await expect(page.locator("[data-seq]")).to_have_count(1)
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    await page.screenshot(path=ARTEFACTS / f"widget-document-{scheme}-{size['width']}.png")
    await page.reload()
    await page.locator("[data-launcher]").click()
    await expect(own).to_contain_text(LONG)
    await expect(page.locator("[data-input]")).to_have_value("o vorbă începută")


@pytest.mark.parametrize("language", ["mk", "ro"])
async def test_what_is_not_taken_is_said_and_what_was_typed_stays(browser: Browser, url: str, language: str) -> None:
    page = await opened(browser, url, language)
    say = backend_catalogue().text
    await page.locator("[data-input]").fill("почнато")
    for content, key, values in (
        (locked(), "error.document_locked", {}),
        (b"MZ" + bytes(99), "error.document_type_unsupported", {}),
        (bytes(11_000_000), "widget.document_large", {"size": 10}),
    ):
        await chooses(page, "a.pdf", content)
        await expect(page.locator("[data-notice]")).to_have_text(say(key, language, **values))
        await expect(page.locator("[data-message]")).to_have_count(0)
    assert await violations(page) == []
    await expect(page.locator("[data-input]")).to_have_value("почнато")
    await page.screenshot(path=ARTEFACTS / f"widget-document-refused-{language}.png")


async def test_a_picture_chosen_as_a_document_is_shown(browser: Browser, url: str) -> None:
    page = await opened(browser, url, "en")
    await chooses(page, "scan.jpg", jpeg(), "image/jpeg")
    await expect(page.locator("[data-seq]")).to_have_count(1)
    await page.reload()
    await page.locator("[data-launcher]").click()
    await expect(page.locator("[data-message] img")).to_be_visible()
