"""A dispute from its filing to its end: who is told what, once, and what may not be done."""

from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend.contacts.service import stop
from backend.core.database import driver_connection, utcnow
from backend.core.errors import KomshuError, NotAllowedError
from backend.disputes import service, telling
from backend.disputes.errors import (
    AppointmentMissingError,
    DisputeNotFoundError,
    DisputeStepError,
    RespondentUnreachableError,
    RulingIncompleteError,
    SkipReasonMissingError,
)
from backend.disputes.replying import answer_of
from backend.disputes.schemas import Ending
from backend.tickets import appointments
from backend.tickets.errors import (
    AppointmentClashError,
    AppointmentTimeError,
    PhoneUnreadableError,
    TicketChangedError,
    TicketNotFoundError,
    VisitFinishedError,
    VisitNotFoundError,
)
from backend.tickets.schemas import Seen
from tests.backend.disputes.factories import ADDRESS, HIDDEN, LANDLORD, MOBILE, TENANT, Town, appointment, confirmed

RULED = Ending(end="ruling", outcome="partly", text="R6 000 is to be paid back.", appeal="High Court, 30 days")


async def test_what_was_said_at_filing_is_there_for_an_agent_to_confirm_and_nobody_is_told(town: Town) -> None:
    ticket = await town.filed()
    whole = await town.whole(ticket)
    complainant, respondent = whole.parties["complainant"], whole.parties["respondent"]
    assert (complainant.name, complainant.role, complainant.contact_id) == (TENANT, "tenant", ticket.contact_id)
    assert (respondent.name, respondent.role, respondent.confirmed_at) == (LANDLORD, "landlord", None)
    assert (whole.dispute.topic, whole.dispute.step) == ("deposit", None)
    assert await town.tells() == []


async def test_an_office_without_steps_has_no_disputes(town: Town) -> None:
    town.office = town.office.model_copy(update={"disputes": None})
    ticket = await town.filed()
    assert await service.opened(town.session, town.office, ticket) is None
    with pytest.raises(DisputeNotFoundError):
        await town.registered(await town.agent(), ticket)


async def test_registering_tells_both_once_and_begins_the_ninety_days(town: Town) -> None:
    author = await town.person()
    ticket = await town.filed(author)
    handed_in = "UPDATE ticket SET created_at = created_at - interval '10 days', due_at = due_at - interval '10 days'"
    await town.session.execute(text(handed_in))
    await town.session.refresh(ticket)
    before = ticket.due_at
    await town.registered(await town.agent(), ticket)
    assert ticket.due_at
    assert before
    assert timedelta(days=9) <= ticket.due_at - before <= timedelta(days=13)
    assert ticket.state == "in_progress"
    assert await town.tells() == ["chat", "sms"]
    assert await town.tells() == []
    [(said, buttons)] = await town.said(author)
    assert LANDLORD in said
    assert not buttons
    [sms] = await town.texted(MOBILE)
    assert TENANT in sms
    assert ticket.reference in sms
    assert HIDDEN not in sms
    assert MOBILE not in said


async def test_a_notice_is_told_once_however_often_the_job_runs(town: Town) -> None:
    ticket = await town.registered(await town.agent())
    jobs = await town.session.execute(text("SELECT args FROM procrastinate_jobs WHERE task_name LIKE '%tell_party'"))
    ids = [args["notice_id"] for (args,) in jobs]
    for _ in range(3):
        for notice_id in ids:
            await telling.tell(town.session, town.desk(), notice_id)
    assert len(await town.texted(MOBILE)) == 1
    assert await town.notices(ticket) == [("complainant", "step", "chat"), ("respondent", "step", "sms")]


@pytest.mark.parametrize(
    ("respondent", "error"),
    [
        ({"phone": "", "postal_address": ""}, RespondentUnreachableError),
        ({"phone": "+27214830611"}, RespondentUnreachableError),
        ({"phone": "call me"}, PhoneUnreadableError),
    ],
)
async def test_a_respondent_must_be_reachable(town: Town, respondent: dict[str, str], error: type[KomshuError]) -> None:
    agent = await town.agent()
    with pytest.raises(error):
        await town.registered(agent, **respondent)


