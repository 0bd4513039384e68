"""The office room: accounts, ready sentences, the audit log."""

import re
from typing import Any
from uuid import uuid4

import pytest

from backend.audit.service import PAGE, record_without_agent
from backend.core.languages import LANGUAGES
from backend.core.settings import ROOT
from tests.backend.accounts.factories import PASSWORD
from tests.backend.console.people import Desk

ACCOUNTS, CANNED, AUDIT = "/console/office/accounts", "/console/office/canned", "/console/office/audit"
ANA = {"login": "Ana@Town.example", "name": "Ana", "role": "agent", "units": ["roads"], "languages": ["ro", "en"]}
SHOWN_ONCE = re.compile(r'class="secret">([^<]+)<')


def unit(desk: Desk) -> str:
    return next(iter(desk.office.units))


def filled(desk: Desk, **changed: Any) -> dict[str, Any]:
    return {**ANA, "units": [unit(desk)], "capacity": "5", **changed}


async def test_an_account_is_added_and_used(desk: Desk) -> None:
    boss = await desk.somebody("administrator")
    answer = await boss.post(f"{ACCOUNTS}/new", filled(desk))
    password = SHOWN_ONCE.search(answer.text)
    assert password is not None
    assert password[1] not in (await boss.get(ACCOUNTS)).text
    person = desk.stranger()
    assert (await person.sign_in("ana@town.example", password[1])).status_code == 303
    assert (await person.get("/console/chats")).headers["location"] == "/console/password"
    entry = next(one for one in await desk.acts() if one.action == "account.add")
    assert entry.content == {"role": "agent"}
    assert password[1] not in repr([one.content for one in await desk.acts()])


@pytest.mark.parametrize(
    ("changed", "status", "field"),
    [
        ({"login": " "}, 422, "login"),
        ({"login": "TAKEN"}, 409, "login"),
        ({"name": " "}, 422, "name"),
        ({"role": "mayor"}, 422, "role"),
        ({"role": ""}, 422, "role"),
        ({"capacity": "0"}, 422, "capacity"),
        ({"capacity": "51"}, 422, "capacity"),
        ({"capacity": "many"}, 422, "capacity"),
        ({"capacity": "9" * 5000}, 422, "capacity"),
        ({"capacity": "²"}, 422, "capacity"),
    ],
)
async def test_what_is_wrong_is_told_at_its_field_and_the_rest_is_kept(
    desk: Desk, changed: dict[str, str], status: int, field: str
) -> None:
    await desk.account(login="taken")
    boss = await desk.somebody("administrator")
    answer = await boss.post(f"{ACCOUNTS}/new", filled(desk, **changed))
    marked = [part for part in answer.text.split("<input") if "aria-invalid" in part]
    assert (answer.status_code, len(marked)) == (status, 1)
    assert f'name="{field}"' in marked[0]
    assert 'aria-describedby="problem" autofocus' in marked[0]
    assert f'value="{unit(desk)}" checked' in answer.text
    assert "account.add" not in [one.action for one in await desk.acts()]


@pytest.mark.parametrize(("field", "value"), [("units", "moon"), ("languages", "de")])
async def test_units_and_languages_must_exist(desk: Desk, field: str, value: str) -> None:
    answer = await (await desk.somebody("administrator")).post(f"{ACCOUNTS}/new", filled(desk, **{field: [value]}))
    assert (answer.status_code, f'aria-describedby="{field}-hint problem"' in answer.text) == (422, True)


async def test_an_account_is_changed_and_the_log_says_what(desk: Desk) -> None:
    boss, mine = await desk.somebody("administrator"), await desk.account(login="ana")
    fields = filled(desk, name="Ana Maria", role="supervisor", capacity="9")
    assert (await boss.post(f"{ACCOUNTS}/{mine.id}", fields)).status_code == 303
    now = await desk.fresh(mine)
    assert (now.login, now.name, now.role, now.capacity) == ("ana", "Ana Maria", "supervisor", 9)
    assert (now.units, now.languages) == ([unit(desk)], ["ro", "en"])
    entry = (await desk.acts())[-1]
    assert entry.content == {"role": "supervisor", "fields": ["name", "role", "units", "languages", "capacity"]}


