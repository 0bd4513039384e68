"""The tree of errors people and programs meet, and how the API tells them (RFC 9457, problem+json)."""

from typing import ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from backend.core.catalogue import backend_catalogue, best_language


class KomshuError(Exception):
    """Base of all errors with a documented code. The sentence for people is `error.<code>` in the catalogues."""

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500

    def __init__(self, *, headers: dict[str, str] | None = None, **values: object) -> None:
        super().__init__(self.code)
        self.values = values
        self.headers = headers or {}


class NotAllowedError(KomshuError):
    """The caller has no right to this."""

    code = "not_allowed"
    status = 403


class InvalidRequestError(KomshuError):
    """The request does not have the form the API documents."""

    code = "invalid_request"
    status = 422


class UnknownPathError(KomshuError):
    """Nothing lives at this address."""

    code = "unknown_path"
    status = 404


class TooManyRequestsError(KomshuError):
    """Slow down; Retry-After says for how long."""

    code = "too_many_requests"
    status = 429


def all_errors(base: type[KomshuError] = KomshuError) -> list[type[KomshuError]]:
    """Every error class of the tree that has been imported, the base first."""
    return [base, *(found for child in base.__subclasses__() for found in all_errors(child))]


def problem(error: KomshuError, language: str) -> JSONResponse:
    """The problem+json answer for an error, its detail in the person's language."""
    detail = backend_catalogue().text(f"error.{error.code}", language, **error.values)
    body = {
        "type": f"/docs/errors#{error.code}",
        "title": error.code.replace("_", " ").capitalize(),
        "status": error.status,
        "code": error.code,
        "detail": detail,
    }
    return JSONResponse(body, error.status, {**error.headers, "Content-Language": language}, "application/problem+json")


def install_error_handlers(app: FastAPI) -> None:
    """Answer every error of the app as problem+json."""

    async def known(request: Request, error: Exception) -> Response:
        assert isinstance(error, KomshuError)
        return problem(error, request_language(request))

    async def invalid(request: Request, error: Exception) -> Response:
        return problem(InvalidRequestError(), request_language(request))

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404:
            return problem(UnknownPathError(), request_language(request))
        return JSONResponse(
            {"type": "about:blank", "title": error.detail, "status": error.status_code, "code": "http_error"},
            error.status_code,
            error.headers,
            "application/problem+json",
        )

    async def unexpected(request: Request, error: Exception) -> Response:
        # What the database refuses to store, such as a number of a hundred digits, is the request's own fault.
        fault = InvalidRequestError() if isinstance(error, DataError) else KomshuError()
        return problem(fault, request_language(request))

    app.add_exception_handler(Exception, unexpected)
    app.add_exception_handler(KomshuError, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)


def request_language(request: Request) -> str:
    """The language of the person behind a request: the conversation's where it is known, else Accept-Language."""
    known = getattr(request.state, "language", None)
    return known if isinstance(known, str) else best_language(request.headers.get("accept-language", ""))
