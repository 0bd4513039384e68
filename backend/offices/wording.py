"""What all office data is made of: names in every language, and words as people say them."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from backend.core.folding import folded_words
from backend.core.languages import LANGUAGES

DOTS_OF_ACRONYM = re.compile(r"(?<=\b\w)\.(?=\w\b)")


def _in_all_languages(names: dict[str, str]) -> dict[str, str]:
    missing = sorted(language for language in LANGUAGES if not names.get(language, "").strip())
    if missing:
        raise ValueError(f"words are missing in {', '.join(missing)}: add them")
    return names


def as_said(text: str) -> str:
    """Folded words with one space between: two ways to say a name are one when this is equal."""
    return " ".join(folded_words(DOTS_OF_ACRONYM.sub("", text)))


def _with_letters(name: str) -> str:
    if not as_said(name):
        raise ValueError(f"{name!r} has no letter or digit: write the name as people say it")
    return name


Names = Annotated[dict[str, str], AfterValidator(_in_all_languages)]
Said = Annotated[str, AfterValidator(_with_letters)]
"""Words by which something is recognised in what people write."""


class Data(BaseModel):
    """Base of office data: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)
