"""The pages with which words and pictures are made unreadable: without scripts, in every language, only for who may."""

import html
import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend.attachments.service import keep_photo, note_photo, open_photo
from backend.conversations.service import open_web_session, receive, web_conversation
from backend.core.blocks import MARK
from backend.core.languages import LANGUAGES
from channels.message import Inbound
from tests.backend.console.people import Desk, Person
from tests.factories import jpeg

CHOSEN = re.compile(r'name="chosen" value="([^"]+)"( checked)?')
SAID = "Call Zqneighbour at 0722 618 845, please"


async def chat(desk: Desk, *said: str, photo: bool = False) -> tuple[str, UUID]:
    """(id of a chat, id of its photo)."""
    photo_id = uuid4()
    async with desk.session() as session, session.begin():
        token, _ = await open_web_session(session, desk.office, "en")
        of = await web_conversation(session, token)
        for text in said:
            await receive(session, desk.settings, of, Inbound(external_id=uuid4().hex, text=text))
        if photo:
            kept = await keep_photo(desk.settings, photo_id, jpeg((640, 400)))
            await note_photo(session, of.contact_id, kept)
            await receive(session, desk.settings, of, Inbound(external_id=uuid4().hex, photo=str(photo_id)))
    return str(of.id), photo_id


async def held(desk: Desk, chat_id: str, who: Any) -> None:
    await desk.run("UPDATE conversation SET holder = 'agent', agent_id = :who WHERE id = :id", who=who.id, id=chat_id)


