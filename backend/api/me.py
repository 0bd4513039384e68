"""The token itself."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from backend.api.calls import PREFIX, Call, Needs, ScopedRoute, refusals
from backend.integrations.schemas import SCOPES, Scope
from backend.offices.service import Office

public = APIRouter(prefix=f"{PREFIX}/me", tags=["API: token"], route_class=ScopedRoute)
Caller = Annotated[Call, Depends(Needs(), scope="function")]


class Me(BaseModel):
    """What a token is and may do."""

    id: UUID
    name: str = Field(examples=["Document registry"])
    office: str = Field(examples=["timisoara"])
    scopes: list[Scope]
    units: list[str] = Field(description="Empty: the whole office, restricted matters excepted.")


class Unit(BaseModel):
    """A part of the office."""

    id: str = Field(examples=["roads"])
    name: dict[str, str] = Field(examples=[{"en": "Roads", "ro": "Drumuri"}])


class Category(Unit):
    """What a ticket can be about."""

    unit: str = Field(description="Who answers for it.", examples=["roads"])


class Facts(BaseModel):
    """The ids other calls take."""

    units: list[Unit]
    categories: list[Category]
    topics: list[str]


@public.get("", responses=refusals())
async def me(call: Caller) -> Me:
    """Who this token is."""
    scopes = [scope for scope in SCOPES if scope in call.holder.scopes]
    agent = call.agent
    return Me(id=agent.id, name=agent.name, office=agent.office_id, scopes=scopes, units=list(agent.units))


@public.get("/office", responses=refusals())
async def office_facts(call: Caller) -> Facts:
    """The office's units, categories and topics."""
    return _facts(call.office)


def _facts(office: Office) -> Facts:
    units: list[Any] = [Unit(id=key, name=dict(unit.name)) for key, unit in office.units.items()]
    categories = [
        Category(id=key, name=dict(one.name), unit=one.unit) for key, one in office.categories.categories.items()
    ]
    return Facts(units=units, categories=categories, topics=sorted(office.topics))
