"""Days and times in five languages, with their time kept."""

from typing import List, Tuple

import pytest
from bot_factories import LANGUAGES, message
from hypothesis import given, strategies as st

from bot.components.entities import entities_of
from bot.components.tokenizer import FoldingTokenizer
from bot.components.when import lexicons, when_in

SAYS = [
    ("en", "next tuesday", "next tuesday", "day"),
    ("en", "tomorrow at 9", "tomorrow 09:00", "day_time"),
    ("en", "tomorrow at 2:30 pm please", "tomorrow 14:30", "day_time"),
    ("en", "on Friday evening at 7", "friday 19:00", "day_time"),
    ("en", "the day after tomorrow in the morning", "day after tomorrow morning", "day_time"),
    ("en", "since last night", "yesterday night", "day_time"),
    ("en", "every night after 11 pm.", "every night 23:00", "day_time"),
    ("en", "on March 12 at 9pm", "--03-12 21:00", "day_time"),
    ("en", "3rd of April 2026", "2026-04-03", "day"),
    ("en", "2026-04-03 10:15", "2026-04-03 10:15", "day_time"),
    ("en", "3 weeks ago", "-3 weeks", "day"),
    ("en", "in 2 days", "+2 days", "day"),
    ("en", "for 5 days", "-5 days", "day"),
    ("en", "next week", "next week", "day"),
    ("en", "come at 9.", "09:00", "time"),
    ("en", "at 12 am", "00:00", "time"),
    ("en", "this afternoon", "today afternoon", "day_time"),
    ("tr", "yarin ogleden sonra", "tomorrow afternoon", "day_time"),
    ("tr", "yarın saat 14:30'da", "tomorrow 14:30", "day_time"),
    ("tr", "Haftaya salı günü sabah 9", "next tuesday 09:00", "day_time"),
    ("tr", "bu akşam 8'de", "today 20:00", "day_time"),
    ("tr", "dün gece", "yesterday night", "day_time"),
    ("tr", "DÜN GECE", "yesterday night", "day_time"),
    ("tr", "12 Mart 2026'da", "2026-03-12", "day"),
    ("tr", "12.03.2026", "2026-03-12", "day"),
    ("tr", "3 gündür su yok", "-3 days", "day"),
    ("tr", "2 hafta önce", "-2 weeks", "day"),
    ("tr", "3 gün sonra", "+3 days", "day"),
    ("tr", "öbür gün", "day after tomorrow", "day"),
    ("tr", "gelecek hafta", "next week", "day"),
    ("tr", "her gece", "every night", "day_time"),
    ("tr", "pazartesiden beri", "monday", "day"),
    ("ro", "mâine la ora 14:30", "tomorrow 14:30", "day_time"),
    ("ro", "maine la 14.30", "tomorrow 14:30", "day_time"),
    ("ro", "marțea viitoare după-amiază la 3", "next tuesday 15:00", "day_time"),
    ("ro", "marti dupa amiaza", "tuesday afternoon", "day_time"),
    ("ro", "mâine seară la 8", "tomorrow 20:00", "day_time"),
    ("ro", "aseară pe la 11", "yesterday 23:00", "day_time"),
    ("ro", "pe 12 martie", "--03-12", "day"),
    ("ro", "12/03/2026 ora 9", "2026-03-12 09:00", "day_time"),
    ("ro", "acum 3 zile", "-3 days", "day"),
    ("ro", "peste 2 săptămâni", "+2 weeks", "day"),
    ("ro", "săptămâna viitoare", "next week", "day"),
    ("ro", "poimâine", "day after tomorrow", "day"),
    ("ro", "în fiecare noapte", "every night", "day_time"),
    ("mk", "утре во 9", "tomorrow 09:00", "day_time"),
    ("mk", "utre vo 9", "tomorrow 09:00", "day_time"),
    ("mk", "следниот вторник во 10:30 часот", "next tuesday 10:30", "day_time"),
    ("mk", "vo petok popladne", "friday afternoon", "day_time"),
    ("mk", "секоја вечер после 10", "every evening 22:00", "day_time"),
    ("mk", "синоќа", "yesterday evening", "day_time"),
    ("mk", "на 12 март 2026", "2026-03-12", "day"),
    ("mk", "пред 3 дена", "-3 days", "day"),
    ("mk", "za 2 nedeli", "+2 weeks", "day"),
    ("mk", "задутре наутро", "day after tomorrow morning", "day_time"),
    ("af", "môre om 9", "tomorrow 09:00", "day_time"),
    ("af", "more om 9", "tomorrow 09:00", "day_time"),
    ("af", "volgende Dinsdag om 14h30", "next tuesday 14:30", "day_time"),
    ("af", "vanaand om 7", "today 19:00", "day_time"),
    ("af", "gisteraand", "yesterday evening", "day_time"),
    ("af", "op 12 Maart", "--03-12", "day"),
    ("af", "3 dae gelede", "-3 days", "day"),
    ("af", "oor 2 weke", "+2 weeks", "day"),
    ("af", "elke nag", "every night", "day_time"),
    ("af", "oormôre", "day after tomorrow", "day"),
]
SAYS_NOTHING = [
    ("en", "I want more time"),
    ("en", "at 9 Main Street"),
    ("en", "version 3.5 of the form"),
    ("en", "the bin at number 12"),
    ("tr", "3 konteyner dolu"),
    ("tr", "No 12 kat 3"),
    ("ro", "nr 12, bl 3, ap 4"),
    ("ro", "costă 12.50 lei"),
    ("ro", "la 9 metri de casă"),
    ("mk", "бр. 12, влез 3"),
    ("mk", "чини 3.10 денари"),
    ("af", "by huis nommer 12"),
    ("af", "R12.50 rand"),
    ("ro", "31.02"),
    ("en", "30.02.2026"),
    ("", ""),
]


