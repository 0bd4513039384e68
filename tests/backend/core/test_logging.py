"""Logs say what happened and not what was written."""

import json
from collections.abc import Iterator

import pytest
import structlog

from backend.core.logging import ALLOWED_KEYS, configure_logging, keep_allowed_keys
from backend.core.settings import Settings


@pytest.fixture
def fresh_structlog() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.mark.parametrize("key", ["text", "content", "pin", "phone", "email", "token", "description", "place", "ip"])
def test_a_key_that_could_tell_what_somebody_wrote_is_dropped_and_named(key: str) -> None:
    kept = keep_allowed_keys(None, "info", {"event": "x", key: "my secret", "seq": 3})
    assert kept == {"event": "x", "seq": 3, "dropped": [key]}


def test_allowed_keys_are_kept_without_a_note() -> None:
    event = dict.fromkeys(sorted(ALLOWED_KEYS), 1)
    assert keep_allowed_keys(None, "info", event) == event


def test_a_line_holds_service_level_and_time_and_no_message(
    fresh_structlog: None, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(Settings(_env_file=None, log_format="json"), "worker")
    structlog.get_logger().info("turn_failed", conversation="c", seq=4, text="my secret")
    line = json.loads(capsys.readouterr().err)
    assert line.pop("timestamp")
    assert line == {
        "event": "turn_failed",
        "level": "info",
        "service": "worker",
        "conversation": "c",
        "seq": 4,
        "dropped": ["text"],
    }


def test_lines_below_the_level_are_not_written(fresh_structlog: None, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings(_env_file=None, log_format="json", log_level="WARNING"), "worker")
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["loud"]
