"""A due date in plain words, in five languages."""

import re
from datetime import date
from typing import get_args

import pytest

from backend.clocks.schemas import (
    Act,
    Channel,
    Completion,
    Due,
    Event,
    Interruption,
    Need,
    NeedKind,
    Option,
    State,
    Step,
    StepKind,
)
from backend.clocks.service import explain
from backend.core.catalogue import backend_catalogue
from backend.core.languages import LANGUAGES
from tests.backend.clocks.factories import at, due_of

HAND = {
    "en": (
        "Received on Tuesday 27 October 2026. Day 1 is Wednesday 28 October. "
        "Wednesday 28 October (Republic Day (from 1pm)) counts as a working day. "
        "Thursday 29 October (Republic Day) does not count."
    ),
    "tr": (
        "Alındığı gün: 27 Ekim 2026 Salı. 1. gün: 28 Ekim Çarşamba. "
        "İş günü sayılan yarım gün: 28 Ekim Çarşamba (Cumhuriyet Bayramı (saat 13.00'ten)). "
        "Sayılmayan gün: 29 Ekim Perşembe (Cumhuriyet Bayramı)."
    ),
    "ro": (
        "Înregistrată: marți, 27 octombrie 2026. Ziua 1: miercuri, 28 octombrie. "
        "Se socotește ca zi lucrătoare: miercuri, 28 octombrie (Cumhuriyet Bayramı (saat 13.00'ten)). "
        "Nu se socotește: joi, 29 octombrie (Cumhuriyet Bayramı)."
    ),
    "mk": (
        "Примено: вторник, 27 октомври 2026. Ден 1: среда, 28 октомври. "
        "Се смета како работен ден: среда, 28 октомври (Cumhuriyet Bayramı (saat 13.00'ten)). "
        "Не се смета: четврток, 29 октомври (Cumhuriyet Bayramı)."
    ),
    "af": (
        "Ontvang op Dinsdag 27 Oktober 2026. Dag 1 is Woensdag 28 Oktober. "
        "Woensdag 28 Oktober (Cumhuriyet Bayramı (saat 13.00'ten)) tel as ’n werksdag. "
        "Donderdag 29 Oktober (Cumhuriyet Bayramı) tel nie."
    ),
}
DAY = date(2026, 12, 1)
LAST = date(2026, 12, 4)


@pytest.mark.parametrize("language", LANGUAGES)
def test_republic_day_in_every_language(language: str) -> None:
    assert explain(due_of("tr-foi", "2026-10-27"), language).startswith(HAND[language])


def every_step() -> list[Step]:
    """Each step there can be, with and without an end, for each reason."""
    plain = [kind for kind in get_args(StepKind) if kind not in {"left_out", "rolled"}]
    steps = [Step(kind=kind, day=DAY, until=until, count=3) for kind in plain for until in (None, LAST)]
    off = [("left_out", "holiday"), ("left_out", "day_off")] + [
        ("rolled", r) for r in ("holiday", "weekend", "day_off")
    ]
    return steps + [Step.model_validate({"kind": kind, "day": DAY, "reason": reason}) for kind, reason in off]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_state_and_act_has_its_sentence(language: str) -> None:
    whole = due_of("ro-foi", "2026-11-27")
    options = tuple(Option(act=act, until=until) for act in get_args(Act) for until in (None, LAST))
    for state in get_args(State):
        due = whole.model_copy(update={"state": state, "steps": tuple(every_step()), "options": options})
        told = explain(due, language)
        assert "clocks." not in told
        assert not re.search(r"[{}]|None", told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_requirement_has_words(language: str) -> None:
    kinds = (*get_args(NeedKind), "not_accepted_by", "only_accepted_by")
    needed = {f"clocks.need.{need}" for need in (*get_args(Need), *get_args(Channel))}
    assert needed | {f"clocks.requirement.{kind}" for kind in kinds} <= backend_catalogue().keys(language)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Interruption(at=at("2026-11-10", "TR")), "op die laatste tot Dinsdag 1 Desember; hierdie dae tel nie."),
        (Completion(at=at("2026-11-10", "TR")), "Wat op Dinsdag 10 November aangeteken is, verander nie"),
    ],
)
def test_what_happened_is_told(event: Event, words: str) -> None:
    assert words in explain(due_of("tr-foi", "2026-10-27", event, now="2026-11-12"), "af")


def test_the_year_is_told_where_it_may_be_another() -> None:
    told = explain(due_of("mk-foi", "2026-12-30"), "en")
    assert "Received on Wednesday 30 December 2026." in told
    assert told.endswith("Tuesday 19 January 2027.")


def test_a_due_of_another_country_is_told_in_any_language() -> None:
    found: Due = due_of("za-foi", "2026-11-25")
    assert "sărbătoare legală: vineri, 25 decembrie (Christmas Day)" in explain(found, "ro")
