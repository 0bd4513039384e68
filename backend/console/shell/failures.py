"""Errors of the console are pages, or a notice on the page; everywhere else they stay problem+json."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from backend.accounts.errors import SignedOutError
from backend.accounts.service import SignedIn
from backend.console.shell.guard import StepDueError, go, to_sign_in
from backend.console.shell.pages import page
from backend.core.errors import InvalidRequestError, KomshuError, UnknownPathError

Handler = Callable[[Request, Exception], Awaitable[Response]]


def install_console_errors(app: FastAPI) -> None:
    """Answer errors under /console as people need them; call it after the handlers of the API are installed."""
    for kind in (KomshuError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _console_first(app.exception_handlers[kind]))  # type: ignore[arg-type]
    app.add_exception_handler(StepDueError, _step)


async def _step(request: Request, error: Exception) -> Response:
    assert isinstance(error, StepDueError)
    return go(request, error.path)


def _console_first(otherwise: Handler) -> Handler:
    async def handle(request: Request, error: Exception) -> Response:
        if not request.url.path.startswith("/console"):
            return await otherwise(request, error)
        if isinstance(error, SignedOutError):
            return to_sign_in(request)
        return failure(request, _known(error))

    return handle


def _known(error: Exception) -> KomshuError:
    if isinstance(error, KomshuError):
        return error
    if isinstance(error, HTTPException) and error.status_code == 404:
        return UnknownPathError()
    wrong = isinstance(error, RequestValidationError | HTTPException | DataError)
    return InvalidRequestError() if wrong else KomshuError()


def failure(request: Request, error: KomshuError) -> Response:
    """What went wrong, in the agent's language: beside the form that asked, or as a page."""
    who: SignedIn | None = getattr(request.state, "who", None)
    if "hx-request" not in request.headers:
        return page(request, who, "shell/failure.html", status=error.status, error=error)
    answer = page(request, who, "shell/notice.html", status=error.status, error=error)
    answer.headers.update({"HX-Retarget": "#notice", "HX-Reswap": "innerHTML", **error.headers})
    return answer
