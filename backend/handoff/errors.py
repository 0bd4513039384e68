"""What can go wrong while people and the assistant share a chat."""

from backend.core.errors import KomshuError


class ChatUnknownError(KomshuError):
    """There is no such chat, or it is not this agent's to see."""

    code = "chat_unknown"
    status = 404


class ChatTakenError(KomshuError):
    """Somebody else holds the chat; the sentence says who."""

    code = "chat_taken"
    status = 409


class ChatNotHeldError(KomshuError):
    """Only who holds a chat answers in it, hands it back or passes it on."""

    code = "chat_not_held"
    status = 409


class AgentFullError(KomshuError):
    """The agent holds as many chats as they may."""

    code = "agent_full"
    status = 409


class AgentAwayError(KomshuError):
    """A chat is given to nobody who is not there, does not take chats, or does not answer in them."""

    code = "agent_away"
    status = 409


class TransferLimitError(KomshuError):
    """The chat was passed on twice within the hour: a supervisor decides who keeps it."""

    code = "transfer_limit"
    status = 409


class ReplyEmptyError(KomshuError):
    """A reply or note without words."""

    code = "reply_empty"
    status = 422


class ReplyTooLongError(KomshuError):
    """A reply or note with too many characters."""

    code = "reply_too_long"
    status = 422


class CannedReplyInvalidError(KomshuError):
    """A canned reply without a name or without a text, or whose name another has."""

    code = "canned_reply_invalid"
    status = 422
