"""People who asked for announcements, an office that writes them, and jobs that send them."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from backend.accounts.schemas import Agent, Role
from backend.announcements import delivery, service
from backend.announcements.models import Announcement
from backend.announcements.schemas import Content, Figures
from backend.answers.desk import Desk
from backend.contacts.service import stop
from backend.conversations.service import arrive, conversation, open_web_session, web_conversation
from backend.core.database import driver_connection, utcnow
from backend.core.settings import Settings
from backend.offices.schemas import Office
from backend.subscriptions.models import Subscription
from channels.adapter import Pace
from channels.message import Arrival, Inbound
from channels.web.adapter import WebAdapter

NEVER_QUIET = {"quiet_from": time(0), "quiet_until": time(0), "announcements_per_minute": 60_000}
TOPIC = "water_cuts"
TEXT = "Apa este oprită mâine între 8 și 12."
Sessions = async_sessionmaker[AsyncSession]


class Pushing(WebAdapter):
    """A channel that is sent to."""

    pull = False

    def __init__(self, name: str, pace: Pace | None = None) -> None:
        self.name = name
        self.pace = pace or Pace()


ADAPTERS = {
    "web": WebAdapter(),
    "sms": Pushing("sms", Pace(per_second=1)),
    "telegram": Pushing("telegram"),
    "whatsapp": Pushing("whatsapp"),
}


def own_office(office: Office) -> Office:
    """The same office under a name nobody else uses."""
    profile = office.profile.model_copy(update={"id": f"town-{uuid4().hex}"})
    return office.model_copy(update={"profile": profile})


def content(**changes: Any) -> Content:
    """An announcement that can be sent."""
    return Content(**{"topic": TOPIC, "areas": (), "texts": {"ro": TEXT}, **changes})


@dataclass
class Town:
    """Everything a test needs; what it does is committed."""

    sessions: Sessions
    settings: Settings
    office: Office
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def desk(self) -> Desk:
        settings = self.settings.model_copy(update={**NEVER_QUIET, **self.changes})
        return Desk(settings, self.office, ADAPTERS)

    def agent(self, role: Role = "agent", name: str = "Ana") -> Agent:
        return Agent(uuid4(), self.office.profile.id, name, role)

    async def run(self, statement: str, **values: Any) -> Any:
        """One statement, committed."""
        async with self.sessions() as session, session.begin():
            return await session.execute(text(statement), values)

    async def person(
        self,
        channel: str = "sms",
        language: str = "ro",
        *,
        topic: str | None = TOPIC,
        areas: tuple[str | None, ...] = (None,),
    ) -> UUID:
        """Somebody who wrote an hour ago and is subscribed to a topic, if it is named; returns their conversation."""
        async with self.sessions() as session, session.begin():
            if channel == "web":
                token, _ = await open_web_session(session, self.office, language)
                found = (await web_conversation(session, token)).id
            else:
                sender = f"+4072{uuid4().int % 10**7:07}"
                inbound = Inbound(external_id=str(uuid4()), text="hello")
                arrival = Arrival(sender=sender, inbound=inbound, language=language)
                found, _ = await arrive(session, self.settings, self.office, channel, arrival)
            if topic:
                await self._subscribe(session, found, channel, topic, areas)
        await self.heard(found, timedelta(hours=1))
        return found

    async def _subscribe(
        self, session: AsyncSession, of: UUID, channel: str, topic: str, areas: tuple[str | None, ...]
    ) -> None:
        contact_id = (await conversation(session, of)).contact_id
        for area in areas:
            row = Subscription(
                office_id=self.office.profile.id,
                contact_id=contact_id,
                topic=topic,
                area=area,
                channel=channel,
                language="ro",
                sentence="0",
                asked_at=utcnow(),
            )
            session.add(row)

    async def unsubscribes(self, of: UUID) -> None:
        statement = "UPDATE subscription SET ended_at = now() FROM conversation AS c WHERE c.contact_id = "
        await self.run(statement + "subscription.contact_id AND c.id = :id", id=of)

    async def stops(self, of: UUID) -> None:
        async with self.sessions() as session, session.begin():
            talk = await conversation(session, of)
            await stop(await driver_connection(session), talk.channel, talk.address)

    async def heard(self, of: UUID, ago: timedelta) -> None:
        await self.run("UPDATE conversation SET heard_at = :at WHERE id = :id", at=utcnow() - ago, id=of)

    async def draft(self, by: Agent | None = None, **changes: Any) -> Announcement:
        async with self.sessions() as session, session.begin():
            return await service.write(session, self.office, by or self.agent(), content(**changes))

    async def proposed(self, by: Agent | None = None, **changes: Any) -> Announcement:
        by = by or self.agent()
        of = await self.draft(by, **changes)
        return await self.act("propose", by, of.id, of.version)

    async def released(self, **changes: Any) -> Announcement:
        of = await self.proposed(**changes)
        return await self.act("release", self.agent("supervisor", "Maria"), of.id, of.version)

    async def act(self, name: str, by: Agent, *args: Any) -> Announcement:
        """One act of the service, committed."""
        async with self.sessions() as session, session.begin():
            found: Announcement = await getattr(service, name)(session, self.office, by, *args)
            return found

    async def deliver(self) -> int:
        """One batch."""
        return await delivery.deliver(self.sessions, self.desk)

    async def time_passes(self, *, for_people: bool = False) -> None:
        """The next batch is due; and who was put off, too."""
        now, office_id = utcnow() - timedelta(seconds=1), self.office.profile.id
        await self.run("UPDATE announcement_pace SET next_at = :now WHERE office_id = :id", now=now, id=office_id)
        if for_people:
            await self.run("UPDATE announcement_delivery SET due_at = :now", now=now)

    async def fresh(self, of: Announcement) -> Announcement:
        async with self.sessions() as session:
            return await session.get_one(Announcement, of.id)

    async def figures(self, of: Announcement) -> Figures:
        async with self.sessions() as session:
            return (await service.figures(session, [await session.get_one(Announcement, of.id)]))[of.id]

    async def became(self, of: Announcement, conversation_id: UUID) -> tuple[str, str | None]:
        """(state, reason) of one person."""
        query = (
            "SELECT d.state, d.reason FROM announcement_delivery AS d JOIN conversation AS c USING (contact_id) "
            "WHERE d.announcement_id = :of AND c.id = :id"
        )
        return tuple((await self.run(query, of=of.id, id=conversation_id)).one())

    async def due(self, of: Announcement, conversation_id: UUID) -> datetime:
        query = (
            "SELECT d.due_at FROM announcement_delivery AS d JOIN conversation AS c USING (contact_id) "
            "WHERE d.announcement_id = :of AND c.id = :id"
        )
        found: datetime = (await self.run(query, of=of.id, id=conversation_id)).scalar_one()
        return found

    async def said(self, conversation_id: UUID) -> list[dict[str, Any]]:
        """What the office said unasked."""
        query = "SELECT content FROM message WHERE conversation_id = :id AND author = 'system' ORDER BY seq"
        return [row[0] for row in await self.run(query, id=conversation_id)]

    async def parts(self, conversation_id: UUID) -> list[tuple[str, str]]:
        """(kind, state) of what lies in the outbox."""
        query = "SELECT kind, state FROM delivery WHERE lane_id = :id ORDER BY id"
        return [tuple(row) for row in await self.run(query, id=conversation_id)]

    async def acts(self, of: Announcement) -> list[tuple[str, str]]:
        """(who, what) of the audit log."""
        query = (
            "SELECT actor, action FROM audit_entry WHERE object_kind = 'announcement' AND object_id = :id ORDER BY id"
        )
        return [tuple(row) for row in await self.run(query, id=str(of.id))]
