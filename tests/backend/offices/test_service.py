"""Offices loaded, stored and asked."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.languages import LANGUAGES
from backend.offices.errors import OfficeDataError
from backend.offices.models import OfficeRow
from backend.offices.schemas import Glossary, Office
from backend.offices.service import explain, facts, load_office, loaded_office, promise_person
from tests.backend.offices.factories import names, news_topic, parts, small_office, term, written


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
    silent = {"at": None, "when": "", "minutes": None, "ending": "", "local": ""}
    assert promise.model_dump() == {"open_now": False, "phone": "+40 1", **silent}


def test_the_facts_tell_what_to_ask_and_how_things_are_called() -> None:
    told = facts(small_office())
    assert (told.reference_prefix, told.emergency_number) == ("SV", "112")
    assert told.categories["noise"].needs == ("place", "time")
    assert told.categories["noise"].name["mk"] == "Noise (mk)"
    assert told.topics["opening_hours"]["af"] == "Hours (af)"


def office_with(*terms: dict[str, object]) -> Office:
    return small_office().model_copy(update={"glossary": Glossary.model_validate({"terms": list(terms)})})


ASKED = office_with(
    term("EPWP", expansion="Expanded Public Works Programme"),
    term("CİMER"),
    term("ANAF"),
    term("УЈП", expansion="Управа за јавни приходи"),
    term("KVKK"),
    term("VKK"),
    term("CU", "certificat de urbanism"),
    term("public works"),
)


@pytest.mark.parametrize(
    ("text", "acronym"),
    [
        ("what is EPWP?", "EPWP"),
        ("wat beteken epwp", "EPWP"),
        ("What is the expanded public works programme?", "EPWP"),
        ("what are public works", "public works"),
        ("CİMER nedir", "CİMER"),
        ("cimer ne demek", "CİMER"),
        ("CİMER'e nasıl yazarım", "CİMER"),
        ("ce inseamna ANAF", "ANAF"),
        ("ce e A.N.A.F.?", "ANAF"),
        ("ce e A.N.A.F", "ANAF"),
        ("што е УЈП", "УЈП"),
        ("sto e ujp", "УЈП"),
        ("KVKK nedir", "KVKK"),
        ("what is ANAF or EPWP", "EPWP"),
        ("ce e un certificat de urbanism", "CU"),
        ("ce este un CU aici", "CU"),
        ("cu ce inseamna", "CU"),
        ("ce inseamna cu", "CU"),
        ("ma duc cu masina", None),
        ("anafor", None),
        ("what is SASSA", None),
        ("", None),
        ("?", None),
    ],
)
def test_a_question_names_a_term_in_whole_words_however_they_are_spelled_the_longest_first(
    text: str, acronym: str | None
) -> None:
    found = explain(ASKED, text)
    assert (found.acronym if found else None) == acronym


def test_an_office_without_a_glossary_explains_nothing() -> None:
    assert explain(office_with(), "what is EPWP?") is None


async def test_a_stored_office_keeps_its_glossary(session: AsyncSession, tmp_path: Path) -> None:
    await load_office(session, written(tmp_path, parts()), "smallville")
    found = explain(await loaded_office(session, "smallville"), "what is VAT?")
    assert found is not None
    assert found.meaning == names("VAT")


async def test_topics_of_announcements_keep_their_order_in_the_database(session: AsyncSession, tmp_path: Path) -> None:
    content = parts()
    content["announcements"]["topics"] = [news_topic(key) for key in ("zoo", "art", "emergency", "bus")]
    await load_office(session, written(tmp_path, content), "smallville")
    found = (await loaded_office(session, "smallville")).announcement_topics
    assert list(found) == ["zoo", "art", "emergency", "bus"]
    assert found["art"] == names("art")


async def test_an_office_stored_before_there_were_glossaries_is_read(session: AsyncSession, tmp_path: Path) -> None:
    office = small_office()
    await load_office(session, written(tmp_path, parts()), "smallville")
    content = office.model_dump(mode="json", exclude={"glossary", "announcements"})
    await session.execute(update(OfficeRow).where(OfficeRow.id == "smallville").values(content=content))
    stored = await loaded_office(session, "smallville")
    assert (stored.glossary.terms, stored.announcement_topics) == ((), {})
