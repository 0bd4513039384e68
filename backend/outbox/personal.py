"""Parts that were sent, or are to be, and hold words that are made unreadable."""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.blocks import MARK
from backend.outbox.models import Delivery

WAITING = ("queued", "sending", "failed")
"""States in which a part may still leave, by itself or because somebody sends it again."""


async def redact(
    session: AsyncSession,
    lanes: Collection[UUID],
    numbers: Collection[tuple[UUID, int]],
    without: Callable[[Any], Any],
) -> None:
    """Take words out of all parts of some lanes; `without` gives a part without them.

    Words may be cut in two where a message (lane and number) became several parts: these keep no words at all, and what
    has not left of them is withdrawn.
    """
    query = select(Delivery).where(Delivery.lane_id.in_(lanes)).order_by(Delivery.id).with_for_update()
    parts = (await session.scalars(query.execution_options(populate_existing=True))).all()
    several = {(one.lane_id, one.number) for one in parts if one.position > 0} & set(numbers)
    for part in parts:
        if (part.lane_id, part.number) not in several:
            part.part = without(part.part)
            continue
        part.part = {**part.part, "text": MARK}
        part.state = "withdrawn" if part.state in WAITING else part.state
    await session.flush()
