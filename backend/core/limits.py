"""How often one person or address may do something, counted in this process."""

from collections import OrderedDict, deque
from math import ceil
from time import monotonic

from backend.core.errors import TooManyRequestsError

WINDOW_SECONDS = 60.0


class RateLimiter:
    """A moving window of one minute per key. A use costs the same however many keys there are."""

    def __init__(self) -> None:
        self._uses: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        """When each key was used within the window; the key used last stands last."""

    def hit(self, action: str, key: str, per_minute: int) -> None:
        """Count one use. Raises TooManyRequestsError, with Retry-After in seconds, when it is one too many."""
        now = monotonic()
        self._forget(now - WINDOW_SECONDS)
        uses = self._uses.setdefault((action, key), deque())
        while uses and uses[0] <= now - WINDOW_SECONDS:
            uses.popleft()
        if len(uses) >= per_minute:
            seconds = max(1, ceil(uses[-per_minute] + WINDOW_SECONDS - now))
            raise TooManyRequestsError(headers={"Retry-After": str(seconds)}, seconds=seconds)
        uses.append(now)
        self._uses.move_to_end((action, key))

    def _forget(self, before: float) -> None:
        """Drop the keys that were last used before a moment."""
        while self._uses and (not (uses := next(iter(self._uses.values()))) or uses[-1] <= before):
            self._uses.popitem(last=False)
