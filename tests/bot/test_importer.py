"""Our importer gives what Rasa's own gives, for files in the form of this project."""

from pathlib import Path
from typing import Any, Set, Tuple

import pytest
from bot_factories import LANGUAGES, ROOT, sample_of_examples
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.importers.rasa import RasaFileImporter

from bot.components.importer import ExampleImporter, examples_of


@pytest.fixture(scope="module")
def importers(tmp_path_factory: pytest.TempPathFactory) -> Tuple[RasaFileImporter, ExampleImporter]:
    examples = sample_of_examples(ROOT / "data" / "nlu", tmp_path_factory.mktemp("nlu") / "nlu.yml")
    given = (str(ROOT / "config.yml"), str(ROOT / "bot" / "domain"), [str(examples), str(ROOT / "bot" / "rules")])
    return RasaFileImporter(*given), ExampleImporter(*given)


def essence(importer: Any) -> Set[Any]:
    return {
        (one.get("text"), one.get("intent"), one.get("intent_response_key"), one.get("metadata")["intent"]["language"])
        for one in importer.get_nlu_data().training_examples
    }


def test_the_examples_are_rasas(importers: Tuple[RasaFileImporter, ExampleImporter]) -> None:
    theirs, ours = importers
    assert len(essence(ours)) > 100
    assert essence(ours) == essence(theirs)
    assert [one.fingerprint() for one in ours.get_nlu_data().training_examples] == [
        one.fingerprint() for one in theirs.get_nlu_data().training_examples
    ]


def test_rules_domain_and_configuration_are_rasas(importers: Tuple[RasaFileImporter, ExampleImporter]) -> None:
    theirs, ours = importers
    assert ours.get_domain().fingerprint() == theirs.get_domain().fingerprint()
    assert ours.get_stories().fingerprint() == theirs.get_stories().fingerprint()
    assert ours.get_config() == theirs.get_config()
    assert ours.get_conversation_tests().is_empty()


def test_all_files_of_all_languages_are_read_and_once() -> None:
    importer = ExampleImporter(None, None, [str(ROOT / "data" / "nlu"), str(ROOT / "bot" / "rules")])
    read = importer.get_nlu_data()
    assert read is importer.get_nlu_data("tr")
    assert {one.get("metadata")["intent"]["language"] for one in read.training_examples} == set(LANGUAGES)
    assert len(read.training_examples) > 35_000


def test_the_configuration_names_it() -> None:
    found = TrainingDataImporter.load_from_config(str(ROOT / "config.yml"), str(ROOT / "bot" / "domain"), [])
    (importer,) = found.importer._importer._importers  # type: ignore[attr-defined]
    assert isinstance(importer, ExampleImporter)


@pytest.mark.parametrize(
    "block",
    [
        "  - intent: a\n    examples: |\n      - x\n",
        '  - intent: a\n    metadata: {language: "en"}\n    examples: |\n      x\n',
        '  - intent: a\n    metadata: {language: "en"}\n    examples: [x]\n',
        "  - lookup: a\n    examples: |\n      - x\n",
        "  - x\n",
    ],
)
def test_another_form_is_told_with_its_file(tmp_path: Path, block: str) -> None:
    path = tmp_path / "nlu.yml"
    path.write_text(f'version: "3.1"\nnlu:\n{block}', encoding="utf-8")
    with pytest.raises(ValueError, match=r"nlu\.yml"):
        list(examples_of(path))
