"""Phone numbers of any country."""

import phonenumbers
from phonenumbers import timezone

UNKNOWN_ZONE = "Etc/Unknown"


def e164(number: str, region: str | None = None) -> str | None:
    """A number as +country and digits, or None for one that cannot be; region is where a number without + is from."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if _possible(parsed) else None


def time_zone(number: str) -> str | None:
    """The IANA time zone of a number in E.164, or None when its country has several or is unknown."""
    zones = timezone.time_zones_for_number(phonenumbers.parse(number))
    return zones[0] if len(zones) == 1 and zones[0] != UNKNOWN_ZONE else None


def time_zones(number: str) -> tuple[str, ...]:
    """The IANA time zones somebody with a number in E.164 may live in: all of its country, none when it is unknown."""
    return tuple(zone for zone in timezone.time_zones_for_number(phonenumbers.parse(number)) if zone != UNKNOWN_ZONE)


def is_mobile(number: str) -> bool:
    """Whether a number in E.164 can take an SMS: mobile, or in a country that does not tell the two apart."""
    kind = phonenumbers.number_type(phonenumbers.parse(number))
    return kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)


def _possible(parsed: phonenumbers.PhoneNumber) -> bool:
    return bool(phonenumbers.is_possible_number(parsed))
