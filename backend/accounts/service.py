"""Signing in and out, and who is behind a request."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts import credentials, repository
from backend.accounts.errors import (
    CodeRefusedError,
    PageOutdatedError,
    ProviderAccountUnknownError,
    ProviderEmailUnverifiedError,
    SignedOutError,
    SignInLockedError,
    SignInRefusedError,
)
from backend.accounts.models import Absence, Account, SignIn
from backend.accounts.schemas import Agent, Away, Candidate, Colleague, Identity
from backend.core.database import utcnow
from backend.core.errors import NotAllowedError
from backend.core.sealing import sealed, unsealed
from backend.core.secrets import keyed_digest, new_token, same, token_digest
from backend.core.settings import Settings

TRY_MINUTES = 15
TRIES_PER_LOGIN = 8
TRIES_PER_ADDRESS = 40
"""A whole town hall may share one address."""
TOUCH_SECONDS = 60
KEY_LENGTH = 16
ABSENT_SECONDS = 45
"""The console says every 15 seconds that it is open: who missed three is not there."""


@dataclass(frozen=True)
class SignedIn:
    """Who is behind a request, and what their browser may still have to do first."""

    agent: Agent
    login: str
    csrf: str
    digest: str
    factor_due: bool
    must_change: bool
    shortcuts: bool
    sounds: bool
    by_provider: bool = False
    browser: str = ""
    takes_chats: bool = True
    away_until: datetime | None = None
    """When they are at work again; None for who is."""

    def check(self, csrf: str) -> None:
        """Make sure a form comes from a page of this sign-in. Raises PageOutdatedError."""
        if not same(self.csrf, csrf):
            raise PageOutdatedError


def agent_of(account: Account) -> Agent:
    """What the desk needs to know of an account."""
    return Agent(
        id=account.id,
        office_id=account.office_id,
        name=account.name,
        role=account.role,  # type: ignore[arg-type]
        units=tuple(account.units),
        languages=tuple(account.languages),
        language=account.language,
        heads=tuple(account.heads),
    )


def normal_login(login: str) -> str:
    """The form sign-in names are kept and compared in."""
    return login.strip().casefold()


@dataclass(frozen=True)
class Browser:
    """One browser somebody is signed in in, as they see it."""

    key: str
    """Names it among their own; of no use to sign in with."""
    name: str
    since: datetime
    seen_at: datetime
    here: bool


async def sign_in(
    session: AsyncSession,
    settings: Settings,
    office_id: str,
    login: str,
    password: str,
    address: str,
    browser: str = "",
) -> str:
    """Check name and password; returns the token of the new sign-in, which may still want the second factor.

    Raises SignInLockedError or SignInRefusedError; a failed try must be committed to count.
    """
    name = normal_login(login)
    await _slow_down(session, settings, name, address)
    account = await repository.account_of_login(session, office_id, name)
    right = await credentials.matches(account.password_digest if account else None, password)
    if account is None or not right or account.disabled_at:
        await _remember_try(session, settings, name, address)
        raise SignInRefusedError
    factor_due = account.factor_confirmed_at is not None
    if not factor_due:  # or who knows the password could guess codes for ever, sending it again in between
        await repository.forget_tries(session, keyed_digest(settings.secret_key, name))
    return await open_sign_in(session, account, factor_due=factor_due, browser=browser)


async def sign_in_by_provider(
    session: AsyncSession, office_id: str, identity: Identity, browser: str = ""
) -> tuple[str, bool]:
    """Sign in whom the identity provider vouches for; returns the token, and whether the account was linked just now.

    An account is found by who they are at the provider, the first time by their verified e-mail address. Nobody gets
    an account this way. Raises ProviderEmailUnverifiedError or ProviderAccountUnknownError.
    """
    account = await repository.account_of_subject(session, office_id, identity.subject)
    linked = account is None
    if account is None:
        if not identity.email_verified:
            raise ProviderEmailUnverifiedError
        found = await repository.account_of_login(session, office_id, normal_login(identity.email))
        account = await repository.locked_account(session, found.id) if found else None
    if account is None or account.disabled_at or account.subject not in (None, identity.subject):
        raise ProviderAccountUnknownError
    account.subject = identity.subject
    return await open_sign_in(session, account, by_provider=True, browser=browser), linked


async def open_sign_in(
    session: AsyncSession, account: Account, *, factor_due: bool = False, by_provider: bool = False, browser: str = ""
) -> str:
    """A sign-in of an account whose owner has proved who they are; returns its token."""
    token, now = new_token(), utcnow()
    account.signed_in_at = now
    await repository.insert_sign_in(
        session,
        SignIn(
            digest=token_digest(token),
            account_id=account.id,
            csrf=new_token(),
            factor_due=factor_due,
            by_provider=by_provider,
            browser=browser,
            created_at=now,
            seen_at=now,
        ),
    )
    await repository.save_presence(session, account.id, available=True)
    return token


async def _slow_down(session: AsyncSession, settings: Settings, login: str, address: str) -> None:
    since = utcnow() - timedelta(minutes=TRY_MINUTES)
    digests = (keyed_digest(settings.secret_key, login), keyed_digest(settings.secret_key, address))
    await repository.one_at_a_time(session, digests[0])
    by_login, by_address = await repository.count_tries(session, *digests, since)
    if by_login >= TRIES_PER_LOGIN or by_address >= TRIES_PER_ADDRESS:
        raise SignInLockedError(headers={"Retry-After": str(TRY_MINUTES * 60)}, minutes=TRY_MINUTES)


async def _remember_try(session: AsyncSession, settings: Settings, login: str, address: str) -> None:
    digests = (keyed_digest(settings.secret_key, login), keyed_digest(settings.secret_key, address))
    await repository.add_try(session, *digests)


async def signed_in(session: AsyncSession, settings: Settings, token: str) -> SignedIn:
    """Who a token belongs to. Raises SignedOutError when it is unknown, too old, or its account disabled."""
    found = await repository.signed_in(session, token_digest(token)) if token else None
    if found is None:
        raise SignedOutError
    one, account, takes_chats, away_until = found
    now = utcnow()
    if account.disabled_at or _ended(one, settings, now):
        raise SignedOutError
    if now - one.seen_at > timedelta(seconds=TOUCH_SECONDS):
        await repository.touch(session, one.digest)
    return SignedIn(
        agent=agent_of(account),
        login=account.login,
        csrf=one.csrf,
        digest=one.digest,
        factor_due=one.factor_due,
        must_change=account.must_change and not one.by_provider,
        shortcuts=account.shortcuts,
        sounds=account.sounds,
        by_provider=one.by_provider,
        browser=one.browser,
        takes_chats=takes_chats and away_until is None,
        away_until=away_until,
    )


def _ended(one: SignIn, settings: Settings, now: datetime) -> bool:
    return now - one.created_at > timedelta(hours=settings.sign_in_hours) or now - one.seen_at > timedelta(
        minutes=settings.sign_in_idle_minutes
    )


async def pass_factor(session: AsyncSession, settings: Settings, who: SignedIn, code: str, address: str) -> str:
    """Check the code of the second factor; returns the token of a fresh sign-in.

    Raises SignInLockedError or CodeRefusedError; a failed try must be committed to count.
    """
    await _slow_down(session, settings, who.login, address)
    account = await _account(session, who.agent.id)
    if not await _accept(account, settings, code):
        await _remember_try(session, settings, who.login, address)
        raise CodeRefusedError
    await repository.forget_tries(session, keyed_digest(settings.secret_key, who.login))
    await repository.end_sign_in(session, who.digest)
    return await open_sign_in(session, account, browser=who.browser)


async def _accept(account: Account, settings: Settings, code: str) -> bool:
    secret = unsealed(settings.secret_key, account.factor_secret or "")
    step = credentials.accepted_step(secret, code, account.factor_step) if secret else None
    if step is not None:
        account.factor_step = step
    return step is not None


async def begin_factor(session: AsyncSession, settings: Settings, who: SignedIn) -> tuple[str, str]:
    """A new secret for an authenticator app: (secret, otpauth address). It counts once a code confirmed it.

    Raises NotAllowedError when the second factor is on: only an administrator takes it off.
    """
    account = await _unconfirmed(session, who)
    secret = credentials.new_factor()
    account.factor_secret, account.factor_confirmed_at = sealed(settings.secret_key, secret), None
    return secret, credentials.factor_address(secret, account.login)


async def pending_factor(session: AsyncSession, settings: Settings, who: SignedIn) -> tuple[str, str]:
    """The secret that still waits to be confirmed, as `begin_factor` gave it. Raises NotAllowedError."""
    account = await _unconfirmed(session, who)
    secret = unsealed(settings.secret_key, account.factor_secret or "")
    return secret, credentials.factor_address(secret, account.login)


async def confirm_factor(session: AsyncSession, settings: Settings, who: SignedIn, code: str) -> None:
    """Switch the second factor on once the app shows the right code. Raises CodeRefusedError or NotAllowedError."""
    account = await _unconfirmed(session, who)
    if not await _accept(account, settings, code):
        raise CodeRefusedError
    account.factor_confirmed_at = utcnow()


async def _unconfirmed(session: AsyncSession, who: SignedIn) -> Account:
    account = await _account(session, who.agent.id)
    if account.factor_confirmed_at is not None:
        raise NotAllowedError
    return account


async def has_factor(session: AsyncSession, who: SignedIn) -> bool:
    """Whether the second factor is on."""
    account = await repository.account(session, who.agent.id)
    return account is not None and account.factor_confirmed_at is not None


async def change_password(
    session: AsyncSession, settings: Settings, who: SignedIn, old: str, new: str, address: str
) -> None:
    """Replace one's own password; other browsers are signed out.

    Raises SignInLockedError, SignInRefusedError (a failed try must be committed to count) or PasswordWeakError.
    """
    await _slow_down(session, settings, who.login, address)
    account = await _account(session, who.agent.id)
    if not await credentials.matches(account.password_digest, old):
        await _remember_try(session, settings, who.login, address)
        raise SignInRefusedError
    credentials.check_strength(new, account.login, account.login.partition("@")[0], *account.name.split(), old)
    account.password_digest, account.must_change = await credentials.digest(new), False
    await repository.end_sign_ins(session, account.id, but=who.digest)


async def change_preferences(
    session: AsyncSession, who: SignedIn, *, language: str, shortcuts: bool, sounds: bool
) -> None:
    """How somebody wants the console."""
    account = await _account(session, who.agent.id)
    account.language, account.shortcuts, account.sounds = language, shortcuts, sounds


async def sign_out(session: AsyncSession, who: SignedIn) -> None:
    """End this browser's sign-in; who leaves takes no new chats."""
    await repository.end_sign_in(session, who.digest)
    await repository.save_presence(session, who.agent.id, available=False)


