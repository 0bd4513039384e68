"""The pages of articles, by plain forms and by htmx."""

import asyncio
import io
import json
import re
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from backend.console.knowledge.differences import words_between
from backend.core.database import utcnow
from backend.knowledge import questions
from backend.knowledge.articles import article_file
from backend.knowledge.schemas import Asked, Content
from backend.knowledge.service import answer, load_articles
from tests.backend.console.people import Desk, Person

HTMX = {"HX-Request": "true"}
CONTENT = Content(
    "Opening hours", "Monday: **08:00**\n\n- door 2", "https://example.org/", "helpdesk", date(2099, 12, 31)
)
PLACE = "/console/knowledge/opening_hours/en"
MESSAGE = re.compile(r'data-message="([^"]*)"')
SEEN = re.compile(r'name="seen" value="(\d+)"')


@dataclass
class Room:
    """The desk of an office with one article file."""

    desk: Desk
    folder: Path

    async def load(self, content: Content) -> None:
        """Write the file and load the office."""
        office = self.desk.office
        path = self.folder / office.profile.id / "articles" / "en" / "opening_hours.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(article_file(content), encoding="utf-8")
        async with self.desk.session() as session, session.begin():
            await load_articles(session, self.folder, office)

    async def says(self) -> tuple[str, str] | None:
        """Title and text of what the bot would answer now."""
        async with self.desk.session() as session:
            found = await answer(session, self.desk.office, "opening_hours", "en", utcnow().date())
            return (found.title, found.text) if found else None


@pytest.fixture
async def room(desk: Desk, tmp_path: Path) -> AsyncIterator[Room]:
    made = Room(desk, tmp_path)
    await made.load(CONTENT)
    yield made
    for table in ("article", "article_version", "unanswered"):
        await desk.run(f"DELETE FROM {table} WHERE office_id = :office", office=desk.office.profile.id)


def form(do: str = "publish", seen: int = 1, **changes: Any) -> dict[str, Any]:
    """What the editor sends."""
    fields = {"title": "New hours", "body": "Tuesday", "link": "", "owner": "helpdesk", "expires": "2099-01-01"}
    return {**fields, "do": do, "seen": seen, **changes}


async def send(person: Person, htmx: bool, path: str, fields: dict[str, Any]) -> httpx.Response:
    return await person.post(path, fields, headers=HTMX if htmx else {})


def went_on(sent: httpx.Response, htmx: bool) -> bool:
    way = sent.headers.get("hx-redirect" if htmx else "location")
    return (sent.status_code, way) == ((204 if htmx else 303), PLACE)


@pytest.mark.parametrize("htmx", [False, True])
async def test_the_bot_answers_with_a_published_text_at_once(room: Room, htmx: bool) -> None:
    person = await room.desk.somebody("supervisor")
    assert went_on(await send(person, htmx, PLACE, form()), htmx)
    assert await room.says() == ("New hours", "Tuesday")


@pytest.mark.parametrize("htmx", [False, True])
async def test_an_agents_text_waits_as_a_draft(room: Room, htmx: bool) -> None:
    person = await room.desk.somebody("agent", name="Mehmet Kaya")
    assert went_on(await send(person, htmx, PLACE, form("draft")), htmx)
    assert (await room.says() or ("",))[0] == "Opening hours"
    page = (await (await room.desk.somebody("supervisor")).get(PLACE)).text
    assert "Mehmet Kaya" in page
    assert 'value="New hours"' in page


