"""What can go wrong with tokens, repeated requests and webhooks."""

from backend.core.errors import KomshuError


class TokenRefusedError(KomshuError):
    """No token, or one that is unknown, revoked or out of date: which of them is not told."""

    code = "token_refused"
    status = 401


class ScopeMissingError(KomshuError):
    """The token is good, but not for this; `scope` says for what it would have to be."""

    code = "scope_missing"
    status = 403


class TokenInvalidError(KomshuError):
    """A token cannot be made like this; `field` says what is wrong."""

    code = "token_invalid"
    status = 422


class TokenNotFoundError(KomshuError):
    """The office has no such token."""

    code = "token_not_found"
    status = 404


class IdempotencyMismatchError(KomshuError):
    """The key was used before, for another request."""

    code = "idempotency_mismatch"
    status = 422


class PreconditionMissingError(KomshuError):
    """A change that does not say which state of the ticket it is based on."""

    code = "precondition_missing"
    status = 428


class BodyTooLargeError(KomshuError):
    """The body of the request is larger than this address takes."""

    code = "body_too_large"
    status = 413


class WebhookInvalidError(KomshuError):
    """An endpoint cannot be made like this; `field` says what is wrong."""

    code = "webhook_invalid"
    status = 422


class WebhookAddressError(KomshuError):
    """The address is none of the public internet, or cannot be found."""

    code = "webhook_address_refused"
    status = 422


class WebhookNotFoundError(KomshuError):
    """The office has no such endpoint, or the endpoint no such delivery."""

    code = "webhook_not_found"
    status = 404


class WebhookDisabledError(KomshuError):
    """The endpoint is switched off: nothing is sent to it."""

    code = "webhook_disabled"
    status = 409
