"""Topics, districts and the way out, found in what people write."""

import pytest
from hypothesis import given, settings, strategies as st

from backend.core.catalogue import backend_catalogue
from backend.core.folding import folded_words
from backend.core.languages import LANGUAGES
from backend.core.settings import ROOT
from backend.offices.loading import office_ids
from backend.offices.schemas import Office
from backend.offices.service import read_office
from backend.subscriptions import naming
from channels.registry import BUILDERS
from channels.sms.keywords import wish

OFFICES = {name: read_office(ROOT / "data" / "offices", name) for name in office_ids(ROOT / "data" / "offices")}
TEXTS = backend_catalogue()
GSM = set("ABCDEFGHIJKLMNOPQRSTUVWXYZ ")


@pytest.mark.parametrize(
    ("language", "text", "topic"),
    [
        ("en", "let me know when water is cut in Fabric", "water_cuts"),
        ("en", "send me news about EVENTS", "events"),
        ("en", "is there hot water tomorrow, tell me", "heating"),
        ("tr", "su kesilince haber verin", "water_cuts"),
        ("tr", "konserlerden haberdar olmak istiyorum", "events"),
        ("tr", "trafiğe kapalı yollar", "roads"),
        ("tr", "sular kesilirse", "water_cuts"),
        ("ro", "anunță-mă despre evenimente", "events"),
        ("ro", "anunta-ma cand se opreste apa", "water_cuts"),
        ("ro", "cand nu e apa calda", "heating"),
        ("mk", "известувајте ме за прекини на вода", "water_cuts"),
        ("mk", "prakajte mi poraki za prekini na voda", "water_cuts"),
        ("mk", "javuvajte mi za nastani", "events"),
        ("mk", "koga nema da se sobira gjubre", "waste"),
        ("af", "laat weet my van wateronderbrekings", "water_cuts"),
        ("af", "hou my op hoogte van vloedwaarskuwings", "emergency"),
        ("en", "su kesintisi", "water_cuts"),
        ("en", "Rubbish collection changes", "waste"),
        ("en", "water cuts and concerts", None),
        ("en", "subscribe me", None),
        ("tr", "süt", None),
        ("en", "", None),
        ("en", "…!", None),
    ],
)
def test_a_topic_is_found_in_words(office: Office, language: str, text: str, topic: str | None) -> None:
    assert naming.topic_in(office, text, language) == topic


@pytest.mark.parametrize("name", OFFICES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_topic_is_found_by_its_own_name(name: str, language: str) -> None:
    office = OFFICES[name]
    found = {
        key: naming.topic_in(office, names[language], language) for key, names in office.announcement_topics.items()
    }
    assert found == {key: key for key in office.announcement_topics}


@pytest.mark.parametrize("name", OFFICES)
def test_every_office_tells_of_emergencies_and_offers_a_few_topics(name: str) -> None:
    topics = OFFICES[name].announcement_topics
    assert "emergency" in topics
    assert 6 <= len(topics) <= 9
    assert all(set(topic.words) == set(LANGUAGES) for topic in OFFICES[name].announcements.topics)


def test_the_diaspora_hears_of_the_home_town() -> None:
    assert "town_news" in OFFICES["macedonia-diaspora"].announcement_topics


@pytest.mark.parametrize(
    ("places", "districts"),
    [
        (["Fabric"], ["Fabric"]),
        (["Fabric 12"], ["Fabric"]),
        (["Fabric", "Iosefin", "Fabric"], ["Fabric", "Iosefin"]),
        (["Strada Mărășești 12"], []),
        (["Fabrica"], []),
        ([], []),
    ],
)
def test_districts_are_told_from_other_places(office: Office, places: list[str], districts: list[str]) -> None:
    assert naming.districts_among(office, places) == districts


@pytest.mark.parametrize(
    ("name", "text", "districts"),
    [
        ("tekirdag", "corluda", ["Çorlu"]),
        ("tekirdag", "Çorlu'da ve Saray'da", ["Çorlu", "Saray"]),
        ("timisoara", "in fabric", ["Fabric"]),
        ("timisoara", "zona soarelui", ["Zona Soarelui"]),
        ("timisoara", "atlantis", []),
        ("macedonia-diaspora", "vo centar", ["Центар"]),
        ("western-cape-housing", "khayelitsha asb", ["Khayelitsha"]),
    ],
)
def test_the_answer_to_which_district_may_have_an_ending(name: str, text: str, districts: list[str]) -> None:
    assert naming.districts_in(OFFICES[name], text) == districts


@pytest.mark.parametrize(
    ("text", "asked", "everywhere"),
    [
        ("everywhere please", False, True),
        ("in the whole city", False, True),
        ("her yerde", True, True),
        ("in tot orasul", False, True),
        ("vo celiot grad", False, True),
        ("SEKADE", True, True),
        ("dwarsdeur die hele stad", False, True),
        ("all", True, True),
        ("all", False, False),
        ("all water cuts in Fabric", True, False),
        ("oral", True, True),
        ("Fabric", True, False),
    ],
)
def test_everywhere_is_understood(text: str, asked: bool, everywhere: bool) -> None:
    assert naming.says_everywhere(text, asked=asked) is everywhere


SPELLINGS = [
    *("NEWS OFF", "news off", " News  off. ", "“News off!”"),
    *("HABER KAPAT", "haber kapat", "Haber kapat."),
    *("FARA STIRI", "fără știri", "FĂRĂ ŞTIRI"),
    *("ОТКАЖИ ВЕСТИ", "откажи вести", "otkazi vesti", "otkaži vesti", "OTKAZHI VESTI"),
    *("NUUS AF", "nuus af"),
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_the_way_out_is_known_however_it_is_spelled(text: str) -> None:
    assert naming.is_way_out(text)


@pytest.mark.parametrize(
    "text",
    ["", "news", "off", "STOP", "no news", "is the news off?", "please NEWS OFF", "haber", "haber yok", "știri", "af"],
)
def test_nothing_else_is_the_way_out(text: str) -> None:
    assert not naming.is_way_out(text)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    assert naming.is_way_out(text) is (folded_words(text) in [folded_words(naming.way_out(one)) for one in LANGUAGES])
    assert naming.topic_in(OFFICES["timisoara"], text, "tr") in {None, *OFFICES["timisoara"].announcement_topics}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_announcement_tells_the_way_out(language: str) -> None:
    words = naming.way_out(language)
    assert words in TEXTS.text("subscriptions.way_out", language)
    assert len(words.split()) == 2
    assert language == "mk" or set(words) <= GSM
    assert wish(words) is None, "it does not stop news of one's own tickets"


def test_every_channel_says_how_news_comes() -> None:
    names = {"web", "telegram", "sms", "whatsapp"}
    assert len(BUILDERS) == len(names)
    assert {key.rpartition(".")[2] for key in TEXTS.keys("en") if key.startswith("subscriptions.here.")} == names
