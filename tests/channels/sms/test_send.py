"""Sending with Twilio's real client to the peer."""

import logging
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from channels.errors import (
    AWAY,
    BLOCKED,
    BUSY,
    FILTERED,
    MISCONFIGURED,
    REASONS,
    REFUSED,
    UNREACHABLE,
    UNSURE,
    SendError,
)
from channels.sms.adapter import SmsAdapter
from channels.sms.failures import CODES, reason_of, refusal
from tests.channels.sms.factories import config
from tests.peers.twilio import NUMBER, TwilioPeer

ANA = "+40721123456"
PART = {"body": "Groapa a fost reparată 👍", "segments": 1, "encoding": "UCS-2"}


async def refused(adapter: SmsAdapter, address: str = ANA, part: dict[str, Any] = PART) -> SendError:
    with pytest.raises(SendError) as error:
        await adapter.send(address, part)
    assert address not in str(error.value)
    assert error.value.__cause__ is None
    return error.value


async def test_a_message_arrives_as_it_is(peer: TwilioPeer, adapter: SmsAdapter) -> None:
    sid = await adapter.send(ANA, PART)
    assert sid
    assert [(sent["sid"], sent["to"], sent["from"], sent["body"]) for sent in peer.sent] == [
        (sid, ANA, NUMBER, PART["body"])
    ]
    await adapter.seen(ANA, {})


async def test_a_messaging_service_chooses_the_number(peer: TwilioPeer) -> None:
    adapter = SmsAdapter(config(api_url=peer.url, number="", messaging_service="MG1"))
    await adapter.send(ANA, PART)
    await adapter.close()
    assert (peer.sent[0]["from"], peer.sent[0]["messaging_service_sid"]) == (None, "MG1")


@pytest.mark.parametrize(
    ("how", "reason", "retryable", "retry_after", "detail"),
    [
        ({"status": 400, "code": 21610}, BLOCKED, False, None, "21610"),
        ({"status": 400, "code": 21211}, UNREACHABLE, False, None, "21211"),
        ({"status": 400, "code": 21614}, UNREACHABLE, False, None, "21614"),
        ({"status": 400, "code": 21617}, REFUSED, False, None, "21617"),
        ({"status": 400, "code": 29999}, REFUSED, False, None, "29999"),
        ({"status": 400}, REFUSED, False, None, "400"),
        ({"status": 400, "code": 21606}, MISCONFIGURED, True, 60.0, "21606"),
        ({"status": 401, "code": 20003}, MISCONFIGURED, True, 60.0, "20003"),
        ({"status": 403}, MISCONFIGURED, True, 60.0, "403"),
        ({"status": 404, "code": 20404}, MISCONFIGURED, True, 60.0, "20404"),
        ({"status": 429, "code": 20429}, BUSY, True, 1.0, "20429"),
        ({"status": 429, "code": 20429, "retry_after": "7"}, BUSY, True, 7.0, "20429"),
        ({"status": 429, "retry_after": "soon"}, BUSY, True, 1.0, "429"),
        ({"status": 429, "code": 14107}, BUSY, True, 1.0, "14107"),
        ({"status": 500, "code": 20500}, AWAY, True, None, "20500"),
        ({"status": 503, "retry_after": "3"}, AWAY, True, 3.0, "503"),
        ({"status": 502}, AWAY, True, None, "502"),
        ({"status": 307}, REFUSED, False, None, "307"),
    ],
)
async def test_what_twilio_refuses(
    peer: TwilioPeer,
    adapter: SmsAdapter,
    how: dict[str, Any],
    reason: str,
    retryable: bool,
    retry_after: float | None,
    detail: str,
) -> None:
    peer.fail(**how)
    error = await refused(adapter)
    assert (error.code, error.retryable, error.retry_after, error.detail) == (reason, retryable, retry_after, detail)
    assert not peer.sent
    assert await adapter.send(ANA, PART)


def test_a_date_to_come_back_at() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    past = format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)
    assert 0 < (refusal(429, "", {"retry-after": later}).retry_after or 0) <= 60
    assert refusal(429, "", {"retry-after": past}).retry_after == 0.0


async def test_a_wrong_token_is_ours_to_mend(peer: TwilioPeer) -> None:
    adapter = SmsAdapter(config(api_url=peer.url, auth_token="wrong"))
    assert (await refused(adapter)).code == MISCONFIGURED
    await adapter.close()


async def test_twilio_checks_what_it_is_given(peer: TwilioPeer, adapter: SmsAdapter) -> None:
    assert (await refused(adapter, "ORANGE")).code == UNREACHABLE
    assert (await refused(adapter, part={"body": ""})).code == REFUSED
    assert (await refused(adapter, part={"body": "a" * 1601})).detail == "21617"
    peer.stopped.add(ANA)
    assert (await refused(adapter)).code == BLOCKED


async def test_nobody_there_means_nothing_was_sent() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        adapter = SmsAdapter(config(api_url=f"http://127.0.0.1:{closed.getsockname()[1]}"))
        error = await refused(adapter)
        await adapter.close()
    assert (error.code, error.retryable, error.detail) == (AWAY, True, "ConnectError")


async def test_a_lost_connection_leaves_it_open_whether_it_was_sent(peer: TwilioPeer, adapter: SmsAdapter) -> None:
    peer.fail(drop=True)
    error = await refused(adapter)
    assert (error.code, error.retryable) == (UNSURE, True)
    assert len(peer.sent) == 1


async def test_no_answer_leaves_it_open_whether_it_was_sent(peer: TwilioPeer) -> None:
    adapter = SmsAdapter(config(api_url=peer.url, timeout_seconds=0.2))
    peer.fail(hold=True)
    error = await refused(adapter)
    await adapter.close()
    assert (error.code, error.retryable, error.detail) == (UNSURE, True, "ReadTimeout")
    assert len(peer.sent) == 1


async def test_an_answer_that_is_not_twilios_leaves_it_open(peer: TwilioPeer, adapter: SmsAdapter) -> None:
    peer.fail(status=200)
    assert (await refused(adapter)).code == UNSURE


async def test_nothing_personal_is_logged(
    peer: TwilioPeer, adapter: SmsAdapter, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "twilio"), caplog.at_level(logging.INFO, "httpx"):
        await adapter.send(ANA, PART)
        peer.fail(status=400, code=21211)
        await refused(adapter)
    assert "40721123456" not in caplog.text
    assert "Groapa" not in caplog.text


@pytest.mark.parametrize(("code", "reason"), [("30007", FILTERED), ("30034", FILTERED), ("", REFUSED), ("x", REFUSED)])
def test_why_a_message_failed_later(code: str, reason: str) -> None:
    assert reason_of(code) == reason


def test_a_code_has_one_reason() -> None:
    codes = [code for reason in CODES.values() for code in reason]
    assert len(codes) == len(set(codes))
    assert CODES.keys() <= REASONS
