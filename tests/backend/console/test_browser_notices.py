"""Notices, absences, heads and what was escalated in a real Chromium: axe-core, reflow, targets, the live counter."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import expect

from backend.core.database import utcnow
from backend.notices.schemas import KINDS
from tests.backend.console.people import Desk, Person
from tests.backend.console.test_browser_office import ARTEFACTS, Open, faults, open_page, url
from tests.backend.console.test_notices import days, tell, ticket

__all__ = ["open_page", "url"]
pytestmark = pytest.mark.browser
PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 800}


async def furnished(desk: Desk) -> tuple[Person, dict[str, str]]:
    """A supervisor with notices of every kind, absences past and present of the desk, and the pages by name."""
    chief = await desk.account("supervisor", name="Ana-Maria Constantinescu-Dobrogeanu", heads=["roads"], language="ro")
    ion = await desk.account(name="Ion Radu", units=["roads"])
    away = await desk.signed_in(ion)
    await away.post("/console/profile/absences", {**days(desk, 0, 9), "stand_in": str(chief.id)})
    person = await desk.signed_in(chief)
    await person.post("/console/profile/absences", days(desk, 12, 20))
    late: dict[str, Any] = {"assignee_id": ion.id, "due_at": utcnow() - timedelta(days=3), "escalated_at": utcnow()}
    about = await ticket(desk, place="Strada Mărășești 4, intrarea din spate", **late)
    for place, kind in enumerate(KINDS):
        await tell(desk, chief, about, kind, place)
    await desk.run(
        "UPDATE notice SET read_at = now() WHERE account_id = :id AND kind IN ('assigned', 'half')", id=chief.id
    )
    return person, {
        "notices": "/console/notices",
        "absences": "/console/profile",
        "escalated": "/console/tickets?view=escalated",
        "escalated-ticket": f"/console/tickets/{about.id}",
    }


@pytest.mark.parametrize(("scheme", "size"), [("light", PHONE), ("dark", WIDE), ("light", WIDE)])
async def test_the_pages_are_accessible_and_fit(desk: Desk, open_page: Open, scheme: str, size: dict[str, int]) -> None:
    person, paths = await furnished(desk)
    page = await open_page("/console/notices", person, color_scheme=scheme, viewport=size)
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    for name, path in paths.items():
        await page.goto(path)
        if name == "absences":
            await page.locator("main details summary").first.click()
        found = [one for one in await faults(page) if "px too wide" in one or ": " in one]
        assert found == [], name
        await page.screenshot(path=ARTEFACTS / f"escalation-{name}-{scheme}-{size['width']}.png", full_page=True)


@pytest.mark.parametrize("size", [PHONE, WIDE], ids=["phone", "wide"])
async def test_an_empty_page_and_who_is_away(desk: Desk, open_page: Open, size: dict[str, int]) -> None:
    ana, boss = await desk.account(), await desk.somebody("administrator")
    person = await desk.signed_in(ana)
    await person.post("/console/profile/absences", days(desk, 0, 2))
    page = await open_page("/console/notices", person, viewport=size)
    await expect(page.locator("a.presence")).to_be_visible()
    assert await faults(page) == []
    await page.screenshot(path=ARTEFACTS / f"escalation-empty-{size['width']}.png", full_page=True)
    page = await open_page("/console/office/accounts", boss, viewport=size)
    assert await faults(page) == []
    await page.screenshot(path=ARTEFACTS / f"escalation-team-{size['width']}.png", full_page=True)


async def test_the_counter_comes_by_itself_and_opening_the_ticket_empties_it(desk: Desk, open_page: Open) -> None:
    ana, about = await desk.account(), await ticket(desk)
    page = await open_page("/console/notices", await desk.signed_in(ana))
    counter = page.locator("nav [data-live^='notices:']")
    await expect(counter).to_be_empty()
    await tell(desk, ana, about)
    desk.shared.state.desk_feed.changed(f"notices:{ana.id}")  # as the database's notice does
    await expect(counter).to_contain_text("1 unread", timeout=20_000)
    await expect(page.locator("#notices .notice-item")).to_have_count(1)
    await page.locator("#notices [data-item]").click()
    await expect(page.locator("#ticket")).to_be_visible()
    desk.shared.state.desk_feed.changed(f"notices:{ana.id}")
    await expect(counter).to_be_empty(timeout=20_000)
