"""Places of the gazetteer with their house numbers, as people type them."""

from typing import Any, Dict, Iterator, List

import pytest
from bot_factories import message
from hypothesis import given, strategies as st

from bot.components.places import PlaceExtractor, places_in, ruler
from bot.components.tokenizer import DOC, base_pipeline


@pytest.fixture(autouse=True, scope="module")
def _own_ruler() -> Iterator[None]:
    ruler.cache_clear()
    yield
    ruler.cache_clear()


def found(text: str) -> List[Dict[str, Any]]:
    return places_in(base_pipeline()(text))


def values(text: str) -> List[str]:
    return [place["value"] for place in found(text)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("groapă pe Strada Mărășești nr. 12", "Strada Mărășești nr. 12"),
        ("groapă pe str. Mărășești, nr. 12, bl. 4", "str. Mărășești, nr. 12"),
        ("groapa pe marasesti 12", "marasesti 12"),
        ("MARASESTI NR 12 STINS", "MARASESTI NR 12"),
        ("la mărășești nr12 nu e lumină", "mărășești nr12"),
        ("pe Mărăşeşti nr.12", "Mărăşeşti nr.12"),
        ("pe Mărășești la numărul 12", "Mărășești la numărul 12"),
        ("Mărășești numarul 12", "Mărășești numarul 12"),
        ("str.marasesti nr.12", "str.marasesti nr.12"),
        ("12 Marasesti street has no light", "12 Marasesti"),
        ("no light at Marasesti no. 12", "Marasesti no. 12"),
        ("Mărășești number 12 is dark", "Mărășești number 12"),
        ("Mărășești No:12'de lamba yanmıyor", "Mărășești No:12"),
        ("Mărășești'nde 12 numara", "Mărășești'nde 12"),
        ("Mărășești’ndeki 12 numara", "Mărășești’ndeki 12"),
        ("Mărășești numara 12", "Mărășești numara 12"),
        ("Mărășești Caddesi No 12", "Mărășești Caddesi No 12"),
        ("кај Марашешти бр. 12", "Марашешти бр. 12"),
        ("на Марашешти број 12 е темно", "Марашешти број 12"),
        ("kaj marasesti br 12", "marasesti br 12"),
        ("na marashesti broj 12 nema svetlo", "marashesti broj 12"),
        ("na mara6e6ti 12", "mara6e6ti 12"),
        ("by Mărășești nommer 12", "Mărășești nommer 12"),
        ("die lig by Marasesti 12 is af", "Marasesti 12"),
        ("Mărășești 12/3", "Mărășești 12"),
    ],
)
def test_a_street_with_its_number(text: str, said: str) -> None:
    (place,) = found(text)
    assert place["value"] == "Strada Mărășești 12"
    assert text[place["start"] : place["end"]] == said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Mărășești 12a", "Strada Mărășești 12a"),
        ("Mărășești nr. 12B, scara 2", "Strada Mărășești 12B"),
        ("Mărășești 12 A", "Strada Mărășești 12A"),
        ("Mărășești nr. 12 b, scara 2", "Strada Mărășești 12b"),
        ("ул. Марашешти 12б", "Strada Mărășești 12б"),
        ("12a Mărășești", "Strada Mărășești 12a"),
    ],
)
def test_a_number_may_carry_a_letter(text: str, value: str) -> None:
    assert values(text) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "at Mărășești 12 a pipe burst",
        "pe Mărășești 12 e o groapă",
        "pe Mărășești 12 a căzut un copac",
        "Mărășești 12 o țeavă spartă",
        "кај Марашешти 12 е темно",
        "кај Марашешти 12 и уличното светло",
    ],
)
def test_a_word_of_one_letter_is_no_part_of_the_number(text: str) -> None:
    assert values(text) == ["Strada Mărășești 12"]


@pytest.mark.parametrize(
    "text",
    [
        "pe Strada Mărășești",
        "pe Mărășești de 3 zile nu e lumină",
        "Mărășești 123456",
        "on Mărășești since 9 o'clock",
        "op Mărășești vir 3 dae",
        "на Марашешти веќе 3 дена",
    ],
)
def test_other_numbers_are_no_house_numbers(text: str) -> None:
    assert values(text) == ["Strada Mărășești"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Calea Martirilor 1989 nr 5", "Calea Martirilor 1989 5"),
        ("Calea Martirilor nr. 5", "Calea Martirilor 1989 5"),
        ("Bulevardul 3 August 1919 nr. 7", "Bulevardul 3 August 1919 7"),
        ("Bd. C.D. Loga 1", "Bulevardul Corneliu Diaconovici Loga 1"),
        ("bulevardul loga", "Bulevardul Corneliu Diaconovici Loga"),
    ],
)
def test_a_number_of_the_name_is_not_the_house_number(text: str, value: str) -> None:
    assert values(text) == [value]


@pytest.mark.parametrize(
    "text",
    ["", "   ", "12", "street", "улица", "sokak", "strada", "hello", "nr. 12", "the light is out", "groapă", "🕳️"],
)
def test_no_place_is_made_up(text: str) -> None:
    assert found(text) == []


def test_several_places_are_found_in_order() -> None:
    assert values("între Mărășești 3 și Mihai Viteazu 12") == ["Strada Mărășești 3", "Bulevardul Mihai Viteazu 12"]


@given(st.text(max_size=30), st.text(max_size=30))
def test_offsets_always_cover_the_name_whatever_stands_around(before: str, after: str) -> None:
    text = f"{before} Mărășești {after}"
    for place in found(text):
        assert 0 <= place["start"] < place["end"] <= len(text)
        assert place["value"].strip() == place["value"]
    assert any("Mărășești" in text[place["start"] : place["end"]] for place in found(text))


@pytest.mark.parametrize("text", ["/report", '/inform{"category": "pothole_road"} Mărășești 12'])
def test_payloads_are_left_alone(text: str) -> None:
    heard = message(text)
    heard.set(DOC, base_pipeline()(text))
    PlaceExtractor({}).process([heard])
    assert heard.get("entities", []) == []


def test_places_are_added_to_the_entities_that_are_there() -> None:
    heard = message("Mărășești 12", entities=[{"entity": "language", "value": "ro"}])
    heard.set(DOC, base_pipeline()("Mărășești 12"))
    PlaceExtractor({}).process([heard])
    assert [(e["entity"], e["value"], e.get("extractor")) for e in heard.get("entities")] == [
        ("language", "ro", None),
        ("place", "Strada Mărășești 12", "PlaceExtractor"),
    ]
    assert "entities" in heard.output_properties
