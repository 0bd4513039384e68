"""A bot that does not exist."""

from collections.abc import Mapping

from telegram.constants import UpdateType

from channels.telegram.adapter import TelegramAdapter
from channels.telegram.config import TelegramConfig

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
SECRET = "a-secret_of-Telegram-1"
MEDIA = ["animation", "audio", "document", "paid_media", "photo", "sticker", "story", "video", "video_note", "voice"]
OTHERS = ["checklist", "contact", "dice", "game", "giveaway", "invoice", "location", "poll", "text", "venue"]
KINDS = [*(str(kind.value) for kind in UpdateType), *MEDIA, *OTHERS]


def config(api_url: str = "http://127.0.0.1:9", **settings: object) -> TelegramConfig:
    return TelegramConfig.model_validate(
        {"mode": "webhook", "token": TOKEN, "secret": SECRET, "api_url": api_url, "timeout_seconds": 5, **settings}
    )


def adapter() -> TelegramAdapter:
    return TelegramAdapter(config())


def signed(url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    return {**headers, "X-Telegram-Bot-Api-Secret-Token": SECRET}
