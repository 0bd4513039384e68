"""The walk of a citizen in the real widget, in five languages."""

import re
from collections.abc import Callable

import psycopg
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Chat
from tests.factories import jpeg
from tests.flow.test_walk import PIN, REFERENCE, every_language
from tests.flow.walk import Walk
from tests.stack import Stack, until

pytestmark = [pytest.mark.stack, pytest.mark.browser]
NewChat = Callable[..., Chat]
AUTONYMS = ["English", "Türkçe", "Română", "Македонски", "Afrikaans"]


@every_language
def test_the_walk(new_chat: NewChat, stack: Stack, walk: Walk) -> None:
    chat = new_chat(walk.language).open(walk.language)
    greeted(chat, walk)
    chat.say(walk.question, walk.hours)
    voted(chat, stack)
    chat.say(walk.complaint, "Strada Mărășești 12")
    chat.say(walk.interruption, walk.thirty_days)
    summary = chat.say(walk.correction, "Strada Mărășești 14")
    assert "Strada Mărășești 12" not in summary.splitlines()[-1]
    chat.picture(f"walk-{walk.language}-summary")
    told = chat.say(walk.yes, REFERENCE)
    reference, pin = REFERENCE.search(told)[0], PIN.search(told)[0]
    chat.say(walk.status.format(reference=reference), reference)
    chat.picture(f"walk-{walk.language}-status")
    stranger = new_chat(walk.language).open(walk.language)
    stranger.say(walk.status.format(reference=reference), re.compile("PIN|ПИН"))
    stranger.say(pin, reference)
    chat.say(walk.person, re.compile(r"\d\d:\d\d|\b10\b"))
    chat.picture(f"walk-{walk.language}-person")


def greeted(chat: Chat, walk: Walk) -> None:
    """Before the first word: automated, private, five languages, a way to a person, nothing stored."""
    expect(chat.page.locator("[data-input]")).to_have_attribute("lang", walk.language)
    expect(chat.page.locator("[data-privacy]")).to_have_attribute("href", re.compile("^https://"))
    expect(chat.page.locator("[data-person]")).to_be_visible()
    assert sorted(chat.page.locator("[data-language-choice]").all_inner_texts()) == sorted(AUTONYMS)
    assert chat.page.evaluate("localStorage.getItem('komshu.session')") is None
    chat.picture(f"walk-{walk.language}-greeting")


def voted(chat: Chat, stack: Stack) -> None:
    """The answer has its link, and "was this useful" is stored."""
    answer = chat.answers.last
    expect(answer.locator("a[href^='https://']")).to_be_visible()
    with psycopg.connect(stack.database_url, autocommit=True) as database:
        count = "SELECT count(*) FROM usefulness WHERE useful AND topic = 'opening_hours'"
        before = database.execute(count).fetchone()[0]
        chat.page.locator("[data-useful=yes]").last.click()
        until("the vote is stored", lambda: database.execute(count).fetchone()[0] == before + 1)


def test_photo_and_position_reach_the_ticket(new_chat: NewChat, stack: Stack) -> None:
    place = {"latitude": 45.7537, "longitude": 21.2257}
    chat = new_chat(permissions=["geolocation"], geolocation=place).open()
    chat.say("there is a deep pothole since Monday", "Where is it")
    before = chat.answers.count()
    photo = {"name": "hole.jpg", "mimeType": "image/jpeg", "buffer": jpeg((600, 400))}
    chat.page.locator("input[data-photo]").set_input_files(photo)  # type: ignore[arg-type]
    chat.answer("Thank you for the photo", before)
    before = chat.answers.count()
    chat.page.locator("[data-position]").click()
    chat.answer("45.75370", before)
    expect(chat.own.locator("img")).to_be_visible()
    chat.picture("photo-and-position")
    before = chat.answers.count()
    chat.page.locator("[data-button]:enabled").first.click()
    reference = REFERENCE.search(chat.answer(REFERENCE, before))[0]
    with psycopg.connect(stack.database_url) as database:
        found = database.execute(
            "SELECT count(a.id) FROM ticket t JOIN attachment a ON a.ticket_id = t.id WHERE t.reference = %s",
            [reference],
        ).fetchone()
    assert found == (1,)


@every_language
def test_not_understood_shows_topics_then_a_person(new_chat: NewChat, walk: Walk) -> None:
    chat = new_chat(walk.language).open(walk.language)
    chat.say(walk.nonsense, re.compile("."))
    expect(chat.page.locator("[data-button]").first).to_be_visible()
    first = chat.page.locator("[data-button]").all_inner_texts()
    chat.say(f"{walk.nonsense} hjkl", re.compile("."))
    expect(chat.answers).to_have_count(2)
    second = chat.answers.last.locator("xpath=..").locator("[data-button]").all_inner_texts()
    assert second != first
    chat.picture(f"not-understood-{walk.language}")


def test_choosing_a_language_changes_words_and_answers(new_chat: NewChat) -> None:
    chat = new_chat("en").open("en")
    chat.page.locator("[data-language-choice]", has_text="Türkçe").click()
    expect(chat.page.locator("[data-input]")).to_have_attribute("lang", "tr")
    chat.say("hello", "Merhaba")
