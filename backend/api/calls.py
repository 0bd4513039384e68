"""Who calls, what they may do, and how they are answered: once for each key."""

import hashlib
import re
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response
from starlette.types import Message

from backend.accounts.schemas import Agent
from backend.answers.desk import Desk
from backend.core.catalogue import best_language
from backend.core.database import Session
from backend.core.errors import InvalidRequestError
from backend.core.settings import Settings
from backend.core.web import bounded_body
from backend.integrations import service
from backend.integrations.errors import (
    BodyTooLargeError,
    PreconditionMissingError,
    ScopeMissingError,
    TokenRefusedError,
)
from backend.integrations.schemas import Holder, KeptAnswer, Scope
from backend.offices.service import Office

PREFIX = "/api/v1"
BODY_BYTES = 1_000_000
TOO_LARGE_BYTES = 1_000_000
"""How much more than a document may hold is read to say that it is too large as a document."""
EVENT = re.compile(r'(?:W/)?"(\d{1,18})"')
bearer = HTTPBearer(
    auto_error=False, scheme_name="token", description="A token of the office: `Authorization: Bearer komshu_…`."
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]


@dataclass(frozen=True)
class Answered:
    """What a write is answered with."""

    content: BaseModel
    status: int = 200
    etag: int | None = None


@dataclass(frozen=True)
class Call:
    """One call of the API by the holder of a token."""

    request: Request
    session: AsyncSession
    settings: Settings
    office: Office
    holder: Holder
    key: str | None = None

    @property
    def agent(self) -> Agent:
        """The agent the token acts as."""
        return self.holder.agent

    @property
    def desk(self) -> Desk:
        """What speaking to citizens needs."""
        return Desk(self.settings, self.office, self.request.app.state.adapters)

    async def once(self, work: Callable[[], Awaitable[Answered]]) -> Response:
        """Do a write, or answer as before when this key brought the same request already.

        A refused write keeps nothing: with the same key it may be tried again. Raises IdempotencyMismatchError.
        """
        if self.key is None:
            return _sent(_kept(await work()))
        asked = await self._digest()
        if known := await service.begin(self.session, self.settings, self.holder, self.key, asked):
            return _sent(known, {"Idempotency-Replayed": "true"})
        answer = _kept(await work())
        await service.keep(self.session, self.settings, self.holder, self.key, answer)
        return _sent(answer)

    async def _digest(self) -> str:
        url, body = self.request.url, await self.request.body()
        asked = f"{self.request.method} {url.path}?{url.query}\n{self.request.headers.get('if-match', '')}\n"
        return hashlib.sha256(asked.encode() + body).hexdigest()


def _kept(answer: Answered) -> KeptAnswer:
    headers = {} if answer.etag is None else {"ETag": etag(answer.etag)}
    return KeptAnswer(answer.status, headers, answer.content.model_dump_json())


def _sent(answer: KeptAnswer, more: Mapping[str, str] | None = None) -> Response:
    headers = {**answer.headers, **(more or {}), "Cache-Control": "no-store"}
    return Response(answer.body, answer.status, headers, "application/json")


def etag(event: int) -> str:
    """A version as HTTP names it."""
    return f'"{event}"'


class Needs:
    """Lets callers in whose token has a scope; None wants any good token."""

    def __init__(self, scope: Scope | None = None) -> None:
        self.scope = scope

    async def __call__(self, request: Request, session: Session, credentials: Credentials) -> Call:
        """Who calls. Raises TokenRefusedError, TooManyRequestsError or ScopeMissingError."""
        return await self.let_in(request, session, credentials)

    async def let_in(
        self, request: Request, session: AsyncSession, credentials: Credentials, key: str | None = None
    ) -> Call:
        """The call of whoever holds the token."""
        state = request.app.state
        if credentials is None:
            raise TokenRefusedError(headers=service.CHALLENGE)
        language = best_language(request.headers.get("accept-language", ""))
        # In a transaction of its own, over before the call's begins: that a token was used is no part of what it does.
        async with state.sessions() as own, own.begin():
            holder = await service.holder(own, state.office, credentials.credentials, language)
        state.limiter.hit("api", str(holder.agent.id), state.settings.api_requests_per_minute)
        if self.scope is not None and self.scope not in holder.scopes:
            challenge = f'Bearer realm="Komshu", error="insufficient_scope", scope="{self.scope}"'
            raise ScopeMissingError(headers={"WWW-Authenticate": challenge}, scope=self.scope)
        return Call(request, session, state.settings, state.office, holder, key)


class Writes(Needs):
    """The same for writes, which may carry a key."""

    async def __call__(
        self,
        request: Request,
        session: Session,
        credentials: Credentials,
        idempotency_key: Annotated[
            str | None,
            Header(min_length=1, max_length=200, description="Sent again with the same body, it is done once."),
        ] = None,
    ) -> Call:
        """Who calls, and their key."""
        return await self.let_in(request, session, credentials, idempotency_key)


async def _seen(
    if_match: Annotated[
        str | None, Header(description="The `ETag` of what the change is based on; `*` for whatever it is now.")
    ] = None,
) -> int:
    """The version a change is based on. Raises PreconditionMissingError or InvalidRequestError."""
    if if_match is None:
        raise PreconditionMissingError
    if if_match.strip() == "*":
        return sys.maxsize
    match = EVENT.fullmatch(if_match.strip())
    if match is None:
        raise InvalidRequestError
    return int(match[1])


Based = Annotated[int, Depends(_seen)]


class ScopedRoute(APIRoute):
    """A route that says in the reference which scope it needs, and reads no larger bodies than it may."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        needs = next((one.call for one in self.dependant.dependencies if isinstance(one.call, Needs)), None)
        self.scope = needs.scope if needs else None
        line = f"Needs the scope `{self.scope}`." if self.scope else "Needs any token."
        if line not in self.description:
            self.description = f"{self.description}\n\n{line}"

    def limit(self, settings: Settings) -> int:  # noqa: ARG002 - documents ask the settings
        """The most bytes a body may have."""
        return BODY_BYTES

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Read the body, so far as allowed, before anything else does."""
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            body = await bounded_body(request, self.limit(request.app.state.settings), BodyTooLargeError)

            async def receive() -> Message:
                return {"type": "http.request", "body": body, "more_body": False}

            return await handle(Request(request.scope, receive))

        return bounded


class DocumentRoute(ScopedRoute):
    """A route that takes a file as its body."""

    def limit(self, settings: Settings) -> int:
        """As large as a document may be, and a little more."""
        return settings.document_max_bytes + TOO_LARGE_BYTES


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(examples=["/docs/errors#scope_missing"])
    title: str = Field(examples=["Scope missing"])
    status: int = Field(examples=[403])
    code: str = Field(examples=["scope_missing"])
    detail: str = Field(examples=["This token lacks the scope tickets:write."])


WHAT = {
    401: "No token, or none that is good",
    403: "The token may not do this",
    404: "Not there, or not for this token to see",
    409: "Somebody else was faster, or this is not its time",
    413: "Too large",
    415: "No PDF, JPEG or PNG",
    422: "Not in the documented form, or not possible",
    428: "A change without `If-Match`",
    429: "Too many requests: wait for `Retry-After` seconds",
}


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How a route may refuse, for the reference; by token, rate and form every route may."""
    everywhere: Sequence[int] = (401, 403, 422, 429)
    content = {"application/problem+json": {"schema": Problem.model_json_schema()}}
    return {status: {"description": WHAT[status], "content": content} for status in sorted({*everywhere, *statuses})}
