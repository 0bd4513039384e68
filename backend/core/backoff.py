"""How long to wait before trying again."""

import random

MOST_DOUBLINGS = 30


def wait_seconds(attempts: int, longest: float) -> float:
    """Seconds after so many tries: doubling from one up to the longest, and up to a half more by chance."""
    wait = min(2.0 ** min(attempts, MOST_DOUBLINGS), longest)
    return wait * random.uniform(1.0, 1.5)  # noqa: S311 - jitter, no secret