async def test_registering_twice_is_refused(town: Town) -> None:
    agent = await town.agent()
    ticket = await town.registered(agent)
    with pytest.raises(DisputeStepError):
        await town.registered(agent, ticket)


@pytest.mark.parametrize("way", ["no number", "landline", "stopped"])
async def test_who_cannot_be_texted_gets_a_letter(town: Town, way: str) -> None:
    phone = {"no number": "", "landline": "+27214830611", "stopped": MOBILE}[way]
    if way == "stopped":
        await town.person(address=MOBILE)
        await stop(await driver_connection(town.session), "sms", MOBILE)
    ticket = await town.registered(await town.agent(), phone=phone, postal_address=ADDRESS)
    assert await town.tells() == ["chat", "letter"]
    agent = await town.agent()
    [_, (notice, _)] = await service.notices_of(town.session, ticket.id)
    assert notice.told_at is None
    await service.posted(town.session, agent, ticket.id, notice.id)
    assert notice.told_at is not None
    with pytest.raises(NotAllowedError):
        await service.posted(town.session, await town.agent("reader"), ticket.id, notice.id)


async def test_at_night_a_party_is_told_in_the_morning(town: Town) -> None:
    ticket = await town.registered(await town.agent())
    [_, (notice, _)] = await service.notices_of(town.session, ticket.id)
    night = {"quiet_from": time(0, 1), "quiet_until": time(0)}
    told = await telling.tell(town.session, town.desk(**night), notice.id)
    assert told.later
    assert told.later > utcnow()
    assert await town.texted(MOBILE) == []


async def test_the_step_and_its_appointment_are_told_in_one_with_buttons(town: Town) -> None:
    author, agent = await town.person(), await town.agent()
    ticket = await town.registered(agent, await town.filed(author))
    await town.tells()
    await town.goes(agent, ticket, "inspection", appointment=appointment())
    assert await town.tells() == ["chat", "sms"]
    said, buttons = (await town.said(author))[-1]
    assert "10:00" in said
    assert "Waalstraat 27" in said
    assert [button["title"] for button in buttons] == ["Ek kan kom", "Ek kan nie kom nie"]
    assert "PIN" not in (await town.texted(MOBILE))[-1]


async def refused(town: Town, case: str) -> None:
    """Do what a case says; it raises."""
    agent = await town.agent()
    ticket = await town.registered(agent)
    match case:
        case "no appointment":
            await town.goes(agent, ticket, "inspection")
        case "skipped without a reason":
            await town.goes(agent, ticket, "hearing", appointment=appointment())
        case "back":
            await town.goes(agent, ticket, "hearing", reason="Agreed", appointment=appointment())
            await town.goes(agent, ticket, "inspection", appointment=appointment(9))
        case "unknown step":
            await town.goes(agent, ticket, "appeal", appointment=appointment())
        case "same step without appointment":
            await town.goes(agent, ticket, "registered")
        case "past":
            await town.goes(agent, ticket, "inspection", appointment=appointment(-1))
        case "stale":
            await town.session.flush()
            seen = Seen(ticket.id, 0)
            await service.move_on(town.session, town.office, agent, seen, "inspection", appointment=appointment())
        case "reader":
            await town.goes(await town.agent("reader"), ticket, "inspection", appointment=appointment())
        case "another unit":
            await town.goes(await town.agent("agent", "language"), ticket, "inspection", appointment=appointment())
        case "ruling before the hearing":
            await service.end(town.session, town.office, agent, await town.seen(ticket), RULED)
        case "wrong outcome":
            how = Ending(end="settled", outcome="refused", text="No.")
            await service.end(town.session, town.office, agent, await town.seen(ticket), how)
        case "ruling without appeal":
            await town.goes(agent, ticket, "hearing", reason="Agreed", appointment=appointment())
            how = RULED.model_copy(update={"appeal": ""})
            await service.end(town.session, town.office, agent, await town.seen(ticket), how)


