"""Ready sentences: kept per language, filled in for the chat they are used in."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.audit.service import record
from backend.core.database import utcnow
from backend.core.errors import NotAllowedError, UnknownPathError
from backend.core.languages import LANGUAGES
from backend.handoff import repository
from backend.handoff.errors import CannedReplyInvalidError
from backend.handoff.models import CannedReply
from backend.offices.service import Office

VARIABLES = ("citizen", "agent", "office", "phone", "reference")
LONGEST_NAME = 80


def filled(text: str, values: Mapping[str, str]) -> str:
    """A ready sentence with its variables filled in; braces that name none stay as they are."""
    for name in VARIABLES:
        text = text.replace("{" + name + "}", values.get(name, ""))
    return text


async def for_chat(
    session: AsyncSession, office: Office, agent: Agent, language: str, values: Mapping[str, str]
) -> list[tuple[str, str]]:
    """(name, text) of the sentences an agent can use in a chat of a language, filled in."""
    replies = await repository.canned_replies(session, office.profile.id, agent.units)
    known = {"agent": agent.name, "office": office.profile.name[language], "phone": office.profile.phone, **values}
    return [(one.name, filled(one.texts[language], known)) for one in replies if one.texts.get(language)]


async def listed(session: AsyncSession, office: Office, agent: Agent) -> Sequence[CannedReply]:
    """All ready sentences of the office, by name, for who may change them. Raises NotAllowedError."""
    _allow(agent)
    return await repository.canned_replies(session, office.profile.id, ())


async def one(session: AsyncSession, office: Office, agent: Agent, reply_id: UUID) -> CannedReply:
    """One ready sentence, for who may change it. Raises NotAllowedError or UnknownPathError."""
    _allow(agent)
    reply = await repository.canned_reply(session, office.profile.id, reply_id)
    if reply is None:
        raise UnknownPathError
    return reply


async def save(
    session: AsyncSession,
    office: Office,
    agent: Agent,
    reply_id: UUID | None,
    *,
    name: str,
    unit: str,
    texts: Mapping[str, str],
) -> CannedReply:
    """Store a ready sentence, new or changed.

    Raises NotAllowedError, UnknownPathError when it was removed meanwhile, or CannedReplyInvalidError whose `field`
    says what is wrong.
    """
    _allow(agent)
    reply = await one(session, office, agent, reply_id) if reply_id else CannedReply(office_id=office.profile.id)
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise CannedReplyInvalidError(field="name")
    written = {code: words.strip() for code, words in texts.items() if code in LANGUAGES and words.strip()}
    taken = await repository.named(session, office.profile.id, name.strip())
    if taken and taken.id != reply_id:
        raise CannedReplyInvalidError(field="name")
    if not written or (unit and unit not in office.units):
        raise CannedReplyInvalidError(field="unit" if written else "texts")
    reply.name, reply.unit, reply.texts, reply.changed_at = name.strip(), unit or None, written, utcnow()
    await repository.save_canned_reply(session, reply)
    await record(session, agent, "canned.save", "canned_reply", reply.id)
    return reply


async def remove(session: AsyncSession, office: Office, agent: Agent, reply_id: UUID) -> None:
    """Remove a ready sentence; one that is gone already is no error. Raises NotAllowedError."""
    _allow(agent)
    if reply := await repository.canned_reply(session, office.profile.id, reply_id):
        await repository.delete_canned_reply(session, reply)
        await record(session, agent, "canned.remove", "canned_reply", reply_id)


def _allow(agent: Agent) -> None:
    if not agent.may("publish"):
        raise NotAllowedError
