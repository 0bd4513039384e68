"""References that people say, hear and type."""

from collections.abc import Callable

import pytest
from hypothesis import assume, given, strategies as st

from backend.tickets.reference import (
    ALPHABET,
    CYRILLIC,
    RANDOM_SIGNS,
    check_sign,
    find_reference,
    mentions_reference,
    new_reference,
    written,
)

LOOK_ALIKES = {latin: chr(cyrillic) for cyrillic, latin in CYRILLIC.items()}
SIGNS = RANDOM_SIGNS + 1
prefixes = st.sampled_from(["TM", "MK", "KMH"])
bodies = st.text(ALPHABET, min_size=RANDOM_SIGNS, max_size=RANDOM_SIGNS).map(lambda body: body + check_sign(body))
look_alikes = st.sets(st.sampled_from(sorted(LOOK_ALIKES)))
cases = st.sampled_from([str.upper, str.lower, str.title])
gaps = st.lists(st.sampled_from(["", " ", "-", "–", ".", " - ", "  "]), min_size=SIGNS, max_size=SIGNS)


def test_no_sign_of_the_alphabet_looks_like_another() -> None:
    assert len(set(ALPHABET)) == 23
    assert not set(ALPHABET) & set("0O1IL2Z5SBQUV")


@given(prefixes)
def test_a_new_reference_is_found_as_it_is_written(prefix: str) -> None:
    reference = new_reference(prefix)
    assert find_reference(reference, prefix) == reference
    assert reference == written(prefix, reference.replace("-", "")[len(prefix) :])


def test_new_references_differ() -> None:
    assert len({new_reference("TM") for _ in range(200)}) >= 199


@given(bodies, st.integers(0, SIGNS - 1), st.sampled_from(ALPHABET))
def test_a_single_wrong_sign_is_always_caught(body: str, place: int, sign: str) -> None:
    assume(body[place] != sign)
    wrong = body[:place] + sign + body[place + 1 :]
    assert find_reference(written("TM", wrong), "TM") is None
    assert mentions_reference(written("TM", wrong), "TM")


@given(bodies, st.integers(0, SIGNS - 1), st.integers(0, SIGNS - 1))
def test_two_swapped_signs_are_always_caught(body: str, one: int, other: int) -> None:
    assume(body[one] != body[other])
    signs = list(body)
    signs[one], signs[other] = signs[other], signs[one]
    assert find_reference(written("TM", "".join(signs)), "TM") is None


@given(bodies, st.integers(0, SIGNS - 1))
def test_a_sign_too_few_or_too_many_is_no_reference(body: str, place: int) -> None:
    for wrong in (body[:place] + body[place + 1 :], body[:place] + "4" + body[place:]):
        assert find_reference(f"TM-{wrong}", "TM") is None


@given(
    prefixes, bodies, cases, gaps, st.sets(st.sampled_from(sorted(LOOK_ALIKES))), st.sampled_from(["", "nr. ", "моја "])
)
def test_a_reference_is_found_in_any_case_spacing_and_script(
    prefix: str, body: str, case: Callable[[str], str], between: list[str], cyrillic: set[str], before: str
) -> None:
    spaced = prefix + "".join(gap + sign for gap, sign in zip(between, body, strict=True))
    said = case("".join(LOOK_ALIKES[sign] if sign in cyrillic else sign for sign in spaced))
    assert find_reference(f"{before}{said}, please", prefix) == written(prefix, body)


@pytest.mark.parametrize(("cyrillic", "latin"), list(zip("АСЕНЈКМРТХУ", "ACEHJKMPTXY", strict=True)))
def test_every_cyrillic_letter_that_looks_like_a_sign_is_read_as_it(cyrillic: str, latin: str) -> None:
    body = latin + "3467"
    reference = written("TM", body + check_sign(body))
    assert find_reference(reference.replace(latin, cyrillic), "TM") == reference


@pytest.mark.parametrize(
    "text",
    [
        "",
        "what happened to my report?",
        "TM",
        "TM-",
        "XTM-346-789",
        "MK-" + written("", "34678" + check_sign("34678")),
        "TM-OOO-III",
        "atm machine is broken",
    ],
)
def test_what_is_no_reference_of_this_office_is_not_found(text: str) -> None:
    assert find_reference(text, "TM") is None


def test_the_first_right_reference_counts() -> None:
    wrong, first, second = "TM-333-334", new_reference("TM"), new_reference("TM")
    assert find_reference(f"{wrong} or {first} or {second}", "TM") == first


@pytest.mark.parametrize("text", ["TM-OOO-III", "tm 123", "ТМ-АВС", "about TM.4F7.KPX"])
def test_a_mistyped_reference_is_taken_for_one(text: str) -> None:
    assert mentions_reference(text, "TM")


@pytest.mark.parametrize("text", ["", "my report", "TM", "atm 123", "the item 123", "Timișoara 123"])
def test_other_words_are_not_taken_for_a_reference(text: str) -> None:
    assert not mentions_reference(text, "TM")


@given(st.text())
def test_whatever_is_written_can_be_searched(text: str) -> None:
    found = find_reference(text, "TM")
    assert found is None or mentions_reference(text, "TM")
