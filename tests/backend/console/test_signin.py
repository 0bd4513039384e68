"""Signing in at the desk, and staying signed in: the real app in process."""

import asyncio
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from backend.accounts import credentials, service
from backend.accounts.models import Account
from backend.console.shell.pages import COOKIE
from backend.core.database import utcnow
from backend.core.sealing import sealed
from tests.backend.accounts.factories import PASSWORD, CountingHasher
from tests.backend.console.people import Desk

NEW = "another four random words"
SECRET = pyotp.random_base32()


def code(step: int = 0) -> str:
    """The code an app shows, some steps of half a minute from now."""
    return pyotp.TOTP(SECRET).at(credentials.time.time() + step * credentials.STEP_SECONDS)


async def with_factor(desk: Desk, **columns: Any) -> Account:
    secret = sealed(desk.settings.secret_key, SECRET)
    return await desk.account(factor_secret=secret, factor_confirmed_at=utcnow(), **columns)


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands still, in the middle of a step of the second factor."""
    monkeypatch.setattr(credentials.time, "time", lambda: 1_800_000_015.0)


async def test_name_and_password_open_the_console(desk: Desk) -> None:
    mine = await desk.account(login="ana@town.example")
    person = desk.stranger()
    answer = await person.sign_in(" ANA@town.example ", next="/console/profile")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/profile")
    assert (await person.get("/console/profile")).status_code == 200
    assert (await desk.fresh(mine)).signed_in_at is not None
    assert [(one.action, one.account_id) for one in await desk.acts()] == [("account.sign_in", mine.id)]


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(desk: Desk) -> None:
    await desk.account(login="ana")
    answer = await desk.stranger().sign_in("ana")
    cookie = answer.headers["set-cookie"].lower()
    for flag in ("httponly", "samesite=lax", "path=/console", f"max-age={12 * 3600}"):
        assert flag in cookie
    assert "secure" not in cookie
    safe = await desk.stranger(public_url="https://desk.example").sign_in("ana")
    assert "secure" in safe.headers["set-cookie"].lower()
    stored = await desk.run("SELECT digest FROM sign_in")
    assert answer.cookies[COOKIE] not in {row.digest for row in stored}, "a stolen table signs nobody in"


@pytest.mark.parametrize("login", ["ana", "nobody"])
@pytest.mark.parametrize("disabled", [False, True])
async def test_what_was_wrong_is_not_told_and_costs_the_same(
    desk: Desk, hasher: CountingHasher, login: str, disabled: bool
) -> None:
    await desk.account(login="ana", disabled_at=utcnow() if disabled else None)
    answer = await desk.stranger().sign_in(login, PASSWORD if disabled else "wrong")
    assert (answer.status_code, hasher.compared) == (401, 1), "a password is compared for an unknown name too"
    assert COOKIE not in answer.cookies
    assert "The sign-in name or the password is not right" in answer.text
    assert 'aria-describedby="problem"' in answer.text
    assert f'value="{login}"' in answer.text


async def test_an_account_without_password_is_not_opened_by_one(desk: Desk) -> None:
    await desk.account(login="ana", password_digest=None)
    assert (await desk.stranger().sign_in("ana", "")).status_code == 401


async def tries(desk: Desk, *logins: str, host: str = "198.51.100.1") -> list[int]:
    """What wrong passwords are answered with, one after the other, from an address."""
    person = desk.stranger()
    person.client._transport.client = (host, 1)  # type: ignore[attr-defined]
    return [(await person.sign_in(login, "wrong")).status_code for login in logins]


async def test_wrong_tries_count_although_they_fail_and_lock_a_name(desk: Desk, hasher: CountingHasher) -> None:
    await desk.account(login="ana")
    many = service.TRIES_PER_LOGIN
    assert await tries(desk, *["ana"] * many) == [401] * many
    before = hasher.compared
    locked = await desk.stranger().sign_in("ana")
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "900")
    assert hasher.compared == before, "a locked name costs no comparison"
    assert "Wait 15 minutes" in locked.text
    await desk.account(login="ben")
    assert (await desk.stranger().sign_in("ben")).status_code == 303


async def test_failed_tries_are_in_the_audit_log_without_what_was_typed_and_do_not_fill_it(desk: Desk) -> None:
    mine = await desk.account()
    person = desk.stranger()
    for _ in range(3):
        await person.sign_in(mine.login, "my secret word")
        await person.sign_in(f"typed-{mine.login}", "my secret word")
    acts = [act for act in await desk.acts() if act.action == "account.sign_in_failed"]
    assert [(act.object_kind, act.object_id, act.actor) for act in acts] == [
        ("account", str(mine.id), "komshu"),
        ("sign_in", "unknown", "komshu"),
    ]
    assert all(not act.content for act in acts)
    await desk.run("UPDATE audit_entry SET at = at - interval '16 minutes' WHERE id = :id", id=acts[0].id)
    await person.sign_in(mine.login, "my secret word")
    assert len([act for act in await desk.acts() if act.object_id == str(mine.id)]) == 2


async def test_a_wrong_code_is_in_the_audit_log(desk: Desk) -> None:
    mine = await desk.account()
    person = await desk.signed_in(mine, factor_due=True)
    await person.post("/console/second-factor", {"code": "000000"})
    assert [(act.action, act.object_id) for act in await desk.acts()] == [("account.sign_in_failed", str(mine.id))]


async def test_a_lock_ends_and_a_right_password_forgives(desk: Desk) -> None:
    await desk.account(login="ana")
    few = service.TRIES_PER_LOGIN - 1
    await tries(desk, *["ana"] * few)
    assert (await desk.stranger().sign_in("ana")).status_code == 303
    assert await tries(desk, *["ana"] * (few + 1)) == [401] * (few + 1)
    assert (await desk.stranger().sign_in("ana")).status_code == 429
    await desk.run("UPDATE sign_in_try SET at = at - interval '15 minutes'")
    assert (await desk.stranger().sign_in("ana")).status_code == 303


async def test_many_names_from_one_address_lock_the_address_and_no_other(desk: Desk) -> None:
    await desk.account(login="ana")
    many = service.TRIES_PER_ADDRESS
    host = "198.51.100.77"
    assert await tries(desk, *(f"name{n}" for n in range(many)), host=host) == [401] * many
    assert await tries(desk, "ana", host=host) == [429]
    assert (await desk.stranger().sign_in("ana")).status_code == 303


async def test_guesses_at_once_count_like_guesses_one_by_one(desk: Desk, hasher: CountingHasher) -> None:
    await desk.account(login="ana")
    answers = await asyncio.gather(*(desk.stranger().sign_in("ana", "wrong") for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [401] * 8 + [429] * 12
    assert hasher.compared == service.TRIES_PER_LOGIN


async def test_names_and_addresses_are_kept_as_digests_only(desk: Desk) -> None:
    await tries(desk, "my password by mistake", host="198.51.100.9")
    rows = (await desk.run("SELECT login, address FROM sign_in_try ORDER BY id DESC LIMIT 1")).one()
    assert [len(value) for value in rows] == [64, 64]


@pytest.mark.parametrize(
    ("column", "age", "status"),
    [
        ("seen_at", timedelta(minutes=119), 200),
        ("seen_at", timedelta(minutes=121), 303),
        ("created_at", timedelta(hours=11, minutes=59), 200),
        ("created_at", timedelta(hours=12, minutes=1), 303),
    ],
)
async def test_a_sign_in_ends(desk: Desk, column: str, age: timedelta, status: int) -> None:
    person = await desk.somebody()
    await desk.run(f"UPDATE sign_in SET {column} = :at WHERE csrf = :csrf", at=utcnow() - age, csrf=person.csrf)
    answer = await person.get("/console/profile")
    assert answer.status_code == status
    if status == 303:
        assert answer.headers["location"] == "/console/sign-in?next=/console/profile"


async def test_using_the_console_keeps_it_open(desk: Desk) -> None:
    person = await desk.somebody()
    hour = {"at": utcnow() - timedelta(hours=1), "csrf": person.csrf}
    await desk.run("UPDATE sign_in SET seen_at = :at WHERE csrf = :csrf", **hour)
    await person.get("/console/profile")
    seen = (await desk.run("SELECT seen_at FROM sign_in WHERE csrf = :csrf", csrf=person.csrf)).scalar()
    assert seen > utcnow() - timedelta(minutes=1)


async def test_signing_out_ends_this_browser_and_no_other(desk: Desk) -> None:
    mine = await desk.account()
    here, there = await desk.signed_in(mine), await desk.signed_in(mine)
    token = here.client.cookies[COOKIE]
    assert (await here.post("/console/sign-out")).headers["location"] == "/console/sign-in"
    here.client.cookies.set(COOKIE, token)
    assert (await here.get("/console/profile")).status_code == 303
    assert (await there.get("/console/profile")).status_code == 200


async def test_a_disabled_account_is_out_at_once(desk: Desk) -> None:
    mine = await desk.account()
    person = await desk.signed_in(mine)
    await desk.run("UPDATE account SET disabled_at = now() WHERE id = :id", id=mine.id)
    assert (await person.get("/console/profile")).status_code == 303


async def test_a_changed_password_signs_other_browsers_out(desk: Desk) -> None:
    mine = await desk.account(login="ana", must_change=True)
    here, there = await desk.signed_in(mine), await desk.signed_in(mine)
    assert (await here.post("/console/password", {"old": PASSWORD, "new": NEW})).status_code == 303
    assert (await here.get("/console/profile")).status_code == 200
    assert (await there.get("/console/profile")).status_code == 303
    assert [(await desk.stranger().sign_in("ana", word)).status_code for word in (PASSWORD, NEW)] == [401, 303]


@pytest.mark.parametrize(
    ("old", "new", "status", "field"),
    [
        ("wrong", NEW, 401, "old"),
        (PASSWORD, "short", 422, "new"),
        (PASSWORD, "x" * 201, 422, "new"),
        (PASSWORD, "aaaaaaaaaaaaaaaa", 422, "new"),
        (PASSWORD, "ana@town.example!", 422, "new"),
        (PASSWORD, "for Popescu only 1", 422, "new"),
        (PASSWORD, f"{PASSWORD}!", 422, "new"),
    ],
)
async def test_a_refused_password_is_told_at_its_field(desk: Desk, old: str, new: str, status: int, field: str) -> None:
    person = await desk.somebody(login="ana@town.example", name="Ana Popescu")
    answer = await person.post("/console/password", {"old": old, "new": new})
    marked = [part for part in answer.text.split("<input") if "aria-invalid" in part]
    assert answer.status_code == status
    assert len(marked) == 1
    assert f'name="{field}"' in marked[0]
    assert "autofocus" in marked[0]


async def test_the_old_password_cannot_be_guessed_from_an_open_console(desk: Desk) -> None:
    person = await desk.somebody()
    answers = [await person.post("/console/password", {"old": f"guess {n}", "new": NEW}) for n in range(9)]
    assert [answer.status_code for answer in answers] == [401] * 8 + [429]


@pytest.mark.usefixtures("still")
async def test_the_second_factor_comes_between_password_and_console(desk: Desk) -> None:
    await with_factor(desk, login="ana")
    person = desk.stranger()
    await person.sign_in("ana")
    half = person.client.cookies[COOKIE]
    assert (await person.get("/console/chats")).headers["location"] == "/console/second-factor"
    wrong = await person.post("/console/second-factor", {"code": "000000"})
    assert (wrong.status_code, 'aria-invalid="true"' in wrong.text) == (401, True)
    right = await person.post("/console/second-factor", {"code": f"{code()[:3]} {code()[3:]}"})
    assert right.headers["location"] == "/console"
    assert person.client.cookies[COOKIE] != half
    await person.learn(right)
    assert (await person.get("/console/profile")).status_code == 200


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize(("step", "status"), [(-2, 401), (-1, 303), (0, 303), (1, 303), (2, 401)])
async def test_a_clock_may_be_half_a_minute_wrong(desk: Desk, step: int, status: int) -> None:
    person = await desk.signed_in(await with_factor(desk), factor_due=True)
    assert (await person.post("/console/second-factor", {"code": code(step)})).status_code == status


@pytest.mark.usefixtures("still")
async def test_a_code_counts_once_also_at_once(desk: Desk) -> None:
    mine = await with_factor(desk)
    people = [await desk.signed_in(mine, factor_due=True) for _ in range(4)]
    answers = await asyncio.gather(*(one.post("/console/second-factor", {"code": code()}) for one in people))
    assert sorted(answer.status_code for answer in answers) == [303, 401, 401, 401]
    late = await desk.signed_in(mine, factor_due=True)
    assert (await late.post("/console/second-factor", {"code": code(-1)})).status_code == 401, "nor an older one"


@pytest.mark.usefixtures("still")
async def test_wrong_codes_lock_the_account(desk: Desk) -> None:
    person = await desk.signed_in(await with_factor(desk), factor_due=True)
    answers = [(await person.post("/console/second-factor", {"code": "000000"})).status_code for _ in range(9)]
    assert answers == [401] * 8 + [429]


@pytest.mark.usefixtures("still")
async def test_setting_the_second_factor_up(desk: Desk) -> None:
    mine = await desk.account()
    person = await desk.signed_in(mine, second_factor="required")
    assert (await person.get("/console/chats")).headers["location"] == "/console/second-factor/setup"
    page = (await person.get("/console/second-factor/setup")).text
    secret = page.split('class="secret">')[1].split("<")[0]
    assert "<svg" in page
    wrong = await person.post("/console/second-factor/setup", {"code": "000000"})
    assert (wrong.status_code, secret in wrong.text) == (401, True)
    assert (await desk.fresh(mine)).factor_confirmed_at is None
    now = pyotp.TOTP(secret).at(credentials.time.time())
    assert (await person.post("/console/second-factor/setup", {"code": now})).status_code == 303
    kept = await desk.fresh(mine)
    assert kept.factor_confirmed_at is not None
    assert secret not in (kept.factor_secret or ""), "sealed"
    assert (await person.get("/console/chats")).status_code == 200
    assert [one.action for one in await desk.acts()] == ["account.factor_on"]


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_the_secret_of_a_factor_that_is_on_is_never_shown_or_replaced(desk: Desk, method: str) -> None:
    mine = await with_factor(desk)
    person = await desk.signed_in(mine)
    answer = await person.client.request(
        method, "/console/second-factor/setup", data={"csrf": person.csrf, "code": "000000"}
    )
    assert (answer.status_code, SECRET in answer.text) == (303, False)
    assert (await desk.fresh(mine)).factor_secret == mine.factor_secret


async def test_who_holds_half_a_sign_in_cannot_get_round_the_factor(desk: Desk) -> None:
    mine = await with_factor(desk)
    person = await desk.signed_in(mine, factor_due=True)
    for path, data in (
        ("/console/second-factor/setup", {"code": "000000"}),
        ("/console/password", {"old": PASSWORD, "new": NEW}),
    ):
        assert (await person.get(path)).status_code == 303
        assert (await person.post(path, data)).status_code == 303
    after = await desk.fresh(mine)
    assert (after.factor_secret, after.password_digest) == (mine.factor_secret, mine.password_digest)


async def test_the_browsers_one_is_signed_in_in(desk: Desk) -> None:
    await desk.account(login="ana", role="reader")
    agents = {
        "Firefox, Windows": "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Safari, iPhone": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1",
        "Edge, Windows": "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0",
        "Chrome, Android": "Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36",
    }
    people = [desk.stranger({"User-Agent": text}) for text in agents.values()]
    for person in people:
        await person.sign_in("ana")
    page = (await people[0].get("/console/profile")).text
    assert all(name in page for name in agents)
    assert page.count("this one") == 1
    keys = [part.split('"')[0] for part in page.split('name="key" value="')[1:]]
    assert len(keys) == 3
    await people[0].post("/console/profile/browsers/end", {"key": keys[0]})
    states = [(await person.get("/console/profile")).status_code for person in people]
    assert sorted(states) == [200, 200, 200, 303]
    await people[0].post("/console/profile/browsers/end")
    assert [(await person.get("/console/profile")).status_code for person in people] == [200, 303, 303, 303]


async def test_nobody_ends_the_sign_in_of_somebody_else(desk: Desk) -> None:
    one, other = await desk.somebody(), await desk.somebody()
    await one.post("/console/profile/browsers/end")
    assert (await other.get("/console/profile")).status_code == 200


async def test_passwords_codes_and_tokens_are_in_no_log(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    await desk.account(login="ana@town.example", name="Ana Pop")
    person = desk.stranger()
    await person.sign_in("ana@town.example", "a wrong password")
    await person.sign_in("ana@town.example")
    await person.post("/console/password", {"old": PASSWORD, "new": NEW})
    await person.get("/console/second-factor/setup")
    written = "".join(capfd.readouterr())
    kept = repr([(one.action, one.object_id, one.content) for one in await desk.acts()])
    for secret in (PASSWORD, NEW, "a wrong password", person.client.cookies[COOKIE], person.csrf, "ana@town"):
        assert secret not in written
        assert secret not in kept


async def test_the_password_sent_again_gives_no_more_guesses_at_the_code(desk: Desk, still: None) -> None:
    await with_factor(desk, login="ana")
    person = desk.stranger()
    for _ in range(service.TRIES_PER_LOGIN):
        assert (await person.sign_in("ana")).status_code == 303
        assert (await person.post("/console/second-factor", {"code": "wrong"})).status_code == 401
    assert (await person.sign_in("ana")).status_code == 429
    assert "account.sign_in" not in [act.action for act in await desk.acts()], "nobody got in"


async def test_a_right_code_forgives_and_is_what_the_audit_log_calls_a_sign_in(desk: Desk, still: None) -> None:
    mine = await with_factor(desk, login="ana")
    person = desk.stranger()
    for answer in [*["wrong"] * (service.TRIES_PER_LOGIN - 1), code()]:
        await person.sign_in("ana")
        await person.post("/console/second-factor", {"code": answer})
    assert (await person.get("/console/profile")).status_code == 200
    acts = [(one.action, one.account_id) for one in await desk.acts()]
    assert acts == [("account.sign_in_failed", None), ("account.sign_in", mine.id)]
    assert await tries(desk, "ana") == [401]
