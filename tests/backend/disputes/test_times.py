"""Times are spoken in the office's zone, and in a party's own where that is another."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from backend.console.tickets.dispute import appointment_of
from backend.core.errors import InvalidRequestError
from backend.disputes.wording import appointment_words, own_time, spoken_zone
from backend.offices.schemas import Office
from backend.tickets.errors import AppointmentTimeError
from backend.tickets.models import Visit
from tests.backend.disputes.factories import CAPE, Town, appointment

NINE = datetime(2027, 1, 18, 9, 0, tzinfo=CAPE)
ZONES = st.sampled_from(["Africa/Johannesburg", "Europe/London", "Australia/Perth", "America/New_York", "Asia/Kolkata"])


def visit(**fields: object) -> Visit:
    return Visit(**{"at": NINE, "minutes": 60, "who": "Lerato Nkosi", "place": "Waalstraat 27", "note": "", **fields})


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "Monday, 18 January, 09:00 (Johannesburg time)"),
        ("af", "Maandag 18 Januarie, 09:00 (tyd in Johannesburg)"),
        ("ro", "luni, 18 ianuarie, 09:00 (ora din Johannesburg)"),
        ("tr", "Pazartesi, 18 Ocak, 09:00 (Johannesburg saatiyle)"),
        ("mk", "18 јануари, 09:00 (време во Јоханесбург)"),
    ],
)
def test_an_appointment_is_said_in_office_time_with_its_zone(office: Office, language: str, says: str) -> None:
    said = appointment_words(office, visit(), language, CAPE)
    assert says.lower().replace(", ", " ") in said.lower().replace(", ", " ")
    assert "Waalstraat 27" in said


@pytest.mark.parametrize(
    ("zone", "own"), [("Europe/London", "07:00"), ("Australia/Perth", "15:00"), ("Africa/Maputo", ""), ("UTC", "07:00")]
)
def test_who_lives_by_another_clock_reads_their_own_time_too(office: Office, zone: str, own: str) -> None:
    assert (own in own_time(NINE, CAPE, ZoneInfo(zone), "en")) is True
    assert bool(own_time(NINE, CAPE, ZoneInfo(zone), "en")) is bool(own)


@given(moment=st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), office=ZONES, own=ZONES)
def test_own_time_is_said_exactly_when_the_clocks_differ(moment: datetime, office: str, own: str) -> None:
    differ = moment.astimezone(ZoneInfo(office)).utcoffset() != moment.astimezone(ZoneInfo(own)).utcoffset()
    assert bool(own_time(moment, ZoneInfo(office), ZoneInfo(own), "en")) is differ


def test_by_telephone_the_number_is_said_instead_of_a_place(office: Office) -> None:
    said = appointment_words(office, visit(phone="+27 21 483 0611"), "af", CAPE)
    assert "per telefoon, +27 21 483 0611" in said
    assert "Waalstraat" not in said


def test_a_zone_is_named_by_its_city() -> None:
    assert spoken_zone(NINE, "en") == "Johannesburg"


def form(at: str, **fields: str) -> dict[str, str]:
    return {"at": at, "minutes": "60", "who": "Ana", "place": "", "phone": "", "note": "", **fields}


@pytest.mark.parametrize(
    ("zone", "at", "error"),
    [
        ("Europe/Bucharest", "2027-03-28T03:30", AppointmentTimeError),
        ("Africa/Johannesburg", "2027-03-28T03:30", None),
        ("Europe/Bucharest", "2027-10-31T03:30", None),
        ("Europe/Bucharest", "tomorrow", InvalidRequestError),
        ("Europe/Bucharest", "2027-13-01T10:00", InvalidRequestError),
    ],
)
def test_a_form_names_a_time_the_clock_shows(office: Office, zone: str, at: str, error: type[Exception] | None) -> None:
    there = office.model_copy(update={"profile": office.profile.model_copy(update={"time_zone": zone})})
    if error:
        with pytest.raises(error):
            appointment_of(there, form(at))
        return
    new = appointment_of(there, form(at))
    assert new
    assert new.at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M") == at


@pytest.mark.parametrize("wrong", [{"minutes": "5"}, {"minutes": "x"}, {"who": ""}, {"minutes": "9999"}])
def test_a_form_of_another_kind_is_refused(office: Office, wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidRequestError):
        appointment_of(office, form("2027-03-01T10:00", **wrong))


def test_a_form_without_a_time_names_no_appointment(office: Office) -> None:
    assert appointment_of(office, form(" ")) is None


async def test_a_party_abroad_is_told_in_both_times(town: Town) -> None:
    agent = await town.agent()
    ticket = await town.registered(agent, phone="+905321234567")
    await town.goes(agent, ticket, "inspection", appointment=appointment(at=time(10)))
    await town.tells()
    sms = (await town.texted("+905321234567"))[-1]
    assert "10:00 (tyd in Johannesburg)" in sms
    assert "In u eie tyd: " in sms
    assert "11:00" in sms
