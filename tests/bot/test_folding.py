"""Folding: one word typed in many ways looks the same."""

import pytest
from bot_factories import LANGUAGES
from hypothesis import given, strategies as st

from bot.components.augment import without_diacritics
from bot.components.folding import fold

LETTERS = {
    "en": "abcdefghijklmnopqrstuvwxyz",
    "tr": "abcçdefgğhıijklmnoöprsştuüvyzâîû",
    "ro": "aăâbcdefghiîjklmnopqrsștțuvwxyzşţ",
    "mk": "абвгдѓежзѕијклљмнњопрстќуфхцчџшѐѝ",
    "af": "abcdefghijklmnopqrstuvwxyzêëîïôöûüáéíóúèò",
}


def words(language: str) -> st.SearchStrategy:
    return st.text(alphabet=LETTERS[language] + LETTERS[language].upper() + " '-.,0123456789", max_size=30)


@given(st.text(max_size=60))
def test_any_text_folds_to_lower_case_ascii(text: str) -> None:
    folded = fold(text)
    assert folded.isascii()
    assert folded == folded.lower()


@pytest.mark.parametrize("language", LANGUAGES)
@given(data=st.data())
def test_case_does_not_matter(language: str, data: st.DataObject) -> None:
    word = data.draw(words(language))
    assert fold(word.upper()) == fold(word.lower()) == fold(word)


@pytest.mark.parametrize("language", ["en", "tr", "ro", "af"])
@given(data=st.data())
def test_diacritics_of_latin_letters_do_not_matter(language: str, data: st.DataObject) -> None:
    word = data.draw(words(language))
    assert fold(without_diacritics(word)) == fold(word)


@given(st.text(alphabet="aeio", min_size=3, max_size=12))
def test_a_letter_is_never_kept_more_than_twice_in_a_row(word: str) -> None:
    folded = fold(word + word[-1] * 5)
    assert all(letter * 3 not in folded for letter in "aeio")
    assert fold(word + word[-1] * 9) == folded


@pytest.mark.parametrize(
    "spellings",
    [
        "шахта sahta šahta shahta 6ahta",
        "улица ulica",
        "цела cela",
        "црква crkva",
        "хаос haos",
        "куќа kukja kuḱa kuka",
        "ќебе kjebe ḱebe kebe",
        "ѓубре gjubre djubre ǵubre gubre",
        "Ѓорче Gjorche Gjorče Djorce Gor4e",
        "џеп dzhep džep dzep",
        "ѕвезда dzvezda zvezda",
        "љубов ljubov lubov",
        "коњ konj kon",
        "жолта zholta žolta zolta",
        "кучиња kuchinja kučinja kucinja ku4inja",
        "осветлување osvetluvanje osvetluvane",
        "вода voda woda",
        "Делчев Delcev Delchev Delčev Del4ev",
    ],
    ids=lambda spellings: spellings.split()[-1],
)
def test_macedonian_in_latin_letters_folds_like_cyrillic(spellings: str) -> None:
    cyrillic, *latin = spellings.split()
    assert {word: fold(word) for word in latin} == dict.fromkeys(latin, fold(cyrillic))


@pytest.mark.parametrize(
    "spellings",
    [
        "IŞIK ışık isik ISIK",
        "İSTASYON istasyon Istasyon",
        "çöp ÇÖP cop",
        "kaldırım KALDIRIM kaldirim",
        "groapă GROAPĂ groapa",
        "Mărășești Mărăşeşti MARASESTI marasesti Марашешти",
        "țeavă ţeavă teava",
        "môre MÔRE more",
        "brûe BRÛE brue",
        "leeeeeak leeeak leeak",
    ],
    ids=lambda spellings: spellings.split()[-1],
)
def test_spellings_of_a_word_fold_alike(spellings: str) -> None:
    assert len({fold(spelling) for spelling in spellings.split()}) == 1


@pytest.mark.parametrize("number", ["6", "46", "4", "64 4", "6-4", "4 6"])
def test_digits_between_digits_or_alone_stay_digits(number: str) -> None:
    assert fold(number) == number


@pytest.mark.parametrize(
    ("one", "other"),
    [("лампа", "рампа"), ("pat", "pot"), ("strada", "straat"), ("apă", "apel"), ("su", "sokak")],
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)
