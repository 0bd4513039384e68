"""Restores a backup and is killed at a step; runs as a process of its own."""

import os
import signal
import sys
from pathlib import Path

from backend.backup import postgres, service
from backend.core.secrets import with_development_secrets
from backend.core.settings import Settings


def die() -> None:
    """As `kill -9` would have it."""
    os.kill(os.getpid(), signal.SIGKILL)


def dying_at(wanted: str) -> service.Begin:
    """Progress that ends the process within a step: on its first sign of life, or at once where it gives none."""

    def begin(step: str, total: int) -> service.Told:
        if step == wanted and not total:
            die()
        return lambda _: die() if step == wanted else None

    return begin


def main(step: str, path: Path) -> None:
    """Be killed at a step of a restore, after its commit, or in the middle of a backup."""
    settings = with_development_secrets(Settings(_env_file=None))
    if step == "backup":
        service.back_up(settings, path, dying_at("files"))
    if step == "after":
        take_place = postgres.take_place

        def taken(connection: postgres.Connection, url: str) -> None:
            take_place(connection, url)
            die()

        postgres.take_place = taken
    service.restore(settings, path, dying_at(step), force=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
