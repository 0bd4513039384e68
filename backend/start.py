"""How every command begins: settings, logs, a database to talk to. Light, for the supervisor carries it for ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from pydantic import ValidationError
from rich.console import Console

from backend.core.embedded import EmbeddedError, EmbeddedPostgres
from backend.core.logging import configure_logging
from backend.core.secrets import with_development_secrets
from backend.core.settings import ENV_FILE, Settings, get_settings
from channels.registry import check_settings

console = Console()
errors = Console(stderr=True)


def fail(message: str) -> NoReturn:
    """One clear sentence, and the end."""
    errors.print(message, style="red", highlight=False, markup=False, soft_wrap=True)
    raise SystemExit(1)


def prepared(service: str) -> tuple[Settings, EmbeddedPostgres | None]:
    """Settings with secrets and a database to talk to; the embedded one is started when none is named."""
    try:
        settings = with_development_secrets(get_settings())
        check_settings(ENV_FILE)
        configure_logging(settings, service)
        if settings.database_url:
            return settings, None
        database = EmbeddedPostgres(settings.data_dir)
        return settings.model_copy(update={"database_url": database.start()}), database
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(step) for step in first["loc"]).upper()
        fail(f"The settings are not right: {name} {first['msg']}".replace("  ", " "))
    except EmbeddedError as error:
        fail(str(error))


@contextmanager
def ready(service: str) -> Iterator[Settings]:
    """Settings with secrets and a database to talk to, for as long as a command works; what was started is stopped."""
    settings, database = prepared(service)
    try:
        yield settings
    finally:
        if database:
            database.stop()
