"""Phone numbers and e-mail addresses, and the numbers that are none."""

import pytest
from hypothesis import given, strategies as st

from bot.components.contact import contacts_in, dialled

PHONES = [
    ("0722 123 456", "0722123456"),
    ("0722.123.456", "0722123456"),
    ("(0256) 408-300", "0256408300"),
    ("+40 722 123 456", "+40722123456"),
    ("0040722123456", "+40722123456"),
    ("sunați-mă la 0722/123456 vă rog", "0722123456"),
    ("0532 123 45 67", "05321234567"),
    ("+90 (532) 123 45 67", "+905321234567"),
    ("telefonum 532 123 45 67", "5321234567"),
    ("beni arayın: 5321234567", "5321234567"),
    ("070 123 456", "070123456"),
    ("+389 70 123 456", "+38970123456"),
    ("телефон 3123456", "3123456"),
    ("јавете се на 078/123-456", "078123456"),
    ("bel my by 082 123 4567", "0821234567"),
    ("+27 82 123 4567", "+27821234567"),
    ("call me on +44 20 7946 0958 after 5pm", "+442079460958"),
    ("+49 (0) 171 1234567", "+491711234567"),
    ("+1 (212) 555-0134", "+12125550134"),
    ("0061 2 5550 1234", "+61255501234"),
    ("my number is 555 0134", "5550134"),
]
NO_PHONES = [
    "123 456",
    "pin 123 456",
    "TM-4F7-KPX",
    "12.03.2026",
    "2026-03-12 14:30",
    "cnp 1860412350012",
    "account 123456789012",
    "Strada Mare 5, ap 12",
    "12345678901234567890",
    "1.234.567,89 lei",
    "from 12.03.2026 to 14.03.2026",
    "12:30 - 14:30",
    "0800",
]


@pytest.mark.parametrize(("text", "value"), PHONES)
def test_a_number_is_found_and_told_without_its_decoration(text: str, value: str) -> None:
    [found] = contacts_in(text)
    assert (found.name, found.value) == ("phone", value)
    assert dialled(text[found.start : found.end]) == value


@pytest.mark.parametrize("text", NO_PHONES)
def test_other_numbers_are_none(text: str) -> None:
    assert contacts_in(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Ana.Pop@primaria.ro", "ana.pop@primaria.ro"),
        ("scrieți-mi la ana+x@posta.co.uk.", "ana+x@posta.co.uk"),
        ("пишете на ana@mail.mk, ве молам", "ana@mail.mk"),
        ("e-posta:ali_veli@ornek.com.tr", "ali_veli@ornek.com.tr"),
        ("epos (jan@skryf.co.za)", "jan@skryf.co.za"),
    ],
)
def test_an_address_is_found(text: str, value: str) -> None:
    assert [(found.name, found.value) for found in contacts_in(text)] == [("email", value)]


@pytest.mark.parametrize("text", ["@ana", "ana@", "ana@mail", "see you @ 9", "a@b@c", "@@@@"])
def test_other_signs_are_no_address(text: str) -> None:
    assert contacts_in(text) == []


def test_both_are_found_in_order() -> None:
    found = contacts_in("ana@mail.mk or 070 123 456 or jan@skryf.co.za")
    assert [one.name for one in found] == ["email", "phone", "email"]


@given(st.text(alphabet="+0123456789 ()-./@a.", max_size=60))
def test_what_is_found_stands_in_the_text(text: str) -> None:
    for found in contacts_in(text):
        assert found.value.lstrip("+").isdigit() or "@" in found.value
        assert text[found.start : found.end].strip() != ""
