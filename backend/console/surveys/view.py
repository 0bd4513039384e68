"""What the page of satisfaction shows: stretches of days, shares in words, and the lengths of its bars."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from babel.numbers import format_percent

from backend.console.shell.pages import LOCALES, Words
from backend.core.database import utcnow
from backend.offices.service import Office
from backend.surveys.schemas import Satisfied

USUAL = timedelta(days=90)
FARTHEST = date(2000, 1, 1)


@dataclass(frozen=True)
class Stretch:
    """Days, both ends among them, in the office's time."""

    first: date
    last: date

    def moments(self, office: Office) -> tuple[datetime, datetime]:
        """From the first day's beginning up to the end of the last one."""
        zone = office.profile.zone
        after = self.last + timedelta(days=1)
        return datetime.combine(self.first, time(), zone), datetime.combine(after, time(), zone)

    def query(self, **more: str) -> str:
        """The parameters of an address."""
        return urlencode({"since": self.first.isoformat(), "until": self.last.isoformat(), **more})


def stretch(office: Office, since: str, until: str) -> Stretch:
    """The days an address names; what cannot be read is the last ninety days, up to today."""
    last = _day(until) or utcnow().astimezone(office.profile.zone).date()
    first = _day(since) or max(last - USUAL, FARTHEST)
    return Stretch(min(first, last), max(first, last))


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FARTHEST <= found < date(9000, 1, 1) else None


@dataclass(frozen=True)
class Row:
    """One unit, as it is written and drawn; lengths are percents of the bar."""

    of: Satisfied
    name: str
    response: str
    share: str
    interval: str
    verdict: str
    bar: float
    low: float
    high: float


def row(of: Satisfied, t: Words, name: str) -> Row:
    """A unit's numbers in the agent's language; what is not known is a dash."""
    reach = of.interval
    return Row(
        of,
        name,
        percent(of.response, t),
        percent(of.share, t),
        f"{percent(reach.low, t)} – {percent(reach.high, t)}" if reach else "–",
        t(f"surveys.verdict.{of.verdict}"),
        _length(of.share or 0.0),
        _length(reach.low if reach else 0.0),
        _length(reach.high if reach else 0.0),
    )


def percent(share: float | None, t: Words) -> str:
    """A share from 0 to 1, as the agent's language writes it."""
    return "–" if share is None else str(format_percent(share, locale=LOCALES[t.language]))


def _length(share: float) -> float:
    return round(share * 100, 2)


def as_csv(rows: Sequence[Satisfied]) -> str:
    """The numbers for a spreadsheet: shares from 0 to 1 with a point, whatever the language."""
    out = io.StringIO()
    writer = csv.writer(out)
    columns = ("unit", "asked", "answered", "response", "satisfied", "share", "low", "high", "unsolved", "target")
    writer.writerow((*columns, "verdict"))
    for one in rows:
        reach = one.interval
        shares = (one.share, reach.low if reach else None, reach.high if reach else None)
        share, low, high = ("" if number is None else f"{number:.4f}" for number in shares)
        response = "" if one.response is None else f"{one.response:.4f}"
        counted = (one.unit, one.asked, one.answered, response, one.satisfied, share, low, high, one.unsolved)
        writer.writerow((*counted, one.target, one.verdict))
    return out.getvalue()
