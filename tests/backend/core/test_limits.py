"""How often something may be done."""

from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from backend.core import limits
from backend.core.errors import TooManyRequestsError
from backend.core.limits import WINDOW_SECONDS, RateLimiter


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


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(limits, "monotonic", clock)
    return clock


def refused(hit: Callable[[], None]) -> int:
    """After how many seconds to come again; 0 when it was allowed."""
    try:
        hit()
    except TooManyRequestsError as refusal:
        return int(refusal.headers["Retry-After"])
    return 0


def test_who_waits_as_long_as_told_is_let_in_and_not_a_second_earlier(clock: Clock) -> None:
    limiter = RateLimiter()
    for _ in range(2):
        limiter.hit("messages", "a", 2)
        clock.now += 10
    seconds = refused(lambda: limiter.hit("messages", "a", 2))
    assert seconds == WINDOW_SECONDS - 20
    clock.now += seconds - 1
    assert refused(lambda: limiter.hit("messages", "a", 2)) == 1
    clock.now += 1
    limiter.hit("messages", "a", 2)


def test_who_was_not_seen_for_a_minute_is_forgotten(clock: Clock) -> None:
    limiter = RateLimiter()
    for key in "abc":
        limiter.hit("messages", key, 5)
        clock.now += 25
    limiter.hit("messages", "d", 5)
    assert [key for _, key in limiter._uses] == ["b", "c", "d"]


@given(st.integers(1, 4), st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 40)), max_size=60))
def test_no_window_holds_more_than_is_allowed_and_nothing_is_refused_below(
    per_minute: int, uses: list[tuple[str, float]]
) -> None:
    clock, limiter = Clock(), RateLimiter()
    allowed: dict[str, list[float]] = {"a": [], "b": []}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "monotonic", clock)
        for key, pause in uses:
            clock.now += pause
            within = [at for at in allowed[key] if at > clock.now - WINDOW_SECONDS]
            seconds = refused(lambda key=key: limiter.hit("messages", key, per_minute))  # type: ignore[misc]
            assert bool(seconds) == (len(within) >= per_minute)
            if not seconds:
                allowed[key].append(clock.now)
