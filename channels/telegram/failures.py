"""What the Bot API, and the way to it, can answer instead of yes."""

import datetime

import httpx
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from channels.errors import AWAY, BLOCKED, BUSY, MISCONFIGURED, REFUSED, UNREACHABLE, UNSURE, SendError

FAILURES = (TelegramError, KeyError, TypeError)
"""What a call of the client raises; the last two for an answer of another form than the documented one."""
PASSING = frozenset({BUSY, MISCONFIGURED, AWAY, UNSURE})
"""What can be over when one tries again."""
ALWAYS: dict[type[Exception], str] = {
    RetryAfter: BUSY,
    InvalidToken: MISCONFIGURED,
    Conflict: MISCONFIGURED,
    ChatMigrated: UNREACHABLE,
}
"""Errors that mean the same whatever they say; Conflict: another process fetches updates with our token."""
WAITS: dict[type[Exception], float] = {InvalidToken: 60.0, Conflict: 5.0}
"""How long a wrong setting is left alone, in seconds."""
BLOCKING = ("blocked by the user", "user is deactivated", "bot was kicked", "user_is_blocked", "input_user_deactivated")
NOT_FOUND = ("chat not found", "user not found", "peer_id_invalid", "chat_id is empty", "chat_write_forbidden")
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
"""What httpx raises when no byte of the call left us."""


def failure(error: Exception) -> SendError:
    """The same failure in our terms. Texts of Telegram are read here and never passed on: they quote messages."""
    code = reason(error)
    wait = seconds(error.retry_after) if isinstance(error, RetryAfter) else WAITS.get(type(error))
    return SendError(code, retryable=code in PASSING, retry_after=wait, detail=detail(error))


def reason(error: Exception) -> str:
    """One of the reasons of channels.errors."""
    told = str(error).lower()
    if always := ALWAYS.get(type(error)):
        return always
    if isinstance(error, Forbidden):
        return BLOCKED if holds(told, BLOCKING) else UNREACHABLE
    if isinstance(error, BadRequest):
        return refusal(told)
    # Telegram said 200 and then something unreadable: it has the message.
    return outage(error, told) if isinstance(error, NetworkError) else UNSURE


def seconds(period: float | datetime.timedelta) -> float:
    """A period in seconds; python-telegram-bot 22 gives either form, by a setting of its own (PTB_TIMEDELTA)."""
    return period.total_seconds() if isinstance(period, datetime.timedelta) else float(period)


def holds(told: str, phrases: tuple[str, ...]) -> bool:
    """Whether a text in lower case holds one of the phrases."""
    return any(phrase in told for phrase in phrases)


def refusal(told: str) -> str:
    """The code for an answer 400."""
    if holds(told, BLOCKING):
        return BLOCKED
    return UNREACHABLE if holds(told, NOT_FOUND) else REFUSED


def outage(error: NetworkError, told: str) -> str:
    """The code for no answer, or one that is the server's fault; it is unsure when the call had left us."""
    if told.startswith("too many requests"):
        return BUSY
    cause = error.__cause__
    return UNSURE if isinstance(cause, httpx.HTTPError) and not isinstance(cause, NOT_SENT) else AWAY


def detail(error: Exception) -> str:
    """The name of what went wrong: the transport's error where there was one, else the client's."""
    cause = error.__cause__
    return type(cause if isinstance(cause, httpx.HTTPError) else error).__name__
