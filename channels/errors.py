"""What can go wrong between a channel and us."""

BLOCKED = "blocked"
"""The person has blocked us or asked the provider for no more messages."""
UNREACHABLE = "unreachable"
"""There is no such address, or it cannot be reached this way."""
FILTERED = "filtered"
"""A carrier or the provider took the message for spam."""
REFUSED = "refused"
"""The provider did not accept the message as it is."""
MISCONFIGURED = "misconfigured"
"""Our account, number or token is wrong: every message fails until the office mends it."""
BUSY = "busy"
"""Too many messages at once: `retry_after` says when to go on."""
AWAY = "away"
"""The provider cannot be reached, or fails itself."""
UNSURE = "unsure"
"""The provider may have the message: the connection broke after it was handed over."""

REASONS = frozenset({BLOCKED, UNREACHABLE, FILTERED, REFUSED, MISCONFIGURED, BUSY, AWAY, UNSURE})


class PayloadError(Exception):
    """A payload is not what the channel documents: `code` says what is wrong with it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ForgedError(Exception):
    """A call does not come from the provider: its signature, token or account is missing or wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SendError(Exception):
    """A provider did not take a message, or did not give a file.

    `code` is one of REASONS; `retryable` says whether trying again can help, `retry_after` when, in seconds.
    `detail` is the provider's own number or name of the error, without personal data.
    """

    def __init__(
        self, code: str, *, retryable: bool = False, retry_after: float | None = None, detail: str = ""
    ) -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.retryable = retryable
        self.retry_after = retry_after
        self.detail = detail