@pytest.mark.parametrize(
    ("case", "error"),
    [
        ("no appointment", AppointmentMissingError),
        ("skipped without a reason", SkipReasonMissingError),
        ("back", DisputeStepError),
        ("unknown step", DisputeStepError),
        ("same step without appointment", DisputeStepError),
        ("past", AppointmentTimeError),
        ("stale", TicketChangedError),
        ("reader", NotAllowedError),
        ("another unit", TicketNotFoundError),
        ("ruling before the hearing", DisputeStepError),
        ("wrong outcome", DisputeStepError),
        ("ruling without appeal", RulingIncompleteError),
    ],
)
async def test_what_may_not_be_done(town: Town, case: str, error: type[KomshuError]) -> None:
    with pytest.raises(error):
        await refused(town, case)


@pytest.mark.parametrize(
    ("at", "minutes", "who", "clashes"),
    [
        (time(10), 60, "Lerato Nkosi", True),
        (time(10, 30), 30, "lerato  nkosi", True),
        (time(9, 30), 60, "Lerato Nkosi", True),
        (time(8), 720, "Lerato Nkosi", True),
        (time(11), 60, "Lerato Nkosi", False),
        (time(9), 60, "Lerato Nkosi", False),
        (time(10), 60, "Sipho Dlamini", False),
    ],
)
async def test_nobody_leads_two_appointments_at_once(
    town: Town, at: time, minutes: int, who: str, clashes: bool
) -> None:
    agent = await town.agent()
    first = await town.registered(agent)
    await town.goes(agent, first, "inspection", appointment=appointment())
    second = await town.registered(agent, await town.filed(await town.person(address="+27840000001")))
    new = appointment(at=at, minutes=minutes, who=who)
    if not clashes:
        await town.goes(agent, second, "inspection", appointment=new)
        return
    with pytest.raises(AppointmentClashError):
        await town.goes(agent, second, "inspection", appointment=new)


async def test_moving_tells_both_and_asks_anew_and_frees_the_old_time(town: Town) -> None:
    agent = await town.agent()
    ticket = await town.registered(agent)
    await town.goes(agent, ticket, "inspection", appointment=appointment())
    await town.tells()
    [visit] = await appointments.of_ticket(town.session, ticket)
    party = (await town.whole(ticket)).parties["respondent"]
    await answer_of(town.session, await town.whole(ticket), party, visit.id, True, "")
    seen = await town.seen(ticket)
    later = appointment(8, at=time(14))
    await service.move_appointment(town.session, town.office, agent, seen, visit.id, later)
    assert await service.answers_to(town.session, [visit]) == {}
    assert await town.tells() == ["chat", "sms"]
    assert "14:00" in (await town.texted(MOBILE))[-1]
    same_time = await town.registered(agent, await town.filed(await town.person(address="+27840000001")))
    await town.goes(agent, same_time, "inspection", appointment=appointment())


async def test_cancelling_tells_both_why_and_can_be_done_once(town: Town) -> None:
    agent = await town.agent()
    ticket = await town.registered(agent)
    await town.goes(agent, ticket, "inspection", appointment=appointment())
    await town.tells()
    [visit] = await appointments.of_ticket(town.session, ticket)
    args: Any = (town.session, town.office, agent)
    await service.cancel_appointment(*args, await town.seen(ticket), visit.id, "The inspector is ill.")
    assert await town.tells() == ["chat", "sms"]
    assert "The inspector is ill." in (await town.texted(MOBILE))[-1]
    with pytest.raises(VisitFinishedError):
        await service.cancel_appointment(*args, await town.seen(ticket), visit.id, "Again")
    with pytest.raises(VisitNotFoundError):
        await service.move_appointment(*args, await town.seen(ticket), visit.id + 1, appointment())


