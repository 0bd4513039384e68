"""Sentences of the backend and the widget, from gettext PO catalogues in backend/locale/<language>/."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from babel import UnknownLocaleError
from babel.core import parse_locale
from babel.messages.pofile import read_po

from backend.core.languages import FALLBACK, LANGUAGES, known_language

FOLDER = Path(__file__).resolve().parents[1] / "locale"


class Catalogue:
    """Sentences by key and language; a missing one falls back to English, then to the key itself."""

    def __init__(self, sentences: Mapping[str, Mapping[str, str]]) -> None:
        self._sentences = sentences

    @classmethod
    def load(cls, folder: Path) -> "Catalogue":
        """Read every `<language>/<topic>.po` below a folder."""
        return cls({language: _read(folder / language) for language in LANGUAGES})

    def text(self, key: str, language: str, **values: object) -> str:
        """The sentence for a key, its placeholders filled."""
        sentence = self._sentences.get(language, {}).get(key) or self._sentences[FALLBACK].get(key, key)
        return sentence.format(**values) if values else sentence

    def keys(self, language: str) -> set[str]:
        """All keys one language has."""
        return set(self._sentences.get(language, {}))

    def section(self, prefix: str, language: str) -> dict[str, str]:
        """All sentences whose key begins with a prefix, e.g. `widget.`, in one language."""
        return {key: self.text(key, language) for key in sorted(self.keys(FALLBACK)) if key.startswith(prefix)}


def _read(folder: Path) -> dict[str, str]:
    sentences: dict[str, str] = {}
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            sentences.update({str(m.id): str(m.string) for m in read_po(file) if m.id and m.string})
    return sentences


@lru_cache(maxsize=1)
def backend_catalogue() -> Catalogue:
    """The catalogue of this process, read once."""
    return Catalogue.load(FOLDER)


def best_language(accept_language: str, default: str = FALLBACK) -> str:
    """The first language of an Accept-Language header that Komshu speaks."""
    for part in accept_language.split(","):
        tag = part.split(";")[0].strip()
        try:
            found = known_language(parse_locale(tag, sep="-")[0]) if tag and tag != "*" else None
        except (ValueError, UnknownLocaleError):
            found = None
        if found:
            return found
    return default
