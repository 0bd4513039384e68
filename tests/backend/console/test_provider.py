"""Signing in through the office's identity provider, against a provider that runs here."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from starlette.responses import JSONResponse, PlainTextResponse, Response

from backend.console.shell.pages import COOKIE
from tests.backend.console.people import Desk, Person
from tests.peers.provider import CLIENT, SECRET, Claims, ProviderPeer

BEGIN, CALLBACK = "/console/provider", "/console/provider/callback"
KEY = RSAKey.generate_key(2048, {"kid": "first"})
OTHER = RSAKey.generate_key(2048, {"kid": "first"})
NEXT = RSAKey.generate_key(2048, {"kid": "next"})
Change = Callable[[Claims], Claims]


@pytest.fixture
async def peer() -> AsyncIterator[ProviderPeer]:
    async with ProviderPeer() as peer:
        yield peer


def configured(peer: ProviderPeer, **changes: Any) -> dict[str, Any]:
    known = {"oidc_issuer": peer.url, "oidc_client_id": CLIENT, "oidc_client_secret": SecretStr(SECRET)}
    return {**known, **changes}


async def set_out(person: Person, next: str = "") -> str:
    """Press the button; returns where the browser is sent."""
    answer = await person.get(BEGIN, params={"next": next})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def come_back(peer: ProviderPeer, person: Person, next: str = "") -> httpx.Response:
    """The whole way there and back."""
    return await person.learn(await person.get(await peer.follow(await set_out(person, next))))


def refused(answer: httpx.Response, status: int, words: str) -> bool:
    """Whether the sign-in page says so and nobody is signed in."""
    assert COOKIE not in answer.cookies
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code == status and words in answer.text and 'name="login"' in answer.text


async def test_the_browser_is_sent_with_state_nonce_and_a_challenge(desk: Desk, peer: ProviderPeer) -> None:
    person = desk.stranger(**configured(peer))
    answer = await person.get(BEGIN)
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["redirect_uri"] == [f"{desk.settings.public_base_url}{CALLBACK}"]
    assert (asked["scope"], asked["code_challenge_method"], asked["response_type"]) == (
        ["openid email"],
        ["S256"],
        ["code"],
    )
    assert min(len(asked[name][0]) for name in ("state", "nonce", "code_challenge")) >= 43
    cookie = answer.headers["set-cookie"].lower()
    for flag in ("httponly", "samesite=lax", "max-age=600", "path=/console/provider"):
        assert flag in cookie
    assert asked["nonce"][0] != parse_qs(urlsplit(await set_out(person)).query)["nonce"][0]


async def test_a_verified_address_links_an_account_and_the_subject_finds_it_afterwards(
    desk: Desk, peer: ProviderPeer
) -> None:
    mine = await desk.account(login="ana@town.example", must_change=True, factor_confirmed_at=None)
    person = desk.stranger(**configured(peer, second_factor="required"))
    answer = await come_back(peer, person, "/console/profile")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/profile")
    assert (await person.get("/console/profile")).status_code == 200, "password and second factor are the provider's"
    assert (await desk.fresh(mine)).subject == f"{peer.url}|248289761001"
    assert [one.action for one in await desk.acts()] == ["account.link", "account.sign_in_provider"]

    peer.user |= {"email": "moved@town.example", "email_verified": False}
    again = desk.stranger(**configured(peer))
    assert (await come_back(peer, again)).headers["location"] == "/console"
    assert (await again.get("/console/profile")).status_code == 200


async def test_the_address_may_be_told_outside_the_token(desk: Desk, peer: ProviderPeer) -> None:
    await desk.account(login="ana@town.example")
    peer.email_in_token = False
    assert (await come_back(peer, desk.stranger(**configured(peer)))).status_code == 303
    assert "/user" in peer.calls


async def test_an_address_of_another_person_outside_the_token_is_not_believed(desk: Desk, peer: ProviderPeer) -> None:
    await desk.account(login="ana@town.example")
    peer.email_in_token = False
    peer.broken["/user"] = JSONResponse({"sub": "other", "email": "ana@town.example", "email_verified": True})
    assert refused(await come_back(peer, desk.stranger(**configured(peer))), 403, "is verified")


@pytest.mark.parametrize(
    ("user", "columns", "words"),
    [
        ({"email_verified": False}, {}, "is verified"),
        ({"email_verified": "true"}, {}, "is verified"),
        ({"email": ""}, {}, "is verified"),
        ({"email": "nobody@town.example"}, {}, "no account at this desk"),
        ({}, {"disabled_at": "2026-01-01T00:00:00Z"}, "no account at this desk"),
        ({}, {"subject": f"https://elsewhere.example|{uuid4()}"}, "no account at this desk"),
    ],
)
async def test_nobody_gets_in_without_an_account_of_their_own(
    desk: Desk, peer: ProviderPeer, user: Claims, columns: dict[str, str], words: str
) -> None:
    mine = await desk.account(login="ana@town.example")
    for column, value in columns.items():
        await desk.run(f"UPDATE account SET {column} = :value WHERE id = :id", value=f"{value}", id=mine.id)
    before = (await desk.fresh(mine)).subject
    peer.user |= user
    assert refused(await come_back(peer, desk.stranger(**configured(peer))), 403, words)
    assert (await desk.fresh(mine)).subject == before
    assert (await desk.run("SELECT count(*) FROM account WHERE office_id = :o", o=mine.office_id)).scalar() == 1


async def test_a_linked_account_that_is_disabled_stays_out(desk: Desk, peer: ProviderPeer) -> None:
    mine = await desk.account(login="ana@town.example")
    await come_back(peer, desk.stranger(**configured(peer)))
    await desk.run("UPDATE account SET disabled_at = now() WHERE id = :id", id=mine.id)
    assert refused(await come_back(peer, desk.stranger(**configured(peer))), 403, "no account at this desk")


def claims(**changed: Any) -> Change:
    return lambda told: {name: value for name, value in {**told, **changed}.items() if value is not None}


@pytest.mark.parametrize(
    "change",
    [
        claims(nonce="another"),
        claims(nonce=None),
        claims(aud="another"),
        claims(aud=["another", "more"], azp=CLIENT),
        claims(aud=[CLIENT, "another"], azp="another"),
        claims(iss="https://another.example"),
        claims(iss=None),
        claims(sub=None),
        claims(exp=None),
        claims(exp=int(time.time()) - 3600),
        claims(nbf=int(time.time()) + 3600),
        claims(iat=int(time.time()) + 3600),
        claims(at_hash="wrong"),
    ],
    ids=[
        "nonce",
        "no-nonce",
        "aud",
        "auds",
        "azp",
        "iss",
        "no-iss",
        "no-sub",
        "no-exp",
        "exp",
        "nbf",
        "iat",
        "at_hash",
    ],
)
async def test_a_token_with_wrong_claims_is_not_believed(desk: Desk, peer: ProviderPeer, change: Change) -> None:
    await desk.account(login="ana@town.example")
    peer.change = change
    assert refused(await come_back(peer, desk.stranger(**configured(peer))), 401, "did not let you in")


@pytest.mark.parametrize(
    "wrong", [{"published": OTHER}, {"algorithm": "none"}, {"algorithm": "HS256"}], ids=["key", "none", "shared-secret"]
)
async def test_a_token_the_provider_did_not_sign_is_not_believed(
    desk: Desk, peer: ProviderPeer, wrong: dict[str, Any]
) -> None:
    await desk.account(login="ana@town.example")
    for name, value in {"key": KEY, "published": KEY, **wrong}.items():
        setattr(peer, name, value)
    assert refused(await come_back(peer, desk.stranger(**configured(peer))), 401, "did not let you in")


async def test_a_provider_may_change_its_keys(desk: Desk, peer: ProviderPeer) -> None:
    await desk.account(login="ana@town.example")
    await come_back(peer, desk.stranger(**configured(peer)))
    peer.key = peer.published = NEXT
    assert (await come_back(peer, desk.stranger(**configured(peer)))).status_code == 303
    assert peer.calls.count("/keys") == 2
    assert peer.calls.count("/.well-known/openid-configuration") == 1


@pytest.mark.parametrize("kept", ["another", "none", "changed", "old"])
async def test_a_way_back_that_was_not_begun_here_leads_nowhere(
    desk: Desk, peer: ProviderPeer, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.account(login="ana@town.example")
    person, victim = desk.stranger(**configured(peer)), desk.stranger(**configured(peer))
    back = await peer.follow(await set_out(person))
    if kept == "another":
        await set_out(victim)
    elif kept == "changed":
        value = person.client.cookies["komshu_errand"]
        victim.client.cookies.set("komshu_errand", f"x{value}", path=BEGIN)
    elif kept == "old":
        victim = person
        now = time.time()
        monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + 601)
    before = len(peer.calls)
    assert refused(await victim.get(back), 403, "took too long")
    assert len(peer.calls) == before, "the provider is not asked"


async def test_a_code_counts_once(desk: Desk, peer: ProviderPeer) -> None:
    await desk.account(login="ana@town.example")
    person = desk.stranger(**configured(peer))
    back = await peer.follow(await set_out(person))
    kept = person.client.cookies["komshu_errand"]
    assert (await person.get(back)).status_code == 303
    assert refused(await person.get(back), 403, "took too long")
    thief = desk.stranger(**configured(peer))
    thief.client.cookies.set("komshu_errand", kept, path=BEGIN)
    assert refused(await thief.get(back), 401, "did not let you in")


@pytest.mark.parametrize(
    "query",
    ["error=access_denied", "", "code=", "code=guessed", "code=guessed&iss=https://another.example"],
)
async def test_what_the_provider_refuses_is_refused(desk: Desk, peer: ProviderPeer, query: str) -> None:
    person = desk.stranger(**configured(peer))
    state = parse_qs(urlsplit(await set_out(person)).query)["state"][0]
    assert refused(await person.get(f"{CALLBACK}?state={state}&{query}"), 401, "did not let you in")


NONSENSE = PlainTextResponse("<html>", 200)
DOWN = PlainTextResponse("", 502)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/.well-known/openid-configuration", NONSENSE),
        ("/.well-known/openid-configuration", DOWN),
        ("/.well-known/openid-configuration", JSONResponse({"issuer": "https://another.example"})),
        ("/token", DOWN),
        ("/keys", DOWN),
    ],
)
async def test_a_provider_that_is_away_is_told_as_such(
    desk: Desk, peer: ProviderPeer, path: str, answer: Response
) -> None:
    await desk.account(login="ana@town.example")
    person = desk.stranger(**configured(peer))
    peer.broken[path] = answer
    begun = await person.get(BEGIN)
    ended = begun if begun.status_code != 303 else await person.get(await peer.follow(begun.headers["location"]))
    assert refused(ended, 503, "does not answer")
    peer.broken.clear()
    assert (await come_back(peer, person)).status_code == 303, "and once it is back, it works"


async def test_a_provider_that_is_not_there_is_away(desk: Desk, peer: ProviderPeer) -> None:
    person = desk.stranger(**configured(peer, oidc_issuer="http://127.0.0.1:1"))
    assert refused(await person.get(BEGIN), 503, "does not answer")


async def test_a_description_of_another_issuer_is_not_used(desk: Desk, peer: ProviderPeer) -> None:
    peer.issuer = "https://another.example"
    assert refused(await desk.stranger(**configured(peer)).get(BEGIN), 503, "does not answer")


@pytest.mark.parametrize("path", [BEGIN, CALLBACK])
async def test_without_a_provider_there_is_no_such_page(desk: Desk, path: str) -> None:
    assert (await desk.stranger().get(path)).status_code == 404


@pytest.mark.parametrize("next", ["//evil.example", "https://evil.example", "/\\evil.example", "/chat", "/console\\x"])
async def test_the_way_back_leads_into_the_console_only(desk: Desk, peer: ProviderPeer, next: str) -> None:
    await desk.account(login="ana@town.example")
    answer = await come_back(peer, desk.stranger(**configured(peer)), next)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console")


async def test_no_connection_is_held_while_the_provider_is_asked(desk: Desk, peer: ProviderPeer) -> None:
    await desk.account(login="ana@town.example")
    pool = desk.app(**configured(peer)).state.sessions.kw["bind"].pool
    held: list[int] = []
    peer.on_call = lambda: held.append(pool.checkedout())
    assert (await come_back(peer, desk.stranger(**configured(peer)))).status_code == 303
    assert len(held) == 4
    assert set(held) == {0}


async def test_two_first_sign_ins_at_once_link_one_account_once(desk: Desk, peer: ProviderPeer) -> None:
    await desk.account(login="ana@town.example")
    people = [desk.stranger(**configured(peer)) for _ in range(4)]
    answers = await asyncio.gather(*(come_back(peer, person) for person in people))
    assert [answer.status_code for answer in answers] == [303] * 4


async def test_nothing_of_a_person_gets_into_the_log(
    desk: Desk, peer: ProviderPeer, capfd: pytest.CaptureFixture[str]
) -> None:
    peer.user |= {"email": "nobody@town.example"}
    await come_back(peer, desk.stranger(**configured(peer)))
    peer.change = claims(nonce="another")
    await come_back(peer, desk.stranger(**configured(peer)))
    written = "".join(capfd.readouterr())
    assert "provider_refused" in written
    for secret in ("nobody@", "248289761001", SECRET, "eyJ"):
        assert secret not in written
