"""Making words and pictures unreadable in a real Chromium: axe-core, reflow, mouse, keyboard, no scripts."""

import io

import pytest
from PIL import Image
from playwright.async_api import expect

from backend.attachments.service import open_photo
from tests.backend.console.people import Desk
from tests.backend.console.redaction.test_pages import SAID, chat
from tests.backend.console.test_browser_office import ARTEFACTS, Open, faults, open_page, url

__all__ = ["open_page", "url"]
pytestmark = pytest.mark.browser
SIZES = [{"width": 390, "height": 844}, {"width": 1280, "height": 800}]


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_are_accessible_and_fit(desk: Desk, open_page: Open, size: dict[str, int], scheme: str) -> None:
    boss = await desk.somebody("supervisor")
    chat_id, photo = await chat(desk, SAID, "A" * 90, "a.b@example.org 4111 1111 1111 1111", photo=True)
    page = await open_page(f"/console/redaction/chats/{chat_id}", boss, viewport=size, color_scheme=scheme)
    assert await faults(page) == []
    await page.locator("[data-words]").fill("neighbour\nZqneighbour\n" + "A" * 90)
    await page.locator("main form button.primary").click()
    await expect(page.locator("mark").first).to_be_visible()
    assert await faults(page) == []
    name = f"console-redaction-%s-{'phone' if size['width'] < 400 else 'desktop'}-{scheme}.png"
    await page.screenshot(path=ARTEFACTS / (name % "words"), full_page=True)
    await page.goto(f"/console/redaction/chats/{chat_id}/files/attachment/{photo}")
    await page.locator("[data-add-area]").click()
    assert await faults(page) == []
    await page.screenshot(path=ARTEFACTS / (name % "picture"), full_page=True)


async def test_an_area_is_drawn_moved_and_sized(desk: Desk, open_page: Open) -> None:
    boss = await desk.somebody("supervisor")
    chat_id, photo = await chat(desk, photo=True)
    page = await open_page(f"/console/redaction/chats/{chat_id}/files/attachment/{photo}", boss)
    frame = await page.locator("[data-cover] img").bounding_box()
    assert frame
    await page.mouse.move(frame["x"] + 20, frame["y"] + 30)
    await page.mouse.down()
    await page.mouse.move(frame["x"] + 60, frame["y"] + 50, steps=4)
    await page.mouse.up()

    async def values() -> list[int]:
        return [int(await page.locator(f"[name={name}]").first.input_value()) for name in ("x", "y", "width", "height")]

    assert await values() == [20, 30, 40, 20]
    box = page.locator("[data-cover] .box")
    await box.focus()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Shift+ArrowDown")
    assert await values() == [28, 30, 40, 28]
    await page.locator("[name=x]").first.fill("8")
    assert (await box.get_attribute("style") or "").startswith("left: 1.25%")
    await page.locator("form[action$=cover] button.danger").click()
    await page.wait_for_url(f"**/console/chats/{chat_id}")
    after = Image.open(io.BytesIO(await (await open_photo(desk.settings, photo)).read()))
    assert max(abs(one - 90) for one in after.getpixel((20, 40))) < 12  # type: ignore[union-attr]


async def test_the_keyboard_alone_is_enough(desk: Desk, open_page: Open) -> None:
    boss = await desk.somebody("supervisor")
    chat_id, photo = await chat(desk, photo=True)
    page = await open_page(f"/console/redaction/chats/{chat_id}/files/attachment/{photo}", boss)
    await page.locator("[data-add-area]").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-cover] .box")).to_be_focused()
    await page.keyboard.press("Delete")
    await expect(page.locator("[data-cover] .box")).to_have_count(0)


async def test_selected_words_come_into_the_form(desk: Desk, open_page: Open) -> None:
    boss = await desk.somebody("supervisor")
    chat_id, _ = await chat(desk, "Zqneighbour")
    page = await open_page(f"/console/redaction/chats/{chat_id}", boss)
    await page.locator("[data-texts] .words").select_text()
    await page.locator("[data-take-selection]").click()
    await expect(page.locator("[data-words]")).to_have_value("Zqneighbour")


async def test_without_scripts_words_are_hidden_all_the_same(desk: Desk, open_page: Open) -> None:
    boss = await desk.somebody("supervisor")
    chat_id, _ = await chat(desk, SAID)
    page = await open_page(f"/console/redaction/chats/{chat_id}?message=1", boss, java_script_enabled=False)
    await page.locator("[data-words]").fill("Zqneighbour")
    await page.locator("main form button.primary").click()
    await page.locator("main button.danger").click()
    await page.wait_for_url(f"**/console/chats/{chat_id}")
    assert "removed by the office" in await page.locator("[data-log]").inner_text()
