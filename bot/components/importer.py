"""Training files as this project writes them, read once and without Rasa's detours.

Rasa looks into every file three times with a pure Python parser, checks it against a schema, scans each example for
markup and reads all of it anew for domain, stories and examples. Our examples hold no markup (tests/bot/
test_training_data.py keeps it so) and their form is tested: half a minute of a training with 40,000 of them is saved.
"""

import re
from functools import cached_property
from pathlib import Path
from typing import Any, Iterator, List, Optional, Union

import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import cached_method

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
EXAMPLES = re.compile(r"^nlu:", re.M)
CONVERSATIONS = re.compile(r"^(?:rules|stories):", re.M)
BULLET = "- "


class ExampleImporter(RasaFileImporter):
    """Named in config.yml; gives what Rasa's own importer gives."""

    def __init__(
        self,
        config_file: Optional[str] = None,
        domain_path: Optional[str] = None,
        training_data_paths: Optional[Union[List[str], str]] = None,
    ) -> None:
        given = [training_data_paths] if isinstance(training_data_paths, str) else training_data_paths or []
        texts = {path: path.read_text(encoding="utf-8") for path in _yaml_files(given)}
        self.config_file, self._domain_path = config_file, domain_path
        self._nlu_files = [str(path) for path, text in texts.items() if EXAMPLES.search(text)]
        self._story_files = [str(path) for path, text in texts.items() if CONVERSATIONS.search(text)]
        self._conversation_test_files: List[str] = []

    def get_nlu_data(self, language: Optional[str] = "en") -> TrainingData:
        """Every example, with label and language; `language` is Rasa's and chooses nothing."""
        return self._examples

    @cached_property
    def _examples(self) -> TrainingData:
        return TrainingData([message for path in self._nlu_files for message in examples_of(Path(path))])

    @cached_method
    def get_domain(self) -> Domain:
        """The domain."""
        return super().get_domain()

    @cached_method
    def get_stories(self, exclusion_percentage: Optional[int] = None) -> StoryGraph:
        """The rules."""
        return super().get_stories(exclusion_percentage)


def _yaml_files(paths: List[str]) -> Iterator[Path]:
    for path in map(Path, paths):
        yield from sorted(path.rglob("*.yml")) if path.is_dir() else [path]


def examples_of(path: Path) -> Iterator[Message]:
    """The examples of a file. Raises ValueError naming the block that is not in the form of this project."""
    for block in yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)["nlu"]:
        yield from _messages(block, path)


def _messages(block: Any, path: Path) -> Iterator[Message]:
    try:
        label, metadata, lines = str(block["intent"]), block["metadata"], block["examples"].splitlines()
    except (KeyError, TypeError, AttributeError):
        raise ValueError(f"{path}: expected intent, metadata and examples, found {str(block)[:80]!r}") from None
    for line in lines:
        if not line.startswith(BULLET):
            raise ValueError(f"{path}, {label}: a line that does not begin with {BULLET!r}")
        yield Message.build(line[len(BULLET) :].strip(), label, intent_metadata=metadata)
