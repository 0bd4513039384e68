"""How often something may be done."""

import pytest

from backend.core.errors import TooManyRequestsError
from backend.core.limits import RateLimiter


def test_one_too_many_is_refused_and_told_how_long_to_wait() -> None:
    limiter = RateLimiter()
    for _ in range(3):
        limiter.hit("messages", "a", 3)
    with pytest.raises(TooManyRequestsError) as refusal:
        limiter.hit("messages", "a", 3)
    seconds = int(refusal.value.headers["Retry-After"])
    assert 1 <= seconds <= 60
    assert refusal.value.values == {"seconds": seconds}


def test_people_and_actions_are_counted_apart() -> None:
    limiter = RateLimiter()
    limiter.hit("messages", "a", 1)
    limiter.hit("messages", "b", 1)
    limiter.hit("sessions", "a", 1)
    with pytest.raises(TooManyRequestsError):
        limiter.hit("messages", "b", 1)


def test_each_limiter_counts_for_itself() -> None:
    for limiter in (RateLimiter(), RateLimiter()):
        limiter.hit("messages", "a", 1)
