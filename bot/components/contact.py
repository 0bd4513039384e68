"""Phone numbers and e-mail addresses in a text, and what they are without their decoration.

A phone number is told from a date, a PIN, a reference, an identity or account number by how it begins and how long it
is: `+` or `00` and 8 to 15 digits (the longest of ITU-T E.164), a leading 0 and 9 to 11 digits (national numbers of
Romania, Turkey, North Macedonia and South Africa), or 7 to 15 digits behind a word that announces one. Whether it
exists is the backend's to say, which knows the office's country.
"""

import re
from typing import Iterator, List, NamedTuple

EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.){1,6}[A-Za-z]{2,24}(?![\w-])")
NUMBER = re.compile(r"(?<![\w.,/:-])(?:\+|00)?\(?\d(?:[ ./()\u00a0\u2011-]{0,3}\d){6,16}(?![\w]|[.,/:-]\d)")
DATE = re.compile(r"[0-3]?\d[./-][01]?\d[./-](?:19|20)?\d\d|(?:19|20)\d\d-\d\d-\d\d")
ANNOUNCED = re.compile(
    r"(?:tel|phone|call|mobile|cell|number|sms|whatsapp|viber|telefon|cep|numara|arayın|arayin|ara|sun[aă]|num[aă]r"
    r"|mobil|nr\.? de tel|тел|телефон|број|јави|бара|мобил|jav|broj|bel|selfoon|foon|nommer|kontak|contact|iletişim"
    r"|iletisim)\w{0,8}[\s:.,'’-]*(?:\w{1,8}[\s:.-]+){0,3}$",
    re.I,
)
LOOK_BACK = 48
TRUNK_ZERO = re.compile(r"\(0\)")
NATIONAL = range(9, 12)
WORLD = range(8, 16)
SAID_TO_BE_ONE = range(7, 16)


class Contact(NamedTuple):
    """A phone number or an address."""

    name: str
    value: str
    start: int
    end: int


def contacts_in(text: str) -> List[Contact]:
    """What of the kind a text has, in order."""
    return sorted([*_addresses(text), *_numbers(text)], key=lambda found: found.start)


def _addresses(text: str) -> Iterator[Contact]:
    for match in EMAIL.finditer(text) if "@" in text else ():
        yield Contact("email", match[0].lower(), *match.span())


def _numbers(text: str) -> Iterator[Contact]:
    for match in NUMBER.finditer(text):
        value = dialled(match[0])
        if not DATE.match(match[0]) and _is_phone(value, text[: match.start()]):
            yield Contact("phone", value, *match.span())


def dialled(number: str) -> str:
    """The digits of a number, behind a `+` when it names its country.

    >>> dialled("0040 (0) 722-123 456"), dialled("0722/123.456")
    ('+40722123456', '0722123456')
    """
    abroad = number.startswith(("+", "00"))
    digits = re.sub(r"\D", "", TRUNK_ZERO.sub("", number) if abroad else number)
    return f"+{digits[2:] if number.startswith('00') else digits}" if abroad else digits


def _is_phone(value: str, before: str) -> bool:
    if value.startswith("+"):
        return len(value) - 1 in WORLD
    if value.startswith("0"):
        return len(value) in NATIONAL
    return len(value) in SAID_TO_BE_ONE and ANNOUNCED.search(before[-LOOK_BACK:]) is not None
