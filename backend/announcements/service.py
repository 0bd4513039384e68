"""Announcements: written by one, released by another, sent by a job. Every act is in the audit log.

Every act raises NotAllowedError when the role may not do it, and AnnouncementNotFoundError. Acts on what was previewed
name the version that was looked at and raise AnnouncementChangedError when it is another one by now.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts.schemas import Agent, Permission
from backend.announcements import repository
from backend.announcements.errors import (
    AnnouncementChangedError,
    AnnouncementNotFoundError,
    AnnouncementStateError,
    AnnouncementUnfitError,
    SecondPersonError,
)
from backend.announcements.models import Announcement
from backend.announcements.schemas import LONGEST_LINK, LONGEST_TEXT, STATES, Content, Figures, State, ToldOne
from backend.audit import service as audit
from backend.audit.models import AuditEntry
from backend.audit.service import record
from backend.core.database import Connection, driver_connection, utcnow
from backend.core.errors import NotAllowedError
from backend.core.languages import LANGUAGES
from backend.core.queue import defer
from backend.offices.service import Office
from backend.outbox import service as outbox
from channels.splitting import units
from channels.text import cleaned

DELIVER_TASK = "announcements:deliver"
KIND = "announcement"
LISTED = 50
CHANGEABLE = ("draft", "proposed")
STOPPABLE = ("draft", "proposed", "released", "sending")


def areas_of(office: Office) -> list[str]:
    """The districts an announcement can be for."""
    return list(dict.fromkeys(place.name for place in office.gazetteer.districts))


def content_of(of: Announcement) -> Content:
    """What an announcement says."""
    return Content(of.topic, tuple(of.areas), of.texts, of.link, of.valid_until, of.emergency)


def tidied(content: Content) -> Content:
    """The same without control characters, blanks around texts, and texts that say nothing."""
    texts = {language: cleaned(content.texts.get(language, "")) for language in LANGUAGES}
    link = (content.link or "").strip() or None
    said = {language: text for language, text in texts.items() if text}
    return Content(content.topic, content.areas, said, link, content.valid_until, content.emergency)


def check(office: Office, content: Content) -> None:
    """Make sure that an announcement can be sent like this. Raises AnnouncementUnfitError naming the field."""
    too_long = any(units(text) > LONGEST_TEXT for text in content.texts.values())
    wrong = {
        "topic": content.topic not in office.announcement_topics,
        "areas": bool(set(content.areas) - set(areas_of(office))),
        "texts": too_long or not content.texts.get(office.profile.languages[0]),
        "link": content.link is not None and not _is_address(content.link),
        "valid_until": content.valid_until is not None and content.valid_until <= utcnow(),
    }
    for field, found in wrong.items():
        if found:
            raise AnnouncementUnfitError(field=field, longest=LONGEST_TEXT)


def _is_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    plain = link.isprintable() and " " not in link
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname) and len(link) <= LONGEST_LINK


async def write(session: AsyncSession, office: Office, agent: Agent, content: Content) -> Announcement:
    """A new draft. Raises AnnouncementUnfitError."""
    _permit(agent, "announce")
    content = tidied(content)
    check(office, content)
    now = utcnow()
    made = Announcement(
        office_id=office.profile.id, state="draft", writers=[str(agent.id)], written_by=agent.name, created_at=now
    )
    _fill(made, content, now)
    session.add(made)
    await session.flush()
    await record(session, agent, "announcement.written", KIND, made.id)
    return made


async def change(
    session: AsyncSession, office: Office, agent: Agent, announcement_id: UUID, version: int, content: Content
) -> Announcement:
    """Change a draft or a proposal, which becomes a draft by it.

    Raises AnnouncementUnfitError, AnnouncementChangedError or AnnouncementStateError.
    """
    _permit(agent, "announce")
    content = tidied(content)
    of = await _locked(session, office, announcement_id, CHANGEABLE, version)
    check(office, content)
    fields = _changed(content_of(of), content)
    if not fields:
        return of
    _fill(of, content, utcnow())
    of.state, of.version, of.written_by = "draft", of.version + 1, agent.name
    of.writers = list(dict.fromkeys([*of.writers, str(agent.id)]))
    await record(session, agent, "announcement.changed", KIND, of.id, changed=fields, version=of.version)
    return of


def _changed(before: Content, after: Content) -> list[str]:
    names = ("topic", "areas", "texts", "link", "valid_until", "emergency")
    return [name for name in names if getattr(before, name) != getattr(after, name)]


def _fill(of: Announcement, content: Content, now: datetime) -> None:
    of.topic, of.areas, of.texts = content.topic, list(content.areas), dict(content.texts)
    of.link, of.valid_until, of.emergency = content.link, content.valid_until, content.emergency
    of.changed_at = now


async def propose(
    session: AsyncSession, office: Office, agent: Agent, announcement_id: UUID, version: int
) -> Announcement:
    """Hand a draft to a colleague for release.

    Raises AnnouncementUnfitError, AnnouncementChangedError or AnnouncementStateError.
    """
    _permit(agent, "announce")
    of = await _locked(session, office, announcement_id, ("draft",), version)
    check(office, content_of(of))
    of.state, of.changed_at = "proposed", utcnow()
    await record(session, agent, "announcement.proposed", KIND, of.id, version=version)
    return of


async def send_back(session: AsyncSession, office: Office, agent: Agent, announcement_id: UUID) -> Announcement:
    """A proposal becomes a draft again. Raises AnnouncementStateError."""
    _permit(agent, "announce")
    of = await _locked(session, office, announcement_id, ("proposed",))
    of.state, of.changed_at = "draft", utcnow()
    await record(session, agent, "announcement.sent_back", KIND, of.id)
    return of


async def release(
    session: AsyncSession, office: Office, agent: Agent, announcement_id: UUID, version: int
) -> Announcement:
    """Let a proposal be sent, as it was previewed; nobody changes it from now on.

    Raises SecondPersonError, AnnouncementUnfitError, AnnouncementChangedError or AnnouncementStateError.
    """
    _permit(agent, "release")
    of = await _locked(session, office, announcement_id, ("proposed",), version)
    if str(agent.id) in of.writers:
        raise SecondPersonError
    check(office, content_of(of))
    of.state, of.released_by, of.released_at = "released", agent.name, utcnow()
    of.changed_at = of.released_at
    await record(session, agent, "announcement.released", KIND, of.id, version=version, emergency=of.emergency)
    await defer(session, DELIVER_TASK)
    return of


async def withdraw(session: AsyncSession, office: Office, agent: Agent, announcement_id: UUID) -> Announcement:
    """Stop an announcement: who has not had it yet does not get it. Raises AnnouncementStateError."""
    _permit(agent, "announce")
    of = await _locked(session, office, announcement_id, STOPPABLE)
    now = utcnow()
    of.state, of.changed_at, of.ended_at = "withdrawn", now, now
    await session.flush()
    await repository.skip_open(session, of.id, "withdrawn", now)
    back = await outbox.withdraw(await driver_connection(session), await repository.told(session, of.id))
    await repository.note_withdrawn(session, of.id, [conversation_id for conversation_id, _ in back])
    found = await figures(session, [of])
    of.figures = as_json(found[of.id])
    await record(session, agent, "announcement.withdrawn", KIND, of.id, people=found[of.id].sent)
    return of


async def unwanted(connection: Connection, conversation_id: UUID, number: int, *, stopped: bool) -> UUID | None:
    """The announcement a message tells, when who is to get it ended their subscription since, or stopped.

    Asked in the last moment before it leaves: a bulletin may have lain in the outbox for a night.
    """
    return await repository.unwanted(connection, conversation_id, number, stopped=stopped)


async def take_back(connection: Connection, of: UUID, conversation_id: UUID, number: int, *, stopped: bool) -> None:
    """Note in an announcement's figures that a message was not sent; in the caller's transaction.

    The announcement is locked before its rows, as by who withdraws it.
    """
    kept = await repository.kept_figures(connection, of)
    reason = "stopped" if stopped else "unsubscribed"
    channel = await repository.take_back(connection, conversation_id, number, reason)
    if kept and channel:
        await repository.keep_figures(connection, of, as_json(from_json(kept).taken_back(channel, reason)))


def may_release(agent: Agent, of: Announcement) -> bool:
    """Whether this agent is the second person."""
    return agent.may("release") and str(agent.id) not in of.writers


def _permit(agent: Agent, permission: Permission) -> None:
    if not agent.may(permission):
        raise NotAllowedError


async def _locked(
    session: AsyncSession, office: Office, announcement_id: UUID, states: Sequence[str], version: int | None = None
) -> Announcement:
    of = await repository.one(session, office.profile.id, announcement_id, lock=True)
    if of is None:
        raise AnnouncementNotFoundError
    if version is not None and version != of.version:
        raise AnnouncementChangedError
    if of.state not in states:
        raise AnnouncementStateError
    return of


async def one(session: AsyncSession, office: Office, agent: Agent, announcement_id: UUID) -> Announcement:
    """One of them."""
    _permit(agent, "announce")
    found = await repository.one(session, office.profile.id, announcement_id)
    if found is None:
        raise AnnouncementNotFoundError
    return found


async def listed(session: AsyncSession, office: Office, agent: Agent) -> Mapping[State, Sequence[Announcement]]:
    """By state those changed last, at most fifty of each."""
    _permit(agent, "announce")
    office_id = office.profile.id
    return {state: await repository.newest(session, office_id, (state,), LISTED) for state in STATES}


async def history(session: AsyncSession, office: Office, announcement_id: UUID) -> Sequence[AuditEntry]:
    """Who did what with it, oldest first."""
    return await audit.of_object(session, office.profile.id, KIND, announcement_id)


async def figures(session: AsyncSession, of: Sequence[Announcement]) -> dict[UUID, Figures]:
    """How far some announcements are; what was kept at their end, where it was."""
    counted: dict[UUID, list[tuple[str, str | None, str | None, int]]] = {one.id: [] for one in of}
    ids = [one.id for one in of if one.figures is None]
    for announcement_id, state, reason, channel, people in await repository.counts(session, ids):
        counted[announcement_id].append((state, reason, channel, people))
    kept = {one.id: from_json(one.figures) for one in of if one.figures is not None}
    return {announcement_id: _summed(rows) for announcement_id, rows in counted.items()} | kept


def _summed(rows: Sequence[tuple[str, str | None, str | None, int]]) -> Figures:
    states, reasons, channels = dict[str, int](), dict[tuple[str, str], int](), dict[str, int]()
    for state, reason, channel, people in rows:
        states[state] = states.get(state, 0) + people
        if reason:
            reasons[state, reason] = reasons.get((state, reason), 0) + people
        if state == "sent" and channel:
            channels[channel] = channels.get(channel, 0) + people
    why = tuple(sorted((state, reason, people) for (state, reason), people in reasons.items()))
    return Figures(**states, reasons=why, channels=tuple(sorted(channels.items())))


def as_json(found: Figures) -> dict[str, Any]:
    """Figures as they are kept."""
    counts = {"waiting": found.waiting, "later": found.later, "sent": found.sent, "skipped": found.skipped}
    return {
        **counts,
        "reasons": [list(one) for one in found.reasons],
        "channels": [list(one) for one in found.channels],
    }


def from_json(kept: Mapping[str, Any]) -> Figures:
    """Figures as they were kept."""
    reasons = tuple((state, reason, people) for state, reason, people in kept["reasons"])
    channels = tuple((channel, people) for channel, people in kept["channels"])
    counts = {name: kept[name] for name in ("waiting", "later", "sent", "skipped")}
    return Figures(**counts, reasons=reasons, channels=channels)


async def forget(session: AsyncSession, contact_id: UUID) -> None:
    """Forget what somebody was told; the figures of what is over stay."""
    await repository.forget(session, contact_id)


async def of_contact(session: AsyncSession, contact_id: UUID) -> Sequence[ToldOne]:
    """All that somebody was to be told, oldest first."""
    return [ToldOne(*row) for row in await repository.of_contact(session, contact_id)]


async def forget_ended(session: AsyncSession, office_id: str, before: datetime) -> None:
    """Forget who was told of what ended before a moment; the figures stay."""
    await repository.forget_ended(session, office_id, before)
