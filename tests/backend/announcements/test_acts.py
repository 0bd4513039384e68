"""Who may do what with an announcement, in which state, and what the audit log keeps of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest

from backend.accounts.schemas import PERMISSIONS, ROLES, Role
from backend.announcements import service
from backend.announcements.errors import (
    AnnouncementChangedError,
    AnnouncementNotFoundError,
    AnnouncementStateError,
    AnnouncementUnfitError,
    SecondPersonError,
)
from backend.announcements.models import Announcement
from backend.announcements.schemas import Reason, State
from backend.core.catalogue import backend_catalogue
from backend.core.database import utcnow
from backend.core.errors import KomshuError, NotAllowedError
from backend.core.languages import LANGUAGES
from tests.backend.announcements.factories import TEXT, Town, content

RIGHTS = {"write": "announce", "change": "announce", "propose": "announce", "send_back": "announce"}
RIGHTS |= {"withdraw": "announce", "release": "release"}


async def at(town: Town, state: State, **changes: Any) -> Announcement:
    """An announcement in a state, written by Ana."""
    of = await (town.draft(**changes) if state == "draft" else town.proposed(**changes))
    await town.run("UPDATE announcement SET state = :state WHERE id = :id", state=state, id=of.id)
    return of


def arguments(act: str, of: Announcement) -> tuple[Any, ...]:
    """What an act is called with after the agent."""
    if act == "write":
        return (content(),)
    version = () if act in ("send_back", "withdraw") else (of.version,)
    return (of.id, *version, *([content(texts={"ro": "Alt text"})] if act == "change" else []))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("act", RIGHTS)
async def test_a_role_may_do_its_acts_and_no_others(town: Town, role: Role, act: str) -> None:
    of = await at(town, "draft" if act == "propose" else "proposed")
    by = town.agent(role, "Somebody")
    if RIGHTS[act] in PERMISSIONS[role]:
        await town.act(act, by, *arguments(act, of))
    else:
        with pytest.raises(NotAllowedError):
            await town.act(act, by, *arguments(act, of))
        assert (await town.fresh(of)).version == 1


def test_agents_write_and_only_their_superiors_release() -> None:
    assert {role for role in ROLES if "announce" in PERMISSIONS[role]} == {"agent", "supervisor", "administrator"}
    assert {role for role in ROLES if "release" in PERMISSIONS[role]} == {"supervisor", "administrator"}


ALLOWED: dict[str, dict[State, State]] = {
    "change": {"draft": "draft", "proposed": "draft"},
    "propose": {"draft": "proposed"},
    "send_back": {"proposed": "draft"},
    "release": {"proposed": "released"},
    "withdraw": dict.fromkeys(("draft", "proposed", "released", "sending"), "withdrawn"),
}


@pytest.mark.parametrize("state", get_args(State))
@pytest.mark.parametrize("act", ALLOWED)
async def test_an_act_fits_some_states(town: Town, act: str, state: State) -> None:
    of = await at(town, state)
    by = town.agent("supervisor", "Maria")
    if state in ALLOWED[act]:
        assert (await town.act(act, by, *arguments(act, of))).state == ALLOWED[act][state]
    else:
        with pytest.raises(AnnouncementStateError):
            await town.act(act, by, *arguments(act, of))
        assert (await town.fresh(of)).state == state


@pytest.mark.parametrize("emergency", [False, True])
async def test_who_wrote_or_changed_it_does_not_release_it(town: Town, emergency: bool) -> None:
    ana, maria, ion = (town.agent("supervisor", name) for name in ("Ana", "Maria", "Ion"))
    of = await town.draft(ana, emergency=emergency)
    of = await town.act("change", maria, of.id, 1, content(texts={"ro": "Alt text"}, emergency=emergency))
    of = await town.act("propose", ion, of.id, of.version)
    for writer in (ana, maria):
        assert not service.may_release(writer, of)
        with pytest.raises(SecondPersonError):
            await town.act("release", writer, of.id, of.version)
    assert service.may_release(ion, of)
    assert (await town.act("release", ion, of.id, of.version)).released_by == "Ion"


@pytest.mark.parametrize("act", ["change", "propose", "release"])
@pytest.mark.parametrize("version", [0, 1, 3])
async def test_another_version_than_the_one_looked_at_is_refused(town: Town, act: str, version: int) -> None:
    of = await town.draft()
    of = await town.act("change", town.agent(), of.id, 1, content(texts={"ro": "Alt text"}))
    if act == "release":
        await town.act("propose", town.agent(), of.id, 2)
    last = (content(),) if act == "change" else ()
    with pytest.raises(AnnouncementChangedError):
        await town.act(act, town.agent("supervisor"), of.id, version, *last)
    assert (await town.fresh(of)).texts == {"ro": "Alt text"}


CHANGES: list[dict[str, Any]] = [
    {"topic": "events"},
    {"areas": ("Fabric",)},
    {"texts": {"ro": TEXT + "!"}},
    {"texts": {"ro": TEXT, "en": "Water is cut."}},
    {"link": "https://example.org"},
    {"valid_until": utcnow() + timedelta(days=1)},
    {"emergency": True},
]


@pytest.mark.parametrize("changes", CHANGES, ids="-".join)
async def test_every_change_makes_a_draft_with_a_new_version(town: Town, changes: dict[str, Any]) -> None:
    of = await town.proposed()
    maria = town.agent("agent", "Maria")
    changed = await town.act("change", maria, of.id, 1, content(**changes))
    assert (changed.state, changed.version, changed.written_by) == ("draft", 2, "Maria")
    assert str(maria.id) in changed.writers


async def test_saving_the_same_changes_nothing(town: Town) -> None:
    of = await town.proposed()
    same = await town.act("change", town.agent("supervisor"), of.id, 1, content(texts={"ro": f" {TEXT} ", "en": " "}))
    assert (same.state, same.version, same.writers) == ("proposed", 1, of.writers)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"topic": "gossip"}, "topic"),
        ({"areas": ("Atlantis",)}, "areas"),
        ({"texts": {}}, "texts"),
        ({"texts": {"en": "Only English"}}, "texts"),
        ({"texts": {"ro": "\u202e\x00 "}}, "texts"),
        ({"texts": {"ro": "x" * 1001}}, "texts"),
        ({"texts": {"ro": "🌊" * 501}}, "texts"),
        ({"link": "example.org"}, "link"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"link": "https://[::1"}, "link"),
        ({"link": "https://example.org/a b"}, "link"),
        ({"link": "https://example.org/" + "x" * 300}, "link"),
        ({"valid_until": utcnow() - timedelta(seconds=1)}, "valid_until"),
    ],
)
async def test_what_cannot_be_sent_is_not_stored(town: Town, changes: dict[str, Any], field: str) -> None:
    for attempt in (town.draft(**changes), _change(town, changes)):
        with pytest.raises(AnnouncementUnfitError) as found:
            await attempt
        assert found.value.values["field"] == field


async def _change(town: Town, changes: dict[str, Any]) -> None:
    of = await town.draft()
    await town.act("change", town.agent(), of.id, 1, content(**changes))


async def test_what_has_become_unfit_since_is_not_released(town: Town) -> None:
    of = await town.proposed(valid_until=utcnow() + timedelta(hours=1))
    await town.run("UPDATE announcement SET valid_until = now() WHERE id = :id", id=of.id)
    with pytest.raises(AnnouncementUnfitError):
        await town.act("release", town.agent("supervisor"), of.id, of.version)


async def test_another_office_has_no_part_in_it(town: Town) -> None:
    of = await town.draft()
    town.office = town.office.model_copy(update={"profile": town.office.profile.model_copy(update={"id": "other"})})
    for act in ("propose", "withdraw", "change", "release", "send_back"):
        with pytest.raises(AnnouncementNotFoundError):
            await town.act(act, town.agent("supervisor"), *arguments(act, of))


async def test_who_did_what_is_in_the_audit_log_and_no_words_of_it(town: Town) -> None:
    ana, maria = town.agent("agent", "Ana"), town.agent("supervisor", "Maria")
    of = await town.draft(ana)
    await town.act("change", ana, of.id, 1, content(texts={"ro": "Alt text"}))
    await town.act("propose", ana, of.id, 2)
    await town.act("send_back", maria, of.id)
    await town.act("propose", ana, of.id, 2)
    await town.act("release", maria, of.id, 2)
    await town.act("withdraw", ana, of.id)
    acts = ["written", "changed", "proposed", "sent_back", "proposed", "released", "withdrawn"]
    names = ["Ana", "Ana", "Ana", "Maria", "Ana", "Maria", "Ana"]
    assert await town.acts(of) == [(name, f"announcement.{act}") for name, act in zip(names, acts, strict=True)]
    query = "SELECT string_agg(content::text, ' ') FROM audit_entry WHERE object_id = :id"
    kept = (await town.run(query, id=str(of.id))).scalar_one()
    assert "Alt text" not in kept
    assert TEXT not in kept


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_reason_has_a_sentence(reason: str) -> None:
    assert all(f"announcements.reason.{reason}" in backend_catalogue().keys(code) for code in LANGUAGES)


async def test_figures_outlive_the_rows_of_persons(town: Town) -> None:
    mine = await town.person()
    await town.stops(await town.person())
    of = await town.released()
    await town.deliver()
    before = await town.figures(of)
    assert (before.sent, before.skipped, before.channels) == (1, 1, (("sms", 1),))
    async with town.sessions() as session, session.begin():
        contact = "SELECT contact_id FROM conversation WHERE id = :id"
        contact_id = (await town.run(contact, id=mine)).scalar_one()
        await service.forget(session, contact_id)
        assert await service.of_contact(session, contact_id) == []
    assert await town.figures(of) == before


async def test_a_list_holds_everything_by_state(town: Town) -> None:
    made = {state: (await at(town, state)).id for state in get_args(State)}
    async with town.sessions() as session:
        listed = await service.listed(session, town.office, town.agent())
    assert {state: [one.id for one in found] for state, found in listed.items()} == {
        state: [number] for state, number in made.items()
    }


def test_a_role_without_the_right_sees_none(town: Town) -> None:
    assert not replace(town.agent("reader")).may("announce")


async def test_a_reader_reads_none(town: Town) -> None:
    of = await town.draft()
    async with town.sessions() as session:
        with pytest.raises(KomshuError):
            await service.one(session, town.office, town.agent("reader"), of.id)
        with pytest.raises(KomshuError):
            await service.listed(session, town.office, town.agent("reader"))
