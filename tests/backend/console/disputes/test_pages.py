"""The pages of disputes: who sees what, registering by form, letters with a PIN, the list of appointments."""

import re
from datetime import timedelta
from typing import Any

import pytest

from backend.core.database import utcnow
from backend.disputes import page
from backend.tickets.models import Ticket
from backend.tickets.openly import Given
from tests.backend.console.disputes.conftest import Console
from tests.backend.console.tickets.conftest import words
from tests.backend.disputes.factories import ADDRESS, HIDDEN, LANDLORD, MOBILE, TENANT, Town, appointment

PARTIES = {
    "complainant_name": TENANT,
    "complainant_role": "tenant",
    "complainant_phone": HIDDEN,
    "complainant_language": "af",
    "respondent_name": LANDLORD,
    "respondent_role": "landlord",
    "respondent_phone": "",
    "respondent_postal_address": ADDRESS,
    "respondent_language": "en",
    "topic": "deposit",
    "claim": "The deposit of R8 000.",
}
PIN = re.compile(r'class="pin">(\d{6})<')


def form_time(days: int = 7) -> str:
    return (utcnow() + timedelta(days=days)).strftime("%Y-%m-%dT10:00")


async def called(town: Town, **columns: Any) -> Ticket:
    """A registered dispute with an inspection."""
    agent = await town.agent()
    ticket = await town.registered(agent, postal_address=ADDRESS)
    await town.goes(agent, ticket, "inspection", appointment=appointment())
    await town.tells()
    for name, value in columns.items():
        setattr(ticket, name, value)
    return ticket


@pytest.mark.parametrize(
    ("role", "units", "restricted", "sees", "names"),
    [
        ("agent", (), False, True, True),
        ("agent", ("tribunal",), False, True, True),
        ("agent", ("language",), False, False, False),
        ("reader", (), False, True, False),
        ("supervisor", (), False, True, True),
        ("administrator", (), False, True, False),
        ("agent", (), True, False, False),
        ("agent", ("tribunal",), True, True, True),
        ("reader", ("tribunal",), True, False, False),
    ],
)
async def test_who_sees_a_dispute_its_parties_and_its_appointment(
    console: Console, role: str, units: tuple[str, ...], restricted: bool, sees: bool, names: bool
) -> None:
    ticket = await console.within(lambda town: called(town, **({"priority": "restricted"} if restricted else {})))
    desk = await console.desk(role, *units)
    answer = await desk.get(f"/{ticket.id}")
    assert (answer.status_code == 200) is sees
    listed = words(await desk.client.get("/console/disputes"))
    assert (ticket.reference in listed) is sees
    for text in (words(answer), listed):
        for personal in (LANDLORD, TENANT):
            assert (personal in text) is names
    for personal in (MOBILE, HIDDEN, "Kerkstraat"):
        assert (personal in words(answer)) is names
        assert personal not in listed


async def test_from_the_counter_to_a_ruling_by_forms(console: Console) -> None:
    desk = await console.desk()
    typed = {
        "key": "k" * 12,
        "name": TENANT,
        "phone": "",
        "language": "af",
        "place": "Langstraat 5",
        "words": "Deposit",
    }
    typed |= {"dispute_role": "tenant", "dispute_topic": "deposit", "other_party": LANDLORD}
    typed |= {"other_address": ADDRESS, "other_phone": "", "source": "counter"}
    answer = await desk.client.post("/console/disputes/new", data={"csrf": desk.csrf, **typed})
    assert answer.status_code == 201
    reference = re.search(r"WC-\w{3}-\w{3}", answer.text)
    assert reference
    listed = await desk.get(f"?view=all&text={reference[0]}")
    ticket_id = re.search(r"/console/tickets/([0-9a-f-]{36})", listed.text)
    assert ticket_id
    path = f"/{ticket_id[1]}"

    async def act(name: str, **fields: Any) -> str:
        seen = re.search(r'data-seen="(\d+)"', (await desk.get(path)).text)
        assert seen
        answered = await desk.post(f"{path}/dispute/{name}", seen=seen[1], htmx=True, **fields)
        assert answered.status_code == 200, answered.text
        return words(answered)

    assert LANDLORD in await act("register", **PARTIES)
    when = {"at": form_time(), "minutes": "60", "person": "Lerato Nkosi", "place": "Waalstraat 27"}
    assert "Lerato Nkosi" in await act("step", step="inspection", **when)
    assert "Left out: Mediation" in await act(
        "step", step="hearing", reason="Both agreed", **{**when, "at": form_time(9)}
    )
    ended = await act("end", how="ruling:partly", text="R6 000 is to be paid back.", appeal="High Court")
    assert "Ruling" in ended
    assert "R6 000 is to be paid back." in ended


