"""Telegram: updates of the Bot API to messages, stored messages to calls of it."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cached_property
from typing import Any

from telegram import BotCommand, File, LinkPreviewOptions
from telegram.constants import ChatAction, ParseMode

from channels.adapter import Call, Pace
from channels.errors import AWAY, REFUSED, UNSURE, ForgedError, SendError
from channels.message import Media, Parsed
from channels.telegram.client import TelegramClient
from channels.telegram.config import TelegramConfig
from channels.telegram.failures import FAILURES, failure
from channels.telegram.html import keyboard, rendered
from channels.telegram.updates import ALLOWED, parsed

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105
WEBHOOK_PATH = "/channels/telegram"
WEBHOOK_CONNECTIONS = 40
COURTESY_SECONDS = 3.0
"""How long the signs that a message is being worked on may take, in seconds."""
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class TelegramAdapter:
    """A bot of @BotFather, whose updates are posted to us or fetched by us."""

    name = "telegram"
    pull = False
    acknowledgement = ("text/plain", "")

    def __init__(self, config: TelegramConfig) -> None:
        self.config = config
        self.polling = config.mode == "polling"
        self.pace = Pace(per_second=config.per_second, per_address_seconds=config.per_chat_seconds)

    @cached_property
    def client(self) -> TelegramClient:
        """The connection, made at the first call."""
        return TelegramClient(self.config)

    def verify(self, call: Call) -> None:
        """Make sure that a post is Telegram's. Raises ForgedError `secret_missing` or `secret_wrong`."""
        sent, ours = call.headers.get(SECRET_HEADER, ""), self.config.secret.get_secret_value()
        if not sent:
            raise ForgedError("secret_missing")
        if not hmac.compare_digest(sent.encode("utf-8", "replace"), ours.encode()):
            raise ForgedError("secret_wrong")

    def parse(self, call: Call) -> Parsed:
        """What an update brings. Raises PayloadError `invalid_request`."""
        return parsed(call.body)

    def render(self, content: dict[str, Any], number: int) -> tuple[dict[str, Any], ...]:
        """A stored message as texts of at most 4096 units, with the buttons under the last one."""
        return rendered(content, number)

    async def send(self, address: str, part: dict[str, Any]) -> str | None:
        """Send one part to a chat; returns the message's id in it. Raises SendError."""
        async with as_send_errors():
            sent = await self.client.bot.send_message(
                chat_id=address,
                text=part["text"],
                parse_mode=ParseMode.HTML,
                link_preview_options=NO_PREVIEW,
                reply_markup=keyboard(part.get("buttons", ())),
            )
            return str(sent.message_id)

    async def seen(self, address: str, content: dict[str, Any]) -> None:
        """Take the waiting sign off a pressed button and show "typing". Never fails."""
        bot, receipt = self.client.bot, content.get("receipt")
        signs = [bot.send_chat_action(address, ChatAction.TYPING)]
        if receipt:
            signs.append(bot.answer_callback_query(receipt))
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*signs, return_exceptions=True), COURTESY_SECONDS)

    async def fetch(self, media: Media, limit: int) -> bytes:
        """A photo of at most limit bytes. Raises SendError, REFUSED when it is larger or gone."""
        try:
            async with as_send_errors():
                file = await self.client.bot.get_file(media.id)
        except SendError as error:
            raise certain(error) from None
        return await self.client.download(address_of(file, limit), limit)

    async def updates(self, offset: int | None, wait_seconds: float) -> list[tuple[int, bytes]]:
        """Updates from `offset` on, for polling: each id and what `parse` takes as a body. Raises SendError.

        Waits up to so many seconds for the first one. Asking with the last id + 1 lets Telegram forget those before.
        """
        async with as_send_errors():
            return await self.client.updates(offset, wait_seconds)

    async def prepare(self, public_url: str | None, menus: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        """Tell Telegram where updates go, and the menu of commands. Raises SendError; ValueError without an address.

        `public_url` is ours without a slash at its end, needed in webhook mode; `menus` has (command, description)
        by two-letter language, the first language's is also shown in all others.
        """
        async with as_send_errors():
            await self.direct_updates(public_url)
            for place, (language, menu) in enumerate(menus.items()):
                commands = [BotCommand(command, description) for command, description in menu]
                if place == 0:
                    await self.client.bot.set_my_commands(commands)
                await self.client.bot.set_my_commands(commands, language_code=language)

    async def direct_updates(self, public_url: str | None) -> None:
        """Have updates posted or kept, as the mode says; those that wait are not dropped."""
        if self.config.mode != "webhook":
            await self.client.bot.delete_webhook(drop_pending_updates=False)
            return
        if not public_url:
            raise ValueError("Telegram's webhook mode needs a public address.")
        await self.client.bot.set_webhook(
            url=f"{public_url}{WEBHOOK_PATH}",
            secret_token=self.config.secret.get_secret_value(),
            allowed_updates=ALLOWED,
            max_connections=WEBHOOK_CONNECTIONS,
        )

    async def close(self) -> None:
        """Let the connections go; the next call makes new ones."""
        if client := self.__dict__.pop("client", None):
            await client.close()


@asynccontextmanager
async def as_send_errors() -> AsyncIterator[None]:
    """What the client raises as SendError, without the texts of the original."""
    try:
        yield
    except FAILURES as error:
        raise failure(error) from None


def certain(error: SendError) -> SendError:
    """The same for a call that changes nothing: asking again does no harm."""
    return SendError(AWAY, retryable=True, detail=error.detail) if error.code == UNSURE else error


def address_of(file: File, limit: int) -> str:
    """Where a file is. Raises SendError REFUSED when it is too large, or gone."""
    if (file.file_size or 0) > limit:
        raise SendError(REFUSED, detail="too_large")
    # A Bot API server of one's own in local mode tells a path on its disk.
    if not (file.file_path or "").startswith(("https://", "http://")):
        raise SendError(REFUSED, detail="gone")
    assert file.file_path
    return file.file_path
