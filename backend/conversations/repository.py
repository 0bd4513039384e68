"""Reads and writes conversations and messages. Statements on the way of a message are single round trips."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Row, and_, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession

from backend.contacts.models import Identity
from backend.conversations.models import Conversation, Message, Usefulness
from backend.conversations.schemas import Claim, Turn, Waiting
from backend.core.database import utcnow

DUE_CHANNEL = "komshu_due"
MESSAGE_CHANNEL = "komshu_message"

RECEIVE = text(
    """
    WITH known AS (
        SELECT seq FROM message WHERE channel = :channel AND external_id = :external_id
    ), numbered AS (
        UPDATE conversation SET last_seq = last_seq + 1, due_at = LEAST(COALESCE(due_at, now()), now())
        WHERE id = :conversation_id AND NOT EXISTS (SELECT FROM known)
        RETURNING last_seq
    ), stored AS (
        INSERT INTO message (conversation_id, seq, author, channel, external_id, content, state, attempts, due_at,
                             created_at)
        SELECT :conversation_id, last_seq, 'citizen', :channel, :external_id, :content, 'received', 0, now(),
               clock_timestamp()
        FROM numbered
        ON CONFLICT DO NOTHING
        RETURNING seq
    )
    SELECT seq, pg_notify('komshu_due', ''), pg_notify('komshu_message', CAST(:conversation_id AS text)) FROM stored
    UNION ALL SELECT seq, NULL, NULL FROM known
    """
).bindparams(bindparam("content", type_=JSONB))

CLAIM = text(
    """
    UPDATE conversation
    SET lease_token = :token, lease_until = now() + make_interval(secs => :seconds)
    WHERE id = (
        SELECT id FROM conversation
        WHERE due_at <= now() AND (lease_until IS NULL OR lease_until < now())
        ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id AS conversation_id, channel, last_seq
    """
)

NUMBER = text(
    """
    UPDATE conversation SET last_seq = last_seq + :count, language = :language,
        language_choice = CASE WHEN :chose THEN :language_choice ELSE language_choice END
    WHERE id = :conversation_id AND lease_token = :token
    RETURNING last_seq
    """
)

# A message that came in since :last_seq was read has set due_at itself: leave it.
RELEASE = text(
    """
    UPDATE conversation
    SET lease_token = NULL, lease_until = NULL,
        due_at = CASE WHEN last_seq = :last_seq
                 THEN (SELECT due_at FROM message WHERE conversation_id = :conversation_id AND state = 'received'
                       ORDER BY seq LIMIT 1)
                 ELSE due_at END
    WHERE id = :conversation_id AND lease_token = :token
    """
)

SETTLE = text("UPDATE message SET state = :state, error = :error, settled_at = now(), due_at = NULL WHERE id = :id")

# Built once: putting a statement together costs more than running it, and these run for every message.
NEXT_WAITING = (
    select(
        Message.id,
        Message.seq,
        Message.content,
        Message.attempts,
        Conversation.holder,
        Conversation.language,
        Conversation.language_choice,
        Conversation.last_seq,
        Message.created_at,
        Message.due_at,
    )
    .join(Conversation, Conversation.id == Message.conversation_id)
    .where(Message.conversation_id == bindparam("conversation_id"), Message.state == "received")
    .order_by(Message.seq)
    .limit(1)
)
CONVERSATION_OF_IDENTITY = (
    select(Conversation)
    .join(Identity, and_(Identity.contact_id == Conversation.contact_id, Identity.channel == Conversation.channel))
    .where(Identity.channel == bindparam("channel"), Identity.external_id == bindparam("external_id"))
)
MESSAGES_AFTER = (
    select(Message, Usefulness.useful)
    .outerjoin(Usefulness, and_(Usefulness.conversation_id == Message.conversation_id, Usefulness.seq == Message.seq))
    .where(Message.conversation_id == bindparam("conversation_id"), Message.seq > bindparam("after"))
    .order_by(Message.seq)
    .limit(bindparam("limit"))
)

RENEW = text(
    """
    UPDATE conversation SET lease_until = now() + make_interval(secs => :seconds)
    WHERE lease_token = ANY(:tokens)
    """
)


async def insert_conversation(
    session: AsyncSession, office_id: str, contact_id: UUID, channel: str, language: str
) -> UUID:
    """A new conversation."""
    conversation = Conversation(
        id=uuid4(),
        office_id=office_id,
        contact_id=contact_id,
        channel=channel,
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
    session: AsyncSession, conversation_id: UUID, channel: str, external_id: str, content: dict[str, Any]
) -> int:
    """Store an inbound message once and wake the workers; returns its number, the first one's for a duplicate."""
    values = {
        "conversation_id": conversation_id,
        "channel": channel,
        "external_id": external_id,
        "content": content,
    }
    seq = await session.scalar(RECEIVE, values)
    if seq is None:  # the same message was being stored at the same moment: now it is known, the number is not needed
        mine = update(Conversation).where(Conversation.id == conversation_id)
        await session.execute(mine.values(last_seq=Conversation.last_seq - 1))
        seq = await session.scalar(
            select(Message.seq).where(Message.channel == channel, Message.external_id == external_id)
        )
    return int(seq or 0)


async def claim(session: AsyncSession, lease_seconds: float) -> Claim | None:
    """Take the conversation that has waited longest, or None when nothing waits."""
    token = uuid4()
    row = (await session.execute(CLAIM, {"token": token, "seconds": lease_seconds})).mappings().first()
    return Claim(token=token, **row) if row else None


async def renew(session: AsyncSession, tokens: Sequence[UUID], lease_seconds: float) -> None:
    """Keep leases for another while."""
    await session.execute(RENEW, {"tokens": list(tokens), "seconds": lease_seconds})


async def holds(session: AsyncSession, claim: Claim) -> bool:
    """Whether a claim is still good; it stays so until the transaction ends."""
    mine = select(Conversation.id).where(
        Conversation.id == claim.conversation_id, Conversation.lease_token == claim.token
    )
    return await session.scalar(mine.with_for_update()) is not None


async def release(session: AsyncSession, claim: Claim, last_seq: int) -> None:
    """Give a conversation back; it stays due for what waits in it."""
    values = {"conversation_id": claim.conversation_id, "token": claim.token, "last_seq": last_seq}
    await session.execute(RELEASE, values)


async def next_waiting(session: AsyncSession, conversation_id: UUID) -> Waiting | None:
    """The oldest inbound message without an answer, if it is due now; order is never broken by skipping it."""
    row = (await session.execute(NEXT_WAITING, {"conversation_id": conversation_id})).mappings().first()
    if row is None or row["due_at"] > utcnow():
        return None
    return Waiting(**{name: value for name, value in row.items() if name != "due_at"})


async def take_numbers(session: AsyncSession, claim: Claim, waiting: Waiting, turn: Turn) -> int | None:
    """Reserve numbers for replies; returns the last one, or None when the lease was lost."""
    values = {
        "conversation_id": claim.conversation_id,
        "token": claim.token,
        "count": len(turn.replies),
        "language": turn.language,
        "language_choice": turn.language_choice,
        "chose": turn.language_choice != waiting.language_choice,
    }
    last: int | None = await session.scalar(NUMBER, values)
    return last


async def insert_replies(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Store outbound messages."""
    if rows:
        await session.execute(insert(Message), list(rows))


async def settle(session: AsyncSession, message_id: int, state: str, error: str | None = None) -> None:
    """Mark an inbound message as answered or failed."""
    await session.execute(SETTLE, {"id": message_id, "state": state, "error": error})


async def postpone(session: AsyncSession, message_id: int, seconds: float, error: str, *, counts: bool) -> None:
    """Try a message again later; counts says whether this was one of its tries."""
    later = text("now() + make_interval(secs => :seconds)").bindparams(seconds=seconds)
    again = update(Message).where(Message.id == message_id)
    await session.execute(again.values(attempts=Message.attempts + int(counts), error=error, due_at=later))


async def messages_after(
    session: AsyncSession, conversation_id: UUID, after: int, limit: int
) -> Sequence[Row[Message, bool]]:
    """Messages with a number above `after`, in order, each with the vote on it."""
    values = {"conversation_id": conversation_id, "after": after, "limit": limit}
    return (await session.execute(MESSAGES_AFTER, values)).all()


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


async def queue_for_person(session: AsyncSession, conversation_id: UUID) -> None:
    """Put a conversation into the queue for a person, unless it is there or with one already."""
    asked = update(Conversation).where(Conversation.id == conversation_id, Conversation.holder == "bot")
    await session.execute(asked.values(holder="queue", queued_at=utcnow()))
