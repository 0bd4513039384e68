"""Offices loaded, stored and asked."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.languages import LANGUAGES
from backend.offices.errors import OfficeDataError
from backend.offices.service import facts, load_office, loaded_office, promise_person
from tests.backend.offices.factories import parts, small_office, written


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=small_office().profile.zone)


async def test_a_loaded_office_is_stored_and_loading_again_replaces_it(session: AsyncSession, tmp_path: Path) -> None:
    await load_office(session, written(tmp_path, parts()), "smallville")
    assert await loaded_office(session, "smallville") == small_office()
    await load_office(session, written(tmp_path, parts(phone="+40 9")), "smallville")
    assert (await loaded_office(session, "smallville")).profile.phone == "+40 9"


async def test_a_broken_office_leaves_the_stored_one_as_it_was(session: AsyncSession, tmp_path: Path) -> None:
    await load_office(session, written(tmp_path, parts()), "smallville")
    with pytest.raises(OfficeDataError):
        await load_office(session, written(tmp_path, parts(country="Romania")), "smallville")
    assert await loaded_office(session, "smallville") == small_office()


async def test_an_office_never_loaded_is_told_how_to_load(session: AsyncSession) -> None:
    with pytest.raises(LookupError, match="komshu office load metropolis"):
        await loaded_office(session, "metropolis")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_open_desk_promises_minutes_and_a_closed_one_the_next_opening(language: str) -> None:
    office = small_office()
    open_now = promise_person(office, at("2026-11-23 09:00"), language)
    assert (open_now.open_now, open_now.minutes, open_now.phone) == (True, 10, "+40 1")
    closed = promise_person(office, at("2026-11-24 17:00"), language)
    assert (closed.open_now, closed.minutes, closed.at) == (False, None, at("2026-11-26 08:00"))
    assert "26" in closed.when
    assert "08:00" in closed.when


def test_a_desk_that_never_opens_promises_nothing_but_the_phone() -> None:
    promise = promise_person(small_office(hours={}), at("2026-11-23 09:00"), "en")
    assert promise.model_dump() == {"open_now": False, "at": None, "when": "", "minutes": None, "phone": "+40 1"}


def test_the_facts_tell_what_to_ask_and_how_things_are_called() -> None:
    told = facts(small_office())
    assert (told.reference_prefix, told.emergency_number) == ("SV", "112")
    assert told.categories["noise"].needs == ("place", "time")
    assert told.categories["noise"].name["mk"] == "Noise (mk)"
    assert told.topics["opening_hours"]["af"] == "Hours (af)"
