"""Landlord or tenant, and what a dispute is about? A lexicon of five languages; folded, words by their beginnings."""

from actions.acting_words import words_of

ROLES = {
    "landlord": """
        landlord landlady owner lessor verhuurder eienaar proprietar gazda locator sopstvenik stanodavac sahibi
        kirayaveren""",
    "tenant": "tenant renter lessee huurder kiraci chirias locatar kiradzh zakupec stanar zakupets",
}
TOPICS = {
    "deposit": "deposit depozit garant kaucij kaucao borg",
    "repairs": """
        repair broken leak mould damp herstel stukkend lek muf onderhoud tamir onarim bakim repar stric umed poprav
        rasip protekuva vlaga""",
    "rent_increase": "increase raise verhog verhoging zam zamm artis arttir major scump marire zgolem poskap",
    "eviction": "evict uitsit uitsett tahliye evacu isel",
    "services": "electric water power krag elektr su apa curent voda struja",
    "unfair_clause": "clause klousule sart klauz odredba",
}
LEAST = 4
"""Shorter words of the lexicon must be whole."""


def _meanings(text: str, lexicon: dict[str, str]) -> list[str]:
    words = words_of(text)
    return [meaning for meaning, known in lexicon.items() if _named(words, known.split())]


def _named(words: list[str], known: list[str]) -> bool:
    begins = tuple(one for one in known if len(one) >= LEAST)
    return any(word in known or (begins and word.startswith(begins)) for word in words)


def role_in(text: str) -> str | None:
    """`landlord` or `tenant`; None for what says neither, or both."""
    found = _meanings(text, ROLES)
    return found[0] if len(found) == 1 else None


def topic_in(text: str) -> str | None:
    """The topic a text names; None when it names none, or several."""
    found = _meanings(text, TOPICS)
    return found[0] if len(found) == 1 else None
