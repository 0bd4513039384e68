"""What can go wrong with a ticket."""

from backend.core.errors import KomshuError


class UnknownCategoryError(KomshuError):
    """The office has no such category."""

    code = "unknown_category"
    status = 422
