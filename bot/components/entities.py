"""Phone numbers, e-mail addresses, days and times, and names of languages: entities with a value of one form."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Pattern, Tuple

import yaml
from anyascii import anyascii
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.contact import contacts_in
from bot.components.folding import fold
from bot.components.when import DIGIT, Found, kind_of, lexicons, value_of, when_in

LANGUAGES = Path(__file__).parent / "lexicon" / "languages.yml"
LONGEST_READ = 4_000
"""Signs of a text that are searched; nobody says when or gives a number after so many."""

Entity = Dict[str, Any]


class Folded(NamedTuple):
    """A text's folded words parted by single spaces, and where each of them stands in the text."""

    text: str
    starts: List[int]
    tokens: List[Token]

    def place(self, start: int, end: int) -> Tuple[int, int]:
        """(start, end) in the text as typed."""
        within = [token for first, token in zip(self.starts, self.tokens) if start <= first < end]  # noqa: B905
        return (within[0].start, within[-1].end) if within else (0, 0)


def folded(tokens: List[Token]) -> Folded:
    """Words are folded; what holds a digit is not, because folding takes some digits for letters."""
    said = [anyascii(token.text).lower() if any(map(str.isdigit, token.text)) else token.lemma for token in tokens]
    starts, at = [], 0
    for piece in said:
        starts.append(at)
        at += len(piece) + 1
    return Folded(" ".join(said), starts, tokens)


@lru_cache(maxsize=1)
def language_names() -> Pattern[str]:
    """One group for each language, named by its code."""
    names = yaml.safe_load(LANGUAGES.read_text(encoding="utf-8"))
    groups = [f"(?P<{code}>{'|'.join(fold(name.strip()) for name in said.split(','))})" for code, said in names.items()]
    return re.compile(rf"(?<!\w)(?:{'|'.join(groups)})\w*")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityFinder(GraphComponent):
    """Emits `phone`, `email`, `when` and `named_language`; stands behind places and language."""

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "EntityFinder":
        """Made by Rasa's graph."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Add them to each message that is no button's payload."""
        for message in messages:
            if not (message.get(TEXT) or "").startswith("/"):
                known = message.get(ENTITIES, [])
                found = [{**entity, "extractor": "EntityFinder"} for entity in entities_of(message, known)]
                message.set(ENTITIES, [*known, *found], add_to_output=True)
        return messages


def entities_of(message: Message, known: List[Entity]) -> Iterator[Entity]:
    """The entities of a message; numbers inside a place or a phone number say no time."""
    text = (message.get(TEXT) or "")[:LONGEST_READ]
    contacts = contacts_in(text)
    for name, value, start, end in contacts:
        yield {"entity": name, "value": value, "start": start, "end": end}
    taken = [(start, end) for _, _, start, end in contacts]
    taken += [(entity["start"], entity["end"]) for entity in known if entity.get("entity") == "place"]
    read = folded([token for token in message.get(TOKENS_NAMES[TEXT], []) if token.end <= LONGEST_READ])
    yield from _times(read, _language(known), taken)
    yield from _languages(read)


def _times(read: Folded, language: str, taken: List[Tuple[int, int]]) -> Iterator[Entity]:
    for one in _said(read.text, language):
        start, end = read.place(one.start, one.end)
        if end and not any(start < last and first < end for first, last in taken):
            yield {"entity": "when", "value": value_of(one), "kind": kind_of(one), "start": start, "end": end}


def _said(text: str, language: str) -> List[Found]:
    """In the words of the language; in another's when those say a day with its time, because short words mislead."""
    own = when_in(text, language)
    if any(kind_of(one) == "day_time" for one in own) or not DIGIT.search(text):
        return own
    others = (_without_doubt(text, code) for code in lexicons() if code != language)
    return next(filter(None, others), own)


def _without_doubt(text: str, language: str) -> List[Found]:
    return [one for one in when_in(text, language) if kind_of(one) == "day_time"]


def _language(known: List[Entity]) -> str:
    return next((str(entity["value"]) for entity in known if entity.get("entity") == "language"), "en")


def _languages(read: Folded) -> Iterator[Entity]:
    for match in language_names().finditer(read.text):
        start, end = read.place(*match.span())
        yield {"entity": "named_language", "value": str(match.lastgroup), "start": start, "end": end}
