"""Notices, absences and heads in the console: the real app, in process."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.accounts.models import Account
from backend.contacts.service import new_web_visitor
from backend.core.catalogue import backend_catalogue
from backend.core.database import listening, utcnow
from backend.core.languages import LANGUAGES
from backend.notices import service as notices
from backend.notices.models import Notice
from backend.notices.schemas import KINDS, Kind, Telling
from backend.tickets.models import Ticket
from tests.backend.console.people import Desk, Person

TAGS = re.compile(r"<[^>]+>")


def words(answer: Any) -> str:
    return " ".join(TAGS.sub(" ", answer.text).split())


async def ticket(desk: Desk, **columns: Any) -> Ticket:
    """A ticket of this desk's office."""
    async with desk.session() as session, session.begin():
        contact, _ = await new_web_visitor(session, desk.office.profile.id)
        now = utcnow()
        made = Ticket(
            **{
                "id": uuid4(), "office_id": desk.office.profile.id, "reference": f"N-{uuid4().hex[:6]}",
                "pin_digest": "", "request_key": str(uuid4()), "kind": "complaint", "category": "noise",
                "unit": "roads", "priority": "normal", "state": "received", "description": "Loud", "details": {},
                "language": "en", "channel": "web", "contact_id": contact, "created_at": now, "updated_at": now,
                **columns,
            }
        )  # fmt: skip
        session.add(made)
    return made


async def tell(desk: Desk, to: Account, about: Ticket, kind: Kind = "assigned", event: int = 1) -> None:
    async with desk.session() as session, session.begin():
        await notices.tell(session, [Telling(to.id, about.id, kind, event)])


async def ids(desk: Desk, of: Account) -> list[int]:
    async with desk.session() as session:
        return [one.id for one in await notices.newest(session, of.id)]


async def test_a_notice_is_counted_shown_and_read(desk: Desk) -> None:
    ana = await desk.account(units=["roads"])
    person, about = await desk.signed_in(ana), await ticket(desk)
    assert "count" not in (await person.get("/console/notices/count")).text
    assert "Nothing new" in words(await person.get("/console/notices"))
    await tell(desk, ana, about)
    await tell(desk, ana, about)  # the same line of the history again
    await tell(desk, ana, about, "half", 2)
    assert "2 unread" in words(await person.get("/console/notices/count"))
    shown = await person.get("/console/notices")
    assert words(shown).index(f"{about.reference}: half of the term") < words(shown).index("was given to you")
    assert f'href="/console/tickets/{about.id}"' in shown.text
    newest, first = await ids(desk, ana)
    assert (await person.post(f"/console/notices/{newest}/read")).status_code == 303
    assert "1 unread" in words(await person.get("/console/notices/count"))
    listed = words(await person.get("/console/notices/list"))
    assert listed.index("was given to you") < listed.index("half of the term"), "what is unread stands first"
    await person.post("/console/notices/read")
    assert "unread" not in words(await person.get("/console/notices/count"))
    assert await ids(desk, ana) == [newest, first]


async def test_opening_the_ticket_reads_its_notices(desk: Desk) -> None:
    ana = await desk.account()
    person, about, other = await desk.signed_in(ana), await ticket(desk), await ticket(desk)
    await tell(desk, ana, about)
    await tell(desk, ana, other, event=2)
    assert (await person.get(f"/console/tickets/{about.id}")).status_code == 200
    assert "1 unread" in words(await person.get("/console/notices/count"))


@pytest.mark.parametrize("change", [{"unit": "water"}, {"priority": "restricted", "unit": "water"}])
async def test_what_one_may_not_see_any_more_is_neither_shown_nor_counted(desk: Desk, change: dict[str, str]) -> None:
    ana = await desk.account(units=["roads"])
    person, about = await desk.signed_in(ana), await ticket(desk)
    await tell(desk, ana, about)
    for column, value in change.items():
        await desk.run(f"UPDATE ticket SET {column} = :value WHERE id = :id", value=value, id=about.id)
    assert about.reference not in (await person.get("/console/notices")).text
    assert "unread" not in words(await person.get("/console/notices/count"))


async def test_nobody_reads_another_ones_notices(desk: Desk) -> None:
    ana, ion = await desk.account(), await desk.account(name="Ion")
    other, about = await desk.signed_in(ion), await ticket(desk)
    await tell(desk, ana, about)
    [mine] = await ids(desk, ana)
    assert about.reference not in (await other.get("/console/notices")).text
    assert (await other.post(f"/console/notices/{mine}/read")).status_code == 303
    await other.post("/console/notices/read")
    async with desk.session() as session:
        assert (await session.get_one(Notice, mine)).read_at is None


@pytest.mark.parametrize("language", LANGUAGES)
async def test_notices_are_said_in_the_language_of_the_reader(desk: Desk, language: str) -> None:
    ana = await desk.account()
    person, about = await desk.signed_in(ana), await ticket(desk)
    for place, kind in enumerate(KINDS):
        await tell(desk, ana, about, kind, place)
    await desk.run("UPDATE account SET language = :code WHERE id = :id", code=language, id=ana.id)
    said = words(await person.get("/console/notices"))
    for kind in KINDS:
        assert backend_catalogue().text(f"notices.kind.{kind}", language, reference=about.reference) in said


async def test_a_notice_wakes_the_consoles_of_who_is_told_when_it_is_committed(desk: Desk) -> None:
    ana, about = await desk.account(), await ticket(desk)
    async with listening(desk.settings.database_url, "komshu_desk") as connection:
        await tell(desk, ana, about)
        async for notice in connection.notifies(timeout=10):
            if notice.payload == f"notices:{ana.id}":
                return
    raise AssertionError("nobody was woken")


