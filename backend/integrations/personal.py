"""Answers kept for repeated requests of programs that hold words which are made unreadable."""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.core.sealing import unsealed
from backend.core.settings import Settings
from backend.integrations.models import ApiAnswer, ApiToken


async def forget_answers(
    session: AsyncSession, settings: Settings, office_id: str, holds: Callable[[str], bool]
) -> None:
    """Forget the answers that hold something: the same request is then answered anew."""
    ours = select(ApiToken.id).where(ApiToken.office_id == office_id)
    for answer in await session.scalars(select(ApiAnswer).where(ApiAnswer.token_id.in_(ours))):
        if answer.body and holds(unsealed(settings.secret_key, answer.body)):
            await session.delete(answer)
