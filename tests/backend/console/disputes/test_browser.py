"""The pages of disputes in a real Chromium: WCAG 2.2 AA by axe-core, reflow, keyboard; the parties' page, too."""

import pytest
from playwright.async_api import Browser, Page, expect

from backend.disputes import page as pages
from backend.tickets.models import Ticket
from tests.backend.console.disputes.conftest import Console
from tests.backend.console.disputes.test_pages import called
from tests.backend.console.tickets.conftest import Desk
from tests.backend.console.tickets.test_browser import ARTEFACTS, Open, browser, open_page, url, violations
from tests.backend.disputes.factories import ADDRESS, LANDLORD, TENANT, Town

__all__ = ["browser", "open_page", "url"]
pytestmark = pytest.mark.browser
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
LONG = "Wilhelmina-Christoffelina van der Westhuizen-Oosthuizen"
both_looks = pytest.mark.parametrize(
    ("scheme", "size"), [("light", PHONE), ("dark", DESKTOP)], ids=["phone", "desktop"]
)


async def looked_at(page: Page, name: str, scheme: str, size: dict[str, int]) -> None:
    """No violations, nothing wider than the window, and a picture."""
    assert await violations(page) == [], name
    assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"], name
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=ARTEFACTS / f"dispute-{name}-{scheme}-{size['width']}.png", full_page=True)


async def with_letter(town: Town) -> tuple[Ticket, int]:
    """A dispute with long names whose respondent gets letters."""
    agent = await town.agent()
    ticket = await town.registered(agent, name=LONG, phone="", postal_address=ADDRESS)
    await town.tells()
    [_, (notice, _)] = await pages.service.notices_of(town.session, ticket.id)
    return ticket, notice.id


@both_looks
async def test_the_pages_of_the_desk_are_accessible_and_fit(
    console: Console, open_page: Open, scheme: str, size: dict[str, int]
) -> None:
    desk: Desk = await console.desk(language="af")
    page = await open_page(desk, color_scheme=scheme, viewport=size)
    await page.goto("/console/disputes")
    await looked_at(page, "list-empty", scheme, size)
    fresh = await console.within(lambda town: town.filed())
    going = await console.within(called)
    posted, letter = await console.within(with_letter)
    for name, path in (
        ("list", "/console/disputes"),
        ("new", "/console/disputes/new"),
        ("unregistered", f"/console/tickets/{fresh.id}"),
        ("going", f"/console/tickets/{going.id}"),
        ("letters", f"/console/tickets/{posted.id}"),
    ):
        await page.goto(path)
        await page.evaluate("document.querySelectorAll('#acts details').forEach(one => (one.open = true))")
        await looked_at(page, name, scheme, size)
    await page.goto(f"/console/tickets/{posted.id}")
    async with page.expect_popup() as opened:
        await page.locator(f"form[action$='/letters/{letter}'] button").click()
    printed = await opened.value
    await printed.set_viewport_size(size)  # type: ignore[arg-type]
    await expect(printed.locator(".pin")).to_be_visible()
    await looked_at(printed, "letter", scheme, size)


async def test_a_dispute_is_registered_at_the_counter_by_keyboard(console: Console, open_page: Open) -> None:
    desk = await console.desk()
    page = await open_page(desk)
    await page.goto("/console/disputes/new")
    keys = page.keyboard
    for typed in (TENANT, "", "t"):
        await keys.type(typed)
        await keys.press("Tab")
    await keys.press("Tab")
    for typed in (LANDLORD, "", ADDRESS.replace("\n", ", ")):
        await keys.type(typed)
        await keys.press("Tab")
    for typed in ("d", "Langstraat 5", ""):
        await keys.type(typed)
        await keys.press("Tab")
    await keys.type("The deposit was not paid back.")
    await keys.press("Control+Enter")
    await expect(page.locator(".read-out dd").first).to_contain_text("WC-")


@pytest.fixture
async def party(console: Console) -> tuple[Ticket, str]:
    """A dispute with an appointment, and the respondent's PIN."""

    async def made(town: Town) -> tuple[Ticket, str]:
        ticket = await called(town)
        respondent = (await town.whole(ticket)).parties["respondent"]
        respondent.name = LONG
        return ticket, pages.wording.pin_of(town.settings, respondent)

    found: tuple[Ticket, str] = await console.within(made)
    return found


@both_looks
async def test_the_parties_page_is_accessible_and_works_without_scripts(
    party: tuple[Ticket, str], browser: Browser, url: str, scheme: str, size: dict[str, int]
) -> None:
    ticket, pin = party
    context = await browser.new_context(
        base_url=url,
        viewport=size,
        color_scheme=scheme,
        java_script_enabled=True,  # type: ignore[arg-type]
    )
    page = await context.new_page()
    await page.goto(f"/dispute?reference={ticket.reference}&language=af")
    await looked_at(page, "page-form", scheme, size)
    await page.locator("[name=pin]").fill("000000")
    await page.locator("main button").click()
    await expect(page.locator("[role=alert]")).to_be_visible()
    await looked_at(page, "page-wrong", scheme, size)
    await page.locator("[name=pin]").fill(pin)
    await page.locator("main button").click()
    await expect(page.locator(".line")).to_be_visible()
    await looked_at(page, "page", scheme, size)
    await page.locator("[name=proposal]").fill("In Maart")
    await page.locator(".appointment button.second").click()
    await expect(page.locator(".done")).to_be_visible()
    await page.locator("[name=words]").fill("Die huurder het die woonstel vuil gelaat.")
    await page.locator("form[action='/dispute/statement'] button").click()
    await expect(page.locator(".done")).to_be_visible()
    await looked_at(page, "page-answered", scheme, size)
    async with page.expect_download() as downloaded:
        await page.locator("form[action='/dispute/calendar'] button").click()
    assert (await downloaded.value).suggested_filename == "appointments.ics"
    await context.close()
