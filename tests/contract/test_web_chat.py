"""The web chat's API against the real app in process: what is accepted, what is refused, and how it is said."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.app import create_public_app
from backend.conversations.models import Message, Usefulness
from backend.conversations.schemas import Turn
from backend.core.database import Pool, make_sessions
from backend.core.settings import Settings
from backend.offices.schemas import Office
from channels.message import ArticleSource, Button, Reply
from tests.backend.conversations.factories import claim_next, claim_only, finish
from tests.factories import jpeg

Client = httpx.AsyncClient
TURN = Turn(
    (
        Reply(
            text="Open.",
            buttons=(Button(title="More", payload="/faq{}"),),
            article=ArticleSource(topic="opening_hours", title="Hours"),
        ),
    ),
    "en",
)


@pytest.fixture
async def make_client(engine: AsyncEngine, settings: Settings, office: Office) -> AsyncIterator[Callable[..., Any]]:
    """Makes a visitor's client; keyword arguments change settings of the app it talks to."""
    clients: list[Client] = []
    pools: list[Pool] = []

    async def make(language: str = "en", **changes: Any) -> Client:
        app = create_public_app(settings.model_copy(update=changes), office)
        await app.state.pool.open()
        pools.append(app.state.pool)
        client = Client(transport=httpx.ASGITransport(app), base_url="http://chat")
        clients.append(client)
        opened = await client.post("/chat/sessions", json={"language": language})
        client.headers["Authorization"] = f"Bearer {opened.json()['token']}"
        return client

    yield make
    for client in clients:
        await client.aclose()
    for pool in pools:
        await pool.close()


Make = Callable[..., Awaitable[Client]]


def message(**parts: Any) -> dict[str, Any]:
    return {"id": str(uuid4()), **parts}


async def answer_all(engine: AsyncEngine) -> None:
    """Answer whatever waits, as a worker would, without the bot."""
    sessions = make_sessions(engine)
    while True:
        async with sessions() as session, session.begin():
            claimed = await claim_next(session, 10)
        if claimed is None:
            return
        claimed_by, waiting = claimed
        while waiting is not None:
            async with sessions() as session, session.begin():
                waiting = await finish(session, claimed_by, waiting, TURN)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": ""}, 422, "message_empty"),
        ({"text": "  \n\t "}, 422, "message_empty"),
        ({"text": "\u202e\u2066\x00"}, 422, "message_empty"),
        ({}, 422, "message_empty"),
        ({"text": "x" * 20_000}, 413, "message_too_long"),
        ({"button": "/deactivate_everything"}, 422, "button_unknown"),
        ({"text": ["a"]}, 422, "invalid_request"),
        ({"position": {"latitude": 91, "longitude": 0}}, 422, "invalid_request"),
        ({"id": "no uuid", "text": "x"}, 422, "invalid_request"),
    ],
)
@pytest.mark.parametrize("language", ["en", "tr", "ro", "mk", "af"])
async def test_what_is_refused_is_said_in_the_persons_language(
    make_client: Make, language: str, body: dict[str, Any], status: int, code: str
) -> None:
    client = await make_client(language)
    answer = await client.post("/chat/messages", json=message(**body) | body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == language
    assert problem["detail"]
    if language != "en":
        english = await (await make_client("en")).post("/chat/messages", json=message(**body) | body)
        assert problem["detail"] != english.json()["detail"]


@pytest.mark.parametrize("token", ["", "forged", "x" * 5000])
@pytest.mark.parametrize("path", ["/chat/messages", "/chat/events", f"/chat/photos/{UUID(int=404)}"])
async def test_a_forged_session_sees_nothing(make_client: Make, token: str, path: str) -> None:
    client = await make_client()
    answer = await client.get(path, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["code"]) == (401, "session_unknown")


async def test_nothing_is_stored_for_a_forged_session(make_client: Make, engine: AsyncEngine) -> None:
    client = await make_client()
    body = message(text="hello")
    await client.post("/chat/messages", json=body, headers={"Authorization": "Bearer forged"})
    async with make_sessions(engine)() as session:
        found = await session.scalar(select(Message.id).where(Message.external_id.endswith(body["id"])))
    assert found is None


@pytest.mark.parametrize(
    "text_sent", ["😀😀", "<b>bold</b><script>alert(1)</script>", "**md** [x](http://y)", "/restart"]
)
async def test_text_is_kept_as_it_was_typed(make_client: Make, text_sent: str) -> None:
    client = await make_client()
    await client.post("/chat/messages", json=message(text=text_sent))
    shown = (await client.get("/chat/messages")).json()["messages"]
    assert [one["text"] for one in shown] == [text_sent]


async def test_the_same_id_twice_is_one_message(make_client: Make) -> None:
    client = await make_client()
    body = message(text="hello")
    first, second = [await client.post("/chat/messages", json=body) for _ in range(2)]
    assert first.json() == second.json()
    assert len((await client.get("/chat/messages")).json()["messages"]) == 1


async def test_a_visitor_sees_only_the_own_chat(make_client: Make) -> None:
    one, other = await make_client(), await make_client()
    await one.post("/chat/messages", json=message(text="mine"))
    assert (await other.get("/chat/messages")).json()["messages"] == []


async def test_buttons_offered_in_the_chat_may_be_pressed_and_votes_are_stored(
    make_client: Make, engine: AsyncEngine
) -> None:
    client = await make_client()
    await client.post("/chat/messages", json=message(text="when do you open"))
    await answer_all(engine)
    shown = (await client.get("/chat/messages")).json()["messages"]
    assert [one["author"] for one in shown] == ["citizen", "bot"]
    pressed = await client.post("/chat/messages", json=message(button="/faq{}", text="More"))
    assert pressed.status_code == 202
    seq = shown[1]["seq"]
    assert (await client.put(f"/chat/messages/{seq}/useful", json={"useful": True})).status_code == 204
    assert (await client.put(f"/chat/messages/{seq}/useful", json={"useful": False})).status_code == 204
    assert (await client.get("/chat/messages")).json()["messages"][1]["useful"] is False
    async with make_sessions(engine)() as session:
        votes = await session.scalars(select(Usefulness.useful).where(Usefulness.topic == "opening_hours"))
        assert False in votes.all()


async def test_only_answers_from_articles_can_be_voted_on(make_client: Make) -> None:
    client = await make_client()
    await client.post("/chat/messages", json=message(text="hello"))
    answer = await client.put("/chat/messages/1/useful", json={"useful": True})
    assert (answer.status_code, answer.json()["code"]) == (404, "message_not_found")


async def test_the_cursor_gives_only_what_is_new(make_client: Make) -> None:
    client = await make_client()
    for number in range(3):
        await client.post("/chat/messages", json=message(text=f"message {number}"))
    shown = (await client.get("/chat/messages", params={"after": 2})).json()["messages"]
    assert [one["text"] for one in shown] == ["message 2"]


async def test_a_photo_is_cleaned_and_shown_only_to_who_sent_it(make_client: Make) -> None:
    client, other = await make_client(), await make_client()
    photo_id = uuid4()
    sent = await client.put(f"/chat/photos/{photo_id}", content=jpeg())
    again = await client.put(f"/chat/photos/{photo_id}", content=jpeg())
    assert (sent.status_code, sent.json()) == (202, again.json())
    shown = await client.get(f"/chat/photos/{photo_id}")
    assert shown.headers["content-type"] == "image/jpeg"
    assert b"Exif" not in shown.content
    assert (await other.get(f"/chat/photos/{photo_id}")).status_code == 404
    assert (await client.get("/chat/messages")).json()["messages"][0]["photo"] == str(photo_id)


@pytest.mark.parametrize(
    ("content", "changes", "status", "code"),
    [
        (b"%PDF-1.7 not a photo", {}, 415, "photo_type_unsupported"),
        (jpeg()[:200], {}, 415, "photo_type_unsupported"),
        (b"x" * 20_000, {"photo_max_bytes": 10_000}, 413, "photo_too_large"),
        (jpeg((200, 200)), {"photo_max_pixels": 10_000}, 413, "photo_too_many_pixels"),
    ],
)
async def test_files_that_are_no_photo_are_refused(
    make_client: Make, content: bytes, changes: dict[str, int], status: int, code: str
) -> None:
    client = await make_client(**changes)
    answer = await client.put(f"/chat/photos/{uuid4()}", content=content)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await client.get("/chat/messages")).json()["messages"] == []


