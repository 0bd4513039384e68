"""Texts that say when, and texts that do not."""

import pytest

from actions.time_words import names_time

SAYS_WHEN = [
    ("en", "since yesterday"),
    ("en", "They did not come on Tuesday"),
    ("en", "every night until two"),
    ("en", "at 7:30 the bus did not come"),
    ("en", "around 9 pm"),
    ("en", "yesterday afternoon"),
    ("en", "this afternoon"),
    ("en", "on 12 March"),
    ("tr", "dünden beri"),
    ("tr", "Dün gece"),
    ("tr", "SALI günü"),
    ("tr", "sali gunu toplanmadi"),
    ("tr", "üç haftadır"),
    ("tr", "uc haftadir"),
    ("tr", "öğleden sonra"),
    ("tr", "12 Mart'ta"),
    ("ro", "de ieri seară"),
    ("ro", "marți dimineața"),
    ("ro", "marti dimineata"),
    ("ro", "în fiecare noapte"),
    ("ro", "astăzi"),
    ("ro", "astazi nu a venit nimeni"),
    ("ro", "după-amiază"),
    ("ro", "pe 12 martie"),
    ("mk", "вчера навечер"),
    ("mk", "не дојдоа денес"),
    ("mk", "секој ден"),
    ("mk", "vcera ne dojdoa"),
    ("mk", "vo sreda"),
    ("mk", "попладне"),
    ("mk", "на 12 март"),
    ("af", "gister"),
    ("af", "elke Dinsdag"),
    ("af", "sedert Maandag"),
    ("af", "vanoggend"),
    ("af", "gisteraand"),
    ("af", "op 12 Maart"),
    ("", "14:30"),
    ("", "07.45"),
    ("", "12.03.2026"),
]

SAYS_NOTHING_OF_TIME = [
    ("en", "The container is full and it smells"),
    ("en", "her bin was left full"),
    ("tr", "konteyner dolu ve kokuyor"),
    ("tr", "çöp toplanmadı"),
    ("ro", "containerul este plin și miroase"),
    ("ro", "gunoiul nu a fost ridicat"),
    ("mk", "контејнерот е полн и смрди"),
    ("mk", "канта од отпад е превртена"),
    ("mk", "kontejnerot e poln"),
    ("af", "die drom is vol en dit stink"),
    ("", ""),
    ("", "123 456"),
]


@pytest.mark.parametrize(("language", "text"), SAYS_WHEN)
def test_a_text_that_says_when_is_not_asked_again(language: str, text: str) -> None:
    assert names_time(text)


@pytest.mark.parametrize(("language", "text"), SAYS_NOTHING_OF_TIME)
def test_a_text_that_does_not_say_when_is_asked(language: str, text: str) -> None:
    assert not names_time(text)
