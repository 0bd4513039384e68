"""Messages with two matters in them: "thank you for the new lamps, but nobody has emptied our bins".

A message is parted at the ends of sentences and before words like "but" and "also", then before "and", where a part
must be surer; each part is labelled by itself. What people can act on goes before what they only say: report, request,
question, praise. docs/nlu.md says how often that finds both, and how often it finds two where there is one.
"""

from typing import Callable, Dict, FrozenSet, List, NamedTuple, Sequence, Tuple

from bot.components.folding import fold

Ranking = List[Tuple[str, float]]


def folded_set(words: str) -> FrozenSet[str]:
    """Words as the tokenizer folds them."""
    return frozenset(fold(word) for word in words.split())


STOPS = frozenset(".!?…")
LINKS = folded_set(
    "but also besides however additionally plus another ama fakat ancak ayrıca lakin üstelik dar însă deasemenea "
    "totodată но ама туку исто освен дополнително maar ook verder boonop"
)
"""Words that begin another matter in one of the five languages."""
ANDS = folded_set("and ve hem și iar и en")
WAYS_TO_PART = ((LINKS, 0.6), (LINKS | ANDS, 0.9))
"""(words that begin a part, how sure a part must be); behind a semicolon or comma mostly stands more of one matter."""
SHORTEST_PART = 3
MOST_PARTS = 8
SURE_TO_LEAD = 0.8
SUPPORTED = 0.4
ABOUT_A_TICKET = frozenset(("check_status", "add_to_ticket", "withdraw_ticket", "reopen_ticket"))
REQUESTS = frozenset(("request_service", "request_information", "housing_dispute", "press_enquiry", "make_suggestion"))
ASKED_OF_US = REQUESTS | {"call_me_back", "talk_to_human", "report_problem"}
KIND_WORDS = frozenset(("give_praise", "thank", "greet", "goodbye", "rate_service"))
REPORT, REQUEST, QUESTION, KIND, NO_MATTER = 4, 3, 2, 1, 0


class Matters(NamedTuple):
    """What a message is taken for, and what else is in it."""

    ranking: Ranking
    also: Tuple[str, ...] = ()
    """Topics and categories, and praise, somebody should know of as well."""


def weight(label: str) -> int:
    """How much there is to do about a label."""
    base = label.split("/", maxsplit=1)[0]
    if base == "report" or base in ABOUT_A_TICKET:
        return REPORT
    if base in ASKED_OF_US:
        return REQUEST
    return QUESTION if base == "faq" else KIND if base in KIND_WORDS else NO_MATTER


def parts_of(words: Sequence[str], links: FrozenSet[str]) -> List[List[str]]:
    """Folded words parted into clauses; those too short to mean something are left out."""
    parts: List[List[str]] = [[]]
    for word in words:
        if word in STOPS or word in links:
            parts.append([])
        if word not in STOPS:
            parts[-1].append(word)
    return [part for part in parts if len(part) >= SHORTEST_PART][:MOST_PARTS]


def matters(words: Sequence[str], ranked: Callable[[str], Ranking]) -> Matters:
    """Label a message as a whole and by its parts."""
    whole = ranked(" ".join(words))
    for links, sure in WAYS_TO_PART:
        parts = parts_of(words, links)
        if len(parts) > 1:
            found = _chosen(whole, [ranked(" ".join(part)) for part in parts], sure)
            if found.also or found.ranking is not whole:
                return found
    return Matters(whole)


def _chosen(whole: Ranking, parts: List[Ranking], sure: float) -> Matters:
    """The whole's label leads unless a part is surely more to act on, and the whole's label is a part's as well."""
    leads = _leading(whole, parts, sure)
    first = leads[0][0]
    also: Dict[str, None] = dict.fromkeys(
        label for (label, chance), *_ in parts if "/" in label and label != first and chance >= sure
    )
    if leads is not whole and whole[0][0] == "give_praise":
        also["give_praise"] = None
    return Matters(leads, tuple(also))


def _leading(whole: Ranking, parts: List[Ranking], sure: float) -> Ranking:
    label = whole[0][0]
    supported = any(part[0][0] == label and part[0][1] >= SUPPORTED for part in parts)
    if weight(label) != KIND and not (weight(label) and supported):
        return whole
    weighed = [(weight(part[0][0]), part[0][1], part) for part in parts if part[0][1] >= max(SURE_TO_LEAD, sure)]
    heavier = [found for found in weighed if found[0] > weight(label)]
    return max(heavier, key=lambda found: found[:2])[2] if heavier else whole
