"""Announcements at the desk: who comes in, what the pages say, and that only what was looked at is released."""

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any
from uuid import UUID

import pytest

from backend.accounts.schemas import PERMISSIONS, ROLES
from backend.announcements.models import Announcement
from backend.core.database import utcnow
from backend.core.languages import LANGUAGES
from tests.backend.announcements.factories import TEXT, TOPIC, Town
from tests.backend.console.announcements.conftest import instead
from tests.backend.console.people import Desk, Person

PATH = "/console/announcements"
TAGS = re.compile(r"<[^>]+>")
FORM = {"topic": TOPIC, "text_ro": TEXT}


def words(page: str) -> str:
    return " ".join(TAGS.sub(" ", page).split())


async def written(person: Person, **fields: Any) -> str:
    """The address of a new draft."""
    answer = await person.post(f"{PATH}/new", {**FORM, **fields})
    assert answer.status_code == 303, words(answer.text)
    return str(answer.headers["location"])


async def state(desk: Desk, address: str) -> Announcement:
    async with desk.session() as session:
        return await session.get_one(Announcement, UUID(address.rsplit("/", 1)[-1]))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("path", ["", "/new"])
async def test_only_who_may_announce_comes_in_and_finds_the_way(desk: Desk, role: Any, path: str) -> None:
    person = await desk.somebody(role)
    allowed = "announce" in PERMISSIONS[role]
    assert (await person.get(PATH + path)).status_code == (200 if allowed else 403)
    assert (f'href="{PATH}"' in (await person.get("/console/chats")).text) is allowed


