"""Words and numbers that say when, in five languages, as one value that needs no language.

"mâine la ora 14:30" and "yarın 14.30'da" are both `tomorrow 14:30`. No calendar date is computed: the bot does not know
on which day, in which zone, a message is read. The value is `<day> <time>`, either of which may be missing:

day   2026-03-12, --03-12 (no year said), today, tomorrow, next tuesday, every night, +3 days, -2 weeks, next week
time  14:30, or morning, noon, afternoon, evening, night, midnight
"""

import re
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Pattern, Sequence, Tuple

import yaml

from bot.components.folding import fold

FILE = Path(__file__).parent / "lexicon" / "when.yml"
DIGIT = re.compile(r"\d")
ENDS = re.compile(r" ?(?:[.,;!?]|$)")
LATER_HALF = frozenset({"afternoon", "evening"})
LONGEST_JOIN = 24
MOST_TIMES = 12
YEAR_2000 = 2000
CLOCK_WORDS = ("before", "after", "suffixes")
NUMERIC_DATE = (
    r"(?:(?P<d>[0-3]?\d) ?[./-] ?(?P<m>[01]?\d) ?[./-] ?(?P<y>(?:19|20)?\d\d)\b"
    r"|(?P<nd>[0-3]?\d)[./](?P<nm>[01]\d)\b)"
)
AMOUNT = r"(?! ?(?:lei|ron|den|denari|tl|lira|rand|eur|euro|m|m2|mm|cm|km|kg|l|%)\b)"
"""What follows a number that is a sum or a measure."""
ISO_DATE = r"(?<![\w-])(?P<iy>(?:19|20)\d\d) ?- ?(?P<im>\d\d) ?- ?(?P<id>\d\d)(?![\w-])"
HOUR = r"(?:[01]?\d|2[0-4])"


class Found(NamedTuple):
    """A piece of folded text that says when."""

    start: int
    end: int
    day: str = ""
    time: str = ""
    part: str = ""
    sure: bool = True
    """A bare number behind a small word is an hour only beside a day or at the end of a sentence."""