@pytest.mark.parametrize(
    ("role", "shown", "hidden"),
    [
        ("reader", ["Opening hours"], ['value="draft"', 'value="publish"', "/withdraw"]),
        ("agent", ['value="draft"'], ['value="publish"', "/withdraw"]),
        ("supervisor", ['value="draft"', 'value="publish"', "/withdraw"], []),
        ("administrator", ['value="draft"', 'value="publish"', "/withdraw"], []),
    ],
)
async def test_everybody_sees_what_they_may_do(room: Room, role: Any, shown: list[str], hidden: list[str]) -> None:
    page = (await (await room.desk.somebody(role)).get(PLACE)).text
    assert [part for part in shown if part not in page] == []
    assert [part for part in hidden if part in page] == []


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("changes", "status"), [({"link": "http://a.example"}, 422), ({"expires": ""}, 422), ({"seen": 0}, 409)]
)
async def test_a_refused_text_stays_in_the_form(room: Room, htmx: bool, changes: dict[str, Any], status: int) -> None:
    person = await room.desk.somebody("supervisor")
    sent = await send(person, htmx, PLACE, form(body="Typed with <care> & love", **changes))
    assert sent.status_code == status
    assert "Typed with &lt;care&gt; &amp; love</textarea>" in sent.text
    assert 'role="alert"' in sent.text
    assert sent.text.lstrip().startswith("<!doctype") is not htmx
    assert (await room.says() or ("",))[0] == "Opening hours"


async def test_of_two_at_the_same_moment_one_publishes_and_one_is_told(room: Room) -> None:
    people = [await room.desk.somebody("supervisor") for _ in range(4)]
    sent = await asyncio.gather(*(send(one, False, PLACE, form(title=f"Nr {n}")) for n, one in enumerate(people)))
    assert sorted(one.status_code for one in sent) == [303, 409, 409, 409]
    winner = [one.status_code for one in sent].index(303)
    assert (await room.says() or ("",))[0] == f"Nr {winner}"


async def test_who_was_slower_sees_the_difference_and_may_save_again(room: Room) -> None:
    first = await room.desk.somebody("supervisor", name="Ana Pop")
    second = await room.desk.somebody("supervisor")
    await send(first, False, PLACE, form(title="Hers"))
    refused = await send(second, True, PLACE, form(title="Mine"))
    assert refused.status_code == 409
    assert "Ana Pop" in refused.text
    assert re.search(r"<del>.*Hers</del><ins>.*Mine</ins>", refused.text)
    seen = SEEN.search(refused.text)
    assert seen
    assert went_on(await send(second, True, PLACE, form(title="Mine", seen=int(seen[1]))), True)
    assert await room.says() == ("Mine", "Tuesday")


@pytest.mark.parametrize(
    "markdown", ["Monday: **08:00**\n\n- door 2\n\n[map](https://m.example/)", "", "<script>", "# x"]
)
async def test_the_preview_is_the_message_the_bot_would_send(room: Room, markdown: str) -> None:
    person = await room.desk.somebody("supervisor")
    fields: dict[str, Any] = {
        "title": 'Hours "new"',
        "body": markdown,
        "link": "https://example.org/",
        "topic": "opening_hours",
    }
    preview = await send(person, True, "/console/knowledge/preview", {**fields, "language": "en"})
    found = MESSAGE.search(preview.text)
    assert found
    message = json.loads(unescape(found[1]))
    await send(person, False, PLACE, form(**{**fields, "language": "en"}))
    said = await room.says()
    if markdown.startswith("Monday"):
        assert said == ('Hours "new"', message["text"])
    assert message["link"] == {"title": 'Hours "new"', "url": "https://example.org/"}
    assert (message["author"], message["article"]["topic"]) == ("bot", "opening_hours")


async def test_without_scripts_the_preview_is_a_page_and_nothing_is_kept(room: Room) -> None:
    person = await room.desk.somebody("supervisor")
    sent = await send(person, False, PLACE, form("preview", title="Only looked at"))
    assert sent.status_code == 200
    assert 'value="Only looked at"' in sent.text
    assert len(SEEN.findall(sent.text)) > 0
    assert (await room.says() or ("",))[0] == "Opening hours"


async def test_a_conflict_is_shown_and_decided(room: Room) -> None:
    person = await room.desk.somebody("supervisor")
    await send(person, False, PLACE, form())
    await room.load(replace(CONTENT, title="From the file"))
    page = (await person.get(PLACE)).text
    assert f"{PLACE}/decide" in page
    assert "File changed too" in (await person.get("/console/knowledge?state=conflict")).text
    assert went_on(await send(person, False, f"{PLACE}/decide", {"keep": "file", "seen": 3}), False)
    assert (await room.says() or ("",))[0] == "From the file"
    assert f"{PLACE}/decide" not in (await person.get(PLACE)).text
    assert (await send(person, False, f"{PLACE}/decide", {"keep": "both", "seen": 4})).status_code == 422


