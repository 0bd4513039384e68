"""The pages of announcements in a real Chromium: axe-core, reflow, targets, and the count while one types."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.async_api import expect

from backend.core.database import utcnow
from backend.core.settings import ROOT
from tests.backend.announcements.factories import TOPIC, Town
from tests.backend.console.people import Desk
from tests.backend.console.test_browser_office import WIDE, Open, faults, open_page, url

__all__ = ["open_page", "url"]
pytestmark = pytest.mark.browser
ARTEFACTS = ROOT / "artefacts" / "screenshots"
PHONE = {"width": 390, "height": 844}
RO = "Mâine, între orele 8:00 și 14:00, se întrerupe alimentarea cu apă pe străzile Ștefan cel Mare și Dacilor."
TR = "Yarın 8.00–14.00 arasında Ștefan cel Mare ve Dacilor sokaklarında su kesilecek."
LINK = "https://www.example.org/intreruperi/2026-11-23/fabric"


async def announcements(town: Town) -> dict[str, str]:
    """One of each kind, with people of many languages; returns paths by name."""
    for channel, language in (("sms", "ro"), ("sms", "tr"), ("telegram", "ro"), ("web", "en"), ("whatsapp", "mk")):
        await town.person(channel, language)
    await town.stops(await town.person("sms", "af"))
    texts, ana = {"ro": RO, "tr": TR}, replace(town.agent(), name="Ana Popescu")
    draft = await town.draft(ana, texts=texts, areas=("Fabric", "Mehala"))
    until = utcnow() + timedelta(days=1)
    proposed = await town.proposed(ana, texts=texts, link=LINK, valid_until=until, emergency=True)
    town.changes = {"announcements_per_minute": 6}
    sending = await town.released(texts=texts)
    await town.deliver()
    town.changes = {}
    sent = await town.released(texts={"ro": RO})
    await town.time_passes()
    await town.run("UPDATE announcement SET state = 'draft' WHERE id = :id", id=sending.id)
    await town.deliver()
    await town.run("UPDATE announcement SET state = 'sending' WHERE id = :id", id=sending.id)
    shown = {"draft": draft, "proposed": proposed, "sending": sending, "sent": sent}
    paths = {name: f"/console/announcements/{of.id}" for name, of in shown.items()}
    change = f"/console/announcements/{draft.id}/change"
    return {"list": "/console/announcements", "new": "/console/announcements/new", "change": change, **paths}


@pytest.mark.parametrize(("scheme", "size"), [("light", PHONE), ("dark", WIDE)], ids=["light", "dark"])
async def test_every_page_is_accessible_and_fits(
    desk: Desk, town: Town, open_page: Open, scheme: str, size: dict[str, int]
) -> None:
    boss = await desk.somebody("supervisor", language="ro" if scheme == "light" else "en")
    page = await open_page("/console/announcements", boss, color_scheme=scheme, viewport=size)
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    assert await faults(page) == [], "empty"
    for name, path in (await announcements(town)).items():
        await page.goto(path)
        assert await faults(page) == [], name
        await page.screenshot(path=ARTEFACTS / f"announcements-{name}-{scheme}.png", full_page=True)


async def test_people_are_counted_while_one_types_and_the_form_needs_no_script(
    desk: Desk, town: Town, open_page: Open
) -> None:
    for language in ("ro", "tr"):
        await town.person("sms", language)
    ana = await desk.somebody("agent")
    page = await open_page("/console/announcements/new", ana)
    await page.select_option("[name=topic]", TOPIC)
    await expect(page.locator(".reach-people")).to_have_text(re.compile("2"))
    await page.fill("[name=text_ro]", RO)
    await expect(page.locator(".cost")).to_have_text(re.compile(r"\d"))
    await page.click("button.primary")
    await expect(page.locator("h1")).to_contain_text("draft")
    plain = await open_page("/console/announcements/new", ana, java_script_enabled=False)
    await plain.select_option("[name=topic]", TOPIC)
    await plain.fill("[name=text_ro]", RO)
    await plain.click("button.primary")
    await expect(plain.locator("h1")).to_contain_text("draft")
