"""What no article answers is noted, within the calls a turn makes anyway."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from actions.client import BackendClient
from actions.unanswered import asked_by
from backend.knowledge.models import Unanswered
from tests.actions.conftest import Desk, Visitor
from tests.actions.factories import message

ANSWER, SUGGEST = "action_answer_question", "action_suggest_topics"


async def noted(desk: Desk, visitor: Visitor) -> list[tuple[str, str, str, float | None]]:
    async with desk.sessions() as session:
        of_chat = Unanswered.conversation_id == visitor.conversation_id
        rows = await session.scalars(select(Unanswered).where(of_chat).order_by(Unanswered.id))
        return [(row.words, row.language, row.label, row.confidence) for row in rows]


CASES: list[tuple[str, dict[str, Any], list[tuple[str, str, str, float | None]]]] = [
    (ANSWER, {"text": "qqqq 0722123456", "ranking": [("faq/gone", 0.4)]}, [("qqqq #", "ro", "faq/gone", 0.4)]),
    (ANSWER, {"text": "qqqq", "ranking": [("greet", 0.4)]}, [("qqqq", "ro", "greet", 0.4)]),
    (ANSWER, {"text": '/faq{"topic": "gone"}', "topic": "gone"}, [("", "ro", "faq/gone", None)]),
    (ANSWER, {"text": "program", "ranking": [("faq/opening_hours", 0.9)]}, []),
    (ANSWER, {"text": '/faq{"topic": "marriage"}', "topic": "marriage"}, []),
    (SUGGEST, {"text": "qqqq", "ranking": [("nlu_fallback", 0.5)]}, [("qqqq", "ro", "nlu_fallback", 0.5)]),
]


@pytest.mark.parametrize(("action", "said", "expected"), CASES, ids=lambda value: str(value)[:30])
async def test_a_question_without_an_answer_is_noted_once(
    desk: Desk, action: str, said: dict[str, Any], expected: list[tuple[str, str, str, float | None]]
) -> None:
    visitor = await desk.visitor("ro")
    await visitor.says(action, intent="faq", **said)
    await visitor.runs(action)
    assert await noted(desk, visitor) == expected


@pytest.mark.parametrize(("topic", "text", "calls"), [("gone", "qqqq", 2), ("gone", "", 1), ("marriage", "x", 1)])
async def test_noting_costs_no_call(internal_app: FastAPI, desk: Desk, topic: str, text: str, calls: int) -> None:
    made: list[httpx.Request] = []

    async def count(request: httpx.Request) -> None:
        made.append(request)

    transport, hooks = httpx.ASGITransport(internal_app), {"request": [count]}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://x", headers=desk.http.headers, event_hooks=hooks
    ) as http:
        client, asked = BackendClient(http), asked_by(message(text, topic=topic), topic)
        answer = await client.answer(topic, "ro", None if text else asked)
        if answer is None and text:
            await client.search(text, "ro", asked)
    assert len(made) == calls
