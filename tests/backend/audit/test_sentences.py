"""Every act the code writes down has a sentence for people, in every language."""

import pytest

from backend.core.catalogue import backend_catalogue
from backend.core.languages import LANGUAGES
from backend.core.settings import ROOT
from tests.backend.audit.writers import PLACE, acts_of

CODE = {path.relative_to(ROOT): path.read_text() for path in sorted((ROOT / "backend").rglob("*.py"))}
WRITERS = [
    path for path, code in CODE.items() if path.parent.name != "audit" and any(f" {name}(" in code for name in PLACE)
]


def written(module: str) -> set[str]:
    """The acts of a module, the other modules of its folder looked at for calls of its functions."""
    path = next(path for path in WRITERS if str(path) == module)
    return acts_of(CODE[path], [code for other, code in CODE.items() if other.parent == path.parent and other != path])


def test_modules_that_write_are_found() -> None:
    modules = {str(path) for path in WRITERS}
    assert {"backend/handoff/service.py", "backend/console/signin/routes.py", "backend/accounts_cli.py"} <= modules
    assert {"account.disable", "account.enable"} <= written("backend/accounts_cli.py")
    assert "chat.reply" in written("backend/handoff/service.py")
    assert {"chat.taken", "chat.passed_on"} <= written("backend/handoff/acting.py")
    assert {"chat.requeued", "chat.returned"} <= written("backend/handoff/sweeping.py")
    assert {"ticket.closed", "ticket.assigned"} <= written("backend/tickets/desk.py")


@pytest.mark.parametrize("module", [str(path) for path in WRITERS])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_act_has_a_sentence(module: str, language: str) -> None:
    known = backend_catalogue().keys(language)
    assert sorted(act for act in written(module) if f"audit.{act}" not in known) == []


SOURCE = """
async def act(session, who, kind, state="", *, on):
    what = "on" if on else "off"
    word = state or {"shut": "closed"}.get(kind, kind)
    await record(session, who, f"thing.{word}.{what}", "thing", 1)

async def use(session, who):
    await act(session, who, "lamp", on=True)
    await act(session, who, kind="shut", on=False)
"""
NEIGHBOUR = """
async def more(session, who):
    await service.act(session, who, "door", "ajar", on=True)
"""


def test_acts_are_followed_to_where_they_are_named() -> None:
    known = {f"thing.{word}.{what}" for word in ("lamp", "closed") for what in ("on", "off")}
    assert acts_of(SOURCE) == known
    more = {f"thing.{word}.{what}" for word in ("door", "ajar") for what in ("on", "off")}
    assert acts_of(SOURCE, [NEIGHBOUR]) == known | more


def test_an_act_that_cannot_be_followed_fails() -> None:
    with pytest.raises(AssertionError):
        acts_of("async def act(session, who):\n    await record(session, who, who.act(), 'thing', 1)")
