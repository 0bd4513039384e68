"""Sends what was released: everybody once, in batches, whatever dies on the way.

Who is to be told is written down once, when sending begins. Then each person is one transaction: their row is taken,
the message is written into their conversation and the row is settled together, or none of it. The next batch's job is
put in before a batch begins, and a sweep puts in one that was lost.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from backend.announcements import repository, service, wording
from backend.announcements.models import Announcement, AnnouncementDelivery
from backend.announcements.service import DELIVER_TASK, KIND
from backend.answers.desk import Desk
from backend.answers.reaching import Reached, reach
from backend.answers.service import announce
from backend.audit.service import record_without_agent
from backend.conversations import service as conversations
from backend.conversations.models import Conversation
from backend.core.database import driver_connection, utcnow
from backend.core.queue import defer
from backend.integrations.schemas import Happening
from backend.integrations.webhooks import happened
from backend.subscriptions.service import audience

log = structlog.get_logger()
SYSTEM = "komshu"
TICK = timedelta(seconds=10)
"""How often a batch is handed out: the job queue is not more exact than five seconds."""
MID_TALK = timedelta(minutes=5)
"""Nobody is told while they are talking about something else."""
WITH_AGENT = timedelta(minutes=5)
"""How often it is looked whether a talk with an agent is over."""
AFTER_FAULT = timedelta(minutes=2)
MOST_FAULTS = 5
Sessions = async_sessionmaker[AsyncSession]


@dataclass
class Batch:
    """What one batch knows: who wants each announcement now, asked once."""

    desk: Desk
    wanting: dict[UUID, frozenset[UUID]] = field(default_factory=dict)

    async def wants(self, session: AsyncSession, of: Announcement, contact_id: UUID) -> bool:
        """Whether somebody is still subscribed."""
        if of.id not in self.wanting:
            found = await audience(session, of.office_id, of.topic, of.areas)
            self.wanting[of.id] = frozenset(found)
        return contact_id in self.wanting[of.id]


def in_a_tick(per_minute: int) -> tuple[int, timedelta]:
    """(people, time until the next batch) that keep a throttle."""
    people = max(1, int(per_minute * TICK / timedelta(minutes=1)))
    return people, timedelta(minutes=1) * people / per_minute


async def deliver(sessions: Sessions, desk: Desk, *, after_each: Callable[[], None] = lambda: None) -> int:
    """Hand out one batch, when one is due; returns how many people it settled or put off."""
    async with sessions() as session, session.begin():
        people = await reserve(session, desk)
    if not people:
        return 0
    async with sessions() as session, session.begin():
        await begin(session, desk)
    batch, done = Batch(desk), 0
    while done < people and await _next(sessions, batch):
        done += 1
        after_each()
    async with sessions() as session, session.begin():
        await end(session, desk)
    log.info("announcements_handed_out", count=done)
    return done


async def reserve(session: AsyncSession, desk: Desk) -> int:
    """Take the office's next batch: how many people it may have; 0 when nothing is due, or another job has it.

    The job for the batch after it is put in with it: whoever dies now holds up nobody for longer than a batch.
    """
    office_id, now = desk.office.profile.id, await repository.clock(session)
    pace = await repository.pace(session, office_id, now)
    if pace.next_at > now or not await repository.work_left(session, office_id, now):
        return 0
    people, wait = in_a_tick(desk.settings.announcements_per_minute)
    pace.next_at = (now if now - pace.next_at > wait else pace.next_at) + wait
    await defer(session, DELIVER_TASK, at=pace.next_at)
    return people


async def begin(session: AsyncSession, desk: Desk) -> None:
    """Write down who is to have what was released, once for each announcement."""
    for of in await repository.in_state(session, desk.office.profile.id, "released"):
        people = await audience(session, of.office_id, of.topic, of.areas)
        await repository.add_people(session, of.id, people, utcnow())
        of.state = "sending"


async def end(session: AsyncSession, desk: Desk) -> None:
    """What has reached everybody, or whose time is over, is sent."""
    now = utcnow()
    for of in await repository.in_state(session, desk.office.profile.id, "sending"):
        if of.valid_until is not None and of.valid_until <= now:
            await repository.skip_open(session, of.id, "expired", now)
        if not await repository.has_open(session, of.id):
            await _close(session, of, now)


async def _close(session: AsyncSession, of: Announcement, now: datetime) -> None:
    found = (await service.figures(session, [of]))[of.id]
    of.state, of.ended_at, of.changed_at, of.figures = "sent", now, now, service.as_json(found)
    told = {"sent": found.sent, "skipped": found.skipped}
    await record_without_agent(session, of.office_id, SYSTEM, "announcement.sent", KIND, of.id, **told)
    data = {"id": str(of.id), "topic": of.topic, "areas": of.areas, "emergency": of.emergency, **told}
    what = Happening("announcement.sent", of.office_id, f"announcement:{of.id}", None, data)
    await session.flush()
    await happened(await driver_connection(session), what)


async def _next(sessions: Sessions, batch: Batch) -> bool:
    """Tell one person, or settle why not; False when nobody is due."""
    async with sessions() as session, session.begin():
        now = utcnow()
        of = await repository.next_due(session, batch.desk.office.profile.id, now)
        to = await repository.next_person(session, of.id, now) if of else None
        if of is None or to is None:
            return False
        try:
            async with session.begin_nested():
                await tell(session, batch, of, to)
        except OperationalError:  # the database is away: the row is as it was, and the next job takes it
            raise
        except Exception as error:
            log.warning("announcement_failed", error=type(error).__name__)
            await session.refresh(to)
            _put_off_after_fault(to, now)
        return True


def _put_off_after_fault(to: AnnouncementDelivery, now: datetime) -> None:
    to.attempts, to.reason = to.attempts + 1, "failed"
    if to.attempts >= MOST_FAULTS:
        to.state, to.settled_at = "skipped", now
    else:
        to.state, to.due_at = "later", now + AFTER_FAULT


async def tell(session: AsyncSession, batch: Batch, of: Announcement, to: AnnouncementDelivery) -> None:
    """Tell one person, unless there is a reason not to, or not now; in the caller's transaction."""
    now = utcnow()
    if of.valid_until is not None and of.valid_until <= now:
        return _skip(to, "expired", now)
    if not await batch.wants(session, of, to.contact_id):
        return _skip(to, "unsubscribed", now)
    reached = await reach(session, batch.desk, [to.contact_id])
    if reached is None:
        return _skip(to, await _why_unreached(session, batch.desk, to.contact_id), now)
    if not of.emergency and (put_off := _put_off(reached, now)):
        to.state, (to.reason, to.due_at) = "later", put_off
        return None
    await _say(session, batch.desk, of, to, reached.conversation)
    to.state, to.reason, to.settled_at = "sent", None, now
    return None


