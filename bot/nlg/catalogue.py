"""Every sentence of the bot, by language, from gettext catalogues; rendered inside Rasa, without a call."""

import logging
import re
from functools import lru_cache
from pathlib import Path
from string import Formatter, Template
from typing import Any, Dict, Optional

from babel.messages.pofile import read_po
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.office import said_values

FOLDER = Path(__file__).resolve().parents[1] / "locale"
FALLBACK = "en"
KEY = re.compile(r"^(utter|button)[._][a-z0-9_.]+$")
logger = logging.getLogger(__name__)


@lru_cache(maxsize=1)
def catalogues(folder: Path = FOLDER) -> Dict[str, Dict[str, str]]:
    """Sentences by language and key, from `<language>/<topic>.po`."""
    return {path.name: _sentences(path) for path in sorted(folder.iterdir()) if path.is_dir()}


def _sentences(folder: Path) -> Dict[str, str]:
    sentences: Dict[str, str] = {}
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            sentences.update({str(m.id): str(m.string) for m in read_po(file) if m.id and m.string})
    return sentences


def language_of(tracker: DialogueStateTracker) -> str:
    """The language of the turn: the citizen's choice, else the one found in the text."""
    return str(tracker.get_slot("language_choice") or tracker.get_slot("language") or FALLBACK)


def said(key: str, language: str, values: Dict[str, Any]) -> str:
    """The sentence for a key, filled; a line whose placeholders are all empty is left out."""
    known = catalogues()
    sentence = known.get(language, {}).get(key) or known[FALLBACK].get(key)
    if sentence is None:
        logger.error("no sentence for %s", key)
        return key
    kept = [line for line in sentence.split("\n") if _has_something_to_say(line, values)]
    return "\n".join(line.format_map(_Blanks(values)) for line in kept)


def _has_something_to_say(line: str, values: Dict[str, Any]) -> bool:
    names = [name for _, name, _, _ in Formatter().parse(line) if name]
    return not names or any(values.get(name) not in (None, "") for name in names)


def _payload(payload: str, values: Dict[str, Any]) -> str:
    """A payload with its `$name`s filled: braces are its own."""
    return Template(payload).safe_substitute(values)


class _Blanks(Dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""


class CatalogueNLG(TemplatedNaturalLanguageGenerator):
    """Domain responses hold keys and buttons; the words come from the catalogues."""

    def __init__(self, endpoint_config: EndpointConfig, domain: Domain) -> None:
        super().__init__(domain.responses if domain else {})
        catalogues()

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> Optional[Dict[str, Any]]:
        """A response in the turn's language. Raises nothing for an unknown key: the key is said and logged."""
        language = str(kwargs.get("language") or language_of(tracker))
        values = {**said_values(language), **kwargs}
        template = (self.responses.get(utter_action) or [{}])[0]
        buttons = [
            {"title": said(button["title"], language, values), "payload": _payload(button["payload"], values)}
            for button in template.get("buttons", [])
        ]
        return {"text": said(utter_action, language, values), "buttons": buttons}
