"""Twilio's errors as reasons of ours."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from channels.errors import AWAY, BLOCKED, BUSY, FILTERED, MISCONFIGURED, REFUSED, UNREACHABLE, UNSURE, SendError

CODES: dict[str, tuple[int, ...]] = {
    BLOCKED: (21610, 30004, 63014, 63033),
    UNREACHABLE: (21211, 21214, 21217, 21265, 21408, 21612, 21614, 21635, 30003, 30005, 30006, 63003, 63015, 63024),
    FILTERED: (30007, 30022, 30023, 30032, 30033, 30034, 30035, 30038, 30039, 30040, 30450, 63013, 63049),
    MISCONFIGURED: (
        *(20003, 20005, 20006, 20008, 20404, 21212, 21603, 21606, 21608, 21609, 21659, 21660, 21661),
        *(21701, 21703, 21704, 21705, 30001, 30002, 30018, 30024, 63001, 63007, 63020),
    ),
    BUSY: (14107, 20429, 21611, 63018, 63038),
    AWAY: (20500, 20503, 30410, 63010, 63012),
}
"""https://www.twilio.com/docs/api/errors; whatever is not here was refused as it is."""
REASONS = {code: reason for reason, codes in CODES.items() for code in codes}
RETRYABLE = frozenset({MISCONFIGURED, BUSY, AWAY, UNSURE})
WAIT_SECONDS = {MISCONFIGURED: 60.0, BUSY: 1.0}
"""How long to wait where Twilio does not say."""
MOST_SECONDS = 3600.0
"""Nobody is left without an answer for longer than this because of a header."""


def reason_of(code: str) -> str:
    """Why a message failed later, from the ErrorCode of a status callback."""
    return next((reason for known, reason in REASONS.items() if str(known) == code), REFUSED)


def failure(reason: str, detail: str = "", retry_after: float | None = None) -> SendError:
    """An error of the channel; MISCONFIGURED, BUSY, AWAY and UNSURE ones can be tried again."""
    wait = WAIT_SECONDS.get(reason) if retry_after is None else retry_after
    return SendError(reason, retryable=reason in RETRYABLE, retry_after=wait, detail=detail)


def refusal(status: int, text: str, headers: Mapping[str, str]) -> SendError:
    """What an answer of Twilio's API with an error status means; its sentence holds the number and is left out."""
    code = _code(text)
    reason = REASONS.get(code or 0) or by_status(status)
    wait = _retry_after(headers.get("retry-after", "")) if reason in {BUSY, AWAY} else None
    return failure(reason, str(code or status), wait)


def by_status(status: int) -> str:
    """The reason for an HTTP status that comes without a code of Twilio's."""
    if status in {401, 403}:
        return MISCONFIGURED
    if status == 429:
        return BUSY
    return AWAY if status >= 500 or status == 408 else REFUSED


def _code(text: str) -> int | None:
    try:
        code = json.loads(text).get("code")
    except (ValueError, AttributeError):
        return None
    return code if isinstance(code, int) else None


def _retry_after(value: str) -> float | None:
    """Seconds of a Retry-After header, which is a number or a date (RFC 9110, 10.2.3)."""
    if value.strip().isdecimal():
        return min(float(value), MOST_SECONDS)
    try:
        wait = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(wait, 0.0), MOST_SECONDS)