def _skip(to: AnnouncementDelivery, reason: str, now: datetime) -> None:
    to.state, to.reason, to.settled_at = "skipped", reason, now


async def _why_unreached(session: AsyncSession, desk: Desk, contact_id: UUID) -> str:
    talks = await conversations.of_contacts(session, [contact_id], list(desk.adapters))
    return "stopped" if talks else "unreachable"


def _put_off(reached: Reached, now: datetime) -> tuple[str, datetime] | None:
    """Why not now, and when to try again."""
    talk = reached.conversation
    if reached.later:
        return "quiet", reached.later
    if talk.holder == "agent":
        return "with_agent", now + WITH_AGENT
    free = talk.heard_at + MID_TALK if talk.heard_at else now
    return ("talking", free) if free > now else None


async def _say(
    session: AsyncSession, desk: Desk, of: Announcement, to: AnnouncementDelivery, talk: Conversation
) -> None:
    spoken = talk.language_choice or talk.language
    said, written = wording.reply(desk.office, service.content_of(of), talk.channel, spoken)
    await session.flush()
    to.number = await announce(
        await driver_connection(session),
        desk.adapters,
        talk,
        said.text,
        written,
        "bulletin",
        said.buttons,
        said.link,
        of.valid_until,
    )
    to.conversation_id, to.channel, to.language = talk.id, talk.channel, written
