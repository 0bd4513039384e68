"""Post one delivery to its endpoint, signed as Standard Webhooks says (https://www.standardwebhooks.com)."""

import json
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address

import aiohttp
from standardwebhooks import Webhook
from yarl import URL

from backend.core.database import utcnow
from backend.core.sealing import unsealed
from backend.core.settings import Settings
from backend.integrations.addresses import AddressRefusedError, CheckedResolver, Lookup, allowed_addresses, look_up
from backend.integrations.schemas import Result, Sending

READ_AT_MOST = 16_384
"""Bytes of an answer: nobody looks at them, but a connection closed too early looks like a failure to the other."""
LONGEST_REQUESTED_WAIT = 3600.0
GONE = 410
AGENT = "Komshu-Webhooks/1"


def body_of(sending: Sending) -> str:
    """What is posted; the same at every try."""
    content = {"type": sending.event, "timestamp": sending.created_at.astimezone(UTC).isoformat(), "data": sending.data}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def headers_of(sending: Sending, secrets: list[str], body: str, now: datetime) -> dict[str, str]:
    """Id, time and a signature by each secret that is in force."""
    signatures = [Webhook(secret).sign(sending.webhook_id, now, body) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": AGENT,
        "webhook-id": sending.webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


async def post(settings: Settings, sending: Sending, lookup: Lookup = look_up) -> Result:
    """Try to deliver; never raises for what the receiver or the network does. No transaction is open meanwhile."""
    secrets = [secret for text in sending.secrets if (secret := unsealed(settings.secret_key, text))]
    if not secrets:
        return Result(reason="secret_unreadable")
    body = body_of(sending)
    try:
        return await _answer(settings, URL(sending.url), body, headers_of(sending, secrets, body, utcnow()), lookup)
    except TimeoutError:
        return Result(reason="timeout")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return Result(reason=_reason(error))


async def _answer(settings: Settings, url: URL, body: str, headers: dict[str, str], lookup: Lookup) -> Result:
    private = settings.environment == "development"
    if _is_literal(url.host or ""):  # aiohttp asks its resolver about names only
        await allowed_addresses(url.host or "", url.port or 443, private=private, lookup=lookup)
    if url.scheme != "https" and not private:
        raise AddressRefusedError
    connector = aiohttp.TCPConnector(
        resolver=CheckedResolver(lookup, private=private), use_dns_cache=False, force_close=True
    )
    timeout = aiohttp.ClientTimeout(total=settings.webhook_timeout_seconds)
    async with (
        aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        ) as client,
        client.post(url, data=body.encode(), headers=headers, allow_redirects=False) as answer,
    ):
        await answer.content.read(READ_AT_MOST)
        return _result(answer.status, answer.headers.get("Retry-After", ""))


def _is_literal(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _result(status: int, retry_after: str) -> Result:
    if 200 <= status < 300:
        return Result(status)
    if 300 <= status < 400:
        return Result(status, "redirected")
    return Result(status, "gone" if status == GONE else "refused", _asked_wait(retry_after))


def _asked_wait(retry_after: str) -> float:
    """The seconds of a Retry-After header, given as a number or a date; at most an hour."""
    if retry_after.isascii() and retry_after.isdigit():
        return min(float(retry_after[:9]), LONGEST_REQUESTED_WAIT)
    try:
        asked = (parsedate_to_datetime(retry_after) - utcnow()).total_seconds()
    except (ValueError, TypeError):
        return 0.0
    return min(max(asked, 0.0), LONGEST_REQUESTED_WAIT)


def _reason(error: Exception) -> str:
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(cause, AddressRefusedError):
        return "address_refused"
    if isinstance(error, aiohttp.ClientSSLError | aiohttp.ClientConnectorCertificateError | ssl.SSLError):
        return "insecure"
    return "unreachable"
