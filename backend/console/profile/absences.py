"""The part of a page that shows somebody's absences and notes a new one: on their own page, and on their account's."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Form
from sqlalchemy.ext.asyncio import AsyncSession

from backend.accounts import absences
from backend.accounts.errors import AbsenceInvalidError
from backend.accounts.schemas import Agent
from backend.audit.service import record
from backend.core.database import utcnow
from backend.core.errors import KomshuError
from backend.offices.service import Office

Field = Annotated[str, Form(max_length=60)]
Typed = dict[str, str]


async def typed(first: Field = "", last: Field = "", stand_in: Field = "") -> Typed:
    """The form as it was filled in."""
    return {"first": first, "last": last, "stand_in": stand_in}


TypedAbsence = Annotated[Typed, Depends(typed)]


async def shown(
    session: AsyncSession,
    office: Office,
    account_id: UUID,
    path: str,
    form: Typed | None = None,
    error: KomshuError | None = None,
) -> dict[str, Any]:
    """What the part shows: absences with their days, who could stand in, and what was typed."""
    coming = (await absences.coming(session, [account_id])).get(account_id, [])
    others = await absences.stand_ins(session, account_id)
    return {
        "absences": [(one, *absences.days_of(office, one)) for one in coming],
        "stand_ins": others,
        "stand_in_names": {one.id: one.name for one in others},
        "absence_path": path,
        "absence": form or {"first": "", "last": "", "stand_in": ""},
        "absence_error": error,
        "absence_wrong": error.values.get("field", "") if error else "",
        "today": utcnow().astimezone(office.profile.zone).date(),
    }


async def add(session: AsyncSession, office: Office, by: Agent, account_id: UUID, form: Typed) -> None:
    """Note it. Raises AbsenceInvalidError, NotAllowedError or AccountUnknownError."""
    first, last = _day(form["first"]), _day(form["last"])
    away = await absences.add(session, office, by, account_id, first, last, _stand_in(form["stand_in"]))
    days = f"{first} – {last}"
    await record(session, by, "account.absence", "account", account_id, days=days, absence=str(away.id))


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise AbsenceInvalidError(field="days") from None
    if not 2000 <= found.year < 9000:
        raise AbsenceInvalidError(field="days")
    return found


def _stand_in(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise AbsenceInvalidError(field="stand_in") from None


async def end(session: AsyncSession, office: Office, by: Agent, absence_id: UUID) -> None:
    """They are there again. Raises NotAllowedError or AccountUnknownError."""
    whose = await absences.end(session, office, by, absence_id)
    if whose is not None:
        await record(session, by, "account.absence_end", "account", whose, absence=str(absence_id))
