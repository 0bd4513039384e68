"""What becomes of parts a provider does not take, and of its words on those it took."""

from datetime import timedelta
from uuid import uuid4

import pytest

from backend.core.database import Connection, utcnow
from backend.outbox import repository, service
from backend.outbox.schemas import KEEPS, Kind, LaneClaim, Part
from backend.outbox.service import MOST_UNSURE
from channels.errors import AWAY, BLOCKED, BUSY, FILTERED, MISCONFIGURED, REFUSED, UNREACHABLE, UNSURE, SendError
from channels.message import Delivery
from tests.backend.outbox.factories import (
    ScriptedAdapter,
    claim,
    claimed,
    handed_over,
    lane_row,
    make_free,
    next_of,
    outgoing,
    queue,
    rows,
)


@pytest.mark.parametrize("seconds", [0.0, 1.0, 17.0, 3600.0])
async def test_a_provider_that_says_when_is_asked_then(connection: Connection, channel: str, seconds: float) -> None:
    lane, part = await handed_over(connection, channel, "x", "y")
    async with connection.transaction():
        assert await service.failed(connection, lane, part, SendError(BUSY, retryable=True, retry_after=seconds))
        row = await lane_row(connection, lane.id, "free_at - now(), lease_token, due_at IS NOT NULL")
    assert row == (timedelta(seconds=seconds), None, True)
    if seconds:
        assert await claim(connection, channel) is None
        await make_free(connection, lane.id)
    assert (await next_of(connection, await claimed(connection, channel))).part == {"text": "x"}


@pytest.mark.parametrize(("attempts", "base"), [(0, 1), (1, 2), (5, 32), (8, 256), (9, 300), (500, 300)])
async def test_a_provider_that_is_away_is_asked_later_and_later(
    connection: Connection, channel: str, attempts: int, base: float
) -> None:
    lane, part = await handed_over(connection, channel, "x")
    tried = Part(part.id, part.number, part.part, attempts, expired=False)
    async with connection.transaction():
        await service.failed(connection, lane, tried, SendError(AWAY, retryable=True, detail="503"))
        [wait] = await lane_row(connection, lane.id, "extract(epoch FROM free_at - now())::float")
    assert base <= wait <= base * 1.5
    assert await rows(connection, lane.id, "state, reason, detail") == [("queued", AWAY, "503")]


@pytest.mark.parametrize("code", [UNREACHABLE, FILTERED, REFUSED, MISCONFIGURED])
async def test_a_part_that_is_refused_fails_alone(connection: Connection, channel: str, code: str) -> None:
    lane, part = await handed_over(connection, channel, "x", "y")
    assert not await service.failed(connection, lane, part, SendError(code, detail="30007"))
    assert await rows(connection, lane.id, "state, reason, detail") == [
        ("failed", code, "30007"),
        ("queued", None, None),
    ]
    assert (await next_of(connection, lane)).part == {"text": "y"}


async def test_who_blocked_us_gets_nothing_of_what_waits(connection: Connection, channel: str) -> None:
    lane, part = await handed_over(connection, channel, "x", "y", "z")
    other, _ = await handed_over(connection, channel, "of somebody else")
    assert not await service.failed(connection, lane, part, SendError(BLOCKED))
    assert await rows(connection, lane.id, "state, reason") == [("failed", BLOCKED)] * 3
    assert await rows(connection, other.id, "state") == [("sending",)]


@pytest.mark.parametrize(
    ("code", "attempts", "again"),
    [(UNSURE, 0, True), (UNSURE, MOST_UNSURE - 1, True), (UNSURE, MOST_UNSURE, False), (BUSY, MOST_UNSURE, True)],
)
async def test_a_part_the_provider_may_have_is_not_repeated_for_ever(
    connection: Connection, channel: str, code: str, attempts: int, again: bool
) -> None:
    lane, part = await handed_over(connection, channel, "x")
    tried = Part(part.id, part.number, part.part, attempts, expired=False)
    assert await service.failed(connection, lane, tried, SendError(code, retryable=True)) is again
    [(state, unsure)] = await rows(connection, lane.id, "state, unsure")
    assert state == ("queued" if again else "failed")
    assert unsure is (again and code == UNSURE)


@pytest.mark.parametrize(("kind", "keeps"), KEEPS.items())
async def test_every_kind_has_its_time(connection: Connection, channel: str, kind: Kind, keeps: timedelta) -> None:
    before = utcnow()
    lane = await queue(connection, channel, outgoing(1, "x", kind=kind))
    [(expires_at,)] = await rows(connection, lane, "expires_at")
    assert before <= expires_at - keeps <= utcnow()
    held = await claimed(connection, channel)
    assert not (await next_of(connection, held)).expired
    await connection.execute("UPDATE delivery SET expires_at = now() - interval '1 s' WHERE lane_id = %s", (lane,))
    part = await next_of(connection, held)
    assert part.expired
    await service.expired(connection, held, part)
    assert await rows(connection, lane, "state, reason") == [("failed", "expired")]


