"""The training examples: every label in every language, enough of each, none twice."""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Dict, FrozenSet, Iterator, List, Set, Tuple

import pytest
from bot_factories import LANGUAGES, ROOT, labelled_examples, read_yaml

from bot.components.folding import fold

NLU = ROOT / "data" / "nlu"
ENOUGH = 50
FORBIDDEN = re.compile(r"[/\[\]{}<>|\\]")
TAXONOMY = read_yaml(ROOT / "data" / "taxonomy.yml")
CYRILLIC = re.compile(r"[а-шѓѕјљњќџ]", re.I)

EXAMPLES: Dict[str, Dict[str, List[str]]] = {code: dict(labelled_examples(NLU / code)) for code in LANGUAGES}
LABELS = sorted({label for found in EXAMPLES.values() for label in found})


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_label_has_enough_examples(language: str) -> None:
    counts = {label: len(EXAMPLES[language].get(label, [])) for label in LABELS}
    assert {label: count for label, count in counts.items() if count < ENOUGH} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_label_is_begun_twice(language: str) -> None:
    begun = [label for label, _ in labelled_examples(NLU / language)]
    assert sorted(begun) == sorted(set(begun))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_example_stands_under_two_labels(language: str) -> None:
    labels: Dict[str, Set[str]] = defaultdict(set)
    for label, examples in EXAMPLES[language].items():
        for example in examples:
            labels[" ".join(fold(example).split()).strip(" .!?")].add(label)
    assert {example: found for example, found in labels.items() if len(found) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_example_stands_twice(language: str) -> None:
    twice = {
        (label, example)
        for label, examples in EXAMPLES[language].items()
        for example in examples
        if [other.strip().casefold() for other in examples].count(example.strip().casefold()) > 1
    }
    assert twice == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_hold_nothing_rasa_reads_as_markup(language: str) -> None:
    examples = [example for found in EXAMPLES[language].values() for example in found]
    assert [example for example in examples if FORBIDDEN.search(example)] == []
    assert [example for example in examples if example != example.strip() or not example] == []


@pytest.mark.parametrize("path", sorted(NLU.glob("*/*.yml")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_block_is_marked_with_its_language(path: Path) -> None:
    content = read_yaml(path)
    assert content["version"] == "3.1"
    assert {block["metadata"]["language"] for block in content["nlu"]} == {path.parent.name}
    assert all(line.startswith("- ") for block in content["nlu"] for line in block["examples"].splitlines())


def test_languages_have_the_same_files() -> None:
    files = {code: sorted(path.name for path in (NLU / code).glob("*.yml")) for code in LANGUAGES}
    assert len(set(map(tuple, files.values()))) == 1
    assert sorted(path.name for path in NLU.iterdir()) == sorted(LANGUAGES)


@pytest.mark.parametrize(("base", "group"), [("faq", "topics"), ("report", "categories")])
def test_topics_and_categories_are_those_of_the_taxonomy(base: str, group: str) -> None:
    assert {label.split("/")[1] for label in LABELS if label.startswith(f"{base}/")} == set(TAXONOMY[group])
    assert [
        key for key, names in TAXONOMY[group].items() if set(names) != set(LANGUAGES) or not all(names.values())
    ] == []


def test_macedonian_is_taught_in_both_scripts() -> None:
    scripts = {label: [bool(CYRILLIC.search(text)) for text in examples] for label, examples in EXAMPLES["mk"].items()}
    assert [label for label, cyrillic in scripts.items() if all(cyrillic) or not any(cyrillic)] == []


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "mk"])
def test_other_languages_are_taught_in_latin_letters_but_for_the_name_of_a_language(language: str) -> None:
    others = {label: examples for label, examples in EXAMPLES[language].items() if label != "change_language"}
    assert [text for examples in others.values() for text in examples if CYRILLIC.search(text)] == []


@pytest.mark.parametrize(("language", "marks"), [("tr", "çğıöşü"), ("ro", "ăâîșțşţ")])
def test_languages_with_diacritics_are_also_taught_without(language: str, marks: str) -> None:
    marked = {
        label: [any(mark in text.lower() for mark in marks) for text in examples]
        for label, examples in EXAMPLES[language].items()
    }
    assert [label for label, found in marked.items() if all(found)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_asked_in_the_accuracy_set_is_not_taught(language: str) -> None:
    taught = {fold(text).strip(" .!?") for examples in EXAMPLES[language].values() for text in examples}
    lines = (ROOT / "tests" / "nlu" / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    asked = {fold(json.loads(line)["text"]).strip(" .!?") for line in lines}
    assert len(asked) > 50
    assert asked & taught == set()


def shared_words(rows: List[Tuple[str, FrozenSet[str]]]) -> Iterator[Tuple[int, int]]:
    """Pairs of examples of different labels that share one of their three rarest words."""
    places: Dict[str, List[int]] = defaultdict(list)
    for place, (_, words) in enumerate(rows):
        for word in words:
            places[word].append(place)
    for place, (label, words) in enumerate(rows):
        rarest = sorted(words, key=lambda word: (len(places[word]), word))[:3]
        for other in {other for word in rarest for other in places[word] if other > place}:
            if rows[other][0] != label:
                yield place, other


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_labels_have_nearly_the_same_example(language: str) -> None:
    rows = [
        (label, frozenset(re.findall(r"\w+", fold(example))))
        for label, examples in EXAMPLES[language].items()
        for example in examples
    ]
    rows = [(label, words) for label, words in rows if len(words) >= 3]
    near = [
        (rows[one], rows[other])
        for one, other in shared_words(rows)
        if len(rows[one][1] & rows[other][1]) / len(rows[one][1] | rows[other][1]) >= 0.8
    ]
    assert near == []
