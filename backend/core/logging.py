"""Structured logs. They carry ids, counts and codes, never what people wrote or who they are."""

import logging
import sys
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

from backend.core.settings import Settings

ALLOWED_KEYS = frozenset(
    {"event", "level", "timestamp", "exception", "service", "process", "error", "code", "status", "reason", "state"}
    | {"channel", "conversation", "seq", "attempt", "ticket", "office", "language", "model", "version", "name"}
    | {"method", "route", "port", "pid", "count", "replies", "duration_ms"}
)
"""Keys a log line may hold. Anything else is dropped, so that a careless call cannot leak a message."""


def keep_allowed_keys(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Drop every key that is not on the list, and say which."""
    dropped = sorted(set(event) - ALLOWED_KEYS)
    kept = {key: value for key, value in event.items() if key in ALLOWED_KEYS}
    return {**kept, "dropped": dropped} if dropped else kept


class _StandardError:
    """Standard error as it is at the moment of writing: loggers outlive a redirection of it."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def configure_logging(settings: Settings, service: str) -> None:
    """Send structlog and the standard library's records of this process to standard error."""
    renderer = structlog.processors.JSONRenderer() if settings.log_format == "json" else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            keep_allowed_keys,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.log_level]),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _StandardError())),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(level=logging.WARNING, format=f"%(levelname)s {service} %(name)s: %(message)s")
    for chatty in ("httpx", "httpcore", "telegram"):  # their lines hold whole addresses, and those hold tokens
        logging.getLogger(chatty).setLevel(logging.WARNING)