async def browsers(session: AsyncSession, settings: Settings, who: SignedIn) -> list[Browser]:
    """The browsers somebody is signed in in, the one used last first."""
    now = utcnow()
    return [
        Browser(_key(one), one.browser, one.created_at, one.seen_at, here=one.digest == who.digest)
        for one in await repository.sign_ins(session, who.agent.id)
        if not _ended(one, settings, now)
    ]


async def sign_out_elsewhere(session: AsyncSession, who: SignedIn, key: str = "") -> None:
    """End one's own sign-in in another browser, or with no key in all others."""
    for one in await repository.sign_ins(session, who.agent.id):
        if one.digest != who.digest and key in ("", _key(one)):
            await repository.end_sign_in(session, one.digest)


def _key(one: SignIn) -> str:
    return token_digest(one.digest)[:KEY_LENGTH]


async def be_present(session: AsyncSession, account_id: UUID, *, available: bool | None = None) -> None:
    """The console is open; `available` says whether they take chats, None leaves it. Programs have no presence."""
    if await repository.account(session, account_id) is None:
        return
    await repository.save_presence(session, account_id, available)


async def colleagues(session: AsyncSession, office_id: str) -> list[Colleague]:
    """Everybody of the desk: who they are, and whether they are there."""
    since = utcnow() - timedelta(seconds=ABSENT_SECONDS)
    return [
        Colleague(
            agent=agent_of(account),
            capacity=account.capacity,
            present=presence is not None and presence.seen_at >= since,
            available=absence is None and presence is not None and presence.available and presence.seen_at >= since,
            away=away_of(absence) if absence else None,
        )
        for account, presence, absence in await repository.presences(session, office_id)
    ]


