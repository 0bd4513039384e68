"""The console by WCAG 2.2 AA in every state, at 400 % zoom, and by keyboard alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from backend.conversations.listing import VIEWS
from tests.browser.conftest import Chat
from tests.browser.desk import LIVE_MS, Console, chat_of, failed_chat, rows
from tests.browser.test_accessibility import AXE, TAGS
from tests.browser.test_console import ENGLISH, asks_for_a_person
from tests.stack import Stack, add_account

pytestmark = [pytest.mark.stack, pytest.mark.browser]
NewChat = Callable[..., Chat]
NewAgent = Callable[..., Console]
ZOOMED = {"width": 320, "height": 256}
"""1280 x 1024 at 400 %."""


def violations(page: Page, state: str) -> list[str]:
    """Rules of axe that fail; asserts that it looked at something."""
    page.evaluate(AXE + "\n;undefined")
    result = page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", TAGS)
    assert len(result["passes"]) > 10, state
    return [f"{state}: {found['id']}: {found['nodes'][0]['html']}" for found in result["violations"]]


def chats(new_chat: NewChat, stack: Stack, *holders: str | None, by: UUID) -> dict[str | None, UUID]:
    """Chats by who has them: the bot, the queue, me or another."""
    other = add_account(stack, "Ion Radu").id
    found = {}
    for holder in holders:
        chat = new_chat().open()
        found[holder] = number = chat_of(stack, asks_for_a_person(chat, ENGLISH))
        if holder in ("me", "other"):
            taken = "UPDATE conversation SET holder = 'agent', agent_id = %s, held_at = now() WHERE id = %s"
            rows(stack, taken, by if holder == "me" else other, number)
            rows(stack, "INSERT INTO presence VALUES (%s, true, now()) ON CONFLICT DO NOTHING", other)
        if holder == "bot":
            rows(stack, "UPDATE conversation SET holder = 'bot', waiting_since = NULL WHERE id = %s", number)
    return found


SUBSCRIBED = """
    INSERT INTO subscription (id, office_id, contact_id, topic, area, channel, language, sentence, asked_at)
    SELECT gen_random_uuid(), 'timisoara', contact_id, %s, %s, channel, 'en', 'v1', now()
    FROM conversation WHERE id = %s