async def test_old_notices_are_forgotten(desk: Desk) -> None:
    ana, about = await desk.account(), await ticket(desk)
    for event in range(3):
        await tell(desk, ana, about, event=event)
    new, read, old = await ids(desk, ana)
    await desk.run("UPDATE notice SET read_at = now() - interval '91 days' WHERE id = :id", id=read)
    await desk.run("UPDATE notice SET at = now() - interval '2 years' WHERE id = :id", id=old)
    async with desk.session() as session, session.begin():
        assert await notices.purge(session) >= 2
    assert await ids(desk, ana) == [new]


def days(desk: Desk, first: int, last: int) -> dict[str, str]:
    today = utcnow().astimezone(desk.office.profile.zone).date()
    return {"first": str(today + timedelta(days=first)), "last": str(today + timedelta(days=last))}


async def test_an_agent_notes_an_absence_with_a_stand_in_and_comes_back(desk: Desk) -> None:
    ana, ion = await desk.account(), await desk.account(name="Ion Radu")
    person = await desk.signed_in(ana)
    answer = await person.post("/console/profile/absences", {**days(desk, 0, 4), "stand_in": str(ion.id)})
    assert answer.status_code == 303
    page = await person.get("/console/profile")
    assert "Ion Radu stands in" in words(page)
    assert "Away until" in words(page), "the bar says it"
    boss = await desk.somebody("administrator", name="Boss")
    assert "away until" in words(await boss.get("/console/office/accounts"))
    absence = re.search(r"/profile/absences/([0-9a-f-]{36})/end", page.text)
    assert absence
    await person.post(f"/console/profile/absences/{absence[1]}/end")
    assert "Away until" not in words(await person.get("/console/profile"))
    assert [act.action for act in await desk.acts()] == ["account.absence", "account.absence_end"]


@pytest.mark.parametrize(
    "typed",
    [
        {"first": "2020-01-01", "last": "2020-01-02"},
        {"first": "tomorrow", "last": ""},
        {"first": "0001-01-01", "last": "9999-12-31"},
        {"stand_in": "nobody"},
        {"stand_in": str(uuid4())},
    ],
)
@pytest.mark.parametrize("by", ["oneself", "administrator"])
async def test_a_refused_absence_comes_back_with_what_was_typed(desk: Desk, typed: dict[str, str], by: str) -> None:
    ana = await desk.account()
    person: Person = await desk.signed_in(ana) if by == "oneself" else await desk.somebody("administrator")
    path = "/console/profile" if by == "oneself" else f"/console/office/accounts/{ana.id}"
    form = {**days(desk, 1, 2), **typed}
    answer = await person.post(f"{path}/absences", form)
    assert answer.status_code == 422
    assert "This absence cannot be noted" in words(answer)
    assert f'value="{form["first"]}"' in answer.text
    assert await desk.acts() == []


async def test_an_administrator_notes_absences_and_heads(desk: Desk) -> None:
    ana, boss = await desk.account(units=["roads"]), await desk.somebody("administrator", name="Boss")
    path = f"/console/office/accounts/{ana.id}"
    assert (await boss.post(f"{path}/absences", days(desk, 1, 3))).status_code == 303
    assert "Nobody stands in" in words(await boss.get(path))
    facts: dict[str, Any] = {"name": "Ana", "role": "agent", "units": ["roads"], "capacity": "5", "heads": ["water"]}
    assert (await boss.post(path, facts)).status_code == 422
    assert (await boss.post(path, {**facts, "heads": ["roads"]})).status_code == 303
    assert (await desk.fresh(ana)).heads == ["roads"]
    name = desk.office.units["roads"].name["en"]
    assert f"head of {name}" in words(await boss.get("/console/office/accounts"))
    stranger = await desk.somebody("supervisor")
    assert (await stranger.post(f"{path}/absences", days(desk, 5, 6))).status_code == 403


async def test_who_is_away_is_shown_where_tickets_are_passed_on(desk: Desk) -> None:
    ana, ion = await desk.account(name="Ana"), await desk.account(name="Ion Radu")
    person, away = await desk.signed_in(ana), await desk.signed_in(ion)
    await away.post("/console/profile/absences", days(desk, 0, 4))
    about = await ticket(desk, assignee_id=ion.id)
    page = await person.get(f"/console/tickets/{about.id}")
    assert "Ion Radu, away until" in words(page)
    assert "nobody stands in" in words(page)
    other = await ticket(desk)
    shown = await person.get(f"/console/tickets/{other.id}")
    assert re.search(rf'value="{ion.id}" disabled', shown.text)


async def test_what_was_escalated_is_a_list_of_supervisors_and_heads(desk: Desk) -> None:
    about = await ticket(desk, escalated_at=utcnow(), due_at=utcnow() - timedelta(days=3))
    for role, heads, seen in (("supervisor", [], True), ("agent", ["roads"], True), ("agent", [], False)):
        person = await desk.somebody(role, heads=heads)  # type: ignore[arg-type]
        page = await person.get("/console/tickets")
        assert ("view=escalated" in page.text) is seen, (role, heads)
    shown = await person.get("/console/tickets?view=escalated")
    assert about.reference in shown.text
    page = await person.get(f"/console/tickets/{about.id}")
    assert "Overdue, and nobody moved it" in words(page)
    assert UUID(str(about.id))