async def test_a_sample_is_marked_until_somebody_confirms_it(room: Room) -> None:
    await room.load(replace(CONTENT, sample=True))
    person = await room.desk.somebody("supervisor")
    assert f"{PLACE}/checked" in (await person.get(PLACE)).text
    assert went_on(await send(person, True, f"{PLACE}/checked", {"seen": 2}), True)
    assert f"{PLACE}/checked" not in (await person.get(PLACE)).text


@pytest.mark.parametrize(("checked", "still"), [("", True), ("1", False)])
async def test_a_sample_that_is_edited_stays_one_unless_it_was_checked(room: Room, checked: str, still: bool) -> None:
    await room.load(replace(CONTENT, sample=True))
    person = await room.desk.somebody("supervisor")
    await send(person, False, PLACE, form(seen=2, sample="1", checked=checked))
    assert (f"{PLACE}/checked" in (await person.get(PLACE)).text) is still


async def test_withdrawn_dropped_and_gone_back_to(room: Room) -> None:
    person = await room.desk.somebody("supervisor")
    assert went_on(await send(person, True, f"{PLACE}/withdraw", {"seen": 1}), True)
    assert await room.says() is None
    back = (await person.get(f"{PLACE}?version=1")).text
    assert 'name="restores" value="1"' in back
    await send(person, False, PLACE, form(seen=2, restores="1", title=CONTENT.title, body=CONTENT.body))
    assert (await room.says() or ("",))[0] == "Opening hours"
    await send(person, False, PLACE, form("draft", seen=3))
    assert went_on(await send(person, False, f"{PLACE}/drop", {"seen": 4}), False)
    assert "draft decided against" in (await person.get(PLACE)).text
    acts = [entry.action for entry in await room.desk.acts()]
    assert acts == ["article.withdraw", "article.publish", "article.draft", "article.drop"]


async def test_two_versions_are_compared_word_by_word(room: Room) -> None:
    person = await room.desk.somebody("supervisor")
    await send(person, False, PLACE, form(body="Monday: **09:00**\n\n- door 2", title="Opening hours", owner="roads"))
    page = (await person.get(f"{PLACE}/compare?before=1&after=2")).text
    assert re.search(
        r"<del><span class=\"hidden\">gone </span>08</del><ins><span class=\"hidden\">new </span>09</ins>", page
    )
    assert (await person.get(f"{PLACE}/compare?before=1&after=9")).status_code == 404


async def test_an_article_leaves_and_comes_back_as_its_file(room: Room) -> None:
    person = await room.desk.somebody("agent")
    one = await person.get(f"{PLACE}/file")
    assert one.text == article_file(CONTENT)
    assert one.headers["content-disposition"] == 'attachment; filename="opening_hours.md"'
    packed = zipfile.ZipFile(io.BytesIO((await person.get("/console/knowledge/files")).content))
    assert {name: packed.read(name).decode() for name in packed.namelist()} == {
        "articles/en/opening_hours.md": article_file(CONTENT)
    }
    taken = await person.post(
        f"{PLACE}/file", files={"file": ("x.md", article_file(replace(CONTENT, title="Brought")))}
    )
    assert 'value="Brought"' in taken.text
    assert (await room.says() or ("",))[0] == "Opening hours"