async def test_an_appointment_that_was_moved_before_anybody_was_told_is_told_as_it_is_now(town: Town) -> None:
    agent = await town.agent()
    ticket = await town.registered(agent)
    await town.goes(agent, ticket, "inspection", appointment=appointment())
    await town.tells()
    await town.goes(agent, ticket, "inspection", appointment=appointment(9))
    second = (await appointments.of_ticket(town.session, ticket))[1]
    await service.move_appointment(
        town.session, town.office, agent, await town.seen(ticket), second.id, appointment(10, at=time(15))
    )
    assert await town.tells() == ["none", "none", "chat", "sms"]
    assert "15:00" in (await town.texted(MOBILE))[-1]


async def test_both_are_reminded_the_day_before_unless_it_was_moved(town: Town) -> None:
    agent = await town.agent()
    ticket = await town.registered(agent)
    await town.goes(agent, ticket, "inspection", appointment=appointment())
    await town.tells()
    query = text("SELECT args, scheduled_at FROM procrastinate_jobs WHERE task_name = 'disputes:remind_parties'")
    [(args, at)] = list(await town.session.execute(query))
    [visit] = await appointments.of_ticket(town.session, ticket)
    assert timedelta(hours=23) <= visit.at - at <= timedelta(hours=25)
    await telling.remind(town.session, town.desk(), args["visit_id"], args["version"] + 1)
    assert await town.tells() == []
    for _ in range(2):
        await telling.remind(town.session, town.desk(), args["visit_id"], args["version"])
    assert await town.tells() == ["chat", "sms"]


async def test_a_ruling_is_told_to_both_with_the_way_of_appeal_and_both_are_asked(town: Town) -> None:
    author, agent = await town.person(), await town.agent()
    ticket = await town.registered(agent, await town.filed(author))
    await town.goes(agent, ticket, "hearing", reason="Both want it", appointment=appointment())
    await town.tells()
    await service.end(town.session, town.office, agent, await town.seen(ticket), RULED)
    assert (ticket.state, ticket.outcome, ticket.outcome_ground) == ("closed", "partly", RULED.appeal)
    assert await town.tells() == ["chat", "sms"]
    for told in ((await town.said(author))[-1][0], (await town.texted(MOBILE))[-1]):
        assert RULED.text in told
        assert RULED.appeal in told
    [visit] = await appointments.of_ticket(town.session, ticket)
    assert visit.cancelled_at is not None
    names = set((await town.session.scalars(text("SELECT task_name FROM procrastinate_jobs"))).all())
    assert "surveys:ask_if_solved" in names
    assert "notifications:tell_ticket_news" not in names, "the dispute's own words are told, not the ticket's as well"
    assert await town.tells() == ["sms"]
    assert (await town.notices(ticket))[-1] == ("respondent", "survey", "sms")


@pytest.mark.parametrize("invited", [True, False])
async def test_a_complainant_who_withdraws_ends_it_and_the_respondent_hears_of_it_only_if_invited(
    town: Town, invited: bool
) -> None:
    ticket = await town.filed()
    if invited:
        await town.registered(await town.agent(), ticket)
        await town.tells()
    ticket.state, ticket.outcome, ticket.closed_at = "closed", "withdrawn", utcnow()
    for _ in range(2):
        await service.follow_ticket(town.session, town.office, ticket.id, 7)
    assert (await town.whole(ticket)).dispute.ended == "withdrawn"
    assert await town.tells() == (["sms"] if invited else [])
    ticket.state, ticket.outcome, ticket.closed_at = "assigned", None, None
    await service.follow_ticket(town.session, town.office, ticket.id, 8)
    assert (await town.whole(ticket)).dispute.ended is None


async def test_a_respondent_who_is_reached_elsewhere_now_is_invited_anew_with_a_new_pin(town: Town) -> None:
    agent = await town.agent()
    ticket = await town.registered(agent)
    await town.tells()
    party = (await town.whole(ticket)).parties["respondent"]
    before = party.pin_digest
    seen = await town.seen(ticket)
    await service.correct(town.session, town.office, agent, seen, confirmed(phone="+27821234568"))
    assert await town.tells() == ["sms"]
    assert party.pin_digest not in (None, before)
    assert "PIN" in (await town.texted("+27821234568"))[-1]
