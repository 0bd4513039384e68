"""What the desk sees of a citizen's subscriptions, and how an agent ends one."""

import re
from typing import Any

import pytest

from backend.conversations.service import open_web_session, web_conversation
from backend.core.languages import LANGUAGES
from backend.subscriptions import service
from backend.subscriptions.schemas import NewSubscription
from tests.backend.console.people import Desk

TOPIC = "water_cuts"
END = re.compile(r'action="(/console/chats/\S+/subscriptions/\S+/end)"')


async def chat(desk: Desk, *areas: str) -> str:
    """A chat of somebody who subscribed to water cuts in some districts."""
    async with desk.session() as session, session.begin():
        token, _ = await open_web_session(session, desk.office, "en")
        of = await web_conversation(session, token)
        if areas:
            wish = NewSubscription(topic=TOPIC, areas=list(areas), language="en")
            await service.subscribe(session, desk.office, of, wish)
        return f"/console/chats/{of.id}"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_pane_names_what_the_citizen_gets(desk: Desk, language: str) -> None:
    person = await desk.somebody(language=language)
    page = (await person.get(await chat(desk, "Fabric", "Iosefin"))).text
    name = desk.office.announcement_topics[TOPIC][language]
    assert f"{name} · Fabric" in page
    assert f"{name} · Iosefin" in page
    assert len(END.findall(page)) == 2
    assert "console.subscriptions" not in page


async def test_nothing_to_show_is_said(desk: Desk) -> None:
    page = (await (await desk.somebody()).get(await chat(desk))).text
    assert "No subscriptions." in page


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "part"])
async def test_an_agent_ends_one_and_it_is_written_down(desk: Desk, headers: dict[str, str]) -> None:
    path, person = await chat(desk, "Fabric", "Iosefin"), await desk.somebody()
    [first, _] = END.findall((await person.get(path)).text)
    answer = await person.post(first, headers=headers)
    assert answer.status_code == (200 if headers else 303)
    page = answer.text if headers else (await person.get(path)).text
    assert len(END.findall(page)) == 1
    assert [(act.action, act.object_kind) for act in await desk.acts()] == [("subscription.ended", "subscription")]
    assert (await person.post(first)).status_code == 404


async def test_a_reader_sees_it_and_ends_nothing(desk: Desk) -> None:
    path, agent, reader = await chat(desk, "Fabric"), await desk.somebody(), await desk.somebody("reader")
    page = (await reader.get(path)).text
    assert "Fabric" in page
    assert END.findall(page) == []
    [end] = END.findall((await agent.get(path)).text)
    assert (await reader.post(end)).status_code == 403
    assert len(END.findall((await agent.get(path)).text)) == 1


async def test_it_must_be_the_citizens_of_the_chat(desk: Desk) -> None:
    mine, other, person = await chat(desk, "Fabric"), await chat(desk), await desk.somebody()
    [end] = END.findall((await person.get(mine)).text)
    answer: Any = await person.post(end.replace(mine, other))
    assert answer.status_code == 404
    assert len(END.findall((await person.get(mine)).text)) == 1
