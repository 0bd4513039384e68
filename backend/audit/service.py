"""The audit log: every act at the desk, in the same transaction as the act."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.audit import repository
from backend.audit.models import AuditEntry
from backend.core.database import utcnow

PAGE = 100


async def record(
    session: AsyncSession, agent: Agent, action: str, object_kind: str, object_id: object, **content: object
) -> None:
    """Write down that an agent did something to a thing; content says what changed, never a citizen's words."""
    await _add(session, agent.office_id, agent.id, agent.name, action, object_kind, object_id, content)


async def record_without_agent(
    session: AsyncSession,
    office_id: str,
    actor: str,
    action: str,
    object_kind: str,
    object_id: object,
    **content: object,
) -> None:
    """Write down what the command line, an integration or the system did."""
    await _add(session, office_id, None, actor, action, object_kind, object_id, content)


async def _add(
    session: AsyncSession,
    office_id: str,
    account_id: UUID | None,
    actor: str,
    action: str,
    object_kind: str,
    object_id: object,
    content: dict[str, object],
) -> None:
    entry = AuditEntry(
        office_id=office_id,
        at=utcnow(),
        account_id=account_id,
        actor=actor,
        action=action,
        object_kind=object_kind,
        object_id=str(object_id),
        content=content,
    )
    await repository.add(session, entry)


async def page(
    session: AsyncSession, office_id: str, *, before: int | None = None, action: str = "", actor: str = ""
) -> Sequence[AuditEntry]:
    """The newest entries, at most a page of them, below an id."""
    return await repository.page(session, office_id, before=before, action=action, actor=actor, limit=PAGE)


async def of_object(session: AsyncSession, office_id: str, kind: str, object_id: object) -> Sequence[AuditEntry]:
    """What was done to one thing, oldest first."""
    return await repository.of_object(session, office_id, kind, str(object_id))


async def is_told(session: AsyncSession, office_id: str, action: str, object_id: object, within: timedelta) -> bool:
    """Whether an act on a thing was written down a short while ago, so that what anybody can cause is not repeated."""
    return await repository.is_told(session, office_id, action, str(object_id), utcnow() - within)