class Lexicon:
    """The words of one language, as patterns over folded text."""

    def __init__(self, words: Dict[str, Any]) -> None:
        names = {said: name for name, group in words["days"].items() for said in entries(group)}
        self._days = names
        self._parts = {said: name for name, group in words["parts"].items() for said in entries(group)}
        self._day_parts = {
            said: (day, part)
            for day in ("today", "yesterday")
            for part, group in words[f"{day}_parts"].items()
            for said in entries(group)
        }
        self._months = {said: n for n, group in enumerate(words["months"], start=1) for said in entries(group)}
        self._units = {said: name for name, group in words["units"].items() for said in entries(group)}
        self._spans = {said: name for name, group in words.get("spans", {}).items() for said in entries(group)}
        self._all_units = {**self._units, **self._spans}
        self._turns = {said: name for name in ("next", "last", "this", "every") for said in entries(words[name])}
        saying = (self._days, self._parts, self._day_parts, self._months, self._all_units)
        self._beginnings = frozenset(said.split()[0] for group in saying for said in group)
        self.patterns = [*self._of_days(words), *self._of_clocks(words)]
        joins = one_of([*entries(words["joins"]), *entries(words["clock"]["before"])])
        self.join = re.compile(rf"[ ,]*(?:{joins}|[,.'’ ])?(?: (?:{joins}))?[ ,]*")

    def may_say(self, text: str) -> bool:
        """Whether a folded text has a digit or a word that says when can begin with; most have neither."""
        return DIGIT.search(text) is not None or not self._beginnings.isdisjoint(text.split())

    def _of_days(self, words: Dict[str, Any]) -> List[Pattern[str]]:
        turn, day, month = one_of(self._turns), one_of(self._days), one_of(self._months)
        unit, ordinal = one_of(self._units), one_of(entries(words["ordinals"]))
        ahead, ago = words["ahead"], words["ago"]
        number = r"(?P<n>\d{1,3}) ?"
        made = [
            word(rf"(?P<daypart>{one_of(self._day_parts)})"),
            word(rf"(?:(?P<turn>{turn}) )?(?P<day>{day})(?: (?P<after>{turn}))?"),
            word(rf"(?P<turn>{turn}) (?P<unit>{unit})"),
            word(rf"(?P<unit>{unit}) (?P<turn>{turn})"),
            word(rf"(?P<turn>{turn}) (?P<part>{one_of(self._parts)})"),
            word(rf"(?P<md>[0-3]?\d) ?(?:{ordinal})?\.? ?(?:of )?(?P<month>{month})(?:\.? (?P<year>(?:19|20)\d\d))?"),
            word(rf"(?P<month>{month}) (?P<md>[0-3]?\d) ?(?:{ordinal})?(?:,? (?P<year>(?:19|20)\d\d))?"),
        ]
        for name, around in (("ahead", ahead), ("ago", ago)):
            if around["before"]:
                made.append(word(rf"(?P<{name}>{one_of(entries(around['before']))}) {number}(?P<unit>{unit})"))
            if around["after"]:
                made.append(word(rf"{number}(?P<unit>{unit}) (?P<{name}>{one_of(entries(around['after']))})"))
        made.append(word(rf"{number}(?P<unit>{one_of(self._spans)})"))
        made += [ISO_DATE, rf"(?<![\w.:]){NUMERIC_DATE}(?![\w:]|[.]\d){AMOUNT}"]
        return [re.compile(pattern) for pattern in made]

    def _of_clocks(self, words: Dict[str, Any]) -> List[Pattern[str]]:
        before, after, suffix = (one_of(entries(words["clock"].get(name, ""))) for name in CLOCK_WORDS)
        half = r"(?P<half>a\.?m|p\.?m)\b\.?"
        hour, alone = rf"(?<![\w.:])(?P<h>{HOUR})", r"(?![\w:]|[.,/-]\d)"
        made = [
            rf"{hour}(?: ?[:.] ?|h|u)(?P<mi>[0-5]\d)(?: ?{half})?(?![\w:]|[.]\d){AMOUNT}",
            rf"(?<!\w)(?P<part>{one_of(self._parts)}) (?P<h>{HOUR}){alone}",
            rf"{hour} ?(?P<small>{suffix})(?!\w)",
            rf"{hour} ?{half}",
            rf"{hour} ?(?P<mark>{after})(?!\w)",
            rf"(?<!\w)(?P<small>{before}) (?P<h>{HOUR}){alone}",
            word(rf"(?P<part>{one_of(self._parts)})"),
        ]
        return [re.compile(pattern) for pattern in made]

    def read(self, match: "re.Match[str]") -> Optional[Found]:
        """What a match says, or None when it is no date or time after all."""
        said = {name: value for name, value in match.groupdict().items() if value is not None}
        span = match.span()
        if "daypart" in said:
            day, part = self._day_parts[said["daypart"]]
            return Found(*span, day=day, part=part)
        if "h" in said:
            return _clock(span, said, self._parts.get(said.get("part", ""), ""), match.string[match.end() :])
        date_said = self._date_said(said)
        return _dated(span, *date_said) if date_said else self._named(span, said)

    def _date_said(self, said: Dict[str, str]) -> Optional[Tuple[Optional[str], str, str]]:
        """(year, month, day), when they are given in numbers or by the month's name."""
        if "month" in said:
            return said.get("year"), str(self._months[said["month"]]), said["md"]
        for year, month, day in (("y", "m", "d"), ("", "nm", "nd"), ("iy", "im", "id")):
            if day in said:
                return said.get(year), said[month], said[day]
        return None

    def _named(self, span: Any, said: Dict[str, str]) -> Optional[Found]:
        turn = self._turns.get(said.get("turn") or said.get("after") or "", "")
        if "n" in said:
            sign = "+" if "ahead" in said else "-"
            return Found(*span, day=f"{sign}{int(said['n'])} {self._all_units[said['unit']]}")
        if "unit" in said:
            unit = self._units[said["unit"]].rstrip("s")
            return Found(*span, day=f"{turn} {unit}")
        if "day" in said:
            return Found(*span, day=f"{turn} {self._days[said['day']]}".strip())
        part = self._parts[said["part"]]
        return Found(*span, day=turn if turn == "every" else "", part=part)


