"""After a backup was restored: what was made unreadable since is made so again, before anybody reads it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession

from backend.attachments import redacting
from backend.attachments.redacting import Areas, KeptFile
from backend.conversations import personal as conversations
from backend.core.settings import Settings
from backend.redaction import copies, repository
from backend.redaction.matching import Span, hidden, without
from backend.redaction.models import Redaction
from backend.redaction.pictures import kind_and_id, united
from backend.redaction.texts import TABLES, Path, Text, key_from, put, texts_of
from backend.tickets import personal as tickets
from backend.tickets.models import Ticket


@dataclass
class Repeated:
    """What became of a list of redactions in an older state of the data."""

    done: int = 0
    unfit: list[UUID] = field(default_factory=list)
    """Those of which some place reads otherwise in the older state: a person has to look."""


async def kept_list(session: AsyncSession) -> list[dict[str, Any]]:
    """The list of redactions, to be taken over into another state of the data."""
    names = [column.key for column in inspect(Redaction).columns]
    return [{name: getattr(one, name) for name in names} for one in await repository.everything(session)]


async def repeat(
    session: AsyncSession, settings: Settings, office_id: str, kept: Sequence[Mapping[str, Any]]
) -> Repeated:
    """Do again what an older state of the data does not know of. Files are for `covered_files`."""
    known = {one.id for one in await repository.everything(session)}
    result = Repeated()
    for values in kept:
        if values["id"] in known:
            continue
        redaction = Redaction(**values)
        await repository.add(session, redaction)
        if not await _repeat(session, settings, office_id, redaction):
            result.unfit.append(redaction.id)
        result.done += 1
    return result


async def _repeat(session: AsyncSession, settings: Settings, office_id: str, redaction: Redaction) -> bool:
    """Whether every place of it was found as it was."""
    changed: list[Text] = []
    words: list[str] = []
    spots = [spot for spot in redaction.spots if "place" in spot]
    for place, group in groupby(spots, key=lambda spot: str(spot["place"])):
        wanted = list(group)
        text = await _text_at(session, place)
        if text is None or len(text.words) != wanted[0]["size"]:
            continue
        spans = [Span(spot["start"], spot["length"]) for spot in wanted]
        words += [text.words[span.start : span.end] for span in spans]
        put(text, hidden(text.words, spans))
        changed.append(text)
    whole = len({str(spot["place"]) for spot in spots}) == len(changed)
    if changed:
        await _clean(session, settings, office_id, changed, words)
    return whole


async def _clean(
    session: AsyncSession, settings: Settings, office_id: str, changed: Sequence[Text], words: Sequence[str]
) -> None:
    chats, changed = await _chats_of(session, changed), [*changed]
    for row in await conversations.texts_of(session, chats, lock=True):
        for text in texts_of(row):
            if not text.seen and (new := without(text.words, words)) != text.words:
                put(text, new)
                changed.append(text)
    await copies.clean(session, settings, office_id, chats, changed, words)


async def _chats_of(session: AsyncSession, changed: Collection[Text]) -> set[UUID]:
    chats = {getattr(text.row, "conversation_id", None) for text in changed}
    beside = {getattr(text.row, "ticket_id", None) for text in changed}
    for row in await tickets.texts_of(session, [one for one in beside if one], lock=False):
        if isinstance(row, Ticket):
            chats.add(row.conversation_id)
    return {one for one in chats if one}


async def _text_at(session: AsyncSession, place: str) -> Text | None:
    """The text a place names; None when there is none any more."""
    name, key, column, *steps = place.split("/")
    table = TABLES[name]
    row = await session.get(table, key_from(table, key))
    if row is None:
        return None
    path, words = _walked(getattr(row, column), [step.replace("~1", "/").replace("~0", "~") for step in steps])
    return Text(row, column, path, words) if isinstance(words, str) else None


def _walked(value: Any, steps: Sequence[str]) -> tuple[Path, Any]:
    path: list[str | int] = []
    for step in steps:
        key = int(step) if isinstance(value, list) and step.isdecimal() else step
        within = isinstance(value, list) and isinstance(key, int) and key < len(value)
        if not within and not (isinstance(value, dict) and key in value):
            return tuple(path), None
        path.append(key)
        value = value[key]
    return tuple(path), value


async def covered_files(session: AsyncSession) -> dict[str, tuple[KeptFile, Areas]]:
    """By name in the storage, the files of which something was made unreadable, and what of them."""
    found: dict[str, tuple[KeptFile, Areas]] = {}
    names = {str(spot["file"]) for one in await repository.everything(session) for spot in one.spots if "file" in spot}
    for name in sorted(names):
        row = await redacting.fetch(session, *kind_and_id(name))
        if row is not None:
            file = redacting.described(row)
            found[file.stored_as] = (file, united(await repository.of_file(session, name)))
    return found
