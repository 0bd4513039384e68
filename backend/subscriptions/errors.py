"""What can go wrong with a subscription."""

from backend.core.errors import KomshuError


class SubscriptionUnknownError(KomshuError):
    """The topic or the district is none of the office's."""

    code = "subscription_unknown"
    status = 422


class SubscriptionNotFoundError(KomshuError):
    """This person has no such subscription, or it has ended."""

    code = "subscription_not_found"
    status = 404
