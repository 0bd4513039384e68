"""All actions of the bot."""

from actions.base import BackendAction
from actions.client import BackendClient
from actions.dispute import AnswerAppointment
from actions.documents import AskWhatFor
from actions.fallback import SuggestTopics
from actions.faq import AnswerQuestion
from actions.feedback import AnswerSurvey, GoOn
from actions.handoff import RequestPerson, TakeBack
from actions.language import ChangeLanguage
from actions.privacy import RequestPrivacy
from actions.report import FileReport, ValidateReportForm
from actions.smalltalk import CancelTask
from actions.status import ValidateStatusForm
from actions.subscriptions import ListSubscriptions, ValidateSubscriptionForm
from actions.ticket_care import ValidateTicketForm

ACTIONS: tuple[type[BackendAction], ...] = (
    AnswerQuestion,
    SuggestTopics,
    RequestPerson,
    TakeBack,
    CancelTask,
    ChangeLanguage,
    ValidateReportForm,
    FileReport,
    ValidateStatusForm,
    ValidateTicketForm,
    AnswerSurvey,
    AnswerAppointment,
    GoOn,
    RequestPrivacy,
    AskWhatFor,
    ValidateSubscriptionForm,
    ListSubscriptions,
)


def all_actions(backend: BackendClient) -> list[BackendAction]:
    """One of each, sharing a client."""
    return [action(backend) for action in ACTIONS]
