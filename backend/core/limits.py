"""How often one person or address may do something, counted in this process."""

from math import ceil
from time import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from backend.core.errors import TooManyRequestsError


class RateLimiter:
    """A moving window of one minute per key."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def hit(self, action: str, key: str, per_minute: int) -> None:
        """Count one use. Raises TooManyRequestsError, with Retry-After in seconds, when it is one too many."""
        limit = RateLimitItemPerMinute(per_minute)
        if self._limiter.hit(limit, action, key):
            return
        reset = self._limiter.get_window_stats(limit, action, key).reset_time
        seconds = max(1, ceil(reset - time()))
        raise TooManyRequestsError(headers={"Retry-After": str(seconds)}, seconds=seconds)
