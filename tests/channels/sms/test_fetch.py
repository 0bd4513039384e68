"""Photos: from Twilio, not from wherever a payload points."""

import pytest

from channels.errors import AWAY, MISCONFIGURED, REFUSED, SendError
from channels.message import Media
from channels.sms.adapter import SmsAdapter
from tests.channels.sms.factories import config
from tests.peers.twilio import TwilioPeer

PHOTO = b"\xff\xd8\xff" + bytes(range(256)) * 400


async def refused(adapter: SmsAdapter, url: str, limit: int = 1_000_000) -> SendError:
    with pytest.raises(SendError) as error:
        await adapter.fetch(Media(id=url), limit)
    return error.value


async def test_a_photo_comes_whole(peer: TwilioPeer, adapter: SmsAdapter) -> None:
    assert await adapter.fetch(Media(id=peer.add_file(PHOTO)), len(PHOTO)) == PHOTO


async def test_the_token_stays_with_the_api(adapter: SmsAdapter, peer: TwilioPeer) -> None:
    async with TwilioPeer() as elsewhere:
        peer.files_at = elsewhere.url
        url = peer.add_file(PHOTO)
        elsewhere.files = peer.files
        assert await adapter.fetch(Media(id=url), len(PHOTO)) == PHOTO
        assert [request.get("authorization") for request in elsewhere.file_requests] == [None]


async def test_too_large_is_refused(peer: TwilioPeer, adapter: SmsAdapter) -> None:
    error = await refused(adapter, peer.add_file(PHOTO), len(PHOTO) - 1)
    assert (error.code, error.retryable, error.detail) == (REFUSED, False, "size")


async def test_gone_is_refused(peer: TwilioPeer, adapter: SmsAdapter) -> None:
    url = peer.add_file(PHOTO)
    peer.files.clear()
    assert (await refused(adapter, url)).code == REFUSED


async def test_a_wrong_token_is_ours_to_mend(peer: TwilioPeer) -> None:
    adapter = SmsAdapter(config(api_url=peer.url, auth_token="wrong"))
    error = await refused(adapter, peer.add_file(PHOTO))
    assert (error.code, error.retryable) == (MISCONFIGURED, True)
    await adapter.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/internal",
        "http://localhost/x",
        "http://169.254.169.254/latest/meta-data",
        "https://api.twilio.com/x",
        "file:///etc/passwd",
        "//evil.example/x",
        "http://[::1",
        "",
    ],
)
async def test_another_address_is_never_asked(adapter: SmsAdapter, url: str) -> None:
    error = await refused(adapter, url)
    assert (error.code, error.detail) == (REFUSED, "address")


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        ("https://api.twilio.com/2010-04-01/x", True),
        ("https://api.twilio.com:443/x", True),
        ("https://mcs.us1.twilio.com/v1/x", True),
        ("http://api.twilio.com/x", False),
        ("https://api.twilio.com:8443/x", False),
        ("https://api.twilio.com.evil.example/x", False),
        ("https://evil-twilio.com/x", False),
        ("https://api.twilio.com@evil.example/x", False),
        ("https://user:word@api.twilio.com/x", False),
    ],
)
async def test_what_counts_as_twilios(url: str, ours: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = SmsAdapter(config())
    asked: list[str] = []

    async def followed(address: object, limit: int) -> bytes:
        asked.append(str(address))
        return b""

    monkeypatch.setattr(adapter.files, "_followed", followed)
    if ours:
        await adapter.fetch(Media(id=url), 1)
    else:
        assert (await refused(adapter, url)).detail == "address"
    assert bool(asked) is ours
    await adapter.close()


@pytest.mark.parametrize(
    "target",
    [
        "http://10.0.0.1",
        "https://192.168.1.1",
        "https://[::1]",
        "https://[::ffff:10.0.0.1]",
        "http://169.254.169.254",
        "https://0.0.0.0",
        "ftp://127.0.0.1",
        "http://user:word@127.0.0.1",
        "http://localhost:1",
    ],
)
async def test_a_redirect_does_not_lead_inside(peer: TwilioPeer, adapter: SmsAdapter, target: str) -> None:
    peer.files_at = target
    error = await refused(adapter, peer.add_file(PHOTO))
    assert (error.code, error.detail) == (REFUSED, "redirect")


async def test_redirects_end(peer: TwilioPeer, adapter: SmsAdapter) -> None:
    url = peer.add_file(PHOTO)
    peer.files_at = f"{url}#"  # what follows is a fragment, so every answer leads to itself
    error = await refused(adapter, url)
    assert (error.code, error.detail) == (REFUSED, "redirects")


async def test_nobody_there_can_be_tried_again(peer: TwilioPeer, adapter: SmsAdapter) -> None:
    url = peer.add_file(PHOTO)
    peer.files_at = "http://127.0.0.1:1"
    error = await refused(adapter, url)
    assert (error.code, error.retryable) == (AWAY, True)
