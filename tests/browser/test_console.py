"""A citizen in the widget and agents in the console, each in a browser of their own."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from backend.core.catalogue import backend_catalogue
from tests.browser.conftest import ANSWER_MS, Chat
from tests.browser.desk import LIVE_MS, Console, chat_of, rows
from tests.flow.walk import WALKS, Walk
from tests.stack import Stack, until

pytestmark = [pytest.mark.stack, pytest.mark.browser]
NewChat = Callable[..., Chat]
NewAgent = Callable[..., Console]
ENGLISH = WALKS[0]
others = pytest.mark.parametrize("walk", WALKS[1:], ids=lambda walk: walk.language)


def sentence(key: str, language: str, **values: object) -> str:
    return backend_catalogue().text(key, language, **values)


def asks_for_a_person(chat: Chat, walk: Walk) -> str:
    """Writes something nobody else writes, and asks for a person; returns what was written."""
    words = f"{walk.question} {uuid4().hex[:8]}"
    chat.say(words, re.compile("."))
    chat.say(walk.person, re.compile("."))
    return words


def told(chat: Chat, words: str) -> None:
    """The citizen reads this, from whoever it comes."""
    expect(chat.page.locator("[data-message]", has_text=words)).to_be_visible(timeout=ANSWER_MS)


def test_a_citizen_and_an_agent_talk(new_chat: NewChat, new_agent: NewAgent, stack: Stack) -> None:
    desk = new_agent().sign_in().queue()
    desk.picture("queue")
    chat = new_chat().open()
    words = asks_for_a_person(chat, ENGLISH)
    expect(desk.item(ENGLISH.person).or_(desk.item("Assistant:")).first).to_be_visible(timeout=LIVE_MS)
    number = chat_of(stack, words)
    desk.picture("somebody-waits")
    desk.page.locator(f"#item-{number} a").click()
    expect(desk.said(words)).to_be_visible()
    desk.take()
    told(chat, "You are now talking with Ana Pop")
    desk.picture("taken")
    desk.answer("Good day, this is Ana. How can I help?")
    told(chat, "Good day, this is Ana. How can I help?")
    expect(chat.page.locator("[data-message][data-author=agent] .who")).to_contain_text("Ana Pop")
    chat.type("My street is dark at night")
    expect(desk.said("My street is dark at night")).to_be_visible(timeout=LIVE_MS)
    secret = "Sounds worried: look in again tomorrow"
    desk.note(secret)
    desk.answer("I have told the colleagues of the street lights.")
    told(chat, "I have told the colleagues of the street lights.")
    desk.picture("talk")
    chat.picture("talk-with-a-person")
    assert secret not in chat.page.content()
    assert chat.page.locator("[data-message][data-author=bot]").count() == 2
    desk.page.locator("[data-hand-back]").click()
    told(chat, "Ana Pop has ended the conversation.")
    expect(desk.page).to_have_url(re.compile("view=mine"))
    before = chat.answers.count()
    chat.type("what time do you open")
    chat.answer("08:00", before)
    chat.reopen()
    assert secret not in chat.page.content()
    desk.open(number)
    expect(desk.log.locator(".act")).to_have_count(2)


@others
def test_a_short_round_in_every_language(new_chat: NewChat, new_agent: NewAgent, stack: Stack, walk: Walk) -> None:
    name = "Ana Pop"
    desk = new_agent(name, language=walk.language).sign_in()
    expect(desk.page.locator("html")).to_have_attribute("lang", walk.language)
    chat = new_chat(walk.language).open(walk.language)
    number = chat_of(stack, asks_for_a_person(chat, walk))
    desk.open(number).take()
    told(chat, sentence("handoff.taken", walk.language, name=name))
    desk.answer("Ș ğ Ѓ ê")
    told(chat, "Ș ğ Ѓ ê")
    desk.picture(f"talk-{walk.language}")
    shown = desk.page.locator("body").inner_text()
    assert not re.search(r"\b(console|ticket|error|audit)\.[a-z_.]+", shown)
    desk.page.locator("[data-hand-back]").click()
    told(chat, sentence("handoff.handed_back", walk.language, name=name))


def test_of_two_agents_who_press_at_once_one_has_the_chat_and_the_other_is_told_who(
    new_chat: NewChat, new_agent: NewAgent, stack: Stack
) -> None:
    chat = new_chat().open()
    number = chat_of(stack, asks_for_a_person(chat, ENGLISH))
    ana, ion = new_agent("Ana Pop").sign_in().open(number), new_agent("Ion Radu").sign_in().open(number)
    press = "() => document.querySelector('[data-take]').click()"
    ana.page.evaluate(press)
    ion.page.evaluate(press)
    until("somebody has it", lambda: rows(stack, "SELECT agent_id FROM conversation WHERE id = %s", number)[0][0])
    [[winner]] = rows(stack, "SELECT agent_id FROM conversation WHERE id = %s", number)
    first, second = (ana, ion) if winner == ana.account.id else (ion, ana)
    expect(first.page.locator("[data-send]")).to_be_visible(timeout=LIVE_MS)
    told_who = re.compile(f"{first.account.name}")
    expect(second.page.locator("#answer")).to_contain_text(told_who, timeout=LIVE_MS)
    expect(second.page.locator("[data-send]")).to_have_count(0)
    first.picture("race-won")
    second.picture("race-lost")
    assert len(rows(stack, "SELECT 1 FROM note WHERE conversation_id = %s AND kind = 'taken'", number)) == 1


def test_who_presses_on_an_old_page_is_told_who_was_first(new_chat: NewChat, new_agent: NewAgent, stack: Stack) -> None:
    number = chat_of(stack, asks_for_a_person(new_chat().open(), ENGLISH))
    ion = new_agent("Ion Radu").sign_in().open(number)
    ion.page.route("**/console/stream", lambda route: route.abort())
    ion.open(number)
    new_agent("Ana Pop").sign_in().open(number).take()
    ion.page.locator("[data-take]").click()
    expect(ion.page.locator("#notice")).to_contain_text("Ana Pop")
    ion.picture("too-late")


def test_when_the_agent_closes_the_laptop_the_chat_goes_on(
    new_chat: NewChat, new_agent: NewAgent, stack: Stack
) -> None:
    chat = new_chat().open()
    number = chat_of(stack, asks_for_a_person(chat, ENGLISH))
    ana = new_agent("Ana Pop").sign_in().open(number)
    ana.take()
    ana.answer("One moment please.")
    told(chat, "One moment please.")
    ana.page.context.close()
    chat.type("Are you still there?")
    until(
        "it is stored",
        lambda: rows(stack, "SELECT 1 FROM conversation WHERE id = %s AND waiting_since IS NOT NULL", number),
    )
    gone = "UPDATE presence SET seen_at = now() - interval '10 min' WHERE account_id = %s"
    rows(stack, gone, ana.account.id)
    told(chat, "The person you talked with had to leave.")
    chat.picture("agent-left")
    ion = new_agent("Ion Radu").sign_in().queue()
    expect(ion.page.locator(f"#item-{number}")).to_be_visible(timeout=LIVE_MS)
    ion.open(number)
    expect(ion.said("Are you still there?")).to_be_visible()
    ion.picture("left-by-a-colleague")
    ion.take()
    ion.answer("I am Ion, I go on for Ana.")
    told(chat, "I am Ion, I go on for Ana.")


def test_what_was_begun_survives_a_reload_and_a_lost_sign_in(
    new_chat: NewChat, new_agent: NewAgent, stack: Stack
) -> None:
    number = chat_of(stack, asks_for_a_person(new_chat().open(), ENGLISH))
    desk = new_agent().sign_in().open(number)
    desk.take()
    desk.box.press_sequentially("Dear neighbour, ")
    query = "SELECT 1 FROM draft WHERE conversation_id = %s AND text LIKE %s"
    until("the draft is kept", lambda: rows(stack, query, number, "Dear neighbour,%"))
    desk.page.reload()
    expect(desk.box).to_have_value("Dear neighbour, ")
    desk.box.fill("Dear neighbour, we are on our way.")
    until("the rest is kept", lambda: rows(stack, query, number, "%on our way."))
    rows(stack, "DELETE FROM sign_in WHERE account_id = %s", desk.account.id)
    desk.page.reload()
    expect(desk.page.locator("[name=login]")).to_be_visible()
    desk.enter()
    desk.open(number)
    expect(desk.box).to_have_value("Dear neighbour, we are on our way.")
    desk.page.locator("[data-send]").click()
    expect(desk.said("we are on our way.")).to_have_count(1)
    desk.page.reload()
    expect(desk.box).to_have_value("")


def test_a_noted_text_is_not_offered_as_an_answer(new_chat: NewChat, new_agent: NewAgent, stack: Stack) -> None:
    number = chat_of(stack, asks_for_a_person(new_chat().open(), ENGLISH))
    desk = new_agent().sign_in().open(number)
    desk.take()
    desk.box.press_sequentially("Knows the mayor")
    until("the draft is kept", lambda: rows(stack, "SELECT 1 FROM draft WHERE conversation_id = %s", number))
    desk.page.locator("[data-note]").click()
    expect(desk.page.locator(".message.note")).to_have_count(1)
    desk.page.reload()
    expect(desk.page.locator(".message.note")).to_have_count(1)
    expect(desk.box).to_have_value("")


@pytest.mark.parametrize("away", ["00:01", "01:00", "01:00:00"], ids=["1 s", "1 min", "1 h"])
def test_after_a_lost_connection_the_page_shows_the_servers_list(
    new_chat: NewChat, new_agent: NewAgent, stack: Stack, away: str
) -> None:
    chat = new_chat().open()
    number = chat_of(stack, asks_for_a_person(chat, ENGLISH))
    desk = new_agent()
    desk.page.clock.install()
    desk.sign_in().open(number)
    desk.take()
    desk.answer("Before.")
    desk.page.context.set_offline(True)
    for words in ("one", "two", "three"):
        chat.type(f"{words} while you were away")
    other = new_chat().open()
    asks_for_a_person(other, ENGLISH)
    stored = (
        "SELECT count(*) FROM message WHERE conversation_id = %s AND content->>'text' LIKE '%% while you were away'"
    )
    until("all is stored", lambda: rows(stack, stored, number) == [(3,)])
    desk.page.clock.fast_forward(away)
    if away != "00:01":
        expect(desk.page.locator("#lost")).to_contain_text("connection is lost", timeout=LIVE_MS)
        desk.picture("offline")
    desk.page.context.set_offline(False)
    desk.page.clock.resume()
    expect(desk.said("three while you were away")).to_be_visible(timeout=60_000)
    expect(desk.page.locator("#lost")).to_be_empty(timeout=60_000)
    fresh = Console(desk.page.context.new_page(), stack, desk.account).open(number)
    expect(fresh.said("three while you were away")).to_have_count(1)
    assert desk.lines() == fresh.lines()
    assert len(set(desk.lines())) == len(desk.lines())
    until("the lists are alike", lambda: desk.items() == fresh.items())


def test_a_new_chat_is_heard_and_seen_in_the_title(new_chat: NewChat, new_agent: NewAgent, stack: Stack) -> None:
    desk = new_agent()
    desk.page.add_init_script(
        "window.tones = 0; const real = AudioContext.prototype.createOscillator;"
        "AudioContext.prototype.createOscillator = function () { window.tones++; return real.call(this); };"
    )
    rows(stack, "UPDATE conversation SET holder = 'bot', agent_id = NULL, waiting_since = NULL WHERE holder <> 'bot'")
    desk.sign_in().queue()
    expect(desk.page).to_have_title(re.compile("^Chats"))
    chat = new_chat().open()
    number = chat_of(stack, asks_for_a_person(chat, ENGLISH))
    expect(desk.page).to_have_title(re.compile(r"^\(1\) Chats"), timeout=LIVE_MS)
    assert desk.page.evaluate("tones") == 1
    desk.open(number)
    desk.take()
    desk.answer("Good day.")
    expect(desk.page).to_have_title(re.compile(r"^(?!\()"), timeout=LIVE_MS)
    chat.type("A word for you")
    expect(desk.page).to_have_title(re.compile(r"^\(1\) "), timeout=LIVE_MS)
    assert desk.page.evaluate("tones") == 1


def test_without_scripts_forms_do_it(new_chat: NewChat, new_agent: NewAgent, stack: Stack) -> None:
    chat = new_chat().open()
    number = chat_of(stack, asks_for_a_person(chat, ENGLISH))
    desk = new_agent(java_script_enabled=False)
    desk.sign_in().open(number)
    desk.take()
    told(chat, "You are now talking with Ana Pop")
    for words in ("Good day.", "Good day.", "How are you?"):
        desk.box.fill(words)
        desk.page.locator("[data-send]").click()
    expect(desk.said("Good day.")).to_have_count(2)
    told(chat, "How are you?")
    desk.box.fill("No scripts here.")
    desk.page.locator("[data-note]").click()
    expect(desk.page.locator(".message.note")).to_contain_text("No scripts here.")
    desk.picture("without-scripts")
    desk.page.locator("[data-hand-back]").click()
    told(chat, "Ana Pop has ended the conversation.")
