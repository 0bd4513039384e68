"""An office as data."""

from datetime import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from backend.offices.schemas import Area, Gazetteer, Office, Place, Span, TicketKind
from tests.backend.offices.factories import small_office


@pytest.mark.parametrize(
    ("kind", "category", "unit"),
    [
        ("complaint", "noise", "police"),
        ("complaint", None, "desk"),
        ("complaint", "gone", "desk"),
        ("press_enquiry", None, "police"),
        ("praise", None, "desk"),
    ],
)
def test_the_unit_is_that_of_the_category_then_of_the_kind_then_the_desk(
    kind: TicketKind, category: str | None, unit: str
) -> None:
    assert small_office().unit_for(kind, category) == unit


def divided_office() -> Office:
    """Noise in Freidorf is somebody else's; Strada Mică lies there, of Strada Mare nothing is known."""
    office = small_office()
    area = Area(districts=("Freidorf",), categories=("noise",), unit="desk")
    gazetteer = Gazetteer(
        streets=(Place(name="Strada Mare"), Place(name="Strada Mică", aliases=("Str. Mică",), district="Freidorf")),
        districts=(Place(name="Freidorf", aliases=("cartierul Freidorf",)), Place(name="Mehala")),
    )
    categories = office.categories.model_copy(update={"areas": (area,)})
    return office.model_copy(update={"gazetteer": gazetteer, "categories": categories})


@pytest.mark.parametrize(
    ("place", "district", "unit"),
    [
        ("Freidorf", "Freidorf", "desk"),
        ("la școala din cartierul FREIDORF", "Freidorf", "desk"),
        ("Strada Mica 12", "Freidorf", "desk"),
        ("str mica", "Freidorf", "desk"),
        ("Strada Mică 12, Mehala", "Mehala", "police"),
        ("Strada Mare 3", None, "police"),
        ("Freidorfului 3", None, "police"),
        ("", None, "police"),
        (None, None, "police"),
    ],
)
def test_in_some_districts_another_unit_answers(place: str | None, district: str | None, unit: str) -> None:
    office = divided_office()
    assert office.gazetteer.district_of(place) == district
    assert office.unit_for("complaint", "noise", place) == unit
    assert office.unit_for("press_enquiry", None, place) == "police"


@given(st.times(), st.times())
def test_a_span_closes_after_it_opens(opens: time, closes: time) -> None:
    if opens < closes:
        assert Span(opens=opens, closes=closes).closes == closes
    else:
        with pytest.raises(ValidationError, match="closes before it opens"):
            Span(opens=opens, closes=closes)


def test_spans_are_read_as_they_are_written() -> None:
    hours = small_office().profile.hours
    assert hours["monday"] == (
        Span(opens=time(8), closes=time(12)),
        Span(opens=time(13), closes=time(16)),
    )
    assert "sunday" not in hours


def test_an_office_comes_back_from_the_database_as_it_went() -> None:
    office = small_office()
    assert Office.model_validate(office.model_dump(mode="json")) == office


def test_the_zone_is_that_of_its_name() -> None:
    assert small_office(time_zone="Europe/Skopje").profile.zone == ZoneInfo("Europe/Skopje")
