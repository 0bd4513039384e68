"""Reloads, lost connections, two tabs, forged sessions: nothing missing, nothing doubled."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Chat
from tests.stack import Stack, until

pytestmark = [pytest.mark.stack, pytest.mark.browser]
NewChat = Callable[..., Chat]


def test_a_reload_shows_the_same_chat(new_chat: NewChat) -> None:
    chat = new_chat().open()
    chat.say("hello", "automated assistant")
    chat.say("what time do you open", "08:00")
    before = chat.texts
    chat.reopen()
    expect(chat.answers).to_have_count(2)
    assert chat.texts == before
    chat.say("thanks", "welcome")


def test_a_lost_connection_is_told_and_resumed(new_chat: NewChat) -> None:
    chat = new_chat().open()
    chat.say("hello", "automated assistant")
    chat.page.context.set_offline(True)
    chat.type("what time do you open")
    expect(chat.page.locator("[data-banner]")).to_be_visible(timeout=60_000)
    expect(chat.own).to_have_count(2)
    chat.picture("offline")
    chat.page.context.set_offline(False)
    expect(chat.answers.filter(has_text="08:00")).to_be_visible(timeout=60_000)
    expect(chat.page.locator("[data-banner]")).to_be_hidden(timeout=60_000)
    expect(chat.own).to_have_count(2)
    expect(chat.answers).to_have_count(2)


def test_a_killed_backend_loses_nothing(new_chat: NewChat, stack: Stack) -> None:
    chat = new_chat().open()
    chat.say("hello", "automated assistant")
    stack.kill("backend")
    chat.type("what time do you open")
    expect(chat.answers.filter(has_text="08:00")).to_be_visible(timeout=60_000)
    expect(chat.own).to_have_count(2)
    expect(chat.answers).to_have_count(2)
    until("the backend is back", stack.ready, 60)


def test_two_tabs_show_one_chat(new_chat: NewChat) -> None:
    one = new_chat().open()
    one.say("hello", "automated assistant")
    other = Chat(one.page.context.new_page(), one.url).open()
    expect(other.answers).to_have_count(1)
    other.say("thanks", "welcome")
    expect(one.answers).to_have_count(2)
    assert one.texts == other.texts


def test_messages_sent_while_one_is_answered_stay_in_order(new_chat: NewChat) -> None:
    chat = new_chat().open()
    chat.say("hello", "automated assistant")
    sent = ["thanks", "what time do you open", "goodbye"]
    for text in sent:
        chat.type(text)
    expect(chat.answers).to_have_count(4, timeout=30_000)
    assert [text for text in sent if text not in " ".join(chat.own.all_inner_texts())] == []
    said = " ".join(chat.answers.all_inner_texts())
    assert said.index("welcome") < said.index("08:00") < said.index("Goodbye")


def test_a_forged_session_begins_a_new_chat_without_losing_the_message(new_chat: NewChat) -> None:
    chat = new_chat().open()
    chat.say("hello", "automated assistant")
    forge = "kept => localStorage.setItem('komshu.session', kept.replace(/[A-Za-z0-9]{8}/, 'forgedXX'))"
    chat.page.evaluate(forge, chat.page.evaluate("localStorage.getItem('komshu.session')"))
    chat.reopen()
    chat.say("what time do you open", "08:00")


@pytest.mark.parametrize("typed", ["<b>bold</b><img src=x onerror=alert(1)>", "**bold** [x](https://example.org)"])
def test_html_and_markdown_are_shown_as_text(new_chat: NewChat, typed: str) -> None:
    chat = new_chat().open()
    chat.type(typed)
    expect(chat.own.first).to_contain_text(typed)
    expect(chat.own.first.locator("b, img, a")).to_have_count(0)
    chat.reopen()
    expect(chat.own.first).to_contain_text(typed)


def test_what_the_server_refuses_stays_in_the_box(new_chat: NewChat) -> None:
    chat = new_chat("ro").open("ro")
    long = "a" * 20_000
    chat.type(long)
    expect(chat.page.locator("[data-panel]")).to_contain_text(re.compile("16.?000|4.?000"))
    assert len(chat.page.locator("[data-input]").input_value()) == 20_000
    expect(chat.own).to_have_count(0)


def test_a_file_that_is_no_photo_is_refused_in_the_visitors_language(new_chat: NewChat) -> None:
    chat = new_chat("ro").open("ro")
    file = {"name": "cv.jpg", "mimeType": "image/jpeg", "buffer": b"%PDF-1.7 not a photo"}
    chat.page.locator("input[data-photo]").set_input_files(file)  # type: ignore[arg-type]
    expect(chat.page.locator("[data-panel]")).to_contain_text("JPEG")


def test_an_empty_message_is_not_sent_and_says_so(new_chat: NewChat) -> None:
    chat = new_chat().open()
    chat.type("   ")
    expect(chat.own).to_have_count(0)
    assert chat.page.evaluate("localStorage.getItem('komshu.session')") is None