def away_of(absence: Absence) -> Away:
    """What the desk needs to know of an absence."""
    return Away(absence.id, absence.account_id, absence.begins_at, absence.ends_at, absence.stand_in_id)


async def candidates(session: AsyncSession, office_id: str, unit: str, *, named_only: bool) -> list[Candidate]:
    """Whom a unit's next ticket could be given to, kept from others who give out tickets until the commit.

    Agents named for the unit and, unless only those will do, who work for the whole office. Nobody who is away.
    """
    found = await repository.candidates(session, office_id, unit, named_only=named_only)
    since = utcnow() - timedelta(seconds=ABSENT_SECONDS)
    return [
        Candidate(agent_of(account), presence is not None and presence.seen_at >= since, account.assigned_at)
        for account, presence in found
    ]


async def room_for_chats(session: AsyncSession, account_id: UUID) -> int | None:
    """How many chats somebody may hold; whoever else gives them one waits until the commit. None for a program."""
    return await repository.locked_capacity(session, account_id)


async def note_assigned(session: AsyncSession, account_id: UUID) -> None:
    """Note that somebody was given a ticket now: who waited longest gets the next one."""
    await repository.note_assigned(session, account_id)


async def absent(session: AsyncSession, office_id: str, seconds: float) -> list[UUID]:
    """Whose console has not been open for that long, those who never had it open among them."""
    since = utcnow() - timedelta(seconds=seconds)
    everybody = await repository.presences(session, office_id)
    return [account.id for account, presence, _ in everybody if presence is None or presence.seen_at < since]


async def _account(session: AsyncSession, account_id: UUID) -> Account:
    """As it is now, and nobody else's to change meanwhile: a code sent twice at once is right once."""
    found = await repository.locked_account(session, account_id)
    if found is None:
        raise SignedOutError
    return found


async def id_of_login(session: AsyncSession, office_id: str, login: str) -> UUID | None:
    """Whose sign-in name this is; None for nobody's."""
    account = await repository.account_of_login(session, office_id, normal_login(login))
    return account.id if account else None
