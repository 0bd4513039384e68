"""Fetch photos from Twilio, and from nowhere else a payload names."""

import asyncio
import socket
from ipaddress import ip_address

import httpx

from channels.errors import AWAY, REFUSED
from channels.sms.config import TwilioConfig
from channels.sms.failures import by_status, failure

REDIRECTS = 3
PATIENCE = 3
"""How many of the configured time-outs a whole file may take, for a source that only trickles."""
TWILIO = ".twilio.com"


class MediaSource:
    """The files of the office's account."""

    def __init__(self, config: TwilioConfig, http: httpx.AsyncClient) -> None:
        self.http = http
        self.api = httpx.URL(config.api_url)
        self.seconds = config.timeout_seconds * PATIENCE
        self.auth = (config.account_sid, config.auth_token.get_secret_value())

    async def fetch(self, address: str, limit: int) -> bytes:
        """A file of at most limit bytes. Raises SendError: REFUSED when it is larger, gone or not Twilio's."""
        try:
            url = httpx.URL(address)
        except httpx.InvalidURL:
            raise failure(REFUSED, "address") from None
        if url.userinfo or not self._ours(url):
            raise failure(REFUSED, "address")
        try:
            async with asyncio.timeout(self.seconds):
                return await self._followed(url, limit)
        except (httpx.HTTPError, OSError) as error:
            raise failure(AWAY, type(error).__name__) from None
        except (httpx.InvalidURL, UnicodeError):
            raise failure(REFUSED, "redirect") from None

    async def _followed(self, url: httpx.URL, limit: int) -> bytes:
        for _ in range(REDIRECTS + 1):
            answer = await self._get(url, limit)
            if isinstance(answer, bytes):
                return answer
            url = answer
            if not await self._allowed(url):
                raise failure(REFUSED, "redirect")
        raise failure(REFUSED, "redirects")

    async def _get(self, url: httpx.URL, limit: int) -> bytes | httpx.URL:
        """The file, or where it lies. Only Twilio's API is told the token: files lie with others."""
        auth = self.auth if self._ours(url) else None
        async with self.http.stream("GET", url, auth=auth, headers={"accept-encoding": "identity"}) as answer:
            if answer.has_redirect_location:
                return answer.url.join(answer.headers["location"])
            if answer.status_code != 200:
                raise failure(by_status(answer.status_code), str(answer.status_code))
            return await _limited(answer, limit)

    def _ours(self, url: httpx.URL) -> bool:
        if _origin(url) == _origin(self.api):
            return True
        return self.api.host.endswith(TWILIO) and url.host.endswith(TWILIO) and _origin(url)[::2] == ("https", 443)

    async def _allowed(self, url: httpx.URL) -> bool:
        """Whether a redirect may be followed: encrypted and to the open internet, or to the API's own host."""
        if url.userinfo or url.scheme not in {"https", self.api.scheme if is_loopback(self.api.host) else "https"}:
            return False
        return url.host == self.api.host or await _is_public(url)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or address alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or {"https": 443, "http": 80}.get(url.scheme)


async def _is_public(url: httpx.URL) -> bool:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(url.host, _origin(url)[2], type=socket.SOCK_STREAM)
    addresses = [ip_address(str(entry[4][0])) for entry in found]
    plain = [getattr(address, "ipv4_mapped", None) or address for address in addresses]
    return bool(plain) and all(address.is_global and not address.is_multicast for address in plain)


async def _limited(answer: httpx.Response, limit: int) -> bytes:
    said = answer.headers.get("content-length", "0")
    if said.isdecimal() and int(said) > limit:
        raise failure(REFUSED, "size")
    received = bytearray()
    async for chunk in answer.aiter_raw():
        received += chunk
        if len(received) > limit:
            raise failure(REFUSED, "size")
    return bytes(received)
