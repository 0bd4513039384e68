"""An OpenID provider: discovery, authorization with PKCE, token, keys, user info, as OpenID Connect Core 1.0 has them.

In a test: `async with ProviderPeer() as peer`, then `peer.url` is the issuer. `peer.follow(url)` is the person who
signs in there and is sent back: it returns the address of the callback. What the provider does wrong is set on it.
"""

import asyncio
import base64
import hashlib
import secrets
import socket
import time
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.peers.telegram import Server

CLIENT, SECRET = "komshu", "a secret of the two"
Claims = dict[str, Any]


class ProviderPeer:
    """The provider's memory and its answers."""

    def __init__(self) -> None:
        self.user: Claims = {"sub": "248289761001", "email": "ana@town.example", "email_verified": True}
        self.change: Callable[[Claims], Claims] = lambda claims: claims
        """What it puts into an ID token instead of the truth."""
        self.key = RSAKey.generate_key(2048, {"kid": "first"})
        self.published = self.key
        """The key it shows; another than `key` makes its signatures wrong."""
        self.algorithm = "RS256"
        self.issuer = ""
        """The issuer it claims to be, when not itself."""
        self.email_in_token = True
        self.broken: dict[str, Response] = {}
        """Answers by path in place of its own."""
        self.calls: list[str] = []
        self.on_call: Callable[[], None] = lambda: None
        self._codes: dict[str, dict[str, str]] = {}
        self._access: set[str] = set()

    async def __aenter__(self) -> Self:
        self._server = Server(self._app())
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self._serving = asyncio.create_task(self._server.serve([listener]))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.stopping.set()
        await self._serving

    def _app(self) -> Starlette:
        routes = {
            "/.well-known/openid-configuration": self._describe,
            "/authorize": self._authorize,
            "/token": self._token,
            "/keys": self._keys,
            "/user": self._user,
        }
        return Starlette(
            routes=[Route(path, self._or_broken(answer), methods=["GET", "POST"]) for path, answer in routes.items()]
        )

    def _or_broken(self, answer: Callable[[Request], Any]) -> Callable[[Request], Any]:
        async def respond(request: Request) -> Response:
            self.calls.append(request.url.path)
            self.on_call()
            broken = self.broken.get(request.url.path)
            done: Response = broken or await answer(request)
            return done

        return respond

    async def _describe(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer or self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
                "userinfo_endpoint": f"{self.url}/user",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            }
        )

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def _token(self, request: Request) -> Response:
        given = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        basic = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '%20')}".encode()).decode()
        plain = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") not in (f"Basic {basic}", f"Basic {plain}"):
            return JSONResponse({"error": "invalid_client"}, 401)
        asked = self._codes.pop(given.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(given.get("code_verifier", "").encode()).digest())
        if (
            asked is None
            or challenge.rstrip(b"=").decode() != asked["code_challenge"]
            or given["redirect_uri"] != asked["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        access = secrets.token_urlsafe(16)
        self._access.add(access)
        token = {"access_token": access, "token_type": "Bearer", "expires_in": 300}
        return JSONResponse({**token, "id_token": self._id_token(asked)})

    def _id_token(self, asked: Claims) -> str:
        now = int(time.time())
        said = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        told = self.user if self.email_in_token else {"sub": self.user["sub"]}
        claims = self.change({**said, **told})
        if self.algorithm == "none":
            header, body = (_encoded(part) for part in ('{"alg":"none"}', JSONResponse(claims).body.decode()))
            return f"{header}.{body}."
        if self.algorithm == "HS256":  # signed with what both know instead of what only the provider has
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))
        return jwt.encode({"alg": self.algorithm, "kid": self.key.kid}, claims, self.key)

    async def _keys(self, request: Request) -> Response:
        return JSONResponse({"keys": [{**self.published.as_dict(private=False), "kid": self.key.kid}]})

    async def _user(self, request: Request) -> Response:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        return JSONResponse(self.user) if bearer in self._access else JSONResponse({}, 401)

    async def follow(self, url: str) -> str:
        """Sign in at the provider's page: the path and query the browser is sent back with."""
        async with httpx.AsyncClient() as browser:
            back = (await browser.get(url)).headers["location"]
        parts = urlsplit(back)
        return f"{parts.path}?{parts.query}"


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