async def test_a_reset_account_starts_again(desk: Desk) -> None:
    boss, mine = await desk.somebody("administrator"), await desk.account(login="ana", factor_confirmed_at=None)
    person = await desk.signed_in(mine)
    for _ in range(8):
        await desk.stranger().sign_in("ana", "wrong")
    answer = await boss.post(f"{ACCOUNTS}/{mine.id}/reset")
    password = SHOWN_ONCE.search(answer.text)
    assert password is not None
    assert (await person.get("/console/profile")).status_code == 303
    assert (await desk.stranger().sign_in("ana", password[1])).status_code == 303, "wrong tries are forgiven"
    assert (await desk.stranger().sign_in("ana", PASSWORD)).status_code == 401
    now = await desk.fresh(mine)
    assert (now.must_change, now.factor_secret, now.factor_confirmed_at) == (True, None, None)


async def test_an_account_is_disabled_and_enabled(desk: Desk) -> None:
    boss, mine = await desk.somebody("administrator"), await desk.account(login="ana")
    person = await desk.signed_in(mine)
    await boss.post(f"{ACCOUNTS}/{mine.id}/disable")
    assert (await person.get("/console/profile")).status_code == 303
    assert (await desk.stranger().sign_in("ana")).status_code == 401
    assert "Disabled" in (await boss.get(ACCOUNTS)).text
    await boss.post(f"{ACCOUNTS}/{mine.id}/enable")
    assert (await desk.stranger().sign_in("ana")).status_code == 303
    assert (await person.get("/console/profile")).status_code == 303, "old sign-ins stay ended"


async def test_the_last_administrator_stays(desk: Desk) -> None:
    mine = await desk.account("administrator", login="boss")
    boss = await desk.signed_in(mine)
    assert (await boss.post(f"{ACCOUNTS}/{mine.id}/disable")).status_code == 409
    assert (await boss.post(f"{ACCOUNTS}/{mine.id}", filled(desk, role="reader"))).status_code == 409
    now = await desk.fresh(mine)
    assert (now.role, now.disabled_at) == ("administrator", None)


async def test_accounts_of_other_offices_are_not_there(desk: Desk) -> None:
    boss, other = await desk.somebody("administrator"), await desk.account(office_id=f"other-{uuid4()}", name="Zoe")
    assert "Zoe" not in (await boss.get(ACCOUNTS)).text
    assert (await boss.get(f"{ACCOUNTS}/{other.id}")).status_code == 404
    for act in ("", "/disable", "/enable", "/reset"):
        assert (await boss.post(f"{ACCOUNTS}/{other.id}{act}", filled(desk))).status_code == 404


TEXTS = {"text_en": "Good day {citizen}", "text_mk": "Добар ден {citizen}"}


async def test_ready_sentences_are_kept_in_five_languages(desk: Desk) -> None:
    boss = await desk.somebody("supervisor")
    assert (await boss.post(f"{CANNED}/new", {"name": "Hello", "unit": unit(desk), **TEXTS})).status_code == 303
    page = (await boss.get(CANNED)).text
    way = re.search(rf'href="({CANNED}/[0-9a-f-]+)"', page)
    assert way is not None
    assert "Not written in" in page
    form = (await boss.get(way[1])).text
    assert "Добар ден {citizen}" in form
    assert [f'name="text_{code}" lang="{code}"' in form for code in LANGUAGES] == [True] * len(LANGUAGES)
    await boss.post(way[1], {"name": "Hello!", "unit": "", "text_tr": "İyi günler <b>"})
    changed = (await boss.get(way[1])).text
    assert "İyi günler &lt;b&gt;" in changed
    assert "Добар ден" not in changed
    assert (await boss.post(f"{way[1]}/remove")).status_code == 303
    assert (await boss.get(way[1])).status_code == 404
    assert (await boss.post(way[1], {"name": "Back", **TEXTS})).status_code == 404
    assert [one.action for one in await desk.acts()] == ["canned.save", "canned.save", "canned.remove"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "Taken"}, "name"),
        ({"unit": "moon"}, "unit"),
        ({"text_en": " ", "text_mk": ""}, "text_en"),
    ],
)
async def test_a_refused_sentence_keeps_what_was_typed(desk: Desk, changed: dict[str, str], field: str) -> None:
    boss = await desk.somebody("supervisor")
    await boss.post(f"{CANNED}/new", {"name": "Taken", **TEXTS})
    answer = await boss.post(f"{CANNED}/new", {"name": "New", "text_af": "", **TEXTS, **changed})
    marked = [part for part in re.split(r"<(?=input|select|textarea)", answer.text) if "aria-invalid" in part]
    assert (answer.status_code, len(marked)) == (422, 1)
    assert f'name="{field}"' in marked[0]
    if "text_en" not in changed:
        assert "Добар ден {citizen}" in answer.text


