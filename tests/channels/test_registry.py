"""The channels there are."""

import inspect

import pytest

from channels.adapter import Adapter
from channels.registry import BUILDERS, configured

SETTINGS = {
    "TELEGRAM_MODE": "webhook",
    "TELEGRAM_TOKEN": "1:token",
    "TELEGRAM_SECRET": "secret",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_NUMBER": "+40256000000",
    "TWILIO_WHATSAPP_NUMBER": "+40256000001",
}
METHODS = ("verify", "parse", "render", "send", "seen", "fetch", "close")


@pytest.fixture
async def adapters(monkeypatch: pytest.MonkeyPatch) -> dict[str, Adapter]:
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    return configured(None, "https://komshu.example")


async def test_every_channel_is_known_by_its_name_and_can_do_what_is_asked_of_it(adapters: dict[str, Adapter]) -> None:
    assert len(adapters) == len(BUILDERS)
    for name, adapter in adapters.items():
        assert adapter.name == name
        for method in METHODS:
            asked, able = (inspect.signature(getattr(of, method)) for of in (Adapter, type(adapter)))
            assert list(asked.parameters) == list(able.parameters), (name, method)
        await adapter.close()


async def test_without_settings_there_is_the_web_chat_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    adapters = configured(None, "https://komshu.example")
    assert list(adapters) == ["web"]
    assert adapters["web"].pull
