"""What api.telegram.org says no to. An answer is a status and a body."""

import json
import re
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.policy import HTTP
from html import unescape
from typing import Any
from urllib.parse import parse_qsl

TAG = re.compile(r"<(/?)([a-z][a-z-]*)((?:\s+[a-z-]+(?:=(?:\"[^\"<>]*\"|'[^'<>]*'))?)*)\s*>", re.IGNORECASE)
TAGS = frozenset({"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "span", "a", "code", "pre", "blockquote"})
PHRASES = {401: "Unauthorized", 404: "Not Found", 500: "Internal Server Error", 502: "Bad Gateway"}
BLOCKED = "Forbidden: bot was blocked by the user"
Answer = tuple[int, dict[str, Any]]


class RefusalError(Exception):
    """The server says no: status, description and parameters of the answer."""

    def __init__(self, status: int, description: str = "", **parameters: Any) -> None:
        super().__init__(description)
        self.answer: Answer = (status, refused(status, description or PHRASES.get(status, "Error"), **parameters))


def refused(status: int, description: str, **parameters: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    return {**body, "parameters": parameters} if parameters else body


def flood(seconds: int) -> RefusalError:
    return RefusalError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def parameters(content_type: str, query: str, body: bytes) -> dict[str, str]:
    """The parameters of a call, in each of the ways the Bot API takes them."""
    given = dict(parse_qsl(query, keep_blank_values=True))
    if content_type.startswith("application/json"):
        told = json.loads(body or b"{}")
        return given | {key: value if isinstance(value, str) else json.dumps(value) for key, value in told.items()}
    if content_type.startswith("multipart/form-data"):
        return given | multipart(content_type, body)
    return given | dict(parse_qsl(body.decode(), keep_blank_values=True))


def multipart(content_type: str, body: bytes) -> dict[str, str]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    parts = BytesParser(EmailMessage, policy=HTTP).parsebytes(head + body).iter_parts()
    return {str(part.get_param("name", header="content-disposition")): decoded(part) for part in parts}


def decoded(part: MIMEPart) -> str:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def visible(text: str, parse_mode: str | None) -> str:
    """The text as it is read. Raises RefusalError as Telegram does for HTML it cannot read, and for lengths."""
    if parse_mode == "HTML":
        check_tags(text)
        text = unescape(TAG.sub("", text))
    if not text.strip():
        raise RefusalError(400, "Bad Request: message text is empty")
    if len(text.encode("utf-16-le")) // 2 > 4096:
        raise RefusalError(400, "Bad Request: message is too long")
    return text.strip()


def check_tags(text: str) -> None:
    open_tags: list[str] = []
    for end, name, _ in TAG.findall(text):
        if name.lower() not in TAGS:
            raise RefusalError(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{name}"')
        if not end:
            open_tags.append(name)
        elif not open_tags or open_tags.pop() != name:
            raise RefusalError(400, "Bad Request: can't parse entities: Unexpected end tag")
    if open_tags or "<" in TAG.sub("", text):
        raise RefusalError(400, "Bad Request: can't parse entities: Can't find end tag")


def markup(given: str | None) -> dict[str, Any] | None:
    """The buttons of a message. Raises RefusalError for such as cannot be shown."""
    if given is None:
        return None
    held: dict[str, Any] = json.loads(given)
    for row in held.get("inline_keyboard", ()):
        for button in row:
            if not button.get("text", "").strip():
                raise RefusalError(400, "Bad Request: can't parse inline keyboard button: Text must be non-empty")
            if not 1 <= len(button.get("callback_data", "").encode()) <= 64:
                raise RefusalError(400, "Bad Request: BUTTON_DATA_INVALID")
    return held