async def fill_log(desk: Desk, count: int, action: str = "account.sign_out", actor: str = "Ana") -> None:
    async with desk.session() as session, session.begin():
        for number in range(count):
            await record_without_agent(session, desk.office.profile.id, actor, action, "thing", f"{number}")


def lines(text: str) -> int:
    return text.count("<time ")


async def test_the_log_is_read_in_pages_newest_first(desk: Desk) -> None:
    boss = await desk.somebody("supervisor")
    await fill_log(desk, PAGE, actor="Old <b>")
    await fill_log(desk, PAGE + 3, actor="New & newer")
    first = (await boss.get(AUDIT)).text
    assert (lines(first), "New &amp; newer" in first, "Old &lt;b&gt;" in first) == (PAGE, True, False)
    older = re.search(r'href="([^"]+before=\d+)"', first)
    assert older is not None
    second = (await boss.get(older[1].replace("&amp;", "&"))).text
    assert (lines(second), second.count("New &amp; newer</strong>")) == (PAGE, 3)
    assert lines((await boss.get(f"{AUDIT}?before=0")).text) == 0


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 5),
        ("action=account.sign_out", 2),
        ("action=canned.", 3),
        ("actor=ana", 2),
        ("actor=%20Ana%20", 2),
        ("actor=%25", 0),
        ("action=chat.", 0),
        ("action=account.sign_out&actor=Ben", 0),
    ],
)
async def test_the_log_is_filtered_by_act_and_person(desk: Desk, query: str, count: int) -> None:
    boss = await desk.somebody("administrator")
    await fill_log(desk, 2)
    await fill_log(desk, 3, "canned.save", "Ben")
    assert lines((await boss.get(f"{AUDIT}?{query}")).text) == count


@pytest.mark.parametrize("query", ["before=-1", "before=x", f"before={2**63}", f"action={'x' * 81}"])
async def test_a_query_that_makes_no_sense_is_refused(desk: Desk, query: str) -> None:
    assert (await (await desk.somebody("supervisor")).get(f"{AUDIT}?{query}")).status_code == 422


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_room_speaks_every_language(desk: Desk, language: str) -> None:
    boss = await desk.somebody("administrator", language=language)
    await boss.post(f"{ACCOUNTS}/new", filled(desk))
    await boss.post(f"{CANNED}/new", {"name": "Hello", **TEXTS})
    for path in ("/console/office", ACCOUNTS, f"{ACCOUNTS}/new", AUDIT, CANNED, f"{CANNED}/new"):
        page = (await boss.get(path)).text
        assert not re.search(r">\s*(office|audit|console|error)\.[a-z_.]+", page), path


def test_every_template_of_the_room_is_used() -> None:
    folder = ROOT / "backend" / "console" / "office"
    code = "".join(path.read_text() for path in [*folder.glob("*.py"), *folder.glob("*.html")])
    assert [path.name for path in folder.glob("*.html") if f"office/{path.name}" not in code] == []
