"""The gazetteers of the offices: every name is found, in whatever script and spelling."""

from collections import defaultdict
from typing import Dict, Iterator, List, Set

import pytest

from bot.components.augment import without_diacritics
from bot.components.folding import fold
from bot.components.places import places_in, ruler
from bot.components.tokenizer import base_pipeline
from bot.office import place_names


@pytest.fixture(scope="module", params=["timisoara", "macedonia-diaspora"])
def office(request: pytest.FixtureRequest) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("OFFICE", request.param)
        ruler.cache_clear()
        yield request.param
    ruler.cache_clear()


def values(text: str) -> List[str]:
    return [place["value"] for place in places_in(base_pipeline()(text))]


def official_names() -> Dict[str, Set[str]]:
    """Official names by folded way to say them."""
    meant: Dict[str, Set[str]] = defaultdict(set)
    for name, said in place_names():
        meant[" ".join(fold(said).split())].add(name)
    return meant


@pytest.mark.parametrize("office", ["macedonia-diaspora"], indirect=True)
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Дупка на ул. Гоце Делчев бр. 5", "Улица Гоце Делчев 5"),
        ("dupka na ul. Goce Delcev br 5", "Улица Гоце Делчев 5"),
        ("dupka na ulica goce delchev 5", "Улица Гоце Делчев 5"),
        ("goce del4ev 5", "Улица Гоце Делчев 5"),
        ("ul.goce delcev 5", "Улица Гоце Делчев 5"),
        ("Hristo Botev broj 7", "Улица Христо Ботев 7"),
        ("Dimitar Vlahov 3", "Улица Димитар Влахов 3"),
        ("Cvetan Dimov 4", "Улица Цветан Димов 4"),
        ("kaj Gjorce Petrov 8", "Улица Ѓорче Петров 8"),
        ("kaj gorche petrov 8", "Улица Ѓорче Петров 8"),
        ("Dame Gruev 12b", "Улица Даме Груев 12b"),
        ("Страшо Пинџур 2", "Улица Страшо Пинџур 2"),
        ("straso pindzur 2", "Улица Страшо Пинџур 2"),
        ("Орце Николов 22 е темно", "Улица Орце Николов 22"),
    ],
)
def test_macedonian_streets_in_both_scripts(office: str, text: str, value: str) -> None:
    assert values(text) == [value]


def test_every_name_of_the_gazetteer_is_found_however_it_is_typed(office: str) -> None:
    meant = official_names()
    wrong = [
        (typed, values(typed))
        for name, said in place_names()
        for typed in (said, without_diacritics(said), said.upper())
        if len(meant[" ".join(fold(said).split())]) == 1 and values(typed) != [name]
    ]
    assert wrong == []


def test_no_two_places_of_the_gazetteer_share_a_name(office: str) -> None:
    meant = official_names()
    assert {said: names for said, names in meant.items() if len(names) > 1} == {}
