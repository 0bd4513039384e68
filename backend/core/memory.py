"""Python's garbage collector, told what it need not look at."""

import gc

YOUNG = 5_000
"""So many new objects before it looks for garbage among them; Python's own 700 are made by every other request."""


def settle() -> None:
    """What a process has made by the end of its start stays: never look through it again.

    Without this the collector takes a fifteenth of the backend's CPU under load.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
