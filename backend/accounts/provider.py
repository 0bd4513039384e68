"""The office's identity provider: OpenID Connect, authorization code flow with PKCE, state and nonce.

OpenID Connect Core 1.0 and Discovery 1.0, RFC 7636 (PKCE), RFC 9207 (issuer in the answer).
"""

import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

import httpx
import structlog
from authlib.common.errors import AuthlibBaseError  # type: ignore[import-untyped]
from authlib.common.security import generate_token  # type: ignore[import-untyped]
from authlib.deprecate import AuthlibDeprecationWarning  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from pydantic import BaseModel, ValidationError

from backend.accounts.errors import ProviderAwayError, ProviderRefusedError
from backend.accounts.schemas import Identity

with warnings.catch_warnings():  # it asks for another HTTP library than the one we use
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations.base_client import MissingTokenError  # type: ignore[import-untyped]
    from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]

log = structlog.get_logger()
DISCOVERY = "/.well-known/openid-configuration"
SCOPE = "openid email"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a key only the provider has; never `none`, never our shared secret."""
TIMEOUT_SECONDS = 10.0
KEPT_SECONDS = 3600.0
"""How long the provider's own description is believed."""
LEEWAY_SECONDS = 60
"""By how much its clock may differ from ours."""


class Description(BaseModel):
    """What a provider says of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    authorization_response_iss_parameter_supported: bool = False


@dataclass(frozen=True)
class Errand:
    """One way to the provider and back; everything in it but the address stays in the browser that set out."""

    state: str
    nonce: str
    verifier: str


class Provider:
    """One provider, with what it said of itself lately."""

    def __init__(self, issuer: str, client_id: str, client_secret: str, callback: str) -> None:
        self._issuer = issuer.rstrip("/")
        self._id, self._secret, self._callback = client_id, client_secret, callback
        self._description: Description | None = None
        self._keys: KeySet | None = None
        self._read_at = 0.0

    async def begin(self) -> tuple[Errand, str]:
        """Where to send a browser, and what it has to bring back. Raises ProviderAwayError."""
        errand = Errand(generate_token(43), generate_token(43), generate_token(64))
        async with self._client() as client:
            description = await self._describe(client)
            url, _ = client.create_authorization_url(
                description.authorization_endpoint,
                state=errand.state,
                nonce=errand.nonce,
                code_verifier=errand.verifier,
            )
        return errand, str(url)

    async def identity(self, errand: Errand, answer: Mapping[str, str]) -> Identity:
        """Who came back, from the parameters of the callback; their state is the caller's to check.

        Raises ProviderAwayError or ProviderRefusedError.
        """
        async with self._client() as client:
            description = await self._describe(client)
            self._check_answer(description, answer)
            token = await client.fetch_token(
                description.token_endpoint, code=answer["code"], code_verifier=errand.verifier
            )
            if "id_token" not in token:
                raise MissingTokenError
            claims = await self._claims(client, description, token, errand.nonce)
            if "email" not in claims and description.userinfo_endpoint:
                claims = {**await self._user(client, description, claims["sub"]), **claims}
        return Identity(
            subject=f"{description.issuer}|{claims['sub']}",
            email=str(claims.get("email", "")),
            email_verified=claims.get("email_verified") is True and bool(claims.get("email")),
        )

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[Any]:
        """The OAuth client; whatever goes wrong with it is one of our two errors, its reason in the log."""
        client = AsyncOAuth2Client(
            self._id,
            self._secret or None,
            scope=SCOPE,
            redirect_uri=self._callback,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if self._secret else "none",
            timeout=TIMEOUT_SECONDS,
        )
        try:
            async with client:
                yield client
        except (AuthlibBaseError, JoseError) as error:
            log.warning("provider_refused", reason=getattr(error, "error", "") or type(error).__name__)
            raise ProviderRefusedError from None
        except (httpx.HTTPError, httpx.InvalidURL, ValidationError, ValueError) as error:
            log.warning("provider_away", reason=type(error).__name__)
            raise ProviderAwayError from None

    async def _describe(self, client: Any) -> Description:
        if self._description is None or monotonic() - self._read_at > KEPT_SECONDS:
            found = Description.model_validate(await _read(client, self._issuer + DISCOVERY))
            if found.issuer.rstrip("/") != self._issuer:
                raise ValueError("the description is another issuer's")
            self._description, self._keys, self._read_at = found, None, monotonic()
        return self._description

    @staticmethod
    def _check_answer(description: Description, answer: Mapping[str, str]) -> None:
        named = answer.get("iss")
        wanted = description.authorization_response_iss_parameter_supported
        if "code" not in answer or (named != description.issuer and (named or wanted)):
            log.warning("provider_refused", reason=answer.get("error", "answer")[:40])
            raise ProviderRefusedError

    async def _claims(
        self, client: Any, description: Description, token: Mapping[str, Any], nonce: str
    ) -> dict[str, Any]:
        """The claims of a signed ID token, meant for us, now and in this errand (Core, 3.1.3.7)."""
        try:
            signed = self._verified(token["id_token"], await self._key_set(client, description))
        except InvalidKeyIdError:  # it changed its keys
            self._keys = None
            signed = self._verified(token["id_token"], await self._key_set(client, description))
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            {
                "iss": {"essential": True, "value": description.issuer},
                "aud": {"essential": True, "value": self._id},
                "sub": {"essential": True},
            },
            {"nonce": nonce, "client_id": self._id, "access_token": token.get("access_token")},
        )
        claims.validate(leeway=LEEWAY_SECONDS)
        return dict(claims)

    @staticmethod
    def _verified(id_token: str, keys: KeySet) -> jwt.Token:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        return jwt.decode(id_token, keys, registry=registry)

    async def _key_set(self, client: Any, description: Description) -> KeySet:
        if self._keys is None:
            try:
                self._keys = KeySet.import_key_set(await _read(client, description.jwks_uri))
            except (KeyError, TypeError):
                raise ValueError("no set of keys") from None
        return self._keys

    @staticmethod
    async def _user(client: Any, description: Description, subject: str) -> dict[str, Any]:
        """What the provider keeps outside the ID token; only of the same person (Core, 5.3.2)."""
        answer = await client.get(description.userinfo_endpoint)
        user: dict[str, Any] = answer.raise_for_status().json()
        return user if user.get("sub") == subject else {}


async def _read(client: Any, url: str) -> Any:
    answer = await client.request("GET", url, withhold_token=True)
    return answer.raise_for_status().json()
