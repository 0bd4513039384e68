"""Ticket references, however they are spelled; one that stands alone asks what became of the ticket."""

import re
from functools import lru_cache
from typing import Any, Dict, List, Optional, Pattern

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.classifier import set_labels
from bot.office import profile

ASKED = [("check_status", 1.0)]
CYRILLIC = str.maketrans("АВЕЈКМНОРСТХУ", "ABEJKMHOPCTXY")
GAP = r"[\s.–-]*"
AROUND = re.compile(r"\b(?:PIN|ПИН|NR|NO|BR|NUMBER|NUMAR|REF|REFERENCE)\b|[^A-Z]", re.I)
"""What may stand beside a reference that stands alone: digits of a PIN, signs, and words that say what it is."""


@lru_cache(maxsize=1)
def pattern() -> Pattern[str]:
    """The office's references: the prefix and two groups of three signs."""
    prefix = re.escape(str(profile().get("reference_prefix", "")))
    return re.compile(rf"(?<![A-Z0-9]){prefix}{GAP}[A-Z0-9]{{3}}{GAP}[A-Z0-9]{{3}}(?![A-Z0-9])")


def reference_in(text: str) -> Optional[Dict[str, Any]]:
    """The first reference of a text as a Rasa entity, or None. Whether it exists is the backend's to say."""
    found = pattern().search(text.upper().translate(CYRILLIC)) if len(text.upper()) == len(text) else None
    if found is None or not any(sign.isdigit() or sign == "-" for sign in found[0]):
        return None
    entity = {"entity": "reference", "value": found[0], "start": found.start(), "end": found.end()}
    return {**entity, "extractor": "ReferenceFinder"}


def stands_alone(text: str, entity: Dict[str, Any]) -> bool:
    """Whether a text is nothing but a reference, perhaps with its PIN."""
    rest = text[: entity["start"]] + " " + text[entity["end"] :]
    return not AROUND.sub("", rest.upper().translate(CYRILLIC))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ReferenceFinder(GraphComponent):
    """Emits the entity `reference`."""

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "ReferenceFinder":
        """Made by Rasa's graph."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the reference to each message's entities, and label a message that is nothing else."""
        for message in messages:
            text = message.get(TEXT) or ""
            entity = None if text.startswith("/") else reference_in(text)
            if entity is None:
                continue
            message.set(ENTITIES, [*message.get(ENTITIES, []), entity], add_to_output=True)
            if stands_alone(text, entity):
                set_labels(message, ASKED)
        return messages
