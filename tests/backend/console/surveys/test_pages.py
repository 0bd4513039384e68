"""Satisfaction by unit: who sees it, what it says, where its numbers lead."""

import csv
import io
import re
from datetime import timedelta

import pytest

from backend.console.surveys.view import stretch
from backend.core.database import utcnow
from backend.core.languages import LANGUAGES
from backend.offices.schemas import Office
from tests.backend.console.people import Desk
from tests.backend.console.surveys.conftest import Answers

PATH = "/console/office/surveys"
TAGS = re.compile(r"<[^>]+>")


def words(page: str) -> str:
    return " ".join(TAGS.sub(" ", page).split())


@pytest.mark.parametrize("role", ["agent", "reader"])
@pytest.mark.parametrize("path", ["", "/csv", "/answers"])
async def test_only_who_directs_sees_it(desk: Desk, role: str, path: str) -> None:
    person = await desk.somebody(role)  # type: ignore[arg-type]
    assert (await person.get(PATH + path)).status_code == 403


@pytest.mark.parametrize("language", LANGUAGES)
async def test_units_stand_against_the_target_in_every_language(desk: Desk, answers: Answers, language: str) -> None:
    await answers.some()
    person = await desk.somebody("supervisor", language=language)
    page = (await person.get(PATH)).text
    for unit in ("environment", "roads"):
        assert desk.office.units[unit].name[language] in page
    assert "surveys." not in words(page)
    assert page.count('class="share"') == 3, "both units and all together"
    assert 'style="' not in page


async def test_few_answers_get_no_verdict(desk: Desk, answers: Answers) -> None:
    await answers.some()
    person = await desk.somebody("supervisor", language="en")
    said = words((await person.get(PATH)).text)
    roads = desk.office.units["roads"].name["en"]
    row = said[said.rindex(roads) :][:200]
    assert "4 2 50% 1 1 50% 9% – 91% 1 too few answers to say" in row
    assert "100% (82% – 100%) · above the target" in said


async def test_each_number_opens_its_tickets(desk: Desk, answers: Answers) -> None:
    ticket_id, reference = await answers.add("roads", 2, words="It took a year.")
    await answers.add("roads", 5)
    person = await desk.somebody("supervisor", language="en")
    page = (await person.get(PATH)).text
    link = re.search(r'href="([^"]+group=dissatisfied[^"]+unit=roads[^"]*)"', page)
    assert link is not None
    shown = (await person.get(link[1].replace("&amp;", "&"))).text
    assert f'href="/console/tickets/{ticket_id}"' in shown
    assert shown.count("/console/tickets/") == 1
    assert "It took a year." in shown
    assert reference in shown


async def test_restricted_tickets_are_counted_and_not_shown(desk: Desk, answers: Answers) -> None:
    restricted = next(name for name, one in desk.office.categories.categories.items() if one.priority == "restricted")
    _, reference = await answers.add("roads", 1, category=restricted, words="secret words")
    person = await desk.somebody("supervisor", language="en")
    shown = (await person.get(f"{PATH}/answers?group=answered")).text
    assert reference not in shown
    assert "secret words" not in shown
    assert "Tickets you may not see: 1" in shown


async def test_the_table_can_be_taken_along(desk: Desk, answers: Answers) -> None:
    await answers.some()
    person = await desk.somebody("supervisor", language="tr")
    answer = await person.get(f"{PATH}/csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = {row["unit"]: row for row in csv.DictReader(io.StringIO(answer.text))}
    assert rows.keys() == {"environment", "roads"}
    roads = rows["roads"]
    assert (roads["asked"], roads["answered"], roads["share"], roads["verdict"]) == ("4", "2", "0.5000", "too_few")
    assert (roads["low"], roads["high"], roads["target"]) == ("0.0945", "0.9055", "0.8")


async def test_nothing_asked_is_said(desk: Desk) -> None:
    person = await desk.somebody("supervisor", language="en")
    assert "Nobody was asked in these days." in (await person.get(PATH)).text


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        ("2026-01-01", "2026-01-31", 30),
        ("2026-01-31", "2026-01-01", 30),
        ("x", "2026-04-01", 90),
        ("", "9999-99-99", 90),
    ],
)
def test_days_that_cannot_be_read_are_the_last_ninety(office: Office, since: str, until: str, days: int) -> None:
    found = stretch(office, since, until)
    assert found.last - found.first == timedelta(days=days)
    first, after = found.moments(office)
    assert (after.date() - first.date()).days == days + 1


def test_without_days_it_is_up_to_today(office: Office) -> None:
    assert stretch(office, "", "").last == utcnow().astimezone(office.profile.zone).date()
