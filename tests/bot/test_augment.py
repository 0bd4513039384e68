"""Training examples as they are typed in haste."""

import pytest

from bot.components.augment import without_diacritics


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Groapă în stradă, știți?", "groapa in strada, stiti?"),
        ("IŞIK yanmıyor, çöp öğle", "isik yanmiyor, cop ogle"),
        ("İSTASYON", "istasyon"),
        ("Môre, die brûe by wêreld", "more, die brue by wereld"),
        ("Street light 12b", "street light 12b"),
        ("дупка на патот", "дупка на патот"),
        ("куќа и ѓубре, ѝ", "куќа и ѓубре, ѝ"),
    ],
)
def test_latin_letters_lose_their_marks_and_other_scripts_stay(text: str, plain: str) -> None:
    assert without_diacritics(text) == plain
