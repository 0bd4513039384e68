"""A ticket's history in plain words: who, when, what."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.console.shell.pages import Words
from backend.core.database import Json
from backend.tickets.desk import actor_named
from backend.tickets.models import TicketEvent

HIDDEN_FIELDS = frozenset({"longitude"})
"""Said together with another one."""


@dataclass(frozen=True)
class Line:
    """One event, said in the agent's language."""

    kind: str
    who: str
    at: datetime
    what: str
    words: tuple[str, ...] = ()
    """What people wrote, in their own words."""


def told(events: Iterable[TicketEvent], t: Words) -> list[Line]:
    """The events in words, in their order."""
    return [_line(event, t) for event in events]


def _line(event: TicketEvent, t: Words) -> Line:
    content = event.content
    tell = TELLERS.get(event.kind)
    what, *words = tell(event, content, t) if tell else (t(f"desk.history.{event.kind}"),)
    said = tuple(t.said(word) for word in words if word)
    return Line(event.kind, actor_named(event, t.language), event.at, t.said(what), said)


Teller = Callable[[TicketEvent, Json, Words], Iterable[str]]


def _received(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    return (t("desk.history.received", channel=t(f"desk.channel.{event.channel}"), unit=t.unit(content.get("unit"))),)


def _state(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    return (t("desk.history.state", state=t(f"ticket.state.{content['state']}")),)


def _assigned(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    unit = t.unit(content["unit"][1])
    key, values = (content.get("why", "to"), {"to": content["to"]}) if content.get("to") else ("unit", {})
    return t(f"desk.history.assigned.{key}", unit=unit, **values), content.get("reason", "")


def _changed(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    fields = [name for name in content["changed"] if name not in HIDDEN_FIELDS]
    return t("desk.history.changed"), *(_field(name, content["changed"][name], t) for name in fields)


def _field(name: str, values: list[Any], t: Words) -> str:
    if name == "latitude":
        return t("desk.field.position")
    before, after = (_value(name, value, t) for value in values)
    return f"{t(f'desk.field.{name}')}: {before} → {after}"


def _value(name: str, value: Any, t: Words) -> str:
    if not value:
        return "–"
    names: dict[str, Callable[[str], str]] = {
        "unit": t.unit,
        "category": t.category,
        "kind": lambda kind: t(f"ticket.kind.{kind}"),
        "priority": lambda priority: t(f"desk.priority.{priority}"),
    }
    return names[name](value) if name in names else str(value)


def _asked(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    return t("desk.history.asked"), content["question"]


def _closed(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    outcome = t(f"ticket.outcome.{content['outcome']}")
    same = [t("desk.history.closed.as", reference=content["as"])] if content.get("as") else []
    return t("desk.history.closed", outcome=outcome), *same, content.get("reason", ""), content.get("ground", "")


def _reopened(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    return t("desk.history.reopened"), content["reason"]


def _added(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    return t("desk.history.added", photos=content.get("photos", 0)), content["text"]


def _followed(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    main = content.get("main")
    return (t("desk.history.followed", reference=main) if main else t("desk.history.unfollowed"),)


def _note(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    return t("desk.history.note"), content["text"]


def _with_unit(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    return (t(f"desk.history.{event.kind}", unit=t.unit(content["unit"])),)


def _visit(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    return (t("desk.history.visit", at=t.full(datetime.fromisoformat(content["at"])), who=content["who"]),)


def _document(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    return (t("desk.history.document", name=content["name"]),)


def _authority(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    relation = f" ({t('authority.relation.' + content['relation'])})" if content.get("relation") else ""
    represented = f"{content['name']}{relation}" if content.get("name") else ""
    return t(f"desk.history.authority.{content['state']}"), represented, content.get("reason", "")


def _told(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    return (t("desk.history.told", channel=t(f"desk.channel.{event.channel}")),)


def _due_moved(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    before, after = (_moment(content.get(name), t) for name in ("from", "to"))
    return (t("desk.history.due_moved", before=before, after=after),)


def _moment(moment: str | None, t: Words) -> str:
    return t.full(datetime.fromisoformat(moment)) if moment else "–"


def _reminded(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    return (t(f"desk.history.reminded.{content['kind']}"),)


def _term(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    yield t("desk.history.term", act=t(f"desk.term.{content['act']}"), due=_moment(content.get("due"), t))
    if content.get("notice"):
        yield content["notice"]


def _redacted(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    return (t(f"desk.history.{event.kind}", reason=t(f"redaction.reason.{content['reason']}")),)


def _dispute_registered(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    return (t("desk.history.dispute_registered", step=t.step(content["step"])),)


def _dispute_step(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    skipped = ", ".join(t.step(step) for step in content.get("skipped", ()))
    left_out = t("desk.history.dispute_skipped", steps=skipped) if skipped else ""
    return t("desk.history.dispute_step", step=t.step(content["step"])), left_out, content.get("reason", "")


def _appointment(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    at = _moment(content["at"], t)
    return (t("desk.history.appointment", step=t.step(content["step"]), at=at, who=content["who"]),)


def _appointment_moved(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    before, after = (_moment(moment, t) for moment in content["times"])
    return (t("desk.history.appointment_moved", step=t.step(content["step"]), before=before, after=after),)


def _appointment_cancelled(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    return t("desk.history.appointment_cancelled", step=t.step(content["step"])), content["reason"]


def _appointment_answer(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    comes = "yes" if content["comes"] else "no"
    party = t(f"desk.dispute.{content['side']}")
    return t(f"desk.history.appointment_answer.{comes}", party=party), t.proposal(content["text"])


def _of_party(event: TicketEvent, content: Json, t: Words) -> Iterable[str]:
    return (t(f"desk.history.{event.kind}", party=t(f"desk.dispute.{content['side']}")),)


TELLERS: dict[str, Teller] = {
    "received": _received,
    "state": _state,
    "assigned": _assigned,
    "changed": _changed,
    "asked": _asked,
    "closed": _closed,
    "reopened": _reopened,
    "added": _added,
    "followed": _followed,
    "note": _note,
    "question": _with_unit,
    "answer": _with_unit,
    "visit": _visit,
    "document": _document,
    "authority": _authority,
    "told": _told,
    "due_moved": _due_moved,
    "reminded": _reminded,
    "term": _term,
    "dispute_registered": _dispute_registered,
    "dispute_step": _dispute_step,
    "dispute_statement": _of_party,
    "letter_posted": _of_party,
    "appointment": _appointment,
    "appointment_moved": _appointment_moved,
    "appointment_cancelled": _appointment_cancelled,
    "appointment_answer": _appointment_answer,
    "redacted": _redacted,
    "copy_redacted": _redacted,
}
"""taken, visit_done, chat, clock and escalated need nothing but their sentence."""
