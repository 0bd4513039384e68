"""Settings that are refused, and what follows from those that are taken."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from backend.core.settings import Settings, default_data_dir

LONG = "x" * 32


def made(**values: Any) -> Settings:
    return Settings(_env_file=None, **values)


@pytest.mark.parametrize(
    ("secrets", "named"),
    [
        ({}, "INTERNAL_TOKEN"),
        ({"internal_token": LONG}, "SECRET_KEY"),
        ({"secret_key": LONG}, "INTERNAL_TOKEN"),
        ({"internal_token": "x" * 31, "secret_key": LONG}, "INTERNAL_TOKEN"),
        ({"internal_token": LONG, "secret_key": "short"}, "SECRET_KEY"),
    ],
)
def test_production_refuses_missing_and_short_secrets_by_name(secrets: dict[str, str], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        made(environment="production", **secrets)


def test_production_takes_long_secrets_and_development_none() -> None:
    assert made(environment="production", internal_token=LONG, secret_key=LONG).environment == "production"
    assert made().internal_token.get_secret_value() == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"environment": "staging"},
        {"office": "../etc"},
        {"office": "Timisoara"},
        {"port": 0},
        {"port": 70_000},
        {"turn_attempts": 0},
        {"turn_timeout_seconds": 0},
        {"lease_seconds": 0.5},
        {"message_max_characters": 10},
        {"photo_max_bytes": 1},
        {"log_level": "LOUD"},
        {"worker_concurrency": 0},
    ],
)
def test_values_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        made(**wrong)


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    assert "hush" not in repr(made(internal_token="hush" * 10, secret_key="hush" * 10))


@pytest.mark.parametrize(
    ("values", "rasa", "public"),
    [
        ({}, "http://127.0.0.1:5005", "http://127.0.0.1:8000"),
        ({"rasa_port": 6005, "port": 9000}, "http://127.0.0.1:6005", "http://127.0.0.1:9000"),
        (
            {"rasa_url": "http://rasa:5005/", "public_url": "https://chat.example.org/"},
            "http://rasa:5005",
            "https://chat.example.org",
        ),
    ],
)
def test_addresses_follow_from_ports_unless_they_are_told(values: dict[str, Any], rasa: str, public: str) -> None:
    settings = made(**values)
    assert (settings.rasa_base_url, settings.public_base_url) == (rasa, public)


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OFFICE", "macedonia-diaspora")
    monkeypatch.setenv("ALLOWED_ORIGINS", '["https://www.example.org"]')
    settings = made()
    assert settings.office == "macedonia-diaspora"
    assert settings.allowed_origins == ["https://www.example.org"]


def test_photos_lie_in_the_data_folder() -> None:
    assert made(data_dir="/srv/komshu").attachments_dir == Path("/srv/komshu/attachments")


def test_the_data_folder_is_the_same_every_time() -> None:
    assert default_data_dir() == default_data_dir()
