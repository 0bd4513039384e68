"""What can go wrong with making something unreadable."""

from backend.core.errors import KomshuError


class RedactionNotYoursError(KomshuError):
    """The agent neither holds the chat, nor works on the ticket, nor directs others."""

    code = "redaction_not_yours"
    status = 403


class RedactionWordsError(KomshuError):
    """No words were given, too many, or too short ones to be looked for."""

    code = "redaction_words"
    status = 422


class RedactionNothingError(KomshuError):
    """No place was chosen, or no area of the picture."""

    code = "redaction_nothing"
    status = 422


class RedactionChangedError(KomshuError):
    """A place that was chosen reads otherwise now."""

    code = "redaction_changed"
    status = 409


class RedactionBusyError(KomshuError):
    """The assistant is just answering in the chat, and would bring the words back."""

    code = "redaction_busy"
    status = 409


class RedactionFileError(KomshuError):
    """There is no such file in this chat or ticket, or parts of it cannot be covered."""

    code = "redaction_file"
    status = 404
