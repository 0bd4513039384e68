"""The texts of a matter: every one a person may see, wherever it is stored, and the copies nobody sees."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import inspect

from backend.attachments.models import Attachment, Document
from backend.authority.models import Authority
from backend.contacts.models import Contact
from backend.conversations.models import Message
from backend.core.database import Base
from backend.disputes.models import AppointmentAnswer, Dispute, DisputeNotice, DisputeParty
from backend.handoff.models import Note
from backend.surveys.models import Satisfaction
from backend.tickets.models import Ticket, TicketEvent, TicketQuestion, Visit

COLUMNS: Mapping[type[Base], Mapping[str, str]] = {
    Message: {"content": "message"},
    Note: {"text": "note"},
    Contact: {"name": "name"},
    Ticket: {
        "description": "description",
        "place": "place",
        "details": "details",
        "source_number": "number",
        "outcome_reason": "outcome",
        "outcome_ground": "outcome",
    },
    TicketEvent: {"content": "history"},
    TicketQuestion: {"question": "question", "answer": "question"},
    Visit: dict.fromkeys(("place", "who", "note", "found", "phone"), "visit"),
    Attachment: {"name": "document"},
    Document: {"name": "document"},
    Satisfaction: {"words": "survey"},
    Authority: {"name": "authority", "reason": "authority"},
    Dispute: {"claim": "dispute"},
    DisputeParty: dict.fromkeys(("name", "postal_address", "representative", "statement", "words"), "dispute"),
    DisputeNotice: {"content": "dispute", "text": "dispute"},
    AppointmentAnswer: {"proposal": "dispute"},
}
"""Columns people write into, and what the desk calls them."""
TABLES = {str(table.__tablename__): table for table in COLUMNS}
NAMES = frozenset(
    {"id", "event", "kind", "state", "before", "unit", "category", "priority", "outcome", "act", "main", "as", "by"}
    | {"to", "to_id", "topic", "language", "photo", "media", "message", "channel", "hidden", "since"}
    | {"document_id", "question_id", "visit_id", "conversation_id"}
)
"""Parts of structured texts that name something of ours: nobody wrote them."""
UNSEEN = frozenset({"payload", "url", "handed_back"})
"""Parts nobody sees: they are cleaned without being asked about."""
KEY_SIGN = "_"
"""Between the parts of a key: neither numbers nor ids hold it."""
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Text:
    """One text of a row: a column, or a part of a structured one."""

    row: Base
    column: str
    path: Path
    words: str

    @property
    def place(self) -> str:
        """What names it in the list of redactions, and in forms."""
        steps = (str(step).replace("~", "~0").replace("/", "~1") for step in self.path)
        return "/".join([str(self.row.__tablename__), key_of(self.row), self.column, *steps])

    @property
    def label(self) -> str:
        """What the desk calls it."""
        return COLUMNS[type(self.row)][self.column]

    @property
    def seen(self) -> bool:
        """Whether people are shown it."""
        hidden = isinstance(self.row, Message) and bool(self.row.content.get("hidden"))
        return not hidden and not UNSEEN.intersection(self.path)


def key_of(row: Base) -> str:
    """What names a row among those of its table: its primary key, of several parts where it has several."""
    return KEY_SIGN.join(str(getattr(row, str(part.key))) for part in inspect(type(row)).primary_key)


def key_from(table: type[Base], key: str) -> tuple[Any, ...]:
    """The primary key `key_of` named."""
    parts = zip(inspect(table).primary_key, key.split(KEY_SIGN), strict=True)
    return tuple(part.type.python_type(words) for part, words in parts)


def texts_of(row: Base) -> Iterator[Text]:
    """Every text of a row that is not empty."""
    for column in COLUMNS[type(row)]:
        for path, words in leaves(getattr(row, column)):
            yield Text(row, column, path, words)


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The texts within a value, and where: of lists and mappings those that people wrote."""
    if isinstance(value, str):
        if value.strip() and not _is_ours(value):
            yield path, value
    elif isinstance(value, dict):
        for key, part in value.items():
            if key not in NAMES:
                yield from leaves(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from leaves(part, (*path, index))


def _is_ours(value: str) -> bool:
    """Whether a text is an id or a moment."""
    return (not value.isdecimal() and _readable(UUID, value)) or ("T" in value and _readable(_moment, value))


def _moment(value: str) -> object:
    return datetime.fromisoformat(value)


def _readable(read: Callable[[str], object], value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


def put(text: Text, words: str) -> None:
    """Write other words in the place of a text."""
    setattr(text.row, text.column, replaced(getattr(text.row, text.column), text.path, words))


def replaced(value: Any, path: Path, words: str) -> Any:
    """A value with another text at a path."""
    if not path:
        return words
    whole = deepcopy(value)
    part = whole
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = words
    return whole


def rewritten(value: Any, rewrite: Callable[[str], str]) -> Any:
    """A value with every text that people wrote rewritten."""
    for path, words in list(leaves(value)):
        new = rewrite(words)
        if new != words:
            value = replaced(value, path, new)
    return value
