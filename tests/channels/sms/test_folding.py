"""Folding: fewer SMS or nothing."""

import pytest
from hypothesis import given, strategies as st

from channels.sms.folding import LETTERS, URL, cheaper
from channels.sms.segments import counted

FILL = "a" * 80
ROMANIAN = "Vă mulțumim! Sesizarea dumneavoastră a fost înregistrată și trimisă la Direcția Străzi. Țineți aproape."
ROMANIAN_PLAIN = (
    "Va multumim! Sesizarea dumneavoastra a fost inregistrata si trimisa la Directia Strazi. Tineti aproape."
)

FOLDED = [
    ("ro", ROMANIAN, ROMANIAN_PLAIN),
    ("ro", "şi ţară" + FILL, "si tara" + FILL),
    ("ro", "s\u0326i t\u0326ara\u0306" + FILL, "si tara" + FILL),
    ("af", "Môre, sê vir ŉ reën wêreld" + FILL, "More, se vir 'n reen wereld" + FILL),
    ("sq", "Përshëndetje, çfarë" + FILL, "Pershendetje, cfare" + FILL),
    ("en", "The café’s façade – “naïve”…" + FILL, 'The café\'s facade - "naive"...' + FILL),
    ("tr", "Belediye “açik”".replace("ç", "c") + FILL, 'Belediye "acik"' + FILL),
    (None, "Yes – it’s open" + FILL, "Yes - it's open" + FILL),
    ("mk", "Reference „TM-4F7-KPX“" + FILL, 'Reference "TM-4F7-KPX"' + FILL),
    ("ro", "Cod TM-4F7-KPX, PIN 4821, vezi https://x.ro/a~b?c=d „aici”" + FILL, None),
]
KEPT = [
    ("ro", "Mulțumim!"),  # one SMS either way
    ("ro", "Mulțumim 👍" + FILL),  # UCS-2 anyway
    ("ro", "Mulțumim https://x.ro/ș" + FILL),  # an address is never touched
    ("tr", "Şikâyetiniz alındı, teşekkür ederiz" + FILL),
    ("mk", "Вашата пријава е примена" + FILL),
    ("en", "Çınar Sokağı was repaired" + FILL),
    (None, ROMANIAN),
    ("xx", ROMANIAN),
    ("ro", "deja fara diacritice" + FILL),
]


@pytest.mark.parametrize(("language", "text", "plain"), FOLDED)
def test_folded(language: str | None, text: str, plain: str | None) -> None:
    folded = cheaper(text, language)
    assert folded == (plain or text.replace("„", '"').replace("”", '"'))
    assert counted(folded).encoding == "GSM-7"
    assert counted(folded).segments < counted(text).segments


@pytest.mark.parametrize(("language", "text"), KEPT)
def test_kept(language: str | None, text: str) -> None:
    assert cheaper(text, language) == text


@given(
    st.text(st.sampled_from("ab5-Z ăâîșțşţêëïôç„”–…\u00a0éжığ😀\u0306\n~"), max_size=200) | st.text(max_size=200),
    st.sampled_from(["ro", "af", "sq", "en", "tr", "mk", None]),
)
def test_never_dearer_and_addresses_stay(text: str, language: str | None) -> None:
    text = f"{text} https://komshu.example/r/TM-4F7-KPX {text}"
    folded = cheaper(text, language)
    assert counted(folded).segments <= counted(text).segments
    assert cheaper(folded, language) == folded
    assert "https://komshu.example/r/TM-4F7-KPX" in URL.findall(folded)


@pytest.mark.parametrize("language", LETTERS)
def test_letters_become_letters(language: str) -> None:
    for letter, plain in LETTERS[language].items():
        stand_in = chr(plain) if isinstance(plain, int) else plain
        assert counted(stand_in).encoding == "GSM-7"
        assert counted(chr(letter)).encoding == "UCS-2"
        assert chr(letter).isupper() == stand_in.isupper()
