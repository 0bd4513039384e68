"""The account in the environment and in a file."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from channels.sms.adapter import SmsAdapter
from channels.sms.build import build
from channels.whatsapp.build import build as build_whatsapp
from tests.channels.sms.factories import config

ACCOUNT = "TWILIO_ACCOUNT_SID=AC1\nTWILIO_AUTH_TOKEN=very-secret\n"


@pytest.fixture(autouse=True)
def _no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCOUNT_SID", "AUTH_TOKEN", "NUMBER", "MESSAGING_SERVICE", "WHATSAPP_NUMBER", "API_URL"):
        monkeypatch.delenv(f"TWILIO_{name}", raising=False)


@pytest.mark.parametrize(
    ("settings", "sms", "whatsapp"),
    [
        ("", False, False),
        (ACCOUNT, False, False),
        (ACCOUNT + "TWILIO_NUMBER=+40 256 408 300\nOTHER=x", True, False),
        (ACCOUNT + "TWILIO_MESSAGING_SERVICE=MG1", True, False),
        (ACCOUNT + "TWILIO_WHATSAPP_NUMBER=whatsapp:+40256408300", False, True),
    ],
)
def test_a_channel_is_on_when_it_has_a_number(tmp_path: Path, settings: str, sms: bool, whatsapp: bool) -> None:
    (tmp_path / ".env").write_text(settings)
    assert bool(build(tmp_path / ".env", "")) is sms
    assert bool(build_whatsapp(tmp_path / ".env", "")) is whatsapp
    assert build(None, "") is None


@pytest.mark.parametrize("name", ["NUMBER=+40256408300", "WHATSAPP_NUMBER=+40256408300", "MESSAGING_SERVICE=MG1"])
def test_half_an_account_is_refused_without_telling_it(tmp_path: Path, name: str) -> None:
    (tmp_path / ".env").write_text(f"TWILIO_AUTH_TOKEN=very-secret\nTWILIO_{name}\n")
    with pytest.raises(ValidationError, match="TWILIO_ACCOUNT_SID") as refused:
        build(tmp_path / ".env", "")
    assert "very-secret" not in str(refused.value)


@pytest.mark.parametrize("url", ["ftp://x", "https://", "https://api.twilio.com/2010", "api.twilio.com"])
def test_an_address_of_the_api_has_no_path(url: str) -> None:
    with pytest.raises(ValidationError):
        config(api_url=url)


@pytest.mark.parametrize(
    ("public", "api", "callback"),
    [
        ("https://komshu.example", "https://api.twilio.com", "https://komshu.example/channels/sms"),
        ("https://komshu.example/", "https://api.twilio.com", "https://komshu.example/channels/sms"),
        ("http://127.0.0.1:8000", "https://api.twilio.com", ""),
        ("http://localhost:8000", "https://api.twilio.com", ""),
        ("http://127.0.0.1:8000", "http://127.0.0.1:9200", "http://127.0.0.1:8000/channels/sms"),
        ("", "https://api.twilio.com", ""),
    ],
)
def test_news_are_asked_for_where_twilio_can_bring_them(public: str, api: str, callback: str) -> None:
    assert SmsAdapter(config(api_url=api), public).callback == callback
