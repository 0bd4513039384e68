"""What can go wrong with a request for one's data."""

from backend.core.errors import KomshuError


class PrivacyRequestNotFoundError(KomshuError):
    """There is no such request in this office."""

    code = "privacy_request_not_found"
    status = 404


class PrivacyRequestOverError(KomshuError):
    """It was confirmed, carried out or declined already, or is not confirmed yet."""

    code = "privacy_request_over"
    status = 409


class SamePersonError(KomshuError):
    """Who confirmed a request cannot carry it out as well."""

    code = "privacy_same_person"
    status = 409
