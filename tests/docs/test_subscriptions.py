"""docs/subscriptions.md says what the code does."""

from typing import get_args

import pytest

from backend.core.languages import LANGUAGES
from backend.core.settings import ROOT
from backend.subscriptions.naming import way_out
from backend.subscriptions.schemas import How

PAGE = (ROOT / "docs" / "subscriptions.md").read_text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_way_out_of_each_language_is_told(language: str) -> None:
    assert f"| `{way_out(language)}` |" in PAGE


@pytest.mark.parametrize("how", get_args(How))
def test_every_way_it_ends_is_told(how: str) -> None:
    assert f"(`{how}`)" in PAGE
