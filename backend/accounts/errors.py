"""What can go wrong at the desk's door."""

from backend.core.errors import KomshuError


class SignedOutError(KomshuError):
    """Nobody is signed in, or not any more."""

    code = "signed_out"
    status = 401


class SignInRefusedError(KomshuError):
    """Unknown account, wrong password or a disabled account: which of them is not told."""

    code = "sign_in_refused"
    status = 401


class CodeRefusedError(KomshuError):
    """The code of the second factor is wrong or was used already."""

    code = "code_refused"
    status = 401


class SignInLockedError(KomshuError):
    """Too many wrong tries; Retry-After says how long to wait."""

    code = "sign_in_locked"
    status = 429


class ProviderAwayError(KomshuError):
    """The office's identity provider cannot be reached, or answers what nobody understands."""

    code = "provider_away"
    status = 503


class ProviderRefusedError(KomshuError):
    """The identity provider did not let them in, or what it said is not to be believed."""

    code = "provider_refused"
    status = 401


class ProviderOutdatedError(KomshuError):
    """The way back from the identity provider took too long, or was not begun in this browser."""

    code = "provider_outdated"
    status = 403


class ProviderEmailUnverifiedError(KomshuError):
    """The identity provider does not say that the e-mail address is theirs."""

    code = "provider_email_unverified"
    status = 403


class ProviderAccountUnknownError(KomshuError):
    """The identity provider knows them, but there is no account for them here, or it is disabled."""

    code = "provider_account_unknown"
    status = 403


class PasswordWeakError(KomshuError):
    """The new password is too short, or too much like the name of the account."""

    code = "password_weak"
    status = 422


class PageOutdatedError(KomshuError):
    """The form was opened in another session, or not by a page of ours."""

    code = "page_outdated"
    status = 403


class AccountExistsError(KomshuError):
    """There is an account with this sign-in name."""

    code = "account_exists"
    status = 409


class AccountUnknownError(KomshuError):
    """There is no such account."""

    code = "account_unknown"
    status = 404


class AccountInvalidError(KomshuError):
    """A name is missing, or a role, unit or language does not exist; `field` says which."""

    code = "account_invalid"
    status = 422


class AbsenceInvalidError(KomshuError):
    """Days that are no absence, or somebody who cannot stand in; `field` says which."""

    code = "absence_invalid"
    status = 422


class LastAdministratorError(KomshuError):
    """An office keeps at least one administrator."""

    code = "last_administrator"
    status = 409
