"""Updates as the Bot API makes them."""

import json
import time
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

BOT = {"id": 110201543, "is_bot": True, "first_name": "Komshu", "username": "KomshuTestBot"}
Update = dict[str, Any]


@dataclass(frozen=True)
class Sent:
    """A message the bot sent: `text` is the HTML as it came, `visible` what is read, `at` the seconds of a clock."""

    message_id: int
    chat_id: int
    text: str
    visible: str
    markup: dict[str, Any] | None
    at: float

    @property
    def buttons(self) -> list[dict[str, str]]:
        return [button for row in (self.markup or {}).get("inline_keyboard", ()) for button in row]


@dataclass
class Updates:
    """Makes updates of persons in private chats; the chat's number is the person's."""

    files: MutableMapping[str, bytes] = field(default_factory=dict)
    language: str = "tr"
    message_ids: Any = field(default_factory=lambda: count(1))
    update_ids: Any = field(default_factory=lambda: count(900_000_001))

    def text(self, chat: int, text: str) -> Update:
        return self.message(chat, text=text)

    def photo(self, chat: int, content: bytes, caption: str | None = None) -> Update:
        sizes = [self.size(content, side) for side in (90, 1280)]
        return self.message(chat, photo=sizes, **({"caption": caption} if caption else {}))

    def size(self, content: bytes, side: int) -> dict[str, Any]:
        file_id = f"AgAC{len(self.files)}"
        self.files[file_id] = content
        held = {"file_id": file_id, "file_unique_id": f"u{file_id}", "width": side, "height": side}
        return {**held, "file_size": len(content)}

    def document(self, chat: int, content: bytes, name: str, mime_type: str = "application/pdf") -> Update:
        file_id = f"BQAC{len(self.files)}"
        self.files[file_id] = content
        held = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(content)}
        return self.message(chat, document={**held, "file_name": name, "mime_type": mime_type})

    def location(self, chat: int, latitude: float, longitude: float) -> Update:
        return self.message(chat, location={"latitude": latitude, "longitude": longitude})

    def edit(self, update: Update, text: str) -> Update:
        return self.of("edited_message", {**update["message"], "text": text, "edit_date": int(time.time())})

    def press(self, sent: Sent, index: int) -> Update:
        shown = {"message_id": sent.message_id, "from": BOT, "chat": self.chat(sent.chat_id), "date": int(time.time())}
        query = {"id": str(next(self.update_ids)), "from": self.person(sent.chat_id), "chat_instance": "1"}
        data = sent.buttons[index]["callback_data"]
        return self.of("callback_query", {**query, "message": {**shown, "text": sent.visible}, "data": data})

    def block(self, chat: int) -> Update:
        held = {"chat": self.chat(chat), "from": self.person(chat), "date": int(time.time())}
        states = ("old_chat_member", {"status": "member"}), ("new_chat_member", {"status": "kicked", "until_date": 0})
        return self.of("my_chat_member", {**held, **{name: {"user": BOT, **state} for name, state in states}})

    def message(self, chat: int, **content: Any) -> Update:
        head = {"message_id": next(self.message_ids), "from": self.person(chat), "chat": self.chat(chat)}
        return self.of("message", {**head, "date": int(time.time()), **content})

    def of(self, kind: str, held: dict[str, Any]) -> Update:
        return {"update_id": next(self.update_ids), kind: held}

    def person(self, chat: int) -> dict[str, Any]:
        return {"id": chat, "is_bot": False, "first_name": "Test", "language_code": self.language}

    @staticmethod
    def chat(chat: int) -> dict[str, Any]:
        return {"id": chat, "first_name": "Test", "type": "private"}


def kind_of(update: Update) -> str:
    return next(key for key in update if key != "update_id")


def as_json(update: Update) -> bytes:
    return json.dumps(update, ensure_ascii=False).encode()
