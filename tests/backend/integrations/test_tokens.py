"""Tokens: what may be made, what is stored of them, what they act as; and the command line."""

import asyncio
from contextlib import nullcontext
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from typer.testing import CliRunner

from backend import office_work
from backend.accounts.schemas import Agent
from backend.cli import cli
from backend.core.errors import NotAllowedError
from backend.core.settings import Settings
from backend.integrations import service
from backend.integrations.errors import TokenInvalidError, TokenNotFoundError
from backend.integrations.models import ApiToken
from backend.integrations.schemas import SCOPES, Scope
from backend.offices.schemas import Office
from backend.start import console
from tests.backend.integrations.receivers import ADMINISTRATOR, NOBODY

ROLES: list[tuple[tuple[Scope, ...], set[str]]] = [
    (("chats:read",), {"read"}),
    (("chats:write",), {"read", "chat"}),
    (("tickets:read",), {"read", "restricted"}),
    (("tickets:write",), {"read", "restricted", "ticket"}),
    (("articles:write",), {"read", "publish"}),
    (("audit:read",), {"read"}),
    (SCOPES, {"read", "restricted", "ticket", "chat", "publish"}),
]


async def made(session: AsyncSession, office: Office, **changes: Any) -> tuple[ApiToken, str]:
    """A token as the command line makes it."""
    values = {"name": "Registry", "scopes": ["tickets:read"], "units": []} | changes
    return await service.add_token(session, office, None, **values)


async def test_only_a_digest_is_stored(session: AsyncSession, office: Office) -> None:
    token, text = await made(session, office)
    stored = " ".join(str(value) for value in vars(token).values())
    assert text.startswith("komshu_")
    assert text.removeprefix("komshu_") not in stored
    assert (await service.holder(session, office, text, "en")).agent.id == token.id


@pytest.mark.parametrize(("scopes", "may"), ROLES)
async def test_a_token_may_what_its_scopes_say_and_never_more(
    session: AsyncSession, office: Office, scopes: tuple[Scope, ...], may: set[str]
) -> None:
    token, _ = await made(session, office, scopes=scopes, units=["roads"])
    agent = service.agent_of(token)
    assert agent.permissions == may
    assert not agent.may("direct")
    assert not agent.may("administer")
    assert agent.sees_unit("roads")
    assert not agent.sees_unit("water")
    assert not agent.sees_restricted("water")
    assert agent.sees_restricted("roads") is ("restricted" in may)


async def test_a_token_for_the_whole_office_sees_nothing_restricted(session: AsyncSession, office: Office) -> None:
    token, _ = await made(session, office, scopes=SCOPES)
    assert not any(service.agent_of(token).sees_restricted(unit) for unit in office.units)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["tickets:delete"]}, "scopes"),
        ({"units": ["nowhere"]}, "units"),
    ],
)
async def test_a_token_that_makes_no_sense_is_refused(
    session: AsyncSession, office: Office, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(TokenInvalidError) as refused:
        await made(session, office, **changes)
    assert refused.value.values == {"field": field}


async def test_agents_make_no_tokens(session: AsyncSession, office: Office) -> None:
    agent = Agent(id=ADMINISTRATOR, office_id=office.profile.id, name="Ana", role="supervisor")
    with pytest.raises(NotAllowedError):
        await service.add_token(session, office, agent, name="A", scopes=["chats:read"])
    with pytest.raises(NotAllowedError):
        await service.revoke(session, office, agent, NOBODY)
    with pytest.raises(TokenNotFoundError):
        await service.revoke(session, office, None, NOBODY)


async def test_the_command_line_makes_lists_and_revokes(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_work, "ready", lambda _: nullcontext(settings))
    monkeypatch.setattr(console, "width", 300)
    runner = CliRunner()

    async def run(*words: str) -> str:
        """What a command says; in a thread, for it has a loop of its own."""
        result = await asyncio.to_thread(runner.invoke, cli, ["token", *words])
        assert result.exit_code in (0, 1)
        return result.output

    added = await run("add", "Command line test", "--scope", "tickets:read", "--unit", "roads", "--days", "30")
    assert "komshu_" in added
    listed = next(line for line in (await run("list")).splitlines() if "Command line test" in line)
    assert "tickets:read" in listed
    assert "roads" in listed
    token_id = next(word for word in listed.split() if word.count("-") == 4)
    assert "let in no more" in await run("revoke", token_id)
    assert "revoked" in next(line for line in (await run("list")).splitlines() if "Command line test" in line)
