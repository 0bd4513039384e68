"""Twilio's client over httpx, which tells whether a request had left us when it failed."""

import json
import logging
from typing import Any

import httpx
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from channels.errors import AWAY, UNSURE, SendError
from channels.sms.config import TwilioConfig
from channels.sms.failures import failure, refusal

logger = logging.getLogger(__name__)

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


class HttpxClient(AsyncHttpClient):  # type: ignore[misc]
    """The HTTP side of Twilio's client: every request goes to api_url, every failure is a SendError.

    Time-outs and redirects are the business of http, whatever the caller says.
    """

    def __init__(self, http: httpx.AsyncClient, api_url: str) -> None:
        super().__init__(logger, True)
        self.http = http
        self.base = httpx.URL(api_url)

    async def request(
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **_: object,
    ) -> Response:
        """Twilio's answer. Raises SendError: AWAY before the request was handed over, UNSURE after."""
        url = httpx.URL(uri).copy_with(scheme=self.base.scheme, netloc=self.base.netloc)
        try:
            answer = await self.http.request(method, url, params=params, data=data, headers=headers, auth=auth)
        except NOT_SENT as error:
            raise failure(AWAY, type(error).__name__) from None
        except httpx.HTTPError as error:
            raise failure(UNSURE, type(error).__name__) from None
        if answer.status_code >= 300:
            raise refusal(answer.status_code, answer.text, answer.headers)
        return Response(answer.status_code, _checked(answer), answer.headers)


def _checked(answer: httpx.Response) -> str:
    """The body, which must be an object: whatever took the message without one was hardly Twilio."""
    try:
        known = isinstance(json.loads(answer.text), dict)
    except ValueError:
        known = False
    if not known:
        raise failure(UNSURE, "answer")
    return answer.text


async def create_message(client: Client, **fields: str) -> str | None:
    """Hand a message over; returns its SID. Raises SendError."""
    try:
        message = await client.messages.create_async(**fields)
    except SendError:
        raise
    except Exception as error:
        # The request was answered with success, but not as the client expects it.
        raise failure(UNSURE, type(error).__name__) from None
    return str(message.sid) if message.sid else None


def http_client(config: TwilioConfig) -> httpx.AsyncClient:
    """Connections to Twilio; redirects are followed by nobody but the one who checks them."""
    return httpx.AsyncClient(timeout=config.timeout_seconds, follow_redirects=False)


def rest_client(config: TwilioConfig, http: httpx.AsyncClient) -> Client:
    """Twilio's own client, speaking through http to api_url."""
    return Client(
        config.account_sid, config.auth_token.get_secret_value(), http_client=HttpxClient(http, config.api_url)
    )
