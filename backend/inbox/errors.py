"""What a call of a provider can run into."""

from backend.core.errors import KomshuError


class ChannelUnknownError(KomshuError):
    """There is no such channel, or it is switched off."""

    code = "channel_unknown"
    status = 404


class CallForgedError(KomshuError):
    """The call's signature or secret is missing or wrong: nothing of it was kept."""

    code = "call_forged"
    status = 403


class CallTooLargeError(KomshuError):
    """The call has more bytes than a provider would send."""

    code = "call_too_large"
    status = 413
