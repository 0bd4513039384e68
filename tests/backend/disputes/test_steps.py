"""Steps and ends, as a model that goes anywhere it may: the office's own file and any other."""

import pytest
from hypothesis import given, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from backend.core.settings import ROOT
from backend.disputes.errors import AppointmentMissingError, DisputeStepError, SkipReasonMissingError
from backend.disputes.steps import check_end, check_move, ends_from, following, left_out
from backend.offices.schemas import Disputes
from backend.offices.service import read_office

FILE = read_office(ROOT / "data" / "offices", "western-cape-housing").disputes
assert FILE is not None
CAPE: Disputes = FILE
STEPS, ENDS = tuple(CAPE.steps), tuple(CAPE.ends)
anything = st.sampled_from([*STEPS, "appeal", ""])
reasons = st.sampled_from(["", "  ", "Both agreed"])
REFUSED = (DisputeStepError, SkipReasonMissingError, AppointmentMissingError)


class Walks(RuleBasedStateMachine):
    """A dispute somebody pushes about at random; a plain model beside it says what may happen."""

    def __init__(self) -> None:
        super().__init__()
        self.step: str | None = None
        self.ended: str | None = None
        self.way: list[str] = []

    @precondition(lambda self: self.ended is None)
    @rule(to=anything, reason=reasons, called=st.booleans())
    def goes(self, to: str, reason: str, called: bool) -> None:
        allowed = {None: {STEPS[0]}}.get(self.step) or set(CAPE.steps[str(self.step)].then)
        skips = (
            {one for one in left_out(CAPE, self.step, to) if CAPE.steps[one].skip_needs_reason} if to in STEPS else {}
        )
        fits = to in allowed and (reason.strip() or not skips) and (called or not CAPE.steps[to].appointment)
        if not fits:
            with pytest.raises(REFUSED):
                check_move(CAPE, self.step, to, reason, called=called)
            return
        skipped = check_move(CAPE, self.step, to, reason, called=called)
        assert to not in skipped
        assert not set(skipped) & set(self.way)
        self.step = to
        self.way.append(to)

    @precondition(lambda self: self.ended is None)
    @rule(end=st.sampled_from([*ENDS, "appeal"]), outcome=st.sampled_from(["solved", "partly", "refused", "withdrawn"]))
    def ends(self, end: str, outcome: str) -> None:
        known = CAPE.ends.get(end)
        fits = known is not None and outcome in known.outcomes and (not known.ruling or self.step == "hearing")
        if not fits:
            with pytest.raises(DisputeStepError):
                check_end(CAPE, self.step, end, outcome)
            return
        check_end(CAPE, self.step, end, outcome)
        self.ended = end

    @precondition(lambda self: self.ended is not None)
    @rule()
    def is_reopened(self) -> None:
        self.ended = None

    @invariant()
    def never_goes_back(self) -> None:
        assert self.way == sorted(self.way, key=STEPS.index)
        assert len(set(self.way)) == len(self.way)

    @invariant()
    def begins_with_the_first_step(self) -> None:
        assert not self.way or self.way[0] == STEPS[0]

    @invariant()
    def is_decided_only_after_a_hearing(self) -> None:
        assert self.ended != "ruling" or "hearing" in self.way

    @invariant()
    def can_always_be_ended(self) -> None:
        assert self.ended or ends_from(CAPE, self.step)


TestWalks = Walks.TestCase


@given(step=st.one_of(st.none(), st.sampled_from(STEPS)))
def test_every_step_leads_on_or_can_be_decided(step: str | None) -> None:
    assert following(CAPE, step) or "ruling" in ends_from(CAPE, step)


def test_before_it_is_registered_it_can_only_end_without_a_decision() -> None:
    assert "ruling" not in ends_from(CAPE, None)
    assert "withdrawn" in ends_from(CAPE, None)
