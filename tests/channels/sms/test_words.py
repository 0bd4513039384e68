"""Options and the words that ask something of the channel."""

import pytest
from hypothesis import given, strategies as st

from channels.message import Wish
from channels.sms.keywords import CARRIER_STOP, DATA, WISHES, carrier_stops, plain, wish
from channels.sms.options import WORDS, numbered, option_number

NUMBERS = [
    *[(text, 1) for text in ("1", "1.", "1)", "#1", "(1)", " 1 ", "１", "1️⃣", "１．", "1\n")],
    *[(text, 1) for text in ("one", "One!", "BİR", "bir", "unu", "una", "еден", "Една", "eden", "edno", "een")],
    *[(text, 2) for text in ("2", "two", "iki", "doi", "două", "doua", "два", "dve", "twee", "dy")],
    *[(text, 4) for text in ("dört", "dort", "DÖRT", "patru", "четири", "chetiri", "cetiri", "vier")],
    *[(text, 6) for text in ("six", "altı", "ALTI", "alti", "șase", "sase", "şase", "шест", "šest", "shest", "ses")],
    *[(text, 10) for text in ("10", "ten", "on", "zece", "десет", "tien")],
    ("99", 99),
]
NO_NUMBERS = [
    "",
    " ",
    "0",
    "00",
    "01",
    "100",
    "-1",
    "1.5",
    "1 2",
    "1a",
    "a1",
    "(1",
    "##1",
    "1))",
    "option 1",
    "1 please",
]
NO_NUMBERS += ["one two", "eleven", "½", "١", "on the road", "https://x.ro/1", "1:2", "+1", "TM-4F7-KPX"]

ASKED: list[tuple[str, Wish | None]] = [
    *[(text, "stop") for text in ("STOP", "stop", "Stop.", "StopAll", "unsubscribe", "QUIT", "end", "dur", "DURDUR")],
    *[
        (text, "stop")
        for text in ("OPREȘTE", "oprește!", "opreste", "СТОП", "стоп", "запри", "staak", "ndal", " stop ")
    ],
    *[
        (text, "start")
        for text in ("START", "unstop", "BAŞLAT", "başlat", "baslat", "pornește", "СТАРТ", "почни", "begin")
    ],
    *[(text, "help") for text in ("HELP", "help?", "info", "YARDIM", "yardım", "ajutor", "ПОМОШ", "pomosh", "hulp")],
    *[(text, None) for text in ("yes", "evet", "da", "да", "ja", "iptal", "anulează", "anuleaza", "otkaži", "откажи")],
    *[
        (text, None)
        for text in ("kanselleer", "", "stop it", "please help me", "dur bakalım", "start-up", "stopp", "123")
    ],
]


@pytest.mark.parametrize(("text", "number"), NUMBERS)
def test_a_number_is_an_option(text: str, number: int) -> None:
    assert option_number(text) == number


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_anything_else_is_none(text: str) -> None:
    assert option_number(text) is None


@given(st.text(max_size=20))
def test_any_text_can_be_read(text: str) -> None:
    number = option_number(text)
    assert number is None or 1 <= number <= 99
    assert wish(text) in {None, "stop", "start", "help"}


@given(st.lists(st.text(min_size=1), max_size=99))
def test_a_line_for_every_option_reads_back(titles: list[str]) -> None:
    lines = numbered(titles)
    assert [option_number(line.split(" ")[0]) for line in lines] == list(range(1, len(titles) + 1))
    assert not any("\n" in line for line in lines)


def test_no_word_means_two_numbers() -> None:
    said = [(plain(word), number) for words in DATA["numbers"].values() for number, word in enumerate(words, 1)]
    assert all(WORDS[word] == number for word, number in said)


@pytest.mark.parametrize(("text", "asked"), ASKED)
def test_words_of_the_channel(text: str, asked: Wish | None) -> None:
    assert wish(text) == asked


def test_no_word_asks_for_two_things() -> None:
    words = [word for kind in WISHES.values() for word in kind]
    assert len(words) == len(set(words))
    assert not set(words) & WORDS.keys()


def test_every_language_has_every_wish() -> None:
    languages = {"en", "tr", "ro", "mk", "af", "sq"}
    assert all(set(DATA[kind]) == languages for kind in WISHES)


def test_carriers_know_english_only() -> None:
    assert carrier_stops("Stop!")
    assert not carrier_stops("dur")
    assert not carrier_stops("stop it")
    assert all(word.isascii() for word in CARRIER_STOP)
