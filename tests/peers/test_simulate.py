"""The terminal that stands for a person's phone."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

import backend.cli
from backend.core.settings import ROOT
from channels.sms.adapter import SmsAdapter
from channels.sms.config import TwilioConfig
from channels.telegram.adapter import TelegramAdapter
from channels.telegram.config import TelegramConfig
from tests.peers import simulate
from tests.peers.simulate import CHAT, Background, SmsPhone, TelegramPhone, cost, deliver, picture
from tests.peers.twilio import ACCOUNT, NUMBER, TOKEN

OFFER = {
    "text": "Doğru mu?",
    "buttons": [{"title": "Evet", "payload": "/affirm"}, {"title": "Hayır", "payload": "/deny"}],
    "link": {"title": "Daha çok", "url": "https://example.org/?a=1&b=2"},
}


@pytest.fixture
def telegram() -> Any:
    with Background() as background:
        phone = TelegramPhone("tr")
        background.do(phone.peer.__aenter__())
        yield phone, background
        background.do(phone.peer.__aexit__())


async def offer_on_telegram(phone: TelegramPhone) -> None:
    token = SecretStr(phone.peer.token)
    adapter = TelegramAdapter(TelegramConfig(_env_file=None, mode="polling", token=token, api_url=phone.peer.url))
    for part in adapter.render(OFFER, 7):
        await adapter.send(str(CHAT), part)
    await adapter.close()


def test_telegram_shows_text_link_and_numbered_buttons(telegram: Any) -> None:
    phone, background = telegram
    background.do(offer_on_telegram(phone))
    shown = [[line for line, _ in message] for message in phone.shown()]
    link = "  link: https://example.org/?a=1&b=2"
    assert shown == [["Doğru mu?\nDaha çok", link, "  [1] Evet", "  [2] Hayır"]]
    assert phone.shown() == [], "once only"


@pytest.mark.parametrize(
    ("typed", "delivered"),
    [
        ("2", ("callback_query", "data", "7:1")),
        ("3", ("message", "text", "3")),
        ("0", ("message", "text", "0")),
        ("çukur", ("message", "text", "çukur")),
        ("/location 45.7, 21.2", ("message", "location", {"latitude": 45.7, "longitude": 21.2})),
    ],
)
def test_what_is_typed_is_what_a_phone_would_send(telegram: Any, typed: str, delivered: tuple[str, str, Any]) -> None:
    phone, background = telegram
    background.do(offer_on_telegram(phone))
    assert deliver(phone, background, typed) == ""
    kind, name, value = delivered
    assert phone.peer.pending[-1][kind][name] == value


def test_a_number_is_a_text_as_long_as_nothing_was_offered(telegram: Any) -> None:
    phone, background = telegram
    deliver(phone, background, "1")
    assert phone.peer.pending[-1]["message"]["text"] == "1"


def test_a_photo_can_be_fetched(telegram: Any) -> None:
    phone, background = telegram
    deliver(phone, background, "/photo")
    size = phone.peer.pending[-1]["message"]["photo"][-1]
    assert phone.peer.files[size["file_id"]] == picture()


@pytest.mark.parametrize("typed", ["/location", "/location here", "/location 1 2 3"])
def test_a_place_without_two_numbers_is_not_sent(telegram: Any, typed: str) -> None:
    phone, background = telegram
    assert "/location 45.7 21.2" in deliver(phone, background, typed)
    assert phone.peer.pending == []


def test_sms_shows_what_a_message_costs_and_that_twilio_stops_by_itself() -> None:
    with Background() as background:
        phone = SmsPhone("mk")
        background.do(phone.peer.__aenter__())
        phone.meet(phone.peer.url)
        account = {"account_sid": ACCOUNT, "auth_token": SecretStr(TOKEN), "number": NUMBER}

        async def offered() -> None:
            adapter = SmsAdapter(TwilioConfig(_env_file=None, api_url=phone.peer.url, **account))
            for part in adapter.render({**OFFER, "text": "Точно ли е?", "language": "mk"}, 7):
                await adapter.send(phone.sender, part)
            await adapter.close()

        background.do(offered())
        (message,) = phone.shown()
        assert [line for line, _ in message] == [
            "Точно ли е?\nhttps://example.org/?a=1&b=2\n1 Evet\n2 Hayır",
            "  (1 segment, UCS-2: paid as 1 SMS)",
        ]
        assert "type the address" in deliver(phone, background, "/location 1 2")
        assert "404" in deliver(phone, background, "STOP"), "the peer has no such webhook"
        assert phone.shown() == [[(simulate.TWILIO_SAYS[True], "dim")]]
        background.do(phone.peer.__aexit__())


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("a" * 160, "1 segment, GSM-7: paid as 1 SMS"),
        ("a" * 161, "2 segments, GSM-7: paid as 2 SMS"),
        ("ж" * 71, "2 segments, UCS-2: paid as 2 SMS"),
    ],
)
def test_cost(body: str, told: str) -> None:
    assert cost(body) == told


def test_the_command_says_that_it_needs_a_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(backend.cli, "ROOT", tmp_path)
    done = CliRunner().invoke(backend.cli.cli, ["channels", "simulate", "sms"])
    assert (done.exit_code, "needs a checkout" in done.output) == (1, True)


@pytest.mark.stack
@pytest.mark.parametrize(
    ("channel", "typed", "shown"),
    [
        ("telegram", ["/start", "1", "/photo"], ["[1] ", "> /photo"]),
        ("sms", ["cat dureaza o petitie", "/photo", "STOP"], ["GSM-7", "paid as", "Twilio confirms"]),
    ],
)
def test_one_can_talk_to_the_assistant_and_everything_stops(channel: str, typed: list[str], shown: list[str]) -> None:
    command = [sys.executable, "-m", "backend.cli", "channels", "simulate", channel, "--language", "ro"]
    done = subprocess.run(
        command, cwd=ROOT, input="\n".join([*typed, "/quit"]), capture_output=True, text=True, check=False, timeout=300
    )
    assert done.stderr == ""
    assert done.returncode == 0
    assert [word for word in shown if word not in done.stdout] == []
    assert "No answer yet" not in done.stdout