@pytest.mark.parametrize(
    ("wrong", "status", "says"),
    [
        ({"phone": "call me"}, 422, "number"),
        ({"words": ""}, 422, ""),
        ({"source": "cimer"}, 422, ""),
    ],
)
async def test_what_cannot_be_filed_comes_back_as_it_was_typed(
    console: Console, wrong: dict[str, str], status: int, says: str
) -> None:
    desk = await console.desk()
    typed = {"key": "k" * 12, "name": TENANT, "other_party": LANDLORD, "words": "Deposit", "source": "counter", **wrong}
    answer = await desk.client.post("/console/disputes/new", data={"csrf": desk.csrf, **typed})
    assert answer.status_code == status
    assert f'value="{LANDLORD}"' in answer.text
    assert 'role="alert"' in answer.text
    assert says in words(answer)


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("register", {**PARTIES, "respondent_role": "neighbour"}, 422),
        ("register", {**PARTIES, "respondent_postal_address": ""}, 422),
        ("register", {**PARTIES, "respondent_representative_document": "00000000-0000-0000-0000-000000000000"}, 404),
        ("step", {"step": "inspection", "at": "soon"}, 422),
        ("end", {"how": "nonsense"}, 422),
        ("end", {"how": "ruling:solved", "text": "x", "appeal": "y"}, 409),
        ("appointments/1/move", {"at": ""}, 422),
        ("appointments/1/cancel", {"text": "x"}, 404),
        ("letters/1", {}, 404),
        ("letters/1/posted", {}, 404),
    ],
)
async def test_forms_that_are_refused(console: Console, path: str, fields: dict[str, str], status: int) -> None:
    ticket = await console.within(lambda town: town.filed())
    desk = await console.desk()
    fields = {"seen": str(await console.seen(ticket)), **fields}
    assert (await desk.post(f"/{ticket.id}/dispute/{path}", **fields)).status_code == status


async def test_who_only_reads_changes_nothing(console: Console) -> None:
    ticket = await console.within(lambda town: town.filed())
    reader = await console.desk("reader")
    seen = str(await console.seen(ticket))
    assert (await reader.post(f"/{ticket.id}/dispute/register", seen=seen, **PARTIES)).status_code == 403
    assert (await reader.client.get("/console/disputes/new")).status_code == 403


async def test_each_print_of_a_letter_has_a_new_pin_and_only_the_last_one_opens_the_page(console: Console) -> None:
    async def by_letter(town: Town) -> tuple[Ticket, int]:
        ticket = await town.registered(await town.agent(), phone="", postal_address=ADDRESS)
        await town.tells()
        [_, (notice, _)] = await page.service.notices_of(town.session, ticket.id)
        return ticket, notice.id

    ticket, letter = await console.within(by_letter)
    desk = await console.desk()
    path = f"/{ticket.id}/dispute/letters/{letter}"
    prints = [await desk.post(path) for _ in range(2)]
    pins = [PIN.findall(answer.text)[0] for answer in prints]
    for shown in ("Kerkstraat 9", "Paarl 7646", LANDLORD, ticket.reference, "Geagte"):
        assert shown in prints[0].text
    assert HIDDEN not in prints[0].text

    async def enters(town: Town, pin: str) -> bool:
        return await page.enter(town.session, town.desk(), Given(ticket.reference, pin, ""), "af") is not None

    assert not await console.within(lambda town: enters(town, pins[0]))
    assert await console.within(lambda town: enters(town, pins[1]))
    assert "letter to print and post" in await desk.text(f"/{ticket.id}")
    await desk.post(f"{path}/posted")
    text = await desk.text(f"/{ticket.id}")
    assert "letter to print and post" not in text
    assert "Letter posted: Respondent" in text
    assert PIN.findall((await desk.post(path)).text) == []


async def test_an_office_without_steps_shows_no_disputes(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = await console.within(lambda town: town.filed())
    desk = await console.desk()
    app: Any = desk.client._transport
    monkeypatch.setattr(app.app.state, "office", console.office.model_copy(update={"disputes": None}))
    assert (await desk.client.get("/console/disputes")).status_code == 404
    assert "/console/disputes" not in (await desk.get("")).text
    answer = await desk.get(f"/{ticket.id}")
    assert answer.status_code == 200
    assert "dispute-title" not in answer.text


async def test_answers_are_shown_where_the_appointment_is(console: Console) -> None:
    async def cannot(town: Town) -> Ticket:
        ticket = await called(town)
        whole = await town.whole(ticket)
        [visit] = await page.appointments.of_ticket(town.session, ticket)
        await page.answer_of(town.session, whole, whole.parties["respondent"], visit.id, False, "another_week")
        return ticket

    ticket = await console.within(cannot)
    desk = await console.desk()
    shown = await desk.text(f"/{ticket.id}")
    assert "Respondent: cannot come" in shown
    assert "Respondent proposes: another week" in shown
    assert "Respondent: cannot come" in words(await desk.client.get("/console/disputes"))
