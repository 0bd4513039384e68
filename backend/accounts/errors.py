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
    """A role, unit or language of the account does not exist."""

    code = "account_invalid"
    status = 422


class LastAdministratorError(KomshuError):
    """An office keeps at least one administrator."""

    code = "last_administrator"
    status = 409
