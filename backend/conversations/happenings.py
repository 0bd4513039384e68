"""What other systems are told of a chat: ids, channel, who has it. Never who writes, nor what."""

from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from backend.integrations.schemas import EventName, Happening
from backend.integrations.webhooks import happened

FACTS = """
    SELECT office_id, channel, COALESCE(language_choice, language), unit, holder, queued_at, promised_at
    FROM conversation WHERE id = %(id)s
"""


async def announce(connection: AsyncConnection[Any], conversation_id: UUID, event: EventName) -> None:
    """Tell webhooks who has a chat now, in the transaction of the change."""
    row = await (await connection.execute(FACTS, {"id": conversation_id})).fetchone()
    if row is None:
        return
    office_id, channel, language, unit, holder, queued_at, promised_at = row
    data = {
        "id": str(conversation_id),
        "channel": channel,
        "language": language,
        "unit": unit,
        "holder": holder,
        "queued_at": queued_at.isoformat() if queued_at else None,
        "promised_at": promised_at.isoformat() if promised_at else None,
    }
    await happened(connection, Happening(event, office_id, f"chat:{conversation_id}", unit, data))
