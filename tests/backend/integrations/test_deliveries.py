"""What happens reaches the receiver: signed, in order, again after failures, once noted no more."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
from standardwebhooks import Webhook

from backend.core.database import driver_connection
from backend.integrations import repository, webhooks
from backend.integrations.models import WebhookEndpoint
from backend.integrations.schemas import Result
from backend.integrations.sending import post
from backend.tickets.models import Ticket
from backend.tickets.reminders import remind
from tests.backend.api.office import NAME, PHONE
from tests.backend.integrations.receivers import Hooked
from tests.peers.webhook import Behaviour

FAR = 3.01
SIGNED = {"webhook-id", "webhook-timestamp", "webhook-signature"}


async def test_a_filed_ticket_is_told_signed_and_without_the_person(hooked: Hooked) -> None:
    ticket = await hooked.ticket()
    assert await hooked.deliver() == 1
    [call] = hooked.peer.calls
    assert call.verified
    assert call.headers.keys() >= SIGNED
    assert call.content["type"] == "ticket.filed"
    assert call.content["data"]["reference"] == ticket.reference
    assert datetime.fromisoformat(call.content["timestamp"]).tzinfo is not None
    assert set(call.content["data"]) == {
        *("id", "reference", "kind", "category", "unit", "state", "outcome", "event"),
        *("created_at", "updated_at", "due_at", "closed_at"),
    }


async def test_each_act_has_its_event_in_order(hooked: Hooked) -> None:
    ticket, agent = await hooked.ticket(), hooked.agent()
    await hooked.act(ticket, "take", agent)
    await hooked.act(ticket, "assign", hooked.office, agent, unit="roads")
    await hooked.deliver()
    assert [event for event, _ in hooked.peer.said] == ["ticket.filed", "ticket.assigned", "ticket.assigned"]


async def test_an_escalated_ticket_is_told(hooked: Hooked) -> None:
    ticket = await hooked.ticket()
    async with hooked.sessions() as session, session.begin():
        mine = await session.get_one(Ticket, ticket.id)
        mine.kind, mine.created_at, mine.reminded = "information_request", datetime(2026, 3, 2, tzinfo=UTC), ["overdue"]
        mine.next_reminder_at = mine.created_at
        await remind(session, hooked.settings, hooked.office)
    await hooked.deliver()
    assert [event for event, _ in hooked.peer.said] == ["ticket.filed", "ticket.escalated"]


async def test_the_api_and_chats_are_told_too(hooked: Hooked) -> None:
    token = await hooked.token()
    filed = (await hooked.call(token, "POST", "/tickets", {"language": "en", "words": "Hole"})).json()
    for path, body in (
        ("move", {"state": "in_progress"}),
        ("ask", {"text": "Where?"}),
        ("close", {"outcome": "solved"}),
        ("reopen", {"reason": "Not yet"}),
    ):
        answer = await hooked.call(token, "POST", f"/tickets/{filed['id']}/{path}", body, If_Match="*")
        assert answer.status_code == 200, answer.text
    await hooked.call(token, "PATCH", f"/tickets/{filed['id']}", {"place": "Here"}, If_Match="*")
    chat = str(await hooked.chat())
    for path in ("take", "hand-back"):
        assert (await hooked.call(token, "POST", f"/chats/{chat}/{path}")).status_code == 200
    await hooked.deliver()
    tickets = ["filed", "moved", "moved", "closed", "reopened", "changed"]
    expected = [(f"ticket.{event}", filed["id"]) for event in tickets]
    expected += [(f"chat.{event}", chat) for event in ("queued", "taken", "returned")]
    assert hooked.peer.said == expected
    assert all(call.verified for call in hooked.peer.calls)


async def test_what_was_rolled_back_is_not_told(hooked: Hooked) -> None:
    token = await hooked.token()
    body = {"language": "en", "words": "Hole", "category": "no_such_category"}
    assert (await hooked.call(token, "POST", "/tickets", body)).status_code == 422
    assert await hooked.deliver() == 0


async def test_without_an_endpoint_nothing_is_written(hooked: Hooked) -> None:
    async with hooked.sessions() as session, session.begin():
        await webhooks.remove(session, hooked.office, hooked.administrator, hooked.endpoint_id)
    before = await hooked.scalar("SELECT count(*) FROM webhook_delivery")
    jobs = await hooked.scalar("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'webhooks'")
    await hooked.ticket()
    assert await hooked.scalar("SELECT count(*) FROM webhook_delivery") == before
    assert await hooked.scalar("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'webhooks'") == jobs


async def test_a_job_is_put_in_with_what_happened(hooked: Hooked) -> None:
    await hooked.ticket()
    query = "SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'webhooks' AND args->>'endpoint_id' = :id"
    assert await hooked.scalar(query, id=str(hooked.endpoint_id)) == 1


FAILURES: list[tuple[Behaviour, int | None, str]] = [
    (Behaviour(500), 500, "refused"),
    (Behaviour(404), 404, "refused"),
    (Behaviour(302, {"Location": "/elsewhere"}), 302, "redirected"),
    (Behaviour(307, {"Location": "http://127.0.0.1:1/"}), 307, "redirected"),
]


@pytest.mark.parametrize(("how", "status", "reason"), FAILURES)
async def test_a_failure_is_tried_again_with_the_same_id(
    hooked: Hooked, how: Behaviour, status: int | None, reason: str
) -> None:
    hooked.peer.behaviours.append(how)
    await hooked.ticket()
    assert await hooked.deliver() == 1
    [waiting] = await hooked.deliveries()
    assert (waiting.state, waiting.status, waiting.reason, waiting.attempts) == ("waiting", status, reason, 1)
    assert waiting.due_at > waiting.tried_at  # type: ignore[operator]
    await hooked.later()
    await hooked.deliver()
    first, second = hooked.peer.calls
    assert (first.webhook_id, first.body) == (second.webhook_id, second.body)
    assert second.verified
    assert hooked.peer.elsewhere == []
    [delivered] = await hooked.deliveries()
    assert (delivered.state, delivered.status, delivered.reason, delivered.attempts) == ("delivered", 200, None, 2)


async def test_no_answer_in_time_is_a_failure(hooked: Hooked) -> None:
    hooked.settings = hooked.settings.model_copy(update={"webhook_timeout_seconds": 0.2})
    hooked.peer.behaviours.append(Behaviour(hold=True))
    await hooked.ticket()
    await hooked.deliver()
    assert [one.reason for one in await hooked.deliveries()] == ["timeout"]


async def test_an_endless_answer_is_not_read_to_its_end(hooked: Hooked) -> None:
    hooked.peer.behaviours.append(Behaviour(endless=True))
    await hooked.ticket()
    await hooked.deliver()
    assert [one.state for one in await hooked.deliveries()] == ["delivered"]


async def test_nobody_listening_is_a_failure(hooked: Hooked) -> None:
    async with hooked.sessions() as session, session.begin():
        (await session.get_one(WebhookEndpoint, hooked.endpoint_id)).url = "http://127.0.0.1:9/hook"
    await hooked.ticket()
    await hooked.deliver()
    assert [one.reason for one in await hooked.deliveries()] == ["unreachable"]


async def test_of_one_ticket_nothing_overtakes_and_others_go_on(hooked: Hooked) -> None:
    slow, agent = await hooked.ticket(), hooked.agent()
    hooked.peer.behaviours.append(Behaviour(503))
    await hooked.deliver()
    await hooked.act(slow, "take", agent)
    other = await hooked.ticket()
    await hooked.deliver()
    assert hooked.peer.said == [("ticket.filed", str(slow.id)), ("ticket.filed", str(other.id))]
    await hooked.later()
    await hooked.deliver()
    assert hooked.peer.said[2:] == [("ticket.filed", str(slow.id)), ("ticket.assigned", str(slow.id))]


@pytest.mark.parametrize(("asked", "least"), [("900", 900), ("99999999999", 3600), ("soon", 0)])
async def test_the_receiver_may_ask_to_be_left_alone(hooked: Hooked, asked: str, least: int) -> None:
    hooked.peer.behaviours.append(Behaviour(429, {"Retry-After": asked}))
    await hooked.ticket()
    await hooked.deliver()
    [waiting] = await hooked.deliveries()
    assert waiting.tried_at is not None
    assert least - 1 <= (waiting.due_at - waiting.tried_at).total_seconds() <= max(least, 7) + 1


async def test_after_three_days_it_is_given_up_and_a_silent_endpoint_is_switched_off(hooked: Hooked) -> None:
    hooked.peer.always = Behaviour(500)
    await hooked.ticket()
    await hooked.deliver()
    await hooked.days_ago(FAR)
    await hooked.later()
    await hooked.deliver()
    assert [one.state for one in await hooked.deliveries()] == ["given_up"]
    endpoint = await hooked.endpoint()
    assert endpoint.disabled_at is not None
    assert endpoint.disabled_reason == "failing"
    async with hooked.sessions() as session:
        assert [one.id for one in await webhooks.failing(session, hooked.office)] == [endpoint.id]
    said = "SELECT action FROM audit_entry WHERE object_id = :id ORDER BY id DESC LIMIT 1"
    assert await hooked.scalar(said, id=str(endpoint.id)) == "webhook.disabled"
    await hooked.ticket()
    assert len(await hooked.deliveries()) == 1


async def test_an_endpoint_that_takes_other_things_stays_on(hooked: Hooked) -> None:
    hooked.peer.behaviours += [Behaviour(500), Behaviour(200), Behaviour(500)]
    await hooked.ticket()
    await hooked.deliver()
    await hooked.days_ago(FAR)
    await hooked.ticket()
    await hooked.deliver()
    await hooked.later()
    await hooked.deliver()
    assert [one.state for one in await hooked.deliveries()] == ["given_up", "delivered"]
    assert (await hooked.endpoint()).disabled_at is None


async def test_who_says_to_be_gone_is_not_asked_again(hooked: Hooked) -> None:
    hooked.peer.behaviours.append(Behaviour(410))
    await hooked.ticket()
    await hooked.deliver()
    assert [(one.state, one.reason) for one in await hooked.deliveries()] == [("given_up", "gone")]
    assert (await hooked.endpoint()).disabled_reason == "gone"


async def test_what_was_given_up_can_be_sent_again(hooked: Hooked) -> None:
    hooked.peer.always = Behaviour(500)
    await hooked.ticket()
    await hooked.days_ago(FAR)
    await hooked.deliver()
    hooked.peer.always = None
    [given_up] = await hooked.deliveries()
    async with hooked.sessions() as session, session.begin():
        await webhooks.switch(session, hooked.office, hooked.administrator, hooked.endpoint_id, on=True)
        await webhooks.send_again(session, hooked.office, hooked.administrator, hooked.endpoint_id, given_up.id)
    await hooked.deliver()
    assert [one.state for one in await hooked.deliveries()] == ["delivered"]
    assert len({call.webhook_id for call in hooked.peer.calls}) == 1


async def test_killed_between_sending_and_noting_it_is_sent_again_under_the_same_id(hooked: Hooked) -> None:
    await hooked.ticket()
    async with hooked.sessions() as session, session.begin():
        sending = await repository.claim(await driver_connection(session), hooked.endpoint_id, -1.0)
    assert sending is not None
    await post(hooked.settings, sending)  # and here the process is killed; its lease is over
    async with hooked.sessions() as session:
        assert hooked.endpoint_id in await repository.due_endpoints(session)
    assert await hooked.deliver() == 1
    first, second = hooked.peer.calls
    assert first.webhook_id == second.webhook_id
    assert first.body == second.body
    async with hooked.sessions() as session, session.begin():  # had it only been slow, its word would come too late
        await webhooks.settle(session, sending, Result(500, "refused"))
    assert [one.state for one in await hooked.deliveries()] == ["delivered"]


async def test_one_at_a_time_is_sent_to_an_endpoint_and_nothing_is_passed_by(hooked: Hooked) -> None:
    hooked.peer.behaviours.append(Behaviour(hold=True))
    await hooked.ticket()
    first = asyncio.create_task(hooked.deliver())
    await hooked.peer.arrived.wait()
    await hooked.ticket()
    assert await hooked.deliver() == 0
    hooked.peer.released.set()
    assert await first == 2


async def test_no_transaction_is_open_during_the_call(hooked: Hooked) -> None:
    hooked.peer.behaviours.append(Behaviour(hold=True))
    await hooked.ticket()
    sending = asyncio.create_task(hooked.deliver())
    await hooked.peer.arrived.wait()
    query = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND query ~ 'webhook'"
    idle = await hooked.scalar(query)
    hooked.peer.released.set()
    await sending
    assert idle == 0


async def test_two_secrets_sign_after_a_rotation_and_one_a_day_later(hooked: Hooked) -> None:
    old = hooked.peer.secret
    async with hooked.sessions() as session, session.begin():
        new = await webhooks.rotate(session, hooked.settings, hooked.office, hooked.administrator, hooked.endpoint_id)
    await hooked.ticket()
    await hooked.deliver()
    [call] = hooked.peer.calls
    for secret in (old, new):
        Webhook(secret).verify(call.body, call.headers)
    async with hooked.sessions() as session, session.begin():
        (await session.get_one(WebhookEndpoint, hooked.endpoint_id)).old_until = datetime(2026, 1, 1, tzinfo=UTC)
    await hooked.ticket()
    await hooked.deliver()
    last = hooked.peer.calls[-1]
    assert not last.verified
    assert len(last.headers["webhook-signature"].split()) == 1
    Webhook(new).verify(last.body, last.headers)


async def test_a_forged_body_is_not_verified(hooked: Hooked) -> None:
    await hooked.ticket()
    await hooked.deliver()
    [call] = hooked.peer.calls
    assert not hooked.peer._verified(call.body.replace(b"ticket.filed", b"ticket.closed"), call.headers)


@pytest.mark.parametrize(
    ("fields", "units", "told"),
    [
        ({"category": "staff_conduct"}, (), 0),
        ({"category": "staff_conduct"}, ("roads",), 0),
        ({"category": "staff_conduct"}, ("ethics",), 1),
        ({"category": "noise"}, (), 1),
        ({"category": "noise"}, ("enforcement",), 1),
        ({"category": "noise"}, ("roads",), 0),
    ],
)
async def test_an_endpoint_is_told_of_its_units_and_of_restricted_tickets_only_when_named(
    hooked: Hooked, fields: dict[str, Any], units: tuple[str, ...], told: int
) -> None:
    async with hooked.sessions() as session, session.begin():
        (await session.get_one(WebhookEndpoint, hooked.endpoint_id)).units = list(units)
    await hooked.ticket(**fields)
    assert await hooked.deliver() == told


NAMES = st.text(st.characters(categories=("L", "Zs")), min_size=4, max_size=30).filter(
    lambda name: name.strip() == name
)
PHONES = st.from_regex(r"07[2-7][0-9]{7}", fullmatch=True)


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, phone=PHONES, kind=st.sampled_from(["complaint", "information_request", "praise"]))
async def test_no_payload_says_who_or_what_in_their_words(hooked: Hooked, name: str, phone: str, kind: str) -> None:
    token = await hooked.token()
    marked = f"zq{name}zq"
    body = {
        "name": marked,
        "phone": phone,
        "words": f"Call {marked} at {phone}",
        "place": f"at {marked}'s, {phone}",
        "kind": kind,
        "language": "ro",
    }
    filed = await hooked.call(token, "POST", "/tickets", body)
    assert filed.status_code == 201, filed.text
    path = f"/tickets/{filed.json()['id']}"
    acts: list[tuple[str, dict[str, str]]] = [
        ("ask", {"text": f"Is {marked} your name? {phone}"}),
        ("assign", {"unit": "roads", "reason": f"{marked} {phone}"}),
        ("close", {"outcome": "partly", "reason": f"{marked} {phone}"}),
        ("reopen", {"reason": f"{marked} {phone}"}),
    ]
    for act, said in acts:
        assert (await hooked.call(token, "POST", f"{path}/{act}", said, If_Match="*")).status_code == 200
    await hooked.call(token, "POST", f"{path}/notes", {"text": marked})
    sent = await hooked.deliver()
    assert sent >= 5
    for call in hooked.peer.calls[-sent:]:
        told = call.body.decode()
        assert "zq" not in told
        assert phone[1:] not in told
        assert NAME not in told
        assert PHONE not in told


@pytest.mark.parametrize(("attempts", "least", "most"), [(0, 4, 6), (5, 128, 192), (20, 14_400, 21_600)])
def test_waits_grow_to_hours(attempts: int, least: float, most: float) -> None:
    assert least <= webhooks._wait(attempts, 0.0) <= most


def test_three_days_hold_enough_tries() -> None:
    passed, tries = 0.0, 0
    while passed < webhooks.GIVE_UP_AFTER.total_seconds():
        passed += webhooks._wait(tries, 0.0)
        tries += 1
    assert 20 <= tries <= 40
