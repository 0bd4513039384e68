"""Which step may follow which, by the office's disputes.yml. No database."""

from backend.disputes.errors import AppointmentMissingError, DisputeStepError, SkipReasonMissingError
from backend.offices.schemas import Disputes


def following(disputes: Disputes, step: str | None) -> tuple[str, ...]:
    """The steps that may come next; the first one before anything is registered."""
    return disputes.steps[step].then if step in disputes.steps else (disputes.first,)


def left_out(disputes: Disputes, step: str | None, to: str) -> tuple[str, ...]:
    """The steps between two, in the file's order: they are left out by going there."""
    order = list(disputes.steps)
    begin = order.index(step) + 1 if step in order else 0
    return tuple(order[begin : order.index(to)])


def ends_from(disputes: Disputes, step: str | None) -> tuple[str, ...]:
    """The ends a dispute may come to from a step, in the file's order."""
    return tuple(
        name for name, end in disputes.ends.items() if (not end.after and not end.ruling) or (step or "") in end.after
    )


def check_move(disputes: Disputes, step: str | None, to: str, reason: str, *, called: bool) -> tuple[str, ...]:
    """What is left out by going to a step; `called`: both parties are called to it.

    Raises DisputeStepError, SkipReasonMissingError or AppointmentMissingError.
    """
    if to not in following(disputes, step):
        raise DisputeStepError
    skipped = left_out(disputes, step, to)
    if not reason.strip() and any(disputes.steps[one].skip_needs_reason for one in skipped):
        raise SkipReasonMissingError
    if disputes.steps[to].appointment and not called:
        raise AppointmentMissingError
    return skipped


def check_end(disputes: Disputes, step: str | None, end: str, outcome: str) -> None:
    """Make sure that a dispute may end so. Raises DisputeStepError."""
    if end not in ends_from(disputes, step) or outcome not in disputes.ends[end].outcomes:
        raise DisputeStepError
