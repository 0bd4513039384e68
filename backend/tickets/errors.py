"""What can go wrong with a ticket."""

from backend.core.errors import KomshuError


class UnknownCategoryError(KomshuError):
    """The office has no such category."""

    code = "unknown_category"
    status = 422


class TicketNotFoundError(KomshuError):
    """There is no ticket with this reference."""

    code = "ticket_not_found"
    status = 404


class StateUnknownError(KomshuError):
    """A ticket cannot come to such a state."""

    code = "state_unknown"
    status = 422
