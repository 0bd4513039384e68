"""What in a text is likely to be somebody's: phone numbers, e-mail addresses, account, card and identity numbers.

Phone numbers are found by phonenumbers; the check digits of the others are python-stdnum's. A Macedonian identity
number (EMBG) has the form and check digit of the Yugoslav one, which stdnum knows by its Slovenian name.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban, luhn
from stdnum.ro import cnp
from stdnum.si import emso
from stdnum.tr import tckimlik
from stdnum.za import idnr

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]){11,30}\b")
DIGITS = re.compile(r"(?<![\w])\d(?:[ -]?\d){9,18}(?![\w])")
CARD_LENGTHS = range(13, 20)
IDENTITIES: tuple[Callable[[str], bool], ...] = (tckimlik.is_valid, cnp.is_valid, emso.is_valid, idnr.is_valid)


@dataclass(frozen=True)
class Suggestion:
    """Words that are likely to be somebody's, and what kind they are: a sentence `redaction.kind.<kind>` says it."""

    kind: str
    words: str


def suggested(text: str, country: str) -> list[Suggestion]:
    """What to offer for hiding, each once, in the order of the text. `country` is where numbers without one are."""
    found: dict[str, tuple[int, Suggestion]] = {}
    for kind, place, words in _found(text, country):
        found.setdefault(words, (place, Suggestion(kind, words)))
    return [one for _, one in sorted(found.values(), key=lambda pair: pair[0])]


def _found(text: str, country: str) -> Iterator[tuple[str, int, str]]:
    yield from (("email", match.start(), match[0].rstrip(".")) for match in EMAIL.finditer(text))
    for match in ACCOUNT.finditer(text):
        if account := _account(match[0]):
            yield "iban", match.start(), account
    for match in DIGITS.finditer(text):
        if kind := _kind(re.sub(r"\D", "", match[0])):
            yield kind, match.start(), match[0]
    for number in PhoneNumberMatcher(text, country, leniency=Leniency.VALID):
        yield "phone", number.start, number.raw_string


def _account(words: str) -> str:
    """The longest beginning of some words that is an account number."""
    parts = words.split(" ")
    beginnings = (" ".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((one for one in beginnings if iban.is_valid(one)), "")


def _kind(digits: str) -> str:
    if any(valid(digits) for valid in IDENTITIES):
        return "identity"
    return "card" if len(digits) in CARD_LENGTHS and luhn.is_valid(digits) else ""