"""


@contextmanager
def lost(desk: Console) -> Iterator[None]:
    desk.page.context.set_offline(True)
    desk.page.evaluate(
        "fetch('/console/presence').catch(() => 0); document.body.dispatchEvent(new Event('htmx:sendError'))"
    )
    expect(desk.page.locator("#lost")).not_to_be_empty()
    yield
    desk.page.context.set_offline(False)


@dataclass
class Look:
    """Looks at a page with axe, state after state."""

    desk: Console
    found: list[str] = field(default_factory=list)

    def __call__(self, state: str, picture: str = "") -> None:
        self.found += violations(self.desk.page, state)
        if picture:
            self.desk.picture(picture)


every_scheme = pytest.mark.parametrize("scheme", ["light", "dark"])


@every_scheme
def test_no_violations_at_the_door_and_on_ones_own_pages(new_agent: NewAgent, stack: Stack, scheme: str) -> None:
    desk = new_agent(color_scheme=scheme)
    page, look = desk.page, Look(desk)
    page.goto(desk.url)
    look("sign-in", f"sign-in-{scheme}")
    page.locator("[name=login]").fill("nobody@example.org")
    page.locator("[name=password]").fill("wrong-password")
    page.locator("form button.primary").click()
    expect(page.locator(".notice.problem")).to_be_visible()
    look("sign-in refused")
    desk.sign_in()
    for path in ("profile", "notices", "password", "second-factor/setup"):
        page.goto(f"{desk.url}/{path}")
        expect(page.locator("h1")).to_be_visible()
        look(path)
    page.goto(f"{desk.url}/chats/00000000-0000-0000-0000-000000000000")
    look("an unknown chat")
    rows(stack, "UPDATE sign_in SET factor_due = true WHERE account_id = %s", desk.account.id)
    page.goto(f"{desk.url}/second-factor")
    expect(page.locator("[name=code]")).to_be_visible()
    look("second factor")
    assert look.found == []


@every_scheme
def test_no_violations_in_lists_and_chats(new_chat: NewChat, new_agent: NewAgent, stack: Stack, scheme: str) -> None:
    desk = new_agent(color_scheme=scheme)
    look = Look(desk)
    rows(stack, "UPDATE conversation SET holder = 'bot', agent_id = NULL, waiting_since = NULL")
    desk.sign_in().queue()
    look("empty queue")
    of = chats(new_chat, stack, "bot", "queue", "me", "other", by=desk.account.id)
    failed = failed_chat(stack, desk.account.id)
    for view in VIEWS:
        desk.queue(view)
        look(f"view {view}", f"view-{view}-{scheme}")
    for holder, chat in of.items():
        desk.open(chat)
        look(f"chat of {holder}")
    desk.open(of["me"]).note("Private.")
    desk.answer("Good day.")
    look("a chat with note and answer")
    desk.page.goto(f"{desk.url}/redaction/chats/{of['me']}")
    desk.page.locator("[data-words]").fill("private")
    desk.page.locator("form[action$='/find'] button.primary").click()
    expect(desk.page.locator("form[action$='/hide'] mark")).to_be_visible()
    look("places of words to hide", f"redaction-{scheme}")
    for topic, area in (("emergency", None), ("roads", "Zona Circumvalațiunii"), ("town_news", None)):
        rows(stack, SUBSCRIBED, topic, area, of["me"])
    desk.open(of["me"])
    expect(desk.page.locator("form[action*='/subscriptions/']")).to_have_count(3)
    look("a chat with subscriptions", f"subscriptions-{scheme}")
    desk.open(failed)
    expect(desk.page.locator(".delivery.failed")).to_be_visible()
    look("a delivery that failed", f"failed-delivery-{scheme}")
    assert look.found == []


@every_scheme
def test_no_violations_in_what_opens(new_chat: NewChat, new_agent: NewAgent, stack: Stack, scheme: str) -> None:
    desk = new_agent(color_scheme=scheme).sign_in()
    page, look = desk.page, Look(desk)
    desk.open(chats(new_chat, stack, "me", by=desk.account.id)["me"])
    for name, summary in (
        ("pass-on", "details.pass summary"),
        ("new-ticket", "#new-ticket summary"),
        ("filters", ".filters summary"),
        ("menu", "details.menu summary"),
    ):
        page.locator(summary).click()
        look(name, f"{name}-{scheme}")
    page.locator("[data-shortcuts-help]").click()
    expect(page.locator("dialog")).to_be_visible()
    look("shortcuts", f"shortcuts-{scheme}")
    page.keyboard.press("Escape")
    with lost(desk):
        look("lost connection", f"lost-connection-{scheme}")
    assert look.found == []


ANNOUNCED = """
    INSERT INTO announcement (id, office_id, topic, areas, texts, emergency, state, version, writers, written_by,
                              created_at, changed_at)
    VALUES (gen_random_uuid(), 'timisoara', 'roads', '["Fabric"]', '{"ro": "Strada este închisă."}', true, %s, 1, '[]',
            'Ana', now(), now())
    RETURNING id
"""


@every_scheme
def test_no_violations_in_announcements(new_agent: NewAgent, stack: Stack, scheme: str) -> None:
    desk = new_agent(role="supervisor", color_scheme=scheme).sign_in()
    look = Look(desk)
    made = {state: rows(stack, ANNOUNCED, state)[0][0] for state in ("draft", "proposed", "withdrawn", "sent")}
    changing = f"/{made['draft']}/change"
    for path in ("", "/new", changing, *(f"/{number}" for number in made.values())):
        desk.page.goto(f"{desk.url}/announcements{path}")
        expect(desk.page.locator("h1")).to_be_visible()
        look(f"announcements{path}")
    assert look.found == []


def test_at_400_percent_everything_can_be_read_and_done(new_chat: NewChat, new_agent: NewAgent, stack: Stack) -> None:
    desk = new_agent(viewport=ZOOMED).sign_in()
    of = chats(new_chat, stack, "queue", "me", by=desk.account.id)
    failed = failed_chat(stack, desk.account.id)
    for path in ("?view=all", f"/{of['queue']}", f"/{of['me']}", f"/{failed}"):
        desk.page.goto(f"{desk.url}/chats{path}")
        expect(desk.page.locator(".item").first if "view" in path else desk.log).to_be_visible()
        assert desk.page.evaluate("document.documentElement.scrollWidth") <= ZOOMED["width"], path
        if desk.log.count():
            box = desk.log.bounding_box()
            assert box
            assert box["height"] >= 80
        assert unseen_focus(desk.page) == [], path
    desk.open(of["me"])
    desk.answer("Readable at 400 %.")
    desk.page.screenshot(path=_artefact("console-zoom-400.png"), caret="initial")


def _artefact(name: str) -> str:
    from tests.browser.conftest import ARTEFACTS

    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    return str(ARTEFACTS / name)


UNSEEN = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const box = element.getClientRects()[0] ?? element.getBoundingClientRect();
    const [x, y] = [box.x + Math.min(box.width / 2, 10), box.y + Math.min(box.height / 2, 10)];
    const top = document.elementFromPoint(x, y);
    const style = getComputedStyle(element);
    return {
        name: element.outerHTML.slice(0, 90),
        covered: !(element === top || element.contains(top) || top?.contains(element)),
        outlined: style.outlineStyle !== "none" || style.boxShadow !== "none",
    };
}"""