ACTS = {"/propose": 303, "/send-back": 303, "/release": 303, "/withdraw": 303, "/change": 303, "/progress": 200}
NEEDS = {"/release": "release"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("act", ACTS)
async def test_a_role_does_its_acts(desk: Desk, town: Town, role: Any, act: str) -> None:
    of = await (town.draft() if act == "/propose" else town.proposed())
    person = await desk.somebody(role)
    path = f"{PATH}/{of.id}{act}"
    filled = {**FORM, "version": of.version}
    answer = await (person.get(path) if act == "/progress" else person.post(path, filled))
    allowed = NEEDS.get(act, "announce") in PERMISSIONS[role]
    assert answer.status_code == (ACTS[act] if allowed else 403)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_page_speaks_every_language(desk: Desk, town: Town, language: str) -> None:
    for channel, spoken in (("sms", "tr"), ("web", "mk"), ("telegram", "ro")):
        await town.person(channel, spoken)
    person = await desk.somebody("supervisor", language=language)
    draft, sent = await town.proposed(emergency=True, link="https://example.org"), await town.released()
    await town.deliver()
    for path in ("", "/new", f"/{draft.id}", f"/{draft.id}/change", f"/{sent.id}", f"/{sent.id}/progress"):
        answer = await person.get(PATH + path)
        assert answer.status_code == 200, path
        said = words(answer.text)
        assert not re.search(r"\b(announcements|audit|error|console)\.[a-z_]+\b(?!yml)", said), (path, said)
        assert 'style="' not in answer.text
    assert town.office.announcement_topics[TOPIC][language] in words((await person.get(PATH)).text)


async def test_a_draft_is_proposed_by_one_and_released_by_another(desk: Desk, town: Town) -> None:
    mine = await town.person()
    ana, boss = await desk.somebody("agent", name="Ana"), await desk.somebody("supervisor", name="Maria")
    address = await written(ana)
    assert "Propose for release" in words((await ana.get(address)).text)
    await ana.post(f"{address}/propose", {"version": 1})
    assert "Release and send" not in words((await ana.get(address)).text)
    assert (await ana.post(f"{address}/release", {"version": 1})).status_code == 403
    assert "Release and send" in words((await boss.get(address)).text)
    assert (await boss.post(f"{address}/release", {"version": 1})).status_code == 303
    assert (await state(desk, address)).state == "released"
    await town.deliver()
    assert len(await town.said(mine)) == 1
    said = words((await ana.get(address)).text)
    assert "written by Ana, released by Maria" in said
    assert "Announcement released" in said


async def test_what_the_page_shows_is_byte_for_byte_what_people_get(desk: Desk, town: Town) -> None:
    people = {channel: await town.person(channel) for channel in ("web", "whatsapp", "sms")}
    text = 'Apă: "oprită" <mâine> & poimâine\n\n– între 8–12 🚱'
    of = await town.proposed(texts={"ro": text}, link="https://example.org/?a=1&b=2")
    boss = await desk.somebody("supervisor")
    page = (await boss.get(f"{PATH}/{of.id}")).text
    shown = [unescape(found) for found in re.findall(r'<p class="said">(.*?)</p>', page, re.S)]
    await boss.post(f"{PATH}/{of.id}/release", {"version": of.version})
    await town.deliver()
    got = [(await town.said(mine))[0]["text"] for mine in people.values()]
    assert got == shown
    assert got[0] == text


async def test_a_supervisor_does_not_release_their_own(desk: Desk, town: Town) -> None:
    boss = await desk.somebody("supervisor")
    address = await written(boss)
    await boss.post(f"{address}/propose", {"version": 1})
    answer = await boss.post(f"{address}/release", {"version": 1})
    assert answer.status_code == 403
    assert "somebody else has to release it" in words(answer.text)
    assert (await state(desk, address)).state == "proposed"


async def test_a_stale_page_releases_nothing(desk: Desk, town: Town) -> None:
    ana, boss = await desk.somebody("agent"), await desk.somebody("supervisor")
    address = await written(ana)
    await ana.post(f"{address}/propose", {"version": 1})
    seen = (await boss.get(address)).text
    assert re.search(r'release">.*name="version" value="1"', seen, re.S)
    await ana.post(f"{address}/change", {**FORM, "text_ro": "Alt text", "version": 1})
    await ana.post(f"{address}/propose", {"version": 2})
    answer = await boss.post(f"{address}/release", {"version": 1})
    assert answer.status_code == 409
    assert "Somebody has changed the announcement" in words(answer.text)
    assert "Alt text" in answer.text
    assert (await state(desk, address)).state == "proposed"


async def test_a_change_makes_a_proposal_a_draft_again(desk: Desk, town: Town) -> None:
    ana = await desk.somebody("agent")
    address = await written(ana)
    await ana.post(f"{address}/propose", {"version": 1})
    await ana.post(f"{address}/change", {**FORM, "text_ro": "Alt text", "version": 1})
    found = await state(desk, address)
    assert (found.state, found.version, found.texts) == ("draft", 2, {"ro": "Alt text"})


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"topic": ""}, "Choose a topic"),
        ({"topic": "gossip"}, "Choose a topic"),
        ({"text_ro": "  ", "text_en": "only English"}, "first language"),
        ({"text_ro": "x" * 1001}, "within 1000 characters"),
        ({"areas": "Atlantis"}, "districts does not exist"),
        ({"link": "javascript:alert(1)"}, "must be a web address"),
        ({"valid_until": "tomorrow"}, "in the future"),
        ({"valid_until": "2020-01-01T10:00"}, "in the future"),
        ({"valid_until": "9999-12-31T23:59:60"}, "in the future"),
    ],
)
async def test_what_cannot_be_sent_comes_back_with_what_was_typed(
    desk: Desk, town: Town, fields: dict[str, str], sentence: str
) -> None:
    ana = await desk.somebody("agent")
    answer = await ana.post(f"{PATH}/new", {**FORM, "text_tr": "Kept words", **fields})
    assert answer.status_code == 422
    assert sentence in words(answer.text)
    assert "Kept words" in answer.text
    assert 'aria-invalid="true"' in answer.text


async def test_the_form_keeps_all_that_was_written(desk: Desk, town: Town) -> None:
    ana = await desk.somebody("agent")
    until = (utcnow() + timedelta(days=2)).astimezone(desk.office.profile.zone).strftime("%Y-%m-%dT%H:%M")
    fields = {"areas": ["Mehala", "Fabric"], "link": "https://example.org/a", "valid_until": until, "emergency": "1"}
    address = await written(ana, **fields)
    found = await state(desk, address)
    assert (found.areas, found.link, found.emergency) == (["Fabric", "Mehala"], "https://example.org/a", True)
    shown = (await ana.get(f"{address}/change")).text
    for kept in ('value="Fabric" checked', 'value="Mehala" checked', f'value="{until}"', TEXT, "https://example.org/a"):
        assert kept in shown
    assert re.search(r'name="emergency"[^>]* checked', shown)
    fields["version"] = "1"
    assert (await ana.post(f"{address}/change", {**FORM, **fields})).status_code == 303
    assert (await state(desk, address)).version == 1, "nothing was changed"