def _clock(span: Any, said: Dict[str, str], part: str, rest: str) -> Found:
    hour, minute = int(said["h"]), int(said.get("mi") or 0)
    half = said.get("half", "").replace(".", "")
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour == 24:
        hour = 0
    sure = "small" not in said or said["small"] in SURE_CLOCKS or ENDS.match(rest) is not None
    return Found(*span, time=f"{hour:02}:{minute:02}", part=part, sure=sure)


def _dated(span: Any, year: Optional[str], month: str, day: str) -> Optional[Found]:
    full = int(year) if year else YEAR_2000
    full += YEAR_2000 if full < 100 else 0
    try:
        known = date(full, int(month), int(day))
    except ValueError:
        return None
    return Found(*span, day=known.isoformat() if year else known.strftime("--%m-%d"))


def entries(group: str) -> List[str]:
    """The folded entries of a list parted by commas."""
    return [" ".join(fold(said).split()) for said in group.split(",") if said.strip()]


def one_of(said: Any) -> str:
    """A pattern of alternatives, longest first; nothing at all when there are none."""
    return "|".join(sorted(map(re.escape, said), key=len, reverse=True)) or r"(?!)"


def word(pattern: str) -> str:
    """The pattern between the ends of words."""
    return rf"(?<!\w){pattern}(?!\w)"


SURE_CLOCKS = frozenset(fold(said) for said in ("saat", "la ora", "ora", "orele"))


@lru_cache(maxsize=1)
def lexicons() -> Dict[str, Lexicon]:
    """By language."""
    return {code: Lexicon(words) for code, words in yaml.safe_load(FILE.read_text(encoding="utf-8")).items()}


def when_in(text: str, language: str) -> List[Found]:
    """What a folded text says of when, in order; pieces that belong together are one."""
    lexicon = lexicons().get(language)
    if lexicon is None or not lexicon.may_say(text):
        return []
    found = [lexicon.read(match) for pattern in lexicon.patterns for match in pattern.finditer(text)]
    return _together(lexicon, _apart([one for one in found if one]), text)


def _apart(found: Sequence[Found]) -> List[Found]:
    """Without those that overlap a surer, earlier or longer one; nobody means so many times."""
    kept: List[Found] = []
    for one in sorted(found, key=lambda one: (not one.sure, one.start, one.start - one.end)):
        if len(kept) < MOST_TIMES and not any(one.start < other.end and other.start < one.end for other in kept):
            kept.append(one)
    return sorted(kept)


def _together(lexicon: Lexicon, found: Sequence[Found], text: str) -> List[Found]:
    joined: List[Found] = []
    for one in found:
        if joined and _belongs(lexicon, joined[-1], one, text):
            joined[-1] = _merged(joined[-1], one)
        else:
            joined.append(one)
    return [one for one in joined if one.sure]


def _belongs(lexicon: Lexicon, one: Found, other: Found, text: str) -> bool:
    between = text[one.end : other.start]
    new = (other.day and not one.day) or (other.time and not one.time) or (other.part and not one.part)
    again = (other.day and one.day) or (other.time and one.time) or (other.part and one.part)
    return bool(new and not again and len(between) <= LONGEST_JOIN and lexicon.join.fullmatch(between))


def _merged(one: Found, other: Found) -> Found:
    return Found(one.start, other.end, one.day or other.day, one.time or other.time, one.part or other.part)


def value_of(found: Found) -> str:
    """The value, `<day> <time>`; a part of the day decides which half of it a clock time means."""
    time = _in_half(found.time, found.part) if found.time else found.part
    day = f"every {found.part}" if found.day == "every" and found.time else found.day
    return f"{day} {time}".strip()


def kind_of(found: Found) -> str:
    """`day`, `time` or `day_time`."""
    time = found.time or found.part
    return "day_time" if found.day and time else "time" if time else "day"


def _in_half(time: str, part: str) -> str:
    hour, minute = int(time[:2]), time[3:]
    later = (part in LATER_HALF and hour < 12) or (part == "night" and 6 <= hour < 12)
    return f"{hour + 12:02}:{minute}" if later else time