async def found(person: Person, path: str, typed: str) -> tuple[str, list[str]]:
    """The page with every place of some words, and what stands ticked in it."""
    answer = await person.post(f"{path}/find", {"typed": typed})
    assert answer.status_code == 200
    return answer.text, [html.unescape(key) for key, checked in CHOSEN.findall(answer.text) if checked]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_words_are_chosen_looked_at_and_hidden(desk: Desk, language: str) -> None:
    chat_id, _ = await chat(desk, SAID, "Another")
    boss = await desk.somebody("supervisor", language=language)
    assert f"/console/redaction/chats/{chat_id}?message=1" in (await boss.get(f"/console/chats/{chat_id}")).text
    path = f"/console/redaction/chats/{chat_id}"
    page = await boss.get(f"{path}?message=1")
    assert (page.status_code, "0722 618 845" in page.text, "Another" in page.text) == (200, True, False)
    shown, keys = await found(boss, path, "zqneighbour\n+40722618845")
    assert (len(keys), "<mark>Zqneighbour</mark>" in shown) == (2, True)
    assert not re.search(r">\s*redaction\.\w", page.text + shown)
    form = {"typed": "zqneighbour\n+40722618845", "chosen": keys, "reason": "third_person"}
    answer = await boss.post(f"{path}/hide", form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/console/chats/{chat_id}")
    after = (await boss.get(f"/console/chats/{chat_id}")).text
    assert ("Zqneighbour" in after, "618 845" in after, MARK in after) == (False, False, False)
    assert "█" in after


async def test_what_is_refused_is_shown_again_with_the_words(desk: Desk) -> None:
    chat_id, _ = await chat(desk, SAID)
    boss, path = await desk.somebody("supervisor"), f"/console/redaction/chats/{chat_id}"
    short = await boss.post(f"{path}/find", {"typed": "x"})
    assert (short.status_code, 'id="problem"' in short.text, ">x</textarea>" in short.text) == (422, True, True)
    none = await boss.post(f"{path}/hide", {"typed": "zqneighbour", "reason": "mistake"})
    assert (none.status_code, "<mark>Zqneighbour</mark>" in none.text) == (422, True)
    old = await boss.post(
        f"{path}/hide", {"typed": "zqneighbour", "chosen": ["message/1/content@0+1"], "reason": "mistake"}
    )
    assert (old.status_code, "<mark>Zqneighbour</mark>" in old.text) == (409, True)
    assert (await boss.post(f"{path}/hide", {"typed": "zqneighbour", "reason": "because"})).status_code == 422


async def test_only_who_holds_the_chat_or_directs_may(desk: Desk) -> None:
    chat_id, _ = await chat(desk, SAID)
    path = f"/console/redaction/chats/{chat_id}"
    for role in ("agent", "reader", "administrator"):
        person = await desk.somebody(role)  # type: ignore[arg-type]
        assert (await person.get(path)).status_code == 403
        assert (await person.post(f"{path}/find", {"typed": "zqneighbour"})).status_code == 403
        assert "/console/redaction" not in (await person.get(f"/console/chats/{chat_id}")).text
    holder = await desk.account("agent")
    await held(desk, chat_id, holder)
    mine = await desk.signed_in(holder)
    assert (await mine.get(path)).status_code == 200


async def test_areas_of_a_photo_are_covered_by_plain_fields(desk: Desk) -> None:
    chat_id, photo_id = await chat(desk, photo=True)
    boss = await desk.somebody("supervisor")
    path = f"/console/redaction/chats/{chat_id}/files/attachment/{photo_id}"
    page = await boss.get(path)
    assert (page.status_code, 'data-width="640"' in page.text, page.text.count("data-area ")) == (200, True, 3)
    picture = await boss.get(f"{path}/picture")
    assert (picture.status_code, picture.headers["cache-control"]) == (200, "private, no-store")
    before = await (await open_photo(desk.settings, photo_id)).read()
    fields = {"x": ["16", ""], "y": ["16", ""], "width": ["32", ""], "height": ["16", ""], "reason": "picture"}
    assert (await boss.post(f"{path}/cover", fields)).status_code == 303
    after = (await boss.get(f"{path}/picture")).content
    assert after != before
    assert (await boss.get(f"/console/chats/{chat_id}/photos/{photo_id}")).content == after
    assert [act.action for act in await desk.acts()][-1] == "redaction.areas"
    log = (await boss.get("/console/office/audit")).text
    assert ("Parts of a picture covered" in log, "a face or number plate" in log) == (True, True)


@pytest.mark.parametrize("fields", [{}, {"x": ["1"], "y": ["1"], "width": ["a"], "height": ["1"]}])
async def test_a_picture_without_areas_is_shown_again(desk: Desk, fields: dict[str, Any]) -> None:
    chat_id, photo_id = await chat(desk, photo=True)
    boss = await desk.somebody("supervisor")
    path = f"/console/redaction/chats/{chat_id}/files/attachment/{photo_id}"
    answer = await boss.post(f"{path}/cover", {**fields, "reason": "picture"})
    assert (answer.status_code, 'id="problem"' in answer.text) == (422, True)


async def test_a_whole_photo_is_removed_and_the_citizen_told(desk: Desk) -> None:
    chat_id, photo_id = await chat(desk, photo=True)
    boss = await desk.somebody("supervisor")
    path = f"/console/redaction/chats/{chat_id}/files/attachment/{photo_id}"
    assert (await boss.post(f"{path}/remove", {"reason": "picture", "tell": "1"})).status_code == 303
    told = "SELECT count(*) FROM message WHERE conversation_id = :id AND content->>'text' LIKE '%personal details%'"
    assert (await desk.run(told, id=chat_id)).scalar_one() == 1


async def test_a_hidden_picture_is_shown_to_nobody(desk: Desk) -> None:
    chat_id, photo_id = await chat(desk, photo=True)
    await desk.run("UPDATE attachment SET hidden_at = now() WHERE id = :id", id=photo_id)
    boss = await desk.somebody("supervisor")
    path = f"/console/redaction/chats/{chat_id}/files/attachment/{photo_id}"
    assert "just being changed" in (await boss.get(path)).text
    assert (await boss.get(f"{path}/picture")).status_code == 404
    assert (await boss.get(f"/console/chats/{chat_id}/photos/{photo_id}")).status_code == 404


@pytest.mark.parametrize(
    "path", ["chats/{id}/files/attachment/{other}", "chats/{other}", "tickets/{other}", "boxes/{id}"]
)
async def test_what_is_not_there_is_not_found(desk: Desk, path: str) -> None:
    chat_id, _ = await chat(desk, SAID)
    boss = await desk.somebody("supervisor")
    answer = await boss.get(f"/console/redaction/{path.format(id=chat_id, other=uuid4())}")
    assert answer.status_code in (404, 422)
