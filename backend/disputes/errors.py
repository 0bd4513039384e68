"""What can go wrong with a dispute."""

from backend.core.errors import KomshuError


class DisputeNotFoundError(KomshuError):
    """The ticket is no dispute, or the office has no steps for disputes."""

    code = "dispute_not_found"
    status = 404


class DisputeStepError(KomshuError):
    """The dispute cannot come to this step, or to this end, from where it stands."""

    code = "dispute_step"
    status = 409


class SkipReasonMissingError(KomshuError):
    """A step is left out that may be left out only with a reason."""

    code = "skip_reason_missing"
    status = 422


class AppointmentMissingError(KomshuError):
    """Both parties must be called to this step, and no time is given."""

    code = "appointment_missing"
    status = 422


class RespondentUnreachableError(KomshuError):
    """A party has a name, and neither a mobile number nor a postal address."""

    code = "respondent_unreachable"
    status = 422


class AuthorityOpenError(KomshuError):
    """Who handed the dispute in acts for somebody else, and their paper is not accepted."""

    code = "authority_open"
    status = 409


class RulingIncompleteError(KomshuError):
    """A ruling needs its text and the way of appeal."""

    code = "ruling_incomplete"
    status = 422


class NoticeNotFoundError(KomshuError):
    """There is no such letter about this dispute."""

    code = "notice_not_found"
    status = 404
