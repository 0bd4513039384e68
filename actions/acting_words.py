"""For whom, and as what? A lexicon for who answers in words where buttons are offered; folded, by their beginnings."""

import re

from anyascii import anyascii

LEXICON = {
    "self": "myself mine self kendim kendime kendi benim mene jas sebe",
    "family": """
        mother mom mum father dad parent wife husband spouse son daughter brother sister grand aunt uncle cousin
        anne annem baba babam esim karim kocam oglum kizim kardes abim ablam dede ninem teyze hala amca dayi
        mama mamei mamica tata tatal tatei parint sotul sotia sotiei fiul fiica frate sora surori bunic matusa unchi
        majka majci tatko roditel soprug sopruga zhena maz sin kerka kjerka brat sestra dedo tetka vujko chichko
        moeder pa vader ouer vrou seun dogter broer suster ouma oupa tannie oom""",
    "lawyer": "lawyer attorney solicitor advocate client avukat muvekkil avocat advokat klient prokureur",
    "association": "association society union ngo dernek sendika asociat sindicat zdruzhenie zdruzenie vereniging",
    "somebody": """
        somebody someone else other another behalf friend neighbour neighbor baskasi baska adina arkadas koms
        altcineva altul alta numele prieten vecin drug drugo prijatel sosed ime iemand ander namens vriend buur""",
    "later": "later sonra tarziu ulterior podocna podotsna kasno agterna nemam henuz yok yet nu no ne nie nee",
}
KNOWN = {meaning: frozenset(words.split()) for meaning, words in LEXICON.items()}
LEAST = 4
"""Shorter words of the lexicon must be whole."""


def words_of(text: str) -> list[str]:
    """The words of a text in plain small Latin letters."""
    return re.findall(r"[a-z]+", anyascii(text.lower()).lower())


def _named(text: str, meaning: str) -> bool:
    begins = tuple(known for known in KNOWN[meaning] if len(known) >= LEAST)
    return any(word in KNOWN[meaning] or word.startswith(begins) for word in words_of(text))


def for_whom(text: str) -> str | None:
    """`self` or `other`; None for what says neither, or both."""
    other = relation_in(text) is not None or _named(text, "somebody")
    own = any(word in KNOWN["self"] for word in words_of(text))
    if own == other:
        return None
    return "self" if own else "other"


def relation_in(text: str) -> str | None:
    """family, lawyer or association, when a text names one."""
    return next((relation for relation in ("family", "lawyer", "association") if _named(text, relation)), None)


def says_later(text: str) -> bool:
    """Whether a text puts something off."""
    return any(word in KNOWN["later"] for word in words_of(text))
