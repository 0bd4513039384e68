"""What citizens of the web chat can run into."""

from backend.core.errors import KomshuError


class SessionUnknownError(KomshuError):
    """The session token is missing, forged or forgotten."""

    code = "session_unknown"
    status = 401


class MessageEmptyError(KomshuError):
    """The message says nothing."""

    code = "message_empty"
    status = 422


class MessageTooLongError(KomshuError):
    """The message has more characters than the office accepts."""

    code = "message_too_long"
    status = 413


class ButtonUnknownError(KomshuError):
    """A button was pressed that this conversation was never offered."""

    code = "button_unknown"
    status = 422


class MessageNotFoundError(KomshuError):
    """The conversation has no such message, or it is not one this can be said of."""

    code = "message_not_found"
    status = 404


class ConversationNotFoundError(KomshuError):
    """There is no such conversation."""

    code = "conversation_not_found"
    status = 404