async def test_too_many_messages_are_told_when_to_come_back(make_client: Make) -> None:
    client = await make_client("ro", messages_per_minute=2)
    answers = [await client.post("/chat/messages", json=message(text="a")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert answers[-1].headers["retry-after"] in answers[-1].json()["detail"]


async def test_too_many_new_sessions_from_one_address_are_refused(
    settings: Settings, office: Office, engine: AsyncEngine
) -> None:
    app = create_public_app(settings.model_copy(update={"sessions_per_minute": 2}), office)
    async with Client(transport=httpx.ASGITransport(app), base_url="http://chat") as client:
        statuses = [(await client.post("/chat/sessions", json={})).status_code for _ in range(3)]
    assert statuses == [201, 201, 429]


async def test_the_chosen_language_reaches_the_next_turn(make_client: Make, engine: AsyncEngine) -> None:
    await answer_all(engine)
    client = await make_client("en")
    assert (await client.put("/chat/language", json={"language": "tr"})).status_code == 204
    await client.post("/chat/messages", json=message(text="hello"))
    async with make_sessions(engine)() as session, session.begin():
        found = await claim_only(session, 1)
        assert found
        row = await session.execute(
            text("SELECT language_choice FROM conversation WHERE id = :id"), {"id": found.conversation_id}
        )
        assert row.scalar_one() == "tr"
        await session.rollback()
    await answer_all(engine)


@pytest.mark.parametrize("language", ["en", "tr", "ro", "mk", "af"])
async def test_the_widget_gets_its_words_and_all_languages(make_client: Make, language: str) -> None:
    config = (await (await make_client()).get("/chat/config", params={"language": language})).json()
    assert config["language"] == language
    assert {"code": "mk", "name": "Македонски"} in config["languages"]
    assert len(config["languages"]) == 5
    assert all(config["strings"].values())
    assert config["privacy_url"].startswith("https://")


async def test_unknown_paths_and_wrong_bodies_are_problems_too(make_client: Make) -> None:
    client = await make_client()
    assert (await client.get("/nowhere")).json()["code"] == "unknown_path"
    assert (await client.post("/chat/sessions", content=b"{")).json()["code"] == "invalid_request"


async def test_every_page_carries_a_strict_policy_and_loads_nothing_from_elsewhere(make_client: Make) -> None:
    client = await make_client()
    for path in ("/", "/console/sign-in", "/docs", "/docs/errors", "/widget/komshu.js", "/chat/config"):
        answer = await client.get(path)
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert path.endswith(".js") or 'src="http' not in answer.text
    assert (await client.get("/openapi.json")).json()["paths"]["/chat/messages"]
