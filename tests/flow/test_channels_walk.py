"""The main job on Telegram and by SMS, through the providers' own ways into the running assistant."""

import re
from collections.abc import Iterator

import pytest

from tests.factories import jpeg
from tests.flow.channels import Desk, SmsPerson, TelegramPerson, open_desk
from tests.flow.walk import WALKS, Walk
from tests.stack import until

pytestmark = pytest.mark.stack
every_language = pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.language)
REFERENCE = re.compile(r"TM-\w{3}-\w{3}")
PIN = re.compile(r"\b\d{6}\b")
STOPPED = "SELECT stopped_at IS NOT NULL FROM identity WHERE channel = %s AND external_id = %s"
TICKET = """
    SELECT t.channel, t.category, round(t.latitude::numeric, 2)::float, count(a.id)
    FROM ticket t LEFT JOIN attachment a ON a.ticket_id = t.id WHERE t.reference = %s GROUP BY t.id
"""


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with open_desk() as desk:
        yield desk


def ticket(desk: Desk, told: str) -> tuple[str, str, float | None, int]:
    """The ticket whose reference and PIN were told."""
    assert PIN.search(told)
    [row] = desk.rows(TICKET, REFERENCE.search(told)[0])
    return row


@pytest.fixture(autouse=True)
def nothing_reported(desk: Desk) -> None:
    """A report of the same place would be offered to follow the older one."""
    desk.stack.close_tickets()


@every_language
def test_questions_without_diacritics_are_answered_in_their_language(desk: Desk, walk: Walk) -> None:
    assert walk.hours in TelegramPerson(desk, walk.language).says(walk.question)
    assert walk.hours in SmsPerson(desk).says(walk.question)


def test_complaint_on_telegram_with_photo_and_shared_location(desk: Desk) -> None:
    person = TelegramPerson(desk)
    person.says("there is a deep pothole since Monday")
    person.sends(person.make("photo", jpeg()))
    assert "45.75370" in str(person.sends(person.make("location", 45.7537, 21.2257)))
    told = person.presses(0)
    assert ticket(desk, told) == ("telegram", "pothole_road", 45.75, 1)
    reference = REFERENCE.search(told)[0]
    person.says("/status")
    assert reference in person.says(reference)
    stranger = TelegramPerson(desk)
    stranger.says("/status")
    assert reference not in stranger.says(reference)
    methods = {method for method, _ in desk.telegram.calls}
    assert {"sendChatAction", "answerCallbackQuery", "getFile"} <= methods


def test_an_old_button_is_not_taken_for_an_answer_to_a_newer_question(desk: Desk) -> None:
    person = TelegramPerson(desk)
    person.says(WALKS[0].complaint)
    old = next(sent for sent in reversed(person.received()) if sent.buttons)
    person.says("no, number 14")
    told = person.sends(desk.telegram.updates.press(old, 0))
    assert "earlier question" in told[0].visible
    assert REFERENCE.search(person.presses(0))


def test_complaint_by_sms_with_numbered_options_and_mms(desk: Desk) -> None:
    person = SmsPerson(desk)
    person.says("there is a deep pothole since Monday")
    photo = desk.twilio.add_file(jpeg())
    asked = len(desk.twilio.file_requests)
    person.says("", photo)
    assert len(desk.twilio.file_requests) == asked + 1, "Twilio gives it away only to who proves the account"
    summary = person.says("Strada Marasesti 12")
    assert re.search(r"Strada .* 12$", summary, re.MULTILINE)
    assert re.search(r"^1 ", summary, re.MULTILINE)
    told = person.says("1")
    assert ticket(desk, told) == ("sms", "pothole_road", None, 1)
    reference = REFERENCE.search(told)[0]
    assert reference in person.says(f"What happened with {reference}?")


def test_states_of_sms_become_delivered(desk: Desk) -> None:
    person = SmsPerson(desk)
    person.says("hello")
    states = "SELECT DISTINCT d.state FROM delivery d JOIN lane l ON l.id = d.lane_id WHERE l.address = %s"
    until("Twilio's word is noted", lambda: desk.rows(states, person.number) == [("delivered",)])


def test_language_is_chosen_with_a_button(desk: Desk) -> None:
    person = TelegramPerson(desk)
    offered = person.sends(person.make("text", "/language"))[-1]
    titles = [button["text"] for button in offered.buttons]
    assert len(titles) == len(WALKS)
    person.presses(next(place for place, title in enumerate(titles) if "Rom" in title))
    assert "automat" in person.says("hello")


def test_a_person_is_promised(desk: Desk) -> None:
    person = TelegramPerson(desk)
    assert re.search(r"\d\d:\d\d|\b10\b", person.says("/person"))
    assert desk.rows("SELECT holder FROM conversation WHERE address = %s", str(person.chat)) == [("queue",)]


def test_stop_and_start_on_telegram(desk: Desk) -> None:
    person = TelegramPerson(desk)
    person.says("/start")
    assert "no more news" in person.says("/stop")
    assert desk.rows(STOPPED, "telegram", str(person.chat)) == [(True,)]
    assert person.says("hello"), "who writes is answered"
    assert person.says("/start")
    assert desk.rows(STOPPED, "telegram", str(person.chat)) == [(False,)]


def test_stop_and_start_by_sms(desk: Desk) -> None:
    person = SmsPerson(desk)
    person.says("hello")
    assert person.says("STOP") == "", "Twilio has answered it and would refuse ours"
    assert desk.rows(STOPPED, "sms", person.number) == [(True,)]
    assert "news" in person.says("START")
    assert desk.rows(STOPPED, "sms", person.number) == [(False,)]


def test_voice_is_told_as_unreadable(desk: Desk) -> None:
    voice = {"file_id": "AwAC", "file_unique_id": "u", "duration": 3, "mime_type": "audio/ogg"}
    writer = TelegramPerson(desk)
    assert "voice messages" in str(writer.sends(writer.make("message", voice=voice)))
    caller = SmsPerson(desk)
    caller.says("what time do you open")
    recording = desk.twilio.add_file(b"#!AMR", "audio/amr")
    assert "voice messages" in caller.says("", recording)


def test_an_edit_is_a_new_message(desk: Desk) -> None:
    person = TelegramPerson(desk)
    first = person.make("text", "hello")
    person.sends(first)
    assert "08:00" in person.sends(desk.telegram.updates.edit(first, "what time do u open on friday"))[0].visible
    [(contents,)] = desk.rows(
        "SELECT count(*) FROM message WHERE external_id LIKE %s AND content->>'edited' = 'true'", f"{person.chat}:%"
    )
    assert contents == 1


def test_polling_answers_too() -> None:
    with open_desk(TELEGRAM_MODE="polling") as desk:
        desk.telegram.post_to = ""
        person = TelegramPerson(desk)
        update = person.make("text", "what time do u open on friday")
        assert desk.background.run(desk.telegram.deliver(update)) == 200
        until("an answer", person.received)
        assert "08:00" in person.received()[0].visible
        until("the update is forgotten", lambda: not desk.telegram.pending or desk.telegram.pending[0] != update)
