"""Streets, districts and landmarks of the office, however they are typed, with the house number beside them."""

import re
from functools import lru_cache
from typing import Any, Dict, List, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.pipeline import EntityRuler
from spacy.tokens import Doc, Span

from bot.components.tokenizer import DOC, folding_pipeline
from bot.office import place_names

STREET_WORDS = r"caddesi|caddesinde|cad|sokağı|sokak|sok|mahallesi|street|str|road|straat|улица|ulica"
NUMBER_WORDS = r"nr|no|num(?:ber|ara|mer)?|numarul|numărul|nommer|bl|бр|број|broj|br"
LETTER = r"(?:[a-zа-я]|\s[a-zа-я](?=\s*(?:[,.;!?]|$)))?"
NUMBER_AFTER = re.compile(
    rf"['’ʼ]?\w{{0,6}}(?:\s+(?:{STREET_WORDS})\b\.?)?\s*,?\s*(?:(?:la|at|на|na|by)\s+)?"
    rf"(?:(?:{NUMBER_WORDS})(?![^\W\d_]))?[.:]?\s*(\d{{1,4}}{LETTER})\b",
    re.I,
)
NUMBER_BEFORE = re.compile(r"(?:^|\s)(\d{1,4}[a-z]?)\s+$", re.I)


@lru_cache(maxsize=1)
def ruler() -> EntityRuler:
    """The matcher of the office's gazetteer; built on first use, with the office of this process.

    It stands behind the folding component in a pipeline of its own: spaCy prepares patterns with what is before.
    """
    nlp = folding_pipeline()
    found: EntityRuler = nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "NORM"})
    found.add_patterns([{"label": "place", "pattern": said, "id": name} for name, said in place_names()])
    return found


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class PlaceExtractor(GraphComponent, EntityExtractorMixin):
    """Emits `place` entities whose value is the official name and the house number."""

    def __init__(self, config: Dict[str, Any]) -> None:
        self._config = config

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "PlaceExtractor":
        """Made by Rasa's graph."""
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        """Add places to each message's entities."""
        for message in messages:
            doc = message.get(DOC)
            if doc is not None and not (message.get(TEXT) or "").startswith("/"):
                found = self.add_extractor_name(places_in(doc))
                message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages


def places_in(doc: Doc) -> List[Dict[str, Any]]:
    """The places of a document as Rasa entities."""
    matched = ruler()(doc)
    return [_entity(doc.text, span) for span in matched.ents if span.label_ == "place"]


def _entity(text: str, span: Span) -> Dict[str, Any]:
    number, start, end = _house_number(text, span.start_char, span.end_char)
    value = f"{span.ent_id_} {number}".strip()
    return {"entity": "place", "value": value, "start": start, "end": end, "confidence": 1.0}


def _house_number(text: str, start: int, end: int) -> Tuple[str, int, int]:
    if after := NUMBER_AFTER.match(text, end):
        return after[1].replace(" ", ""), start, after.end(1)
    if before := NUMBER_BEFORE.search(text[:start]):
        return before[1], before.start(1), end
    return "", start, end
