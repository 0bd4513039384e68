"""Open tickets that may be about the same thing as one: near in place, or alike in words where a place is missing."""

from datetime import timedelta
from math import asin, cos, radians, sin, sqrt

from babel.dates import format_date
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.core.database import utcnow
from backend.core.folding import folded_words
from backend.offices.service import Office
from backend.tickets.models import Ticket
from backend.tickets.repository import visible_to
from backend.tickets.schemas import Draft, Near, SameMatter

NEAR_METRES = 200
NEAR_NUMBERS = 20
"""House numbers that far apart are about as far as the metres say."""
LONGEST_NUMBER = 4
LOOKED_AT = 300
SHOWN = 10
WITHIN = timedelta(days=365)
EARTH_METRES = 6_371_000
TELLING_LETTERS = 4
"""Shorter words (in, the, de, bir, nr) say nothing about what a ticket is about."""
ALIKE = 0.5
"""Share of the shorter one's telling words from which on two texts are taken for the same matter."""
STREET_WORDS = frozenset(
    {
        *("strada", "str", "bulevardul", "bdul", "piata", "calea", "aleea", "numar", "nr"),
        *("sokak", "sokagi", "cadde", "caddesi", "mahalle", "mahallesi", "bulvari", "meydani", "numara"),
        *("ulica", "bulevar", "plostad", "broj"),
        *("street", "road", "avenue", "square", "number", "near"),
        *("straat", "weg", "laan", "plein", "nommer"),
    }
)
"""Folded words that stand in many addresses."""


async def similar(session: AsyncSession, agent: Agent, ticket: Ticket) -> list[Near]:
    """Open tickets of the same category near in place, or alike in words where a place is missing; newest first."""
    query = (
        select(Ticket)
        .where(
            visible_to(agent),
            Ticket.state != "closed",
            Ticket.category == ticket.category,
            Ticket.id != ticket.id,
            Ticket.created_at >= utcnow() - WITHIN,
        )
        .order_by(Ticket.created_at.desc())
        .limit(LOOKED_AT)
    )
    others = (await session.scalars(query)).all() if ticket.category else []
    return [_near(ticket, other) for other in others if _alike(ticket, other)][:SHOWN]


async def same_matter(session: AsyncSession, office: Office, draft: Draft) -> SameMatter | None:
    """The oldest open ticket that is likely about what a citizen is about to file; nothing of its author is told.

    Restricted tickets are never named, nor those that follow another.
    """
    query = (
        select(Ticket)
        .where(
            Ticket.office_id == office.profile.id,
            Ticket.state != "closed",
            Ticket.priority != "restricted",
            Ticket.duplicate_of.is_(None),
            Ticket.category == draft.category,
            Ticket.created_at >= utcnow() - WITHIN,
        )
        .order_by(Ticket.created_at.desc())
        .limit(LOOKED_AT)
    )
    told = Ticket(description=draft.description, place=draft.place, latitude=None, longitude=None)
    if draft.position:
        told.latitude, told.longitude = draft.position.latitude, draft.position.longitude
    placed = [one for one in await session.scalars(query) if _placed(told, one) and _alike(told, one)]
    return _told(office, placed[-1], draft.language) if placed else None


def _placed(one: Ticket, other: Ticket) -> bool:
    """Whether both say where: words alone are too little to tell a citizen that somebody was faster."""
    both = (one.place and other.place) or (_position(one) and _position(other))
    return bool(both)


def _told(office: Office, ticket: Ticket, language: str) -> SameMatter:
    category = office.categories.categories[ticket.category or ""]
    filed = format_date(ticket.created_at.astimezone(office.profile.zone), "d MMMM", locale=language)
    return SameMatter(id=ticket.id, subject=category.name[language], place=ticket.place or "", filed=filed)


def _near(ticket: Ticket, other: Ticket) -> Near:
    away = metres(_position(ticket), _position(other))
    return Near(other.id, other.reference, other.created_at, other.description, other.place, away)


def _alike(one: Ticket, other: Ticket) -> bool:
    away = metres(_position(one), _position(other))
    if away is not None:
        return away <= NEAR_METRES
    if one.place and other.place:
        return same_place(one.place, other.place)
    return _share(_telling(one.description), _telling(other.description)) >= ALIKE


def _position(ticket: Ticket) -> tuple[float, float] | None:
    return None if ticket.latitude is None or ticket.longitude is None else (ticket.latitude, ticket.longitude)


def metres(one: tuple[float, float] | None, other: tuple[float, float] | None) -> int | None:
    """The way between two points (latitude, longitude in degrees) over the earth; None when one is missing."""
    if one is None or other is None:
        return None
    (north, east), (to_north, to_east) = (map(radians, point) for point in (one, other))
    half = sin((to_north - north) / 2) ** 2 + cos(north) * cos(to_north) * sin((to_east - east) / 2) ** 2
    return round(2 * EARTH_METRES * asin(sqrt(min(1.0, half))))


def _telling(text: str) -> set[str]:
    return {word for word in folded_words(text) if len(word) >= TELLING_LETTERS}


def same_place(one: str, other: str) -> bool:
    """Whether two places as people write them are the same street or square, near each other if both have numbers."""
    (names, numbers), (other_names, other_numbers) = _place(one), _place(other)
    far = numbers and other_numbers and min(abs(n - m) for n in numbers for m in other_numbers) > NEAR_NUMBERS
    return not far and _share(names, other_names) > ALIKE


def _place(place: str) -> tuple[set[str], set[int]]:
    words = folded_words(place)
    names = {word for word in words if word.isalpha() and len(word) > 2 and word not in STREET_WORDS}
    return names, {int(word) for word in words if word.isdigit() and len(word) <= LONGEST_NUMBER}


def _share(one: set[str], other: set[str]) -> float:
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0
