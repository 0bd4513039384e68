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


class TicketChangedError(KomshuError):
    """Somebody changed the ticket since it was looked at; `who` and `what` say so."""

    code = "ticket_changed"
    status = 409


class TicketHeldError(KomshuError):
    """Another agent works on it, and this one may not act in their place."""

    code = "ticket_held"
    status = 409


class TicketClosedError(KomshuError):
    """It is closed: it must be reopened first."""

    code = "ticket_closed"
    status = 409


class TicketNotClosedError(KomshuError):
    """Only a closed ticket can be reopened."""

    code = "ticket_not_closed"
    status = 409


class UnitUnknownError(KomshuError):
    """The office has no such unit."""

    code = "unit_unknown"
    status = 422


class AssigneeUnfitError(KomshuError):
    """This colleague could not see the ticket or may not work on tickets."""

    code = "assignee_unfit"
    status = 422


class AssigneeAwayError(KomshuError):
    """Nothing is given to who is away; the sentence says who."""

    code = "assignee_away"
    status = 409


class ReasonMissingError(KomshuError):
    """This outcome needs a reason the citizen is told."""

    code = "reason_missing"
    status = 422


class GroundMissingError(KomshuError):
    """Refusing public information needs its legal ground and the way of appeal."""

    code = "ground_missing"
    status = 422


class DuplicateUnfitError(KomshuError):
    """A ticket cannot follow itself, nor one more people may see than itself or fewer."""

    code = "duplicate_unfit"
    status = 422


class QuestionNotFoundError(KomshuError):
    """There is no such question to a unit of this agent."""

    code = "question_not_found"
    status = 404


class QuestionAnsweredError(KomshuError):
    """Somebody answered it already."""

    code = "question_answered"
    status = 409


class VisitNotFoundError(KomshuError):
    """The ticket has no such visit."""

    code = "visit_not_found"
    status = 404


class VisitFinishedError(KomshuError):
    """The visit was finished already."""

    code = "visit_finished"
    status = 409


class PhoneUnreadableError(KomshuError):
    """What was given cannot be a telephone number."""

    code = "phone_unreadable"
    status = 422


class TermActUnfitError(KomshuError):
    """The law does not allow this to a ticket's term, or not any more."""

    code = "term_act_unfit"
    status = 409


class AppointmentTimeError(KomshuError):
    """An appointment lies in the past, or at a time the clock skips where the office is."""

    code = "appointment_time"
    status = 422


class AppointmentClashError(KomshuError):
    """Who leads it has another appointment then; `at` says when that one begins."""

    code = "appointment_clash"
    status = 409