def times(text: str, language: str) -> List[Tuple[str, str, str]]:
    heard = message(text)
    FoldingTokenizer(FoldingTokenizer.get_default_config()).process([heard])
    found = entities_of(heard, [{"entity": "language", "value": language}])
    return [(e["value"], e["kind"], text[e["start"] : e["end"]]) for e in found if e["entity"] == "when"]


@pytest.mark.parametrize(("language", "text", "value", "kind"), SAYS)
def test_what_is_said_of_when(language: str, text: str, value: str, kind: str) -> None:
    [(found, of_kind, words)] = times(text, language)
    assert (found, of_kind) == (value, kind)
    assert words in text


@pytest.mark.parametrize(("language", "text"), SAYS_NOTHING)
def test_other_numbers_say_no_time(language: str, text: str) -> None:
    assert times(text, language) == []


def test_the_words_are_those_that_say_it() -> None:
    assert times("Veniți mâine la ora 14:30, vă rog", "ro") == [("tomorrow 14:30", "day_time", "mâine la ora 14:30")]


def test_two_times_are_two() -> None:
    assert [value for value, _, _ in times("on Monday at 9:00 and on Friday at 10:00", "en")] == [
        "monday 09:00",
        "friday 10:00",
    ]


def test_a_day_with_its_time_is_understood_in_a_conversation_held_in_another_language() -> None:
    assert [value for value, _, _ in times("yarın saat 14:30", "en")] == ["tomorrow 14:30"]
    assert times("more", "en") == []


def test_every_language_has_every_kind_of_word() -> None:
    assert set(lexicons()) == set(LANGUAGES)
    for lexicon in lexicons().values():
        assert set(lexicon._days.values()) == set(lexicons()["en"]._days.values())
        assert set(lexicon._parts.values()) == set(lexicons()["en"]._parts.values())
        assert set(lexicon._months.values()) == set(range(1, 13))
        assert set(lexicon._turns.values()) == {"next", "last", "this", "every"}


@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
def test_nothing_breaks_it(text: str, language: str) -> None:
    for found in when_in(text, language):
        assert 0 <= found.start < found.end <= len(text)
