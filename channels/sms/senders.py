"""Who a message comes from: phone numbers, and what looks like one."""

import re

import phonenumbers

LANGUAGES = {"TR": "tr", "RO": "ro", "MD": "ro", "MK": "mk", "AL": "sq", "XK": "sq"}
"""Countries whose numbers tell a language; South Africa has twelve official ones, so +27 tells none."""
SHORTEST_NUMBER = 7
"""Digits; anything shorter is a short code."""
DIGITS = re.compile(r"\+?[0-9]+")
WRITTEN = re.compile(r"\+[0-9 ()./-]+")
"""What may be read as a number: phonenumbers finds one in `whatsapp:+…` as well."""


def normal(number: str) -> str:
    """A phone number in E.164, or what was given when it is none."""
    if not WRITTEN.fullmatch(number):
        return number
    try:
        return phonenumbers.format_number(phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.E164)
    except phonenumbers.NumberParseException:
        return number


def unanswerable(sender: str) -> str | None:
    """Why nobody reads an answer to this sender of an SMS, if so: `short_code`, `alphanumeric` or `other_channel`."""
    if ":" in sender:
        return "other_channel"
    if not DIGITS.fullmatch(sender):
        return "alphanumeric"
    return "short_code" if len(sender.removeprefix("+")) < SHORTEST_NUMBER else None


def language_of(number: str) -> str | None:
    """The language most people with a number of this country write, where that is one of ours."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return None
    return LANGUAGES.get(region or "")
