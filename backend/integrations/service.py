"""Tokens: who a program is and what it may do; and writes that, sent twice, are done once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent, Permission
from backend.audit.service import record, record_without_agent
from backend.core.database import utcnow
from backend.core.errors import NotAllowedError
from backend.core.sealing import sealed, unsealed
from backend.core.secrets import new_token, token_digest
from backend.core.settings import Settings
from backend.integrations import repository
from backend.integrations.errors import (
    IdempotencyMismatchError,
    TokenInvalidError,
    TokenNotFoundError,
    TokenRefusedError,
)
from backend.integrations.models import ApiToken
from backend.integrations.schemas import PERMISSIONS, SCOPES, Holder, KeptAnswer
from backend.offices.service import Office

PREFIX = "komshu_"
"""By it people, and programs that look for leaked secrets, know a token."""
LONGEST_NAME = 100
TOUCH_SECONDS = 60
COMMAND_LINE = "command line"
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Komshu"'}


async def add_token(
    session: AsyncSession,
    office: Office,
    by: Agent | None,
    *,
    name: str,
    scopes: Sequence[str],
    units: Sequence[str] = (),
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """A new token, and its text, which is told once. `by` is None for the command line.

    Raises TokenInvalidError or NotAllowedError.
    """
    allow(by)
    _check(office, name, scopes, units, expires_at)
    text = PREFIX + new_token()
    token = ApiToken(
        id=uuid4(),
        office_id=office.profile.id,
        digest=token_digest(text),
        name=name.strip(),
        scopes=[scope for scope in SCOPES if scope in scopes],
        units=list(dict.fromkeys(units)),
        created_by=by.name if by else COMMAND_LINE,
        created_at=utcnow(),
        expires_at=expires_at,
    )
    await repository.insert_token(session, token)
    await note(session, office, by, "token.add", "api_token", token.id, scopes=token.scopes, units=token.units)
    return token, text


def _check(office: Office, name: str, scopes: Sequence[str], units: Sequence[str], expires_at: datetime | None) -> None:
    right = {
        "name": 0 < len(name.strip()) <= LONGEST_NAME,
        "scopes": bool(scopes) and set(scopes) <= set(SCOPES),
        "units": set(units) <= set(office.units),
        "expires_at": expires_at is None or expires_at > utcnow(),
    }
    if wrong := next((field for field, fits in right.items() if not fits), None):
        raise TokenInvalidError(field=wrong)


async def tokens(session: AsyncSession, office: Office) -> Sequence[ApiToken]:
    """All tokens of the office, revoked ones too, the newest first."""
    return await repository.tokens(session, office.profile.id)


async def valid_tokens(session: AsyncSession, office_id: str) -> list[ApiToken]:
    """Tokens that let somebody in now: programs that may hold chats and tickets."""
    now = utcnow()
    return [
        token
        for token in await repository.tokens(session, office_id)
        if token.revoked_at is None and (token.expires_at is None or token.expires_at > now)
    ]


async def revoke(session: AsyncSession, office: Office, by: Agent | None, token_id: UUID) -> ApiToken:
    """Let a token in no more; revoking it again changes nothing. Raises TokenNotFoundError or NotAllowedError."""
    allow(by)
    token = await repository.token(session, office.profile.id, token_id)
    if token is None:
        raise TokenNotFoundError
    if token.revoked_at is None:
        token.revoked_at = utcnow()
        await note(session, office, by, "token.revoke", "api_token", token.id)
    return token


async def holder(session: AsyncSession, office: Office, text: str, language: str) -> Holder:
    """Who a token belongs to; `language` is the one its errors are told in. Raises TokenRefusedError."""
    found = await repository.token_of_digest(session, token_digest(text)) if text.startswith(PREFIX) else None
    now = utcnow()
    if found is None or found.revoked_at is not None or found.office_id != office.profile.id:
        raise TokenRefusedError(headers=CHALLENGE)
    if found.expires_at is not None and found.expires_at <= now:
        raise TokenRefusedError(headers=CHALLENGE)
    if found.used_at is None or now - found.used_at > timedelta(seconds=TOUCH_SECONDS):
        await repository.touch(session, found.id, now - timedelta(seconds=TOUCH_SECONDS))
    return Holder(agent_of(found, language), frozenset(found.scopes))


def agent_of(token: ApiToken, language: str = "en") -> Agent:
    """The agent a token acts as: it may what its scopes say, in its units, and no more."""
    permissions: frozenset[Permission] = frozenset().union(*(PERMISSIONS[scope] for scope in token.scopes))
    return Agent(
        id=token.id,
        office_id=token.office_id,
        name=token.name,
        role="reader",
        units=tuple(token.units),
        language=language,
        permissions=permissions,
    )


async def begin(session: AsyncSession, settings: Settings, holder: Holder, key: str, request: str) -> KeptAnswer | None:
    """Take a key for a write: None when it is to be done now, else what it was answered with before.

    `request` is the digest of what is asked. Raises IdempotencyMismatchError.
    """
    digest = token_digest(key)
    if await repository.begin_answer(session, holder.agent.id, digest, request):
        return None
    known = await repository.answer(session, holder.agent.id, digest)
    if known.request != request:
        raise IdempotencyMismatchError
    return KeptAnswer(known.status, dict(known.headers), unsealed(settings.secret_key, known.body))


async def keep(session: AsyncSession, settings: Settings, holder: Holder, key: str, answer: KeptAnswer) -> None:
    """Keep the answer of a write, in the transaction of the write."""
    body = sealed(settings.secret_key, answer.body)
    await repository.keep_answer(session, holder.agent.id, token_digest(key), answer.status, answer.headers, body)


def allow(by: Agent | None) -> None:
    """Make sure that an administrator, or the command line, is at work. Raises NotAllowedError."""
    if by is not None and not by.may("administer"):
        raise NotAllowedError


async def note(
    session: AsyncSession, office: Office, by: Agent | None, action: str, kind: str, object_id: UUID, **content: object
) -> None:
    """Write an act into the audit log."""
    if by is not None:
        await record(session, by, action, kind, object_id, **content)
    else:
        await record_without_agent(session, office.profile.id, COMMAND_LINE, action, kind, object_id, **content)