def unseen_focus(page: Page) -> list[str]:
    """What gets the focus by Tab and cannot be seen, or does not show that it has it."""
    wrong, seen = [], set()
    for _ in range(60):
        page.keyboard.press("Tab")
        focus = page.evaluate(UNSEEN)
        if focus is None or focus["name"] in seen:
            continue
        seen.add(focus["name"])
        if focus["covered"] or not focus["outlined"]:
            wrong.append(str(focus))
    assert len(seen) > 5
    return wrong


def test_the_focus_is_seen_and_never_covered(new_chat: NewChat, new_agent: NewAgent, stack: Stack) -> None:
    desk = new_agent().sign_in()
    of = chats(new_chat, stack, "me", by=desk.account.id)
    desk.open(of["me"])
    assert unseen_focus(desk.page) == []


def test_the_keyboard_is_enough(new_chat: NewChat, new_agent: NewAgent, stack: Stack) -> None:
    desk = new_agent().sign_in()
    rows(stack, "UPDATE conversation SET holder = 'bot', agent_id = NULL WHERE holder <> 'bot'")
    number = chats(new_chat, stack, "queue", by=desk.account.id)["queue"]
    desk.queue()
    expect(desk.page.locator("[data-item]")).to_have_count(1)
    keys = desk.page.keyboard
    keys.press("j")
    expect(desk.page.locator("[data-item]").first).to_be_focused()
    keys.press("o")
    expect(desk.log).to_be_visible()
    desk.ready()
    keys.press("t")
    expect(desk.page.locator("[data-send]")).to_be_visible(timeout=LIVE_MS)
    keys.press("r")
    expect(desk.box).to_be_focused()
    keys.type("Good day, by keyboard. t b ? g c")
    keys.press("Control+Enter")
    expect(desk.said("Good day, by keyboard. t b ? g c")).to_be_visible(timeout=LIVE_MS)
    expect(desk.box).to_be_focused()
    expect(desk.box).to_have_value("")
    keys.type("A private word")
    keys.press("Tab")
    expect(desk.page.locator("[data-send]")).to_be_focused()
    keys.press("Tab")
    keys.press("Enter")
    expect(desk.page.locator(".message.note", has_text="A private word")).to_be_visible(timeout=LIVE_MS)
    assert rows(stack, "SELECT holder FROM conversation WHERE id = %s", number) == [("agent",)]
    desk.page.locator("body").press("?")
    expect(desk.page.locator("dialog")).to_be_visible()
    keys.press("Escape")
    expect(desk.page.locator("dialog")).to_be_hidden()
    desk.page.evaluate("document.activeElement.blur()")
    keys.press("b")
    expect(desk.page.locator("[data-log]")).to_have_count(0, timeout=LIVE_MS)
    assert rows(stack, "SELECT holder FROM conversation WHERE id = %s", number) == [("bot",)]


def test_shortcuts_can_be_switched_off(new_chat: NewChat, new_agent: NewAgent, stack: Stack) -> None:
    desk = new_agent().sign_in()
    desk.page.goto(f"{desk.url}/profile")
    desk.page.locator("[name=shortcuts]").uncheck()
    desk.page.locator("main button.primary").first.click()
    expect(desk.page.locator("body")).to_have_attribute("data-shortcuts", "off")
    number = chats(new_chat, stack, "queue", by=desk.account.id)["queue"]
    desk.open(number)
    for key in ("t", "?", "j"):
        desk.page.keyboard.press(key)
    expect(desk.page.locator("dialog")).to_be_hidden()
    assert rows(stack, "SELECT holder FROM conversation WHERE id = %s", number) == [("queue",)]


def test_news_in_the_chat_is_announced_politely(new_chat: NewChat, new_agent: NewAgent, stack: Stack) -> None:
    desk = new_agent().sign_in()
    chat = new_chat().open()
    number = chat_of(stack, asks_for_a_person(chat, ENGLISH))
    desk.open(number).take()
    expect(desk.log).to_have_attribute("role", "log")
    desk.log.evaluate("log => (window.logWas = log)")
    before = desk.log.locator("> *").count()
    chat.type("One more thing")
    expect(desk.said("One more thing")).to_be_visible(timeout=LIVE_MS)
    assert desk.log.locator("> *").count() == before + 1
    assert desk.log.evaluate("log => log === window.logWas"), "a log that is replaced is not announced"
