"""WCAG 2.2 AA by axe-core, reflow, keyboard, and what axe cannot see."""

import re
from collections.abc import Callable
from importlib.resources import files

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Chat

pytestmark = [pytest.mark.stack, pytest.mark.browser]
NewChat = Callable[..., Chat]
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "EN-301-549", "best-practice"]


def violations(chat: Chat) -> list[str]:
    """Rules of axe that fail; asserts that it looked at something."""
    chat.page.evaluate(AXE + "\n;undefined")
    result = chat.page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", TAGS)
    assert len(result["passes"]) > 10
    return [f"{found['id']}: {found['nodes'][0]['html']}" for found in result["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP, {"width": 320, "height": 256}], ids=["phone", "desktop", "zoom-400"])
def test_no_violations_in_any_state(new_chat: NewChat, scheme: str, size: dict[str, int]) -> None:
    chat = new_chat(color_scheme=scheme)
    chat.page.set_viewport_size(size)  # type: ignore[arg-type]
    chat.page.goto(chat.url)
    expect(chat.page.locator("[data-launcher]")).to_be_visible()
    assert violations(chat) == [], "closed"
    chat.page.locator("[data-launcher]").click()
    assert violations(chat) == [], "greeting"
    chat.say("what time do you open", "08:00")
    chat.say("there is a deep hole in front of Str. Mărășești 12, since Monday", "Strada")
    assert violations(chat) == [], "a chat with answer, link, vote and buttons"
    chat.type("  ")
    assert violations(chat) == [], "an error"
    chat.picture(f"accessible-{scheme}-{size['width']}")


def test_reflow_at_400_percent_keeps_everything_usable(new_chat: NewChat) -> None:
    chat = new_chat()
    chat.page.set_viewport_size({"width": 320, "height": 256})
    chat.open()
    chat.say("what time do you open", "08:00")
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= 320
    log, box, send = (chat.page.locator(f"[data-{name}]").bounding_box() for name in ("log", "input", "send"))
    assert log
    assert log["height"] >= 60
    for part in (box, send):
        assert part
        assert part["y"] + part["height"] <= 256
        assert part["x"] + part["width"] <= 320


def test_answers_are_announced_politely(new_chat: NewChat) -> None:
    chat = new_chat().open()
    log = chat.page.locator("[role=log]")
    expect(log).to_have_attribute("aria-live", "polite")
    chat.say("hello", "automated assistant")
    expect(log.locator("[data-message][data-author=bot]")).to_have_count(1)
    assert log.bounding_box()["height"] > 100  # type: ignore[index]


def test_the_keyboard_is_enough(new_chat: NewChat) -> None:
    chat = new_chat()
    chat.page.goto(f"{chat.url}/?language=en")
    expect(chat.page.locator("[data-launcher]")).to_be_visible()
    chat.page.keyboard.press("Tab")
    chat.page.keyboard.press("Enter")
    expect(chat.page.locator("[data-input]")).to_be_focused()
    chat.page.keyboard.type("hello")
    chat.page.keyboard.press("Enter")
    expect(chat.answers.filter(has_text=re.compile("automated"))).to_be_visible(timeout=30_000)
    chat.page.keyboard.press("Escape")
    expect(chat.page.locator("[data-launcher]")).to_be_focused()


def test_focus_is_seen_and_never_covered(new_chat: NewChat) -> None:
    chat = new_chat().open()
    chat.say("what time do you open", "08:00")
    seen = set()
    for _ in range(14):
        chat.page.keyboard.press("Tab")
        focus = chat.page.evaluate(
            """() => {
                let element = document.activeElement;
                while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
                if (element === document.body) return null;
                const box = element.getBoundingClientRect(), style = getComputedStyle(element);
                const top = element.getRootNode().elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                const around = getComputedStyle(element.parentElement);
                return {
                    name: element.outerHTML.slice(0, 80),
                    covered: !(element === top || element.contains(top)),
                    outlined: [style, around].some((of) => of.outlineStyle !== "none" || of.boxShadow !== "none"),
                };
            }"""
        )
        if focus:
            seen.add(focus["name"])
            assert not focus["covered"], focus
            assert focus["outlined"], focus
    assert len(seen) >= 4
