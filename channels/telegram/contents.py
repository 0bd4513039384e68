"""What a Telegram message holds. The kinds are those of https://core.telegram.org/bots/api#message."""

from collections.abc import Callable, Iterator, Set
from typing import Any

from telegram import Location, Message, PhotoSize

from channels.message import Media, Position
from channels.telegram.commands import commanded, plain
from channels.text import VISIBLE, cleaned

PHOTO_LIMIT = 8 * 1024 * 1024
"""The largest photo that is asked for, in bytes."""
IMAGE_TYPES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
PDF = "application/pdf"
UNREADABLE = {
    "voice": "voice",
    "audio": "voice",
    "animation": "video",
    "video": "video",
    "video_note": "video",
    "sticker": "sticker",
    "document": "document",
}
"""Kinds of content to Inbound.unreadable, in this order: an animation is a document as well."""
SERVICE = frozenset(
    """
    boost_added channel_chat_created chat_background_set chat_owner_changed chat_owner_left chat_shared
    checklist_tasks_added checklist_tasks_done connected_website delete_chat_photo direct_message_price_changed
    forum_topic_closed forum_topic_created forum_topic_edited forum_topic_reopened general_forum_topic_hidden
    general_forum_topic_unhidden gift gift_upgrade_sent giveaway_completed giveaway_created group_chat_created
    left_chat_member managed_bot_created message_auto_delete_timer_changed migrate_from_chat_id migrate_to_chat_id
    new_chat_members new_chat_photo new_chat_title paid_message_price_changed passport_data pinned_message
    poll_option_added poll_option_deleted proximity_alert_triggered refunded_payment successful_payment
    suggested_post_approval_failed suggested_post_approved suggested_post_declined suggested_post_paid
    suggested_post_refunded supergroup_chat_created unique_gift users_shared video_chat_ended
    video_chat_participants_invited video_chat_scheduled video_chat_started web_app_data write_access_allowed
    """.split()  # noqa: SIM905 one name a line would fill a page
)
"""Kinds of message that tell what happened, and were written by nobody."""
READ = frozenset(
    {"message_id", "date", "chat", "from", "edit_date", "text", "caption"}
    | {"photo", "document", "location", "venue", "contact"}
)
"""Fields that are read; of all others only the name counts, so that a new form of one breaks nothing."""


def contents(message: Message, names: Set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a message says, in order, as (end of the external id, parts of Inbound); nothing for a service message.

    `names` are the fields the message came with, known ones and others.
    """
    if message.text is not None:
        yield "", commanded(message.text)
        return
    if names & SERVICE:
        return
    yield ":caption", {"text": plain(message.caption or "")}
    if message.venue:
        yield ":venue", {"text": plain(f"{message.venue.title}, {message.venue.address}")}
    yield "", attached(message, names)


def says_something(parts: dict[str, Any]) -> bool:
    """Whether parts of Inbound hold more than an empty text."""
    return parts.keys() != {"text"} or bool(VISIBLE.search(parts["text"]))


def attached(message: Message, names: Set[str]) -> dict[str, Any]:
    """What a message without text holds, as parts of Inbound."""
    found = next(filter(None, (read(message, names) for read in READERS)), None)
    return found or {"unreadable": next((kind for name, kind in UNREADABLE.items() if name in names), "other")}


def photo(message: Message, _names: Set[str]) -> dict[str, Any] | None:
    """The largest of a photo's sizes that is not too large."""
    fitting = [size for size in message.photo if (size.file_size or 0) <= PHOTO_LIMIT] or message.photo[:1]
    return {"media": Media(id=max(fitting, key=area).file_id)} if fitting else None


def area(size: PhotoSize) -> int:
    """Pixels of one size of a photo."""
    return size.width * size.height


def image(message: Message, names: Set[str]) -> dict[str, Any] | None:
    """A photo that was sent as a file."""
    file = message.document
    if file is None or "animation" in names or (file.mime_type or "").lower() not in IMAGE_TYPES:
        return None
    return {"media": Media(id=file.file_id)}


def document(message: Message, names: Set[str]) -> dict[str, Any] | None:
    """A PDF, by its type or its name; whether it is one is seen when it is fetched."""
    file = message.document
    if file is None or "animation" in names:
        return None
    name = cleaned(file.file_name or "")
    if (file.mime_type or "").lower() != PDF and not name.lower().endswith(".pdf"):
        return None
    return {"media": Media(id=file.file_id, document=True, name=name)}


def place(message: Message, _names: Set[str]) -> dict[str, Any] | None:
    """A shared position, of a venue too."""
    location: Location | None = message.venue.location if message.venue else message.location
    return {"position": Position(latitude=location.latitude, longitude=location.longitude)} if location else None


def contact(message: Message, _names: Set[str]) -> dict[str, Any] | None:
    """The sender's own number; somebody else's is not ours to keep."""
    if message.contact is None:
        return None
    own = message.from_user is not None and message.contact.user_id == message.from_user.id
    return {"phone": cleaned(message.contact.phone_number)} if own else {"unreadable": "contact"}


READERS: tuple[Callable[[Message, Set[str]], dict[str, Any] | None], ...] = (photo, image, document, place, contact)
