"""Updates of the Bot API, version 10, to what happened. See https://core.telegram.org/bots/api#update."""

import json
import re
from collections.abc import Callable
from typing import Any

from telegram import CallbackQuery, ChatMemberUpdated, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType, UpdateType

from channels.errors import PayloadError
from channels.message import Arrival, Choice, Courtesy, Inbound, Parsed
from channels.telegram.contents import READ, contents, says_something
from channels.text import VISIBLE, cleaned

ALLOWED = (UpdateType.MESSAGE, UpdateType.EDITED_MESSAGE, UpdateType.CALLBACK_QUERY, UpdateType.MY_CHAT_MEMBER)
"""What Telegram is asked for."""
MALFORMED = (AttributeError, KeyError, OSError, OverflowError, RecursionError, TypeError, ValueError)
"""What reading an update of another form than the documented one raises."""
PRESSED = re.compile(r"([0-9]{1,9}):([0-9]{1,3})")
INSIDE = frozenset({ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR})
GROUPS = frozenset({ChatType.GROUP, ChatType.SUPERGROUP})


def parsed(body: bytes) -> Parsed:
    """What one update brings. Raises PayloadError `invalid_request` for what is no update."""
    try:
        raw = json.loads(body)
        if type(raw["update_id"]) is not int:
            raise PayloadError("invalid_request")
        kinds = [*(kind for kind in ALLOWED if kind in raw), *(key for key in raw if key != "update_id"), "empty"]
        return of_kind(raw, kinds[0])
    except MALFORMED:
        raise PayloadError("invalid_request") from None


def of_kind(raw: dict[str, Any], kind: str) -> Parsed:
    """What an update of this kind brings; nothing for a kind that is of no use, or not known yet."""
    if kind not in ALLOWED:
        return Parsed(ignored=kind)
    held = dict(raw[kind])
    names = frozenset(held)
    if kind in (UpdateType.MESSAGE, UpdateType.EDITED_MESSAGE):
        held = trimmed(held)
    elif kind == UpdateType.CALLBACK_QUERY and held.get("message"):
        held["message"] = trimmed(held["message"])
    update = Update.de_json({"update_id": raw["update_id"], kind: held}, None)
    readers: dict[str, Callable[[], Parsed]] = {
        UpdateType.MESSAGE: lambda: message(update.message, names, edited=False),
        UpdateType.EDITED_MESSAGE: lambda: message(update.edited_message, names, edited=True),
        UpdateType.CALLBACK_QUERY: lambda: pressed(update.callback_query),
        UpdateType.MY_CHAT_MEMBER: lambda: membership(update.my_chat_member, update.update_id),
    }
    return readers[kind]()


def trimmed(held: dict[str, Any]) -> dict[str, Any]:
    """A message with the fields that are read."""
    return {name: value for name, value in held.items() if name in READ}


def message(told: Message | None, names: frozenset[str], *, edited: bool) -> Parsed:
    """A message, or a correction of one, as one or two arrivals: what stands under a photo comes before it."""
    assert told is not None
    if reason := passed_over(told, edited=edited):
        return Parsed(ignored=reason)
    base = f"{told.chat.id}:{told.message_id}"
    if edited:
        base += f":edit:{int(told.edit_date.timestamp()) if told.edit_date else 0}"
    said = [(end, parts) for end, parts in contents(told, names) if says_something(parts)]
    inbounds = [Inbound(external_id=base + end, edited=edited, **parts) for end, parts in said]
    if not inbounds:
        return Parsed(ignored="empty" if told.text is not None else "service")
    return Parsed(events=tuple(arrival(told.chat.id, told.from_user, inbound) for inbound in inbounds))


def passed_over(told: Message, *, edited: bool) -> str | None:
    """Why a message is of no use to us, or None."""
    if told.chat.type != ChatType.PRIVATE:
        return "group"
    if told.from_user and told.from_user.is_bot:
        return "bot"
    return "live_location" if edited and told.location else None


def arrival(chat: int, user: User | None, inbound: Inbound) -> Arrival:
    """A message with what Telegram knows of its sender."""
    name = cleaned(user.full_name) if user else ""
    return Arrival(
        sender=str(chat), inbound=inbound, language=language(user), name=name if VISIBLE.search(name) else None
    )


def language(user: User | None) -> str | None:
    """The two-letter code of the language Telegram is set to; None for one that has none, such as `fil`."""
    code = (user.language_code or "").split("-")[0].lower() if user else ""
    return code if len(code) == 2 and code.isalpha() else None


def pressed(query: CallbackQuery | None) -> Parsed:
    """A pressed button. The data of ours is `<message number>:<index>`."""
    assert query is not None
    data = PRESSED.fullmatch(query.data or "")
    if data is None or query.message is None:
        return Parsed(ignored="callback")
    if query.message.chat.type != ChatType.PRIVATE:
        return Parsed(ignored="group")
    choice = Choice(message=int(data[1]), index=int(data[2]))
    inbound = Inbound(external_id=f"callback:{query.id}", choice=choice, receipt=query.id)
    return Parsed(events=(arrival(query.message.chat.id, query.from_user, inbound),))


def membership(change: ChatMemberUpdated | None, number: int) -> Parsed:
    """The bot was blocked or unblocked by a person, or taken into a group."""
    assert change is not None
    now, before = change.new_chat_member.status, change.old_chat_member.status
    if change.chat.type == ChatType.PRIVATE:
        if now != ChatMemberStatus.BANNED:
            return Parsed(ignored="member")
        inbound = Inbound(external_id=f"member:{number}", wish="stop", silent=True)
        return Parsed(events=(arrival(change.chat.id, change.from_user, inbound),))
    if change.chat.type not in GROUPS or now not in INSIDE or before in INSIDE:
        return Parsed(ignored="group")
    courtesy = Courtesy(
        external_id=f"member:{number}",
        address=str(change.chat.id),
        sentence="channels.private_chats_only",
        language=language(change.from_user),
    )
    return Parsed(events=(courtesy,))
