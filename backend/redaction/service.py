"""Words are made unreadable for good, wherever they are stored. Who did it and why is kept, never what it said."""

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import get_args
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent
from backend.answers.desk import Desk
from backend.conversations import personal as conversations
from backend.conversations.models import Message
from backend.core.database import utcnow
from backend.core.errors import InvalidRequestError
from backend.offices.service import Office
from backend.redaction import copies, repository
from backend.redaction.errors import (
    RedactionBusyError,
    RedactionChangedError,
    RedactionNothingError,
    RedactionWordsError,
)
from backend.redaction.matching import Span, find, hidden, usable, without
from backend.redaction.matters import Matter, all_texts, matter_of
from backend.redaction.models import Redaction
from backend.redaction.noting import tell_authors, write_down
from backend.redaction.schemas import Act, Occurrence, Reason, Spoken, Subject
from backend.redaction.suggestions import Suggestion, suggested
from backend.redaction.texts import Text, put
from backend.tickets import personal as tickets

MOST_WORDS = 20
LONGEST = 300
AROUND = 40
"""Signs shown before and behind a place."""
MOST_SPOKEN = 400


def checked_reason(text: str) -> Reason:
    """One of the reasons of the list. Raises InvalidRequestError."""
    if text not in get_args(Reason):
        raise InvalidRequestError
    return text  # type: ignore[return-value]


def checked_words(lines: Sequence[str]) -> list[str]:
    """What to look for, each once. Raises RedactionWordsError."""
    words = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if not words or len(words) > MOST_WORDS or not all(len(one) <= LONGEST and usable(one) for one in words):
        raise RedactionWordsError
    return words


async def spoken(
    session: AsyncSession, office: Office, agent: Agent, subject: Subject, message: int | None = None
) -> tuple[list[Spoken], list[Suggestion]]:
    """What is written where somebody begins, or in one message of it; and what of it is likely to be somebody's.

    Raises as `matter_of` does.
    """
    matter = await matter_of(session, agent, subject)
    texts = [text for text in await all_texts(session, matter) if text.seen and _belongs(text, subject, message)]
    offered = [one for text in texts for one in suggested(text.words, office.profile.country)]
    shown = [Spoken(text.label, matter.where(text), text.words) for text in texts[-MOST_SPOKEN:]]
    return shown, list(dict.fromkeys(offered))


def _belongs(text: Text, subject: Subject, message: int | None) -> bool:
    row = text.row
    if subject.kind == "chat":
        here = getattr(row, "conversation_id", None) == subject.id and not hasattr(row, "ticket_id")
        return here and (message is None or (isinstance(row, Message) and row.seq == message))
    return subject.id in (getattr(row, "ticket_id", None), getattr(row, "id", None))


async def occurrences(session: AsyncSession, agent: Agent, subject: Subject, words: Sequence[str]) -> list[Occurrence]:
    """Every place of some words the agent may see. Raises RedactionWordsError, else as `matter_of` does."""
    wanted = checked_words(words)
    matter = await matter_of(session, agent, subject)
    return [place for text in await all_texts(session, matter) if text.seen for place in _places(matter, text, wanted)]


def _places(matter: Matter, text: Text, words: Sequence[str]) -> list[Occurrence]:
    spans = {(span.start, span.length): span for one in words for span in find(text.words, one)}
    return [_place(matter, text, spans[key]) for key in sorted(spans)]


def _place(matter: Matter, text: Text, span: Span) -> Occurrence:
    said = text.words
    return Occurrence(
        place=text.place,
        label=text.label,
        where=matter.where(text),
        span=span,
        before=said[max(span.start - AROUND, 0) : span.start],
        words=said[span.start : span.end],
        after=said[span.end : span.end + AROUND],
    )


async def hide(
    session: AsyncSession,
    desk: Desk,
    agent: Agent,
    subject: Subject,
    words: Sequence[str],
    chosen: Collection[str],
    act: Act,
) -> int:
    """Put blocks in the chosen places of some words, and in every copy nobody sees. Returns how many places it were.

    Raises RedactionWordsError, RedactionNothingError, RedactionChangedError when a chosen place reads otherwise now,
    RedactionBusyError, else as `matter_of` does.
    """
    wanted = checked_words(words)
    if not chosen:
        raise RedactionNothingError
    matter = await matter_of(session, agent, subject)
    await lock_chats(session, matter)
    texts = await all_texts(session, matter, lock=True)
    found = [(text, place) for text in texts if text.seen for place in _places(matter, text, wanted)]
    picked = [(text, place) for text, place in found if place.key in chosen]
    if {place.key for _, place in picked} != set(chosen):
        raise RedactionChangedError
    removed = list(dict.fromkeys(place.words for _, place in picked))
    unseen = [ticket for ticket in matter.unseen if find_any(f"{ticket.description} {ticket.place or ''}", removed)]
    changed = _blocked(picked)
    changed += [text for text in texts if not text.seen and _cleaned(text, removed)]
    await copies.clean(session, desk.settings, desk.office.profile.id, matter.chats, changed, removed)
    redaction = _row(agent, subject, act, [_spot(text, place.span) for text, place in picked])
    await repository.add(session, redaction)
    await write_down(session, agent, matter, redaction, changed)
    for ticket in unseen:
        await tickets.note_redacted(session, agent, ticket.id, "copy_redacted", reason=act.reason)
    if act.tell:
        await tell_authors(session, desk, matter, changed)
    return len(picked)


async def lock_chats(session: AsyncSession, matter: Matter) -> None:
    """Keep the assistant out of the chats until the commit. Raises RedactionBusyError while it answers in one."""
    now = utcnow()
    for chat in await conversations.locked(session, matter.chats):
        if chat.lease_until is not None and chat.lease_until > now:
            raise RedactionBusyError


def find_any(text: str, words: Sequence[str]) -> bool:
    """Whether any of the words stands in a text."""
    return any(find(text, one) for one in words)


def _blocked(picked: Sequence[tuple[Text, Occurrence]]) -> list[Text]:
    """Write blocks into the texts, each once for all its places; returns them."""
    changed = []
    for _, group in groupby(picked, key=lambda one: one[1].place):
        places = list(group)
        text = places[0][0]
        put(text, hidden(text.words, [place.span for _, place in places]))
        changed.append(text)
    return changed


def _cleaned(text: Text, words: Sequence[str]) -> bool:
    new = without(text.words, words)
    if new != text.words:
        put(text, new)
    return new != text.words


def _spot(text: Text, span: Span) -> dict[str, object]:
    return {"place": text.place, "start": span.start, "length": span.length, "size": len(text.words)}


def _row(agent: Agent, subject: Subject, act: Act, spots: list[dict[str, object]]) -> Redaction:
    now = utcnow()
    return Redaction(
        id=uuid4(),
        office_id=agent.office_id,
        at=now,
        account_id=agent.id,
        actor=agent.name,
        reason=act.reason,
        object_kind=subject.kind,
        object_id=subject.id,
        spots=spots,
        done_at=now,
    )
