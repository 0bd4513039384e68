"""Satisfaction with closed tickets: by unit against the office's target, and the answers behind each number."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from backend.console.office.rights import Director
from backend.console.shell.pages import Words, console_language, page
from backend.console.surveys import view
from backend.core.database import Session
from backend.offices.service import CurrentOffice
from backend.surveys import service
from backend.surveys.schemas import Group
from backend.tickets import aftercare

pages = APIRouter(prefix="/console/office/surveys", include_in_schema=False)
Day = Annotated[str, Query(max_length=20)]


@pages.get("")
async def satisfaction(
    request: Request, session: Session, office: CurrentOffice, who: Director, since: Day = "", until: Day = ""
) -> Response:
    """The units' numbers, as bars and as a table."""
    days = view.stretch(office, since, until)
    units = await service.by_unit(session, office, *days.moments(office))
    t = Words(office, console_language(request, who.agent))
    target = office.profile.satisfaction_target
    return page(
        request,
        who,
        "surveys/page.html",
        days=days,
        rows=[view.row(one, t, t.unit(one.unit)) for one in units],
        whole=view.row(service.whole(units, target), t, t("surveys.all")),
        target=view.percent(target, t),
        target_at=round(target * 100, 2),
    )


@pages.get("/csv")
async def numbers(session: Session, office: CurrentOffice, who: Director, since: Day = "", until: Day = "") -> Response:
    """The same numbers for a spreadsheet."""
    days = view.stretch(office, since, until)
    units = await service.by_unit(session, office, *days.moments(office))
    name = f"satisfaction-{days.first}-{days.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(view.as_csv(units), media_type="text/csv; charset=utf-8", headers=headers)


@pages.get("/answers")
async def answers(
    request: Request,
    session: Session,
    office: CurrentOffice,
    who: Director,
    group: Group = "answered",
    unit: Annotated[str, Query(max_length=80)] = "",
    since: Day = "",
    until: Day = "",
) -> Response:
    """The answers behind a number, each with its ticket; of tickets this agent may not see, none."""
    days = view.stretch(office, since, until)
    found = await service.behind(session, office, *days.moments(office), unit, group)
    tickets = await aftercare.seen_among(session, who.agent, {one.ticket_id for one in found})
    shown = [(one, tickets[one.ticket_id]) for one in found if one.ticket_id in tickets]
    hidden = len(found) - len(shown)
    return page(request, who, "surveys/answers.html", days=days, group=group, unit=unit, shown=shown, hidden=hidden)
