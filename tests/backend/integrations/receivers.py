"""What tests of webhooks do: let things happen, and run the jobs as the worker would."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.accounts.schemas import Agent
from backend.core.settings import Settings
from backend.integrations import webhooks
from backend.integrations.addresses import Lookup, look_up
from backend.integrations.models import WebhookDelivery, WebhookEndpoint
from backend.integrations.schemas import EVENTS
from backend.integrations.tasks import deliver_next
from backend.offices.schemas import Office
from backend.tickets import desk
from backend.tickets.models import Ticket
from backend.tickets.schemas import Seen
from tests.backend.api.office import Api
from tests.peers.webhook import WebhookPeer

ADMINISTRATOR = UUID(int=7)
NOBODY = UUID(int=0)


@dataclass
class Hooked(Api):
    """An office with an endpoint."""

    peer: WebhookPeer = field(default_factory=WebhookPeer)
    endpoint_id: UUID = NOBODY
    lookup: Lookup = look_up

    @classmethod
    def new(  # type: ignore[override]
        cls, engine: AsyncEngine, settings: Settings, office: Office, peer: WebhookPeer
    ) -> "Hooked":
        """With no endpoint yet."""
        api = Api.new(engine, settings, office)
        return cls(api.engine, api.settings, api.office, api.app, api.http, peer)

    @property
    def administrator(self) -> Agent:
        """Who may make endpoints."""
        return Agent(id=ADMINISTRATOR, office_id=self.office.profile.id, name="Dana", role="administrator")

    def agent(self, *units: str) -> Agent:
        """Who works on tickets."""
        return Agent(id=UUID(int=8), office_id=self.office.profile.id, name="Ana", role="agent", units=units)

    async def add_endpoint(self, *, units: Sequence[str] = (), events: Sequence[str] = EVENTS) -> UUID:
        """An endpoint at the receiver."""
        made, self.peer.secret = await webhooks.add_endpoint(
            self.sessions,
            self.settings,
            self.office,
            self.administrator,
            name="Registry",
            url=self.peer.url,
            events=events,
            units=units,
        )
        self.endpoint_id = made.id
        return made.id

    @property
    def values(self) -> dict[str, Any]:
        """What a job gets."""
        return {"settings": self.settings, "sessions": self.sessions, "lookup": self.lookup}

    async def deliver(self) -> int:
        """Send all that is due; returns how many calls that took."""
        count = 0
        while await deliver_next(self.values, self.endpoint_id):
            count += 1
        return count

    async def later(self) -> None:
        """Time passes until the next try of all that waits."""
        async with self.sessions() as session, session.begin():
            await session.execute(
                text("UPDATE webhook_delivery SET due_at = now() WHERE endpoint_id = :id"), {"id": self.endpoint_id}
            )

    async def days_ago(self, days: float) -> None:
        """What is on its way happened some days ago."""
        shift = timedelta(days=days)
        mine = update(WebhookDelivery).where(WebhookDelivery.endpoint_id == self.endpoint_id)
        async with self.sessions() as session, session.begin():
            await session.execute(mine.values(begun_at=WebhookDelivery.begun_at - shift))

    async def endpoint(self) -> WebhookEndpoint:
        """As it is now."""
        async with self.sessions() as session:
            return await session.get_one(WebhookEndpoint, self.endpoint_id)

    async def deliveries(self) -> list[WebhookDelivery]:
        """Oldest first."""
        async with self.sessions() as session:
            return list(reversed(await webhooks.deliveries(session, self.endpoint_id)))

    async def act(self, ticket: Ticket, name: str, *args: Any, **named: Any) -> None:
        """An act of the desk on a ticket, whatever it is now."""
        async with self.sessions() as session, session.begin():
            await getattr(desk, name)(session, *args, Seen(ticket.id, 2**40), **named)