async def sent(connection: Connection, channel: str, provider_id: str) -> LaneClaim:
    lane, part = await handed_over(connection, channel, "x")
    await service.sent(connection, ScriptedAdapter(), lane, part, provider_id)
    return lane


@pytest.mark.parametrize(
    ("reports", "state"),
    [
        (["delivered"], "delivered"),
        (["sent"], "sent"),
        (["sent", "delivered"], "delivered"),
        (["delivered", "sent"], "delivered"),
        (["delivered", "failed"], "delivered"),
        (["delivered", "delivered"], "delivered"),
        (["failed"], "failed"),
        (["failed", "sent"], "failed"),
        (["failed", "delivered"], "failed"),
    ],
)
@pytest.mark.parametrize("early", [False, True], ids=["after the id is known", "before"])
async def test_a_providers_words_move_a_message_forward_only(
    connection: Connection, channel: str, reports: list[str], state: str, early: bool
) -> None:
    sid = f"SM{uuid4()}"
    words = [
        Delivery.model_validate({"provider_id": sid, "state": word, "reason": FILTERED if word == "failed" else None})
        for word in reports
    ]
    if early:
        assert [await service.reported(connection, channel, word) for word in words] == [None] * len(words)
    lane = await sent(connection, channel, sid)
    if early:
        assert await repository.match_reports(connection) == len(set(reports))
    else:
        assert [await service.reported(connection, channel, word) for word in words] == [lane.id] * len(words)
    found = await service.states(connection, lane.id)
    assert (found[1].state, found[1].reason) == (state, FILTERED if state == "failed" else None)
    assert found[1].at is not None
    assert await repository.match_reports(connection) == 0


async def test_a_word_on_a_message_of_another_channel_changes_nothing(connection: Connection, channel: str) -> None:
    lane = await sent(connection, channel, sid := f"SM{uuid4()}")
    assert await service.reported(connection, "other", Delivery(provider_id=sid, state="failed", reason="x")) is None
    assert await rows(connection, lane.id) == [("x", "sent")]


@pytest.mark.parametrize(("days", "kept"), [(6.9, 1), (7.1, 0)])
async def test_a_word_nobody_asked_for_is_forgotten_after_a_week(
    connection: Connection, channel: str, days: float, kept: int
) -> None:
    for _ in range(3):
        await service.reported(connection, channel, Delivery(provider_id="SM-other", state="delivered"))
    await connection.execute(
        "UPDATE delivery_report SET at = now() - make_interval(secs => %s) WHERE channel = %s", (days * 86400, channel)
    )
    await repository.match_reports(connection)
    left = await connection.execute("SELECT count(*) FROM delivery_report WHERE channel = %s", (channel,))
    assert await left.fetchone() == (kept,)


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (["sent", "sent"], "sent"),
        (["delivered", "sent"], "sent"),
        (["delivered", "delivered"], "delivered"),
        (["delivered", "sending"], "sending"),
        (["sent", "queued"], "queued"),
        (["sending", "queued"], "queued"),
        (["delivered", "failed"], "failed"),
        (["failed", "queued"], "failed"),
    ],
)
async def test_a_message_is_as_far_as_its_part_that_is_furthest_behind(
    connection: Connection, channel: str, states: list[str], told: str
) -> None:
    lane = await queue(connection, channel, outgoing(1, "other"), outgoing(2, *"ab"))
    for position, state in enumerate(states):
        await connection.execute(
            "UPDATE delivery SET state = %s WHERE lane_id = %s AND number = 2 AND position = %s",
            (state, lane, position),
        )
    assert {number: one.state for number, one in (await service.states(connection, lane)).items()} == {
        1: "queued",
        2: told,
    }
    assert list(await service.states(connection, lane, after=1)) == [2]


async def test_a_message_that_failed_is_sent_again_when_someone_wants_it(connection: Connection, channel: str) -> None:
    lane, part = await handed_over(connection, channel, "x", "y")
    await service.failed(connection, lane, part, SendError(REFUSED, detail="1"))
    assert await repository.release(connection, lane, 0)
    await connection.execute("UPDATE delivery SET expires_at = now() - interval '1 h' WHERE id = %s", (part.id,))
    assert await repository.retry(connection, lane.id, 1)
    assert not await repository.retry(connection, lane.id, 1)
    assert not await repository.retry(connection, lane.id, 2)
    assert not await repository.retry(connection, uuid4(), 1)
    again = await next_of(connection, await claimed(connection, channel))
    assert (again.part, again.expired) == ({"text": "x"}, False)
    assert await rows(connection, lane.id, "state, reason") == [("queued", None)] * 2


async def test_a_message_wanted_again_while_the_lane_is_given_back_is_not_forgotten(
    connection: Connection, channel: str
) -> None:
    lane, part = await handed_over(connection, channel, "x")
    await service.failed(connection, lane, part, SendError(REFUSED))
    _, version = await repository.next_part(connection, lane)
    await repository.retry(connection, lane.id, 1)
    assert await repository.release(connection, lane, version)
    assert await claim(connection, channel) is not None
