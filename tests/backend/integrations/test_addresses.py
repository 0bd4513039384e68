"""Webhooks go to the public internet only: looked at when they are made, and at every connection."""

import socket
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import SecretStr

from backend.integrations import webhooks
from backend.integrations.addresses import CheckedResolver, is_public, look_up, readable
from backend.integrations.errors import WebhookAddressError, WebhookInvalidError
from backend.integrations.models import WebhookEndpoint
from backend.integrations.schemas import EVENTS
from tests.backend.integrations.receivers import Hooked

PRIVATE = [
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "nonsense", ""),
]
PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_none_of_the_internet(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_no_disguise_makes_a_private_address_public(address: Any) -> None:
    plain = int(address)
    assert not is_public(f"::ffff:{address}")
    assert not is_public(f"64:ff9b::{plain >> 16:x}:{plain & 0xFFFF:x}")
    assert not is_public(f"2002:{plain >> 16:x}:{plain & 0xFFFF:x}::1")


@pytest.mark.parametrize(
    "url",
    [
        *("http://hooks.example.org/", "ftp://hooks.example.org/", "//hooks.example.org/", "hooks.example.org"),
        *("https://", "https://user:pass@hooks.example.org/", "https://hooks.example.org/#part", "javascript:1", ""),
        *("https://hooks.example.org:99999/", "https://hooks.example.org/" + "x" * 2000),
    ],
)
def test_an_address_that_is_not_plain_https_cannot_be_read(url: str) -> None:
    assert readable(url, private=False) is None


def test_plain_http_is_for_development() -> None:
    assert readable("http://127.0.0.1:9000/hook", private=True) is not None
    assert readable("http://127.0.0.1:9000/hook", private=False) is None


class Names:
    """A name server that answers each question with the next of its answers, and counts them."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> list[str]:
        """The addresses of a name now."""
        self.asked += 1
        return list(self.answers[min(self.asked, len(self.answers)) - 1])


async def make(hooked: Hooked, url: str, names: Names) -> WebhookEndpoint:
    """An endpoint in production."""
    settings = hooked.settings.model_copy(update={"environment": "production"})
    made, _ = await webhooks.add_endpoint(
        hooked.sessions,
        settings,
        hooked.office,
        hooked.administrator,
        name="Registry",
        url=url,
        events=EVENTS,
        lookup=names,
    )
    return made


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::1"]])
async def test_a_name_that_leads_inside_is_refused_when_made(hooked: Hooked, addresses: list[str]) -> None:
    with pytest.raises(WebhookAddressError):
        await make(hooked, "https://hooks.example.org/", Names(addresses))


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "2130706433", "0x7f.1", "localhost", "169.254.169.254"])
async def test_an_address_written_in_any_way_is_refused_when_made(hooked: Hooked, host: str) -> None:
    settings = hooked.settings.model_copy(update={"environment": "production"})
    with pytest.raises((WebhookAddressError, WebhookInvalidError)):
        await webhooks.add_endpoint(
            hooked.sessions,
            settings,
            hooked.office,
            hooked.administrator,
            name="Registry",
            url=f"https://{host}/",
            events=EVENTS,
            lookup=look_up,
        )


async def test_no_transaction_is_open_while_a_name_is_resolved(hooked: Hooked) -> None:
    pool = hooked.sessions.kw["bind"].pool
    before = pool.checkedout()
    held: list[int] = []

    async def counting(host: str, port: int) -> list[str]:
        held.append(pool.checkedout() - before)
        return ["93.184.216.34"]

    made = await make(hooked, "https://hooks.example.org/", counting)  # type: ignore[arg-type]
    async with hooked.sessions() as session:
        assert await session.get(WebhookEndpoint, made.id) is not None
    assert held == [0]


async def send(hooked: Hooked, url: str, names: Names) -> str | None:
    """Why sending to an address failed, in production."""
    async with hooked.sessions() as session, session.begin():
        (await session.get_one(WebhookEndpoint, hooked.endpoint_id)).url = url
    await hooked.ticket()
    hooked.settings = hooked.settings.model_copy(update={"environment": "production"})
    hooked.lookup = names
    await hooked.deliver()
    return (await hooked.deliveries())[-1].reason


async def test_a_name_that_leads_inside_later_is_refused_at_sending(hooked: Hooked) -> None:
    names = Names(["93.184.216.34"], ["127.0.0.1"])
    await make(hooked, f"https://hooks.example.org:{hooked.peer.port}/hook", names)
    assert await send(hooked, f"https://hooks.example.org:{hooked.peer.port}/hook", names) == "address_refused"
    assert hooked.peer.calls == []


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"])
async def test_a_literal_address_is_refused_at_sending(hooked: Hooked, host: str) -> None:
    reason = await send(hooked, f"https://{host}:{hooked.peer.port}/hook", Names([host.strip("[]")]))
    assert reason == "address_refused"
    assert hooked.peer.calls == []


async def test_plain_http_is_refused_at_sending(hooked: Hooked) -> None:
    names = Names(["93.184.216.34"])
    assert await send(hooked, f"http://hooks.example.org:{hooked.peer.port}/hook", names) == "address_refused"


async def test_the_connection_goes_to_the_address_that_was_looked_at(hooked: Hooked) -> None:
    """A name that would answer with another address the next time is asked once for each try."""
    names = Names(["127.0.0.1"], ["10.255.255.1"])
    async with hooked.sessions() as session, session.begin():
        endpoint = await session.get_one(WebhookEndpoint, hooked.endpoint_id)
        endpoint.url = f"http://hooks.example.org:{hooked.peer.port}/hook"
    await hooked.ticket()
    hooked.lookup = names
    await hooked.deliver()
    assert [one.state for one in await hooked.deliveries()] == ["delivered"]
    assert names.asked == 1
    assert hooked.peer.calls[0].headers["host"] == f"hooks.example.org:{hooked.peer.port}"


async def test_addresses_are_given_to_be_used_as_they_are() -> None:
    resolver = CheckedResolver(Names(["8.8.8.8", "2606:4700::1111"]), private=False)
    found = await resolver.resolve("hooks.example.org", 443)
    assert [(one["host"], one["family"]) for one in found] == [
        ("8.8.8.8", socket.AF_INET),
        ("2606:4700::1111", socket.AF_INET6),
    ]


async def test_a_secret_sealed_with_another_key_is_not_used(hooked: Hooked) -> None:
    await hooked.ticket()
    hooked.settings = hooked.settings.model_copy(update={"secret_key": SecretStr("another" * 8)})
    await hooked.deliver()
    assert [one.reason for one in await hooked.deliveries()] == ["secret_unreadable"]
    assert hooked.peer.calls == []