@pytest.mark.parametrize("content", [b"", b"no head", b"\xff\xfe", b"---\ntitle: x\n---\n", b"x" * 200_001])
async def test_a_file_that_is_no_article_is_refused(room: Room, content: bytes) -> None:
    sent = await (await room.desk.somebody("agent")).post(f"{PLACE}/file", files={"file": ("x.md", content)})
    assert sent.status_code == 422
    assert "'---'" in unescape(sent.text)


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("", True),
        ("?q=DOOR", True),
        ("?q=nowhere", False),
        ("?state=published&language=en", True),
        ("?state=published&language=ro", False),
        ("?state=missing&language=ro", True),
        ("?state=expired", False),
        ("?owner=helpdesk", True),
        ("?owner=roads", False),
        ("?state=nonsense&language=xx", True),
    ],
)
async def test_the_list_is_narrowed(room: Room, query: str, there: bool) -> None:
    person = await room.desk.somebody("reader")
    for path in ("/console/knowledge", "/console/knowledge/list"):
        page = await person.get(path + query)
        assert ('id="topic-opening_hours"' in page.text) is there


async def test_a_topic_opens_in_the_agents_language_if_the_office_writes_in_it(room: Room) -> None:
    person = await room.desk.somebody("reader", language="tr")
    ways = room.desk.office.profile.languages
    to = (await person.get("/console/knowledge/opening_hours")).headers["location"]
    assert to == f"/console/knowledge/opening_hours/{'tr' if 'tr' in ways else ways[0]}"


@pytest.mark.parametrize("path", ["/weather", "/weather/en", "/opening_hours/de", "/weather/en/file"])
async def test_what_does_not_exist_is_told_as_a_page(room: Room, path: str) -> None:
    answer = await (await room.desk.somebody("supervisor")).get(f"/console/knowledge{path}")
    assert (answer.status_code, "no such article" in answer.text) == (404, True)


async def test_unanswered_questions_are_listed_and_dismissed(room: Room) -> None:
    person, office_id = await room.desk.somebody("agent"), room.desk.office.profile.id
    async with room.desk.session() as session, session.begin():
        for text in ("rent a <boat>", "Rent a boat!", "call 0722123456"):
            await questions.note(session, office_id, Asked(text, "en", f"{uuid4()}:1", "faq/tourism", 0.4))
    page = (await person.get("/console/knowledge/unanswered?language=en&empty=1")).text
    assert "asked: 2" in page
    assert "0722" not in page
    assert "/console/knowledge/tourism/en?question=Rent%20a%20boat%21" in page
    gone = await send(
        person, False, "/console/knowledge/unanswered/dismiss", {"folded": "rent a boat", "language": "en"}
    )
    assert gone.status_code == 303
    assert "Rent a boat" not in (await person.get("/console/knowledge/unanswered")).text


async def test_usefulness_has_numbers_behind_its_picture(room: Room) -> None:
    page = (await (await room.desk.somebody("reader")).get("/console/knowledge/usefulness?topic=marriage")).text
    assert page.count('<th scope="row">') == 12
    assert "style=" not in page


@pytest.mark.parametrize("language", ["en", "tr", "ro", "mk", "af"])
async def test_every_page_speaks_every_language(room: Room, language: str) -> None:
    person = await room.desk.somebody("supervisor", language=language)
    await send(person, False, PLACE, form("draft", body="# Heading\n\n" + "x" * 1000))
    for path in ("", "/opening_hours/en", "/unanswered", "/usefulness", "/opening_hours/en/compare?before=1&after=2"):
        page = await person.get(f"/console/knowledge{path}")
        assert page.status_code == 200
        assert re.findall(r">[^<]*\b(?:knowledge|console|error)\.[a-z_.]+", page.text) == []


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("a b", "a b", [("same", "a b")]),
        ("", "a", [("new", "a")]),
        ("a", "", [("gone", "a")]),
        ("open at 8", "open at 9", [("same", "open at "), ("gone", "8"), ("new", "9")]),
        ("", "", []),
    ],
)
def test_words_are_compared(before: str, after: str, pieces: list[tuple[str, str]]) -> None:
    assert list(words_between(before, after)) == pieces


def test_very_long_texts_are_compared_as_a_whole() -> None:
    assert [piece.kind for piece in words_between("a " * 5000, "b " * 5000)] == ["gone", "new"]
    assert [piece.kind for piece in words_between("a " * 5000, "a " * 5000)] == ["same"]
