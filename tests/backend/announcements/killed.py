"""Hands out batches of announcements and is killed at a step; runs as a process of its own."""

import asyncio
import os
import signal
import sys
from datetime import time
from typing import Any

from backend.announcements import delivery
from backend.answers.desk import Desk
from backend.core.database import make_engine, make_sessions
from backend.core.settings import Settings
from backend.offices.service import read_office
from tests.backend.announcements.factories import ADAPTERS


def die() -> None:
    """As `kill -9` would have it."""
    os.kill(os.getpid(), signal.SIGKILL)


class Fate:
    """Says when to die: at a step, for the people the process has come to."""

    def __init__(self, step: str, count: int) -> None:
        self.step, self.left = step, count

    def come(self, step: str) -> None:
        """The process is at a step; perhaps it ends here."""
        if step == self.step:
            self.left -= 1
            if self.left <= 0:
                die()


def bind(fate: Fate) -> None:
    """Put the steps where they belong: within the transaction of a person, and around the batch's own."""
    tell, begin, end = delivery.tell, delivery.begin, delivery.end

    async def telling(*args: Any) -> None:
        await tell(*args)
        fate.come("written")

    async def beginning(*args: Any) -> None:
        fate.come("reserved")
        await begin(*args)
        fate.come("begun")

    async def ending(*args: Any) -> None:
        fate.come("told")
        await end(*args)
        fate.come("ended")

    for name, function in (("tell", telling), ("begin", beginning), ("end", ending)):
        setattr(delivery, name, function)


async def main(step: str, count: int, office_id: str) -> None:
    """One batch."""
    fate = Fate(step, count)
    bind(fate)
    settings = Settings(
        _env_file=None, quiet_from=time(0), quiet_until=time(0), announcements_per_minute=int(os.environ["PER_MINUTE"])
    )
    office = read_office(settings.offices_dir, "timisoara")
    profile = office.profile.model_copy(update={"id": office_id})
    desk = Desk(settings, office.model_copy(update={"profile": profile}), ADAPTERS)
    engine = make_engine(settings.database_url, 2)
    await delivery.deliver(make_sessions(engine), desk, after_each=lambda: fate.come("between"))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
