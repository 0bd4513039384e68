"""What can be wrong with acting for somebody else."""

from backend.core.errors import KomshuError


class AuthorityNotFoundError(KomshuError):
    """The ticket's author acts for nobody else."""

    code = "authority_not_found"
    status = 404


class AuthorityChangedError(KomshuError):
    """Another paper has come, or a colleague has decided, since it was looked at."""

    code = "authority_changed"
    status = 409
