"""What is asked only of a dispute, in five languages, and answers to appointments."""

import pytest

from actions import dispute
from actions.client import DisputeFacts, OfficeFacts
from actions.dispute_words import role_in, topic_in
from actions.heard import Heard
from actions.report_draft import Draft, answered, next_step, opened

LANGUAGES = ("en", "tr", "ro", "mk", "af")
FACTS = DisputeFacts(
    topics={key: dict.fromkeys(LANGUAGES, key.title()) for key in ("deposit", "repairs", "other")},
    papers=dict.fromkeys(LANGUAGES, "the lease"),
    roles={key: dict.fromkeys(LANGUAGES, key.title()) for key in ("tenant", "landlord")},
)
OFFICE = OfficeFacts(reference_prefix="WC", emergency_number="112", phone="1", categories={}, topics={}, disputes=FACTS)
PLAIN = OFFICE.model_copy(update={"disputes": None})
FIRST = "die eienaar weier om my deposito terug te betaal"


def heard(text: str = "", intent: str = "inform", **entities: str) -> Heard:
    return Heard(text=text, intent=intent, labels=(), entities=entities, language="af")


def steps(office: OfficeFacts, *messages: Heard) -> list[str]:
    """What is asked after each message of a dispute."""
    draft, asked = opened(heard(FIRST, "housing_dispute")), []
    for message in (None, *messages):
        draft = answered(draft, asked[-1], message) if message and asked else draft
        asked.append(next_step(draft, office))
    return asked


def test_a_dispute_asks_in_turn_for_what_it_needs_and_not_for_what_was_said() -> None:
    told = (heard("Langstraat 5"), heard("huurder"), heard("Piet van Wyk"), heard("082 123 4567"))
    assert steps(OFFICE, *told)[:4] == ["place", "dispute_role", "other_party", "other_contact"]
    assert steps(OFFICE, *told)[4] not in dispute.STEPS


def test_where_disputes_go_no_steps_nothing_more_is_asked() -> None:
    assert steps(PLAIN)[0] not in ("place", *dispute.STEPS)


def test_no_other_kind_is_asked_any_of_it() -> None:
    draft = Draft(kind="complaint", description="x", category="noise", place="here")
    assert next_step(draft, OFFICE) not in dispute.STEPS


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("I am the tenant", "tenant"),
        ("ek is die huurder", "tenant"),
        ("ben kiracıyım", "tenant"),
        ("sunt chiriaș", "tenant"),
        ("јас сум закупец", "tenant"),
        ("the landlord", "landlord"),
        ("verhuurder", "landlord"),
        ("ev sahibiyim", "landlord"),
        ("sunt proprietarul", "landlord"),
        ("sopstvenik sum", "landlord"),
        ("the landlord or the tenant", None),
        ("yes", None),
        ("", None),
    ],
)
def test_who_one_is_in_words(text: str, role: str | None) -> None:
    assert role_in(text) == role


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("he keeps my deposit", "deposit"),
        ("garanția nu a fost restituită", "deposit"),
        ("депозитот не ми го врати", "deposit"),
        ("çatı akıyor, onarım yapmıyor", "repairs"),
        ("die verhuurder wil my uitsit", "eviction"),
        ("kira zammı çok yüksek", "rent_increase"),
        ("they raised the rent", "rent_increase"),
        ("no water and my deposit is gone", None),
        ("hello", None),
    ],
)
def test_what_it_is_about_in_words(text: str, topic: str | None) -> None:
    assert topic_in(text) == topic


@pytest.mark.parametrize(
    ("step", "message", "value"),
    [
        ("dispute_role", heard(dispute_role="landlord"), "landlord"),
        ("dispute_role", heard("maybe"), None),
        ("dispute_topic", heard(dispute_topic="repairs"), "repairs"),
        ("dispute_topic", heard("the neighbour sings"), "other"),
        ("dispute_topic", heard(), None),
        ("other_party", heard("  Piet \n van Wyk "), "Piet van Wyk"),
        ("other_party", heard("?"), None),
        ("other_contact", heard("082 123 4567"), "082 123 4567"),
        ("other_contact", heard(other_contact="unknown"), dispute.UNKNOWN),
        ("other_contact", heard("nee", "deny"), dispute.UNKNOWN),
        ("other_contact", heard("-"), None),
    ],
)
def test_an_answer_is_kept_or_asked_again(step: str, message: Heard, value: str | None) -> None:
    assert dispute.answered({}, step, message) == ({step: value} if value else {})


def test_the_summary_says_it_in_words_and_leaves_out_what_is_not_known() -> None:
    details = {"dispute_role": "tenant", "dispute_topic": "deposit", "other_party": "Piet", "other_contact": "–"}
    said = dispute.summary(details, OFFICE, "en")
    assert said == {"role": "Tenant", "matter": "Deposit", "other": "Piet", "other_contact": ""}
    assert set(dispute.summary({}, PLAIN, "en").values()) == {""}


def test_buttons_are_offered_where_there_is_a_choice() -> None:
    assert [one["payload"] for one in dispute.buttons("dispute_role", OFFICE, "en")] == [
        '/inform{"dispute_role": "tenant"}',
        '/inform{"dispute_role": "landlord"}',
    ]
    assert dispute.buttons("other_party", OFFICE, "en") == []
    assert dispute.buttons("dispute_role", PLAIN, "en") == []


@pytest.mark.parametrize("appointment", ["1", "x", "", "99999999999999"])
async def test_an_appointment_that_is_not_ones_own_is_told_nothing_of(desk, appointment: str) -> None:  # type: ignore[no-untyped-def]
    visitor = await desk.visitor("en")
    ran = await visitor.says(
        "action_answer_appointment", intent="answer_appointment", appointment=appointment, comes="yes"
    )
    assert ran.said == ["utter_appointment_over"]