async def test_people_and_sms_are_counted_while_one_types(desk: Desk, town: Town) -> None:
    for language in ("ro", "ro", "tr"):
        await town.person("sms", language)
    await town.person("web", "mk")
    await town.stops(await town.person("sms"))
    ana = await desk.somebody("agent")
    answer = await ana.post(f"{PATH}/count", {"topic": TOPIC, "text_ro": TEXT}, headers={"HX-Request": "true"})
    said = words(answer.text)
    assert "<html" not in answer.text
    assert "People who would be told: 4" in said
    assert "no channel leads to them: 1" in said
    assert "SMS to pay: 3 . The cost is not known" in said or "SMS to pay: 3. The cost is not known" in said
    assert "Türkçe : They would get the text in Română. People: 1" in said
    assert "Македонски : They would get the text in Română. People: 1" in said
    assert "English : They would get the text in Română. People: 0" in said


async def test_nothing_filled_in_counts_nobody(desk: Desk, town: Town) -> None:
    ana = await desk.somebody("agent")
    assert "People who would be told: 0" in words((await ana.post(f"{PATH}/count")).text)


async def test_the_cost_is_told_where_the_price_is_set(desk: Desk, town: Town) -> None:
    priced = desk.settings.model_copy(update={"sms_segment_cost": Decimal("0.055"), "sms_currency": "RON"})
    for _ in range(40):
        await town.person()
    ana = await desk.somebody("agent")
    with instead(desk.shared.state, "settings", priced):
        said = words((await ana.post(f"{PATH}/count", {"topic": TOPIC, "text_ro": TEXT})).text)
    assert re.search(r"SMS to pay: 40, about RON.?2\.20", said)


async def test_an_emergency_is_seen_from_far(desk: Desk, town: Town) -> None:
    of = await town.proposed(emergency=True)
    boss = await desk.somebody("supervisor")
    assert "Emergency: this is sent at once" in words((await boss.get(f"{PATH}/{of.id}")).text)
    assert 'class="item alarm"' in (await boss.get(PATH)).text


async def test_what_is_released_is_changed_by_nobody(desk: Desk, town: Town) -> None:
    of = await town.released()
    boss = await desk.somebody("supervisor")
    shown = await boss.get(f"{PATH}/{of.id}/change")
    assert (shown.status_code, shown.headers["location"]) == (303, f"{PATH}/{of.id}")
    answer = await boss.post(f"{PATH}/{of.id}/change", {**FORM, "text_ro": "Alt text", "version": 1})
    assert answer.status_code == 409
    assert (await town.fresh(of)).texts == {"ro": TEXT}


async def test_while_it_is_sent_the_page_asks_how_far_it_is(desk: Desk, town: Town) -> None:
    town.changes = {"announcements_per_minute": 6}
    for _ in range(2):
        await town.person()
    of = await town.released()
    await town.deliver()
    ana = await desk.somebody("agent")
    part = (await ana.get(f"{PATH}/{of.id}/progress")).text
    assert "1 of 2 done" in words(part)
    assert 'hx-trigger="every 5s"' in part
    assert (await ana.post(f"{PATH}/{of.id}/withdraw")).status_code == 303
    part = (await ana.get(f"{PATH}/{of.id}/progress")).text
    assert "hx-trigger" not in part
    assert "withdrawn before" in words(part)


async def test_an_office_without_topics_says_so(desk: Desk) -> None:
    none = desk.office.model_copy(update={"announcements": type(desk.office.announcements)()})
    ana = await desk.somebody("agent")
    with instead(desk.shared.state, "office", none):
        said = words((await ana.get(PATH)).text)
    assert "has no topics for announcements yet" in said


async def test_another_offices_announcement_is_not_there(desk: Desk, town: Town) -> None:
    of = await town.draft()
    await town.run("UPDATE announcement SET office_id = 'elsewhere' WHERE id = :id", id=of.id)
    ana = await desk.somebody("agent")
    for path in ("", "/change", "/progress"):
        assert (await ana.get(f"{PATH}/{of.id}{path}")).status_code == 404
    for path in ("/propose", "/withdraw", "/change"):
        assert (await ana.post(f"{PATH}/{of.id}{path}", {**FORM, "version": 1})).status_code == 404
