"""Reads and writes conversations and messages. Statements on the way of a message are single round trips."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, ColumnElement, Uuid, and_, any_, bindparam, func, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contacts.models import Identity
from backend.conversations.happenings import announce
from backend.conversations.models import Conversation, Message, Usefulness
from backend.core.database import Json, driver_connection, notify, utcnow

DUE_CHANNEL = "komshu_due"
MESSAGE_CHANNEL = "komshu_message"
"""Notices name a conversation with something new; `<id> citizen` when it is what the citizen said."""
REPEATS_SECONDS = 600

RECEIVE = text(
    """
    WITH known AS (
        SELECT seq FROM message WHERE channel = :channel AND external_id = :external_id
    ), numbered AS (
        UPDATE conversation SET last_seq = last_seq + 1, due_at = LEAST(COALESCE(due_at, now()), now()),
            heard_at = now(), waiting_since = CASE WHEN holder <> 'bot' THEN COALESCE(waiting_since, now()) END
        WHERE id = :conversation_id AND NOT EXISTS (SELECT FROM known)
        RETURNING last_seq
    ), stored AS (
        INSERT INTO message (conversation_id, seq, author, channel, external_id, content, state, attempts, due_at,
                             created_at)
        SELECT :conversation_id, last_seq, 'citizen', :channel, :external_id, :content, :state, 0,
               now() + make_interval(secs => :delay), clock_timestamp()
        FROM numbered
        ON CONFLICT DO NOTHING
        RETURNING seq
    )
    SELECT seq, pg_notify('komshu_due', ''), pg_notify('komshu_message', CAST(:conversation_id AS text) || ' citizen')
    FROM stored
    UNION ALL SELECT seq, NULL, NULL FROM known
    """
).bindparams(bindparam("content", type_=JSONB))

# Built once: putting a statement together costs more than running it, and these run for every message.
CONVERSATION_OF_IDENTITY = (
    select(Conversation)
    .join(Identity, and_(Identity.contact_id == Conversation.contact_id, Identity.channel == Conversation.channel))
    .where(Identity.channel == bindparam("channel"), Identity.external_id == bindparam("external_id"))
)


async def insert_conversation(
    session: AsyncSession, office_id: str, contact_id: UUID, channel: str, language: str, address: str = ""
) -> UUID:
    """A new conversation; answers go to the address, or are fetched."""
    conversation = Conversation(
        id=uuid4(),
        office_id=office_id,
        contact_id=contact_id,
        channel=channel,
        address=address,
        language=language,
        created_at=utcnow(),
    )
    session.add(conversation)
    await session.flush()
    return conversation.id


async def conversation_of_identity(session: AsyncSession, channel: str, external_id: str) -> Conversation | None:
    """The conversation of a person a channel knows by this id, or None."""
    values = {"channel": channel, "external_id": external_id}
    found: Conversation | None = await session.scalar(CONVERSATION_OF_IDENTITY, values)
    return found


async def fetch_conversation(session: AsyncSession, conversation_id: UUID) -> Conversation | None:
    """A conversation by id, or None."""
    return await session.get(Conversation, conversation_id)


async def receive(
    session: AsyncSession,
    conversation_id: UUID,
    channel: str,
    external_id: str,
    content: dict[str, Any],
    *,
    state: str = "received",
    delay: float = 0.0,
) -> int:
    """Store an inbound message once and wake the workers; returns its number, the first one's for a duplicate.

    It is answered after `delay` seconds, or never when its state is not `received`.
    """
    values = {
        "conversation_id": conversation_id,
        "channel": channel,
        "external_id": external_id,
        "content": content,
        "state": state,
        "delay": delay,
    }
    seq = await session.scalar(RECEIVE, values)
    if seq is None:  # the same message was being stored at the same moment: now it is known, the number is not needed
        mine = update(Conversation).where(Conversation.id == conversation_id)
        await session.execute(mine.values(last_seq=Conversation.last_seq - 1))
        seq = await session.scalar(
            select(Message.seq).where(Message.channel == channel, Message.external_id == external_id)
        )
    return int(seq or 0)


async def was_offered(session: AsyncSession, conversation_id: UUID, payload: str) -> bool:
    """Whether a button with this payload was ever shown in the conversation."""
    offers: ColumnElement[bool] = Message.content["buttons"].contains([{"payload": payload}])
    query = select(Message.seq).where(Message.conversation_id == conversation_id, Message.author != "citizen", offers)
    return await session.scalar(query.limit(1)) is not None


async def article_of(session: AsyncSession, conversation_id: UUID, seq: int) -> tuple[str, str] | None:
    """(topic, language) of the article a message was answered from, or None."""
    query = select(Message.content["article"]["topic"].astext, Message.language).where(
        Message.conversation_id == conversation_id, Message.seq == seq
    )
    row = (await session.execute(query)).first()
    return (row[0], row[1] or "") if row and row[0] else None


async def save_vote(session: AsyncSession, vote: dict[str, object]) -> None:
    """Store a vote; a changed mind replaces it."""
    changed = {"useful": vote["useful"], "at": vote["at"]}
    statement = insert(Usefulness).values(**vote)
    await session.execute(statement.on_conflict_do_update(index_elements=["conversation_id", "seq"], set_=changed))


async def set_language_choice(session: AsyncSession, conversation_id: UUID, language: str) -> None:
    """Remember the language a citizen chose."""
    chosen = update(Conversation).where(Conversation.id == conversation_id)
    await session.execute(chosen.values(language_choice=language, language=language))


async def queue_for_person(
    session: AsyncSession, conversation_id: UUID, promised_at: datetime | None = None, *, callback: bool = False
) -> None:
    """Put a conversation into the queue for a person, unless it is there or with one already."""
    now = utcnow()
    asked = update(Conversation).where(Conversation.id == conversation_id, Conversation.holder == "bot")
    waits = {"holder": "queue", "queued_at": now, "waiting_since": now, "promised_at": promised_at}
    if await session.scalar(asked.values(**waits, callback=callback).returning(Conversation.id)):
        await announce(await driver_connection(session), conversation_id, "chat.queued")
    if callback:
        await session.execute(update(Conversation).where(Conversation.id == conversation_id).values(callback=True))
    await notify(session, MESSAGE_CHANNEL, str(conversation_id))


async def buttons_of(session: AsyncSession, conversation_id: UUID, seq: int | None) -> tuple[int, list[Json]] | None:
    """(number, buttons) of a message of ours, or of the newest answer; None when there is no such message.

    A notice without buttons, such as that an answer takes longer, changes nothing about what was offered before it.
    """
    ours = select(Message.seq, Message.content["buttons"]).where(
        Message.conversation_id == conversation_id, Message.author != "citizen"
    )
    answers = ours.where(or_(Message.author == "bot", _count_buttons() > 0))
    one = ours.where(Message.seq == seq) if seq is not None else answers.order_by(Message.seq.desc()).limit(1)
    row = (await session.execute(one)).first()
    return (row[0], row[1] or []) if row else None


def _count_buttons() -> ColumnElement[int]:
    return func.coalesce(func.jsonb_array_length(Message.content["buttons"]), 0)


async def offered_since(session: AsyncSession, conversation_id: UUID, seq: int) -> bool:
    """Whether a newer message of ours than this one has buttons."""
    newer = select(Message.seq).where(
        Message.conversation_id == conversation_id,
        Message.seq > seq,
        Message.author != "citizen",
        _count_buttons() > 0,
    )
    return await session.scalar(newer.limit(1)) is not None


async def count_since(session: AsyncSession, conversation_id: UUID, seconds: float) -> int:
    """How many messages a citizen wrote in the last seconds."""
    since = utcnow() - timedelta(seconds=seconds)
    query = select(func.count()).where(
        Message.conversation_id == conversation_id, Message.author == "citizen", Message.created_at > since
    )
    return await session.scalar(query) or 0


async def answered_texts(session: AsyncSession, conversation_id: UUID, limit: int) -> list[str]:
    """The newest texts of a citizen in the last minutes that were answered, newest first."""
    since = utcnow() - timedelta(seconds=REPEATS_SECONDS)
    query = select(Message.content["text"].astext).where(
        Message.conversation_id == conversation_id,
        Message.author == "citizen",
        Message.state == "answered",
        Message.created_at > since,
    )
    return list((await session.scalars(query.order_by(Message.seq.desc()).limit(limit))).all())


async def of_contacts(
    session: AsyncSession, contact_ids: Collection[UUID], channels: Collection[str]
) -> Sequence[Conversation]:
    """The conversations of some contacts on some channels, the one last written in first."""
    query = select(Conversation).where(
        Conversation.contact_id.in_(contact_ids), Conversation.channel.in_(channels), Conversation.heard_at.is_not(None)
    )
    return (await session.scalars(query.order_by(Conversation.heard_at.desc()))).all()


async def spoken_with(
    session: AsyncSession, contact_ids: Sequence[UUID], channels: Collection[str]
) -> list[tuple[UUID, str, str]]:
    """(contact, channel, language) of the conversations of many contacts, those last written in first."""
    mine = Conversation.contact_id == any_(literal(contact_ids, ARRAY(Uuid())))
    language = func.coalesce(Conversation.language_choice, Conversation.language)
    query = select(Conversation.contact_id, Conversation.channel, language).where(
        mine, Conversation.channel.in_(channels), Conversation.heard_at.is_not(None)
    )
    return [(row[0], row[1], row[2]) for row in await session.execute(query.order_by(Conversation.heard_at.desc()))]


async def handed_back_since(session: AsyncSession, conversation_id: UUID) -> datetime | None:
    """When the stretch with a person began that ended last; None when the bot never got the chat back."""
    query = select(Message.content["since"].astext).where(
        Message.conversation_id == conversation_id, Message.content["hidden"].is_not(None)
    )
    since = await session.scalar(query.order_by(Message.seq.desc()).limit(1))
    return datetime.fromisoformat(since) if since else None


async def newest_of_ours(session: AsyncSession, conversation_id: UUID) -> int | None:
    """The number of the newest message that is not the citizen's."""
    query = select(func.max(Message.seq)).where(Message.conversation_id == conversation_id, Message.author != "citizen")
    found: int | None = await session.scalar(query)
    return found
