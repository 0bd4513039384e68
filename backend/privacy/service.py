"""A copy of one's data or its erasure: asked for in the chat, confirmed by one agent, carried out by another."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.answers.desk import Desk
from backend.answers.service import announce
from backend.audit.service import record
from backend.conversations.models import Conversation
from backend.conversations.service import conversation
from backend.core.catalogue import backend_catalogue
from backend.core.database import driver_connection, utcnow
from backend.core.errors import NotAllowedError
from backend.core.queue import defer
from backend.core.secrets import new_token, token_digest
from backend.offices.service import Office
from backend.privacy import erasure, repository
from backend.privacy.errors import PrivacyRequestNotFoundError, PrivacyRequestOverError, SamePersonError
from backend.privacy.models import PrivacyRequest
from backend.privacy.schemas import Kind

LINK_GOOD_FOR = timedelta(days=7)
ADDRESS_KEPT = timedelta(days=1)
"""So long an erased person can still be told that it is done; then the address goes as well."""
FORGET_FILES_TASK = "privacy:forget_files"
FINISH_TASK = "privacy:finish_erasure"
SHOWN = 200


async def ask(session: AsyncSession, office: Office, of: Conversation, kind: Kind, language: str) -> bool:
    """Note what a person wants; False when they wait for the same already."""
    if await repository.is_open(session, of.contact_id, kind):
        return False
    request = PrivacyRequest(
        office_id=office.profile.id,
        contact_id=of.contact_id,
        conversation_id=of.id,
        kind=kind,
        language=language,
        channel=of.channel,
        at=utcnow(),
    )
    await repository.add(session, request)
    return True


async def listed(session: AsyncSession, office: Office, agent: Agent) -> Sequence[PrivacyRequest]:
    """The newest requests. Raises NotAllowedError."""
    _permit(agent)
    return await repository.newest(session, office.profile.id, SHOWN)


async def confirm(session: AsyncSession, office: Office, agent: Agent, request_id: UUID) -> None:
    """Say that the right person asks. Raises NotAllowedError, PrivacyRequestNotFoundError, PrivacyRequestOverError."""
    request = await _fetched(session, office, agent, request_id, "asked")
    request.state, request.confirmed_at = "confirmed", utcnow()
    request.confirmed_by, request.confirmed_name = agent.id, agent.name
    await _record(session, agent, request, "privacy.confirmed")


async def decline(session: AsyncSession, office: Office, agent: Agent, request_id: UUID) -> None:
    """Refuse a request that is not carried out yet; a person explains it in the chat. Raises as `confirm` does."""
    request = await _fetched(session, office, agent, request_id, "asked", "confirmed")
    _done(request, agent, "declined")
    await _record(session, agent, request, "privacy.declined")


async def carry_out(session: AsyncSession, desk: Desk, agent: Agent, request_id: UUID) -> None:
    """Give the copy, or erase; by somebody else than who confirmed it. Raises SamePersonError, else as `confirm`."""
    request = await _fetched(session, desk.office, agent, request_id, "confirmed")
    if request.confirmed_by == agent.id:
        raise SamePersonError
    _done(request, agent, "done")
    if request.kind == "export":
        await _give_link(session, desk, request)
    else:
        await _erase(session, desk, agent, request)
    act = "privacy.export" if request.kind == "export" else "privacy.erasure"
    await _record(session, agent, request, act)


async def readable(session: AsyncSession, office: Office, agent: Agent, request_id: UUID) -> PrivacyRequest:
    """A request whose copy an agent may look at: not who confirmed it, before somebody else carried it out.

    Raises SamePersonError, else as `confirm` does.
    """
    request = await _fetched(session, office, agent, request_id, "confirmed", "done")
    if request.state == "confirmed" and request.confirmed_by == agent.id:
        raise SamePersonError
    if request.kind != "export":
        raise PrivacyRequestOverError
    await _record(session, agent, request, "privacy.read")
    return request


async def linked(session: AsyncSession, token: str) -> PrivacyRequest | None:
    """The request behind a link that is still good; None for every other."""
    request = await repository.by_link(session, token_digest(token))
    if request is None or request.link_used_at or not request.link_until or request.link_until < utcnow():
        return None
    return request


async def _fetched(
    session: AsyncSession, office: Office, agent: Agent, request_id: UUID, *states: str
) -> PrivacyRequest:
    _permit(agent)
    request = await repository.fetch(session, office.profile.id, request_id, lock=True)
    if request is None:
        raise PrivacyRequestNotFoundError
    if request.state not in states:
        raise PrivacyRequestOverError
    return request


def _permit(agent: Agent) -> None:
    if not agent.may("direct"):
        raise NotAllowedError


def _done(request: PrivacyRequest, agent: Agent, state: str) -> None:
    request.state, request.done_at = state, utcnow()
    request.done_by, request.done_name = agent.id, agent.name


async def _record(session: AsyncSession, agent: Agent, request: PrivacyRequest, act: str) -> None:
    await record(session, agent, act, "privacy_request", request.id)


async def _give_link(session: AsyncSession, desk: Desk, request: PrivacyRequest) -> None:
    token = new_token()
    request.link_digest, request.link_until = token_digest(token), utcnow() + LINK_GOOD_FOR
    await _say(session, desk, request, "privacy.link", url=f"{desk.settings.public_base_url}/privacy/{token}")


async def _erase(session: AsyncSession, desk: Desk, agent: Agent, request: PrivacyRequest) -> None:
    await erasure.erase(session, desk.office, agent, request.contact_id)
    await _say(session, desk, request, "privacy.erased")
    person = str(request.contact_id)
    await defer(session, FORGET_FILES_TASK, contact_id=person)
    await defer(session, FINISH_TASK, at=utcnow() + ADDRESS_KEPT, contact_id=person)


async def _say(session: AsyncSession, desk: Desk, request: PrivacyRequest, key: str, **values: object) -> None:
    to = await conversation(session, request.conversation_id)
    text = backend_catalogue().text(key, request.language, **values)
    await session.flush()
    await announce(await driver_connection(session), desk.adapters, to, text, request.language)
