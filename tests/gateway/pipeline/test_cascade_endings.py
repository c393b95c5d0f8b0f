"""If these fail, what a cascade began is left open or is booked twice, or a dial counts what it did not send."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from gateway.accounting.fault import JournalUnavailable
from gateway.pipeline.cascade import Look
from gateway.wire.call import Call
from gateway.wire.errors import GatewayError, NoDeployment
from gateway.wire.http import Reply
from router.steering import STEP
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, ONE_CALL, House, call, header, read, settings
from tests.gateway.pipeline.cascades import PROMPT, RIGHT, WRONG, a_head, assert_books_are_whole, opened, roles
from tests.gateway.pipeline.full_disk import full_for
from tests.harness.wait import until
from tests.servers.upstream import Upstreams


@pytest.fixture
def cascading(open_house: OpenHouse, upstreams: Upstreams) -> House:
    return opened(open_house, upstreams)


async def test_a_second_sample_does_not_outlive_the_look(
    open_house: OpenHouse, upstreams: Upstreams, tmp_path: Path
) -> None:
    house = opened(open_house, upstreams, a_head(tmp_path / "head"), samples=2, hold=0.3)
    upstreams.local.always("hold:3")  # the first says something, the second, unstreamed, nothing
    before = asyncio.all_tasks()
    reply = await house.ask(call(PROMPT, stream=True))
    upstreams.local.release()
    await read(reply)
    await house.pipeline.parts.background.drained()
    assert asyncio.all_tasks() == before
    assert_books_are_whole(house)
    assert {outcome for _, _, outcome in roles(house)} == {"ok", "cancelled"}


async def test_a_client_that_leaves_while_a_second_sample_ends_leaves_nothing_open(
    open_house: OpenHouse, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = opened(open_house, upstreams, samples=2, hold=0.3)
    upstreams.local.always("hold:3")
    close = Look.close

    def leave_now(look: Look) -> object:
        asyncio.get_running_loop().call_soon(asking.cancel)
        return close(look)

    monkeypatch.setattr(Look, "close", leave_now)
    asking = asyncio.create_task(house.ask(call(PROMPT, stream=True)))
    with contextlib.suppress(asyncio.CancelledError):
        reply = await asking
        assert reply.stream is not None
        reply.stream.close()
    await house.pipeline.parts.background.drained()
    assert_books_are_whole(house)


@pytest.mark.parametrize("stream", [False, True])
async def test_what_cannot_be_written_down_is_not_given(
    cascading: House, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    upstreams.local.next(WRONG)
    upstreams.cloud.next(RIGHT)
    full_for("cascade", monkeypatch)
    with pytest.raises(JournalUnavailable):
        await cascading.ask(call(PROMPT, stream=stream))
    (found,) = cascading.settlements()
    assert found.intent.deployment == "large"
    assert found.outcome == ("cancelled" if stream else "ok")


async def leave(asking: asyncio.Task[Reply]) -> None:
    asking.cancel()
    await asyncio.wait({asking})


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("samples", [1, 2])
async def test_a_client_that_leaves_while_the_answer_is_held(
    open_house: OpenHouse, upstreams: Upstreams, stream: bool, samples: int
) -> None:
    house = opened(open_house, upstreams, samples=samples)
    upstreams.local.always("hold:3")
    before = asyncio.all_tasks()
    asking = asyncio.create_task(house.ask(call(PROMPT, stream=stream)))
    await upstreams_have(upstreams, samples)
    await leave(asking)
    await settled_tasks(before)
    assert_books_are_whole(house)
    assert {outcome for _, _, outcome in roles(house)} == {"cancelled"}


@pytest.mark.parametrize("stream", [False, True])
async def test_a_client_that_leaves_while_the_large_one_is_asked(
    open_house: OpenHouse, upstreams: Upstreams, stream: bool
) -> None:
    house = opened(open_house, upstreams)
    upstreams.local.next(WRONG)
    upstreams.cloud.next("hang")
    before = asyncio.all_tasks()
    asking = asyncio.create_task(house.ask(call(PROMPT, stream=stream)))
    await asyncio.to_thread(until, "the large one is asked", lambda: bool(upstreams.cloud.journal.exchanges))
    await leave(asking)
    await settled_tasks(before)
    assert roles(house) == [("large", "answer", "cancelled"), ("small", "cascade", "ok")]
    assert_books_are_whole(house)


async def upstreams_have(upstreams: Upstreams, count: int) -> None:
    await asyncio.to_thread(until, "the small one is asked", lambda: len(upstreams.local.journal.exchanges) == count)


async def settled_tasks(before: set[asyncio.Task[Any]]) -> None:
    """What was cancelled comes to its end, and nothing else was left running."""
    rest = asyncio.all_tasks() - before
    if rest:
        _, pending = await asyncio.wait(rest, timeout=1)
        assert not pending


async def test_a_pinned_request_whose_small_model_fails_stays(cascading: House, upstreams: Upstreams) -> None:
    upstreams.local.always("status:500")
    with pytest.raises(NoDeployment):
        await cascading.ask(call(CARD))
    upstreams.assert_cloud_saw_nothing()


SMALL = (RIGHT, WRONG, "say: ", "status:500", "status:400", "status:429:1", "reset", "garbage_json", "cut:3:clean")
LARGE = (RIGHT, "status:500", "status:400", "reset", "cut:2:fin", "error_frame:3", "empty")
NUMBERS = itertools.count()


@given_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    small=st.sampled_from(SMALL),
    again=st.sampled_from(SMALL),
    large=st.sampled_from(LARGE),
    stream=st.booleans(),
    samples=st.sampled_from([1, 2]),
    pieces=st.none() | st.integers(0, 3),
)
async def test_whatever_happens_every_attempt_is_settled_once(
    open_house: OpenHouse,
    upstreams: Upstreams,
    small: str,
    again: str,
    large: str,
    stream: bool,
    samples: int,
    pieces: int | None,
) -> None:
    """`pieces`: after how many the client leaves."""
    house = opened(open_house, upstreams, samples=samples, hold=2.0)
    upstreams.reset()
    upstreams.local.next(small, again)
    upstreams.cloud.always(large)
    before = asyncio.all_tasks()
    asked = call(PROMPT, stream=stream)
    asked.request_id = f"req_{next(NUMBERS)}"
    with contextlib.suppress(GatewayError):
        reply = await house.ask(asked)
        if reply.stream is not None and pieces is not None:
            for _ in range(pieces):
                await reply.stream.next()
            reply.stream.close()
        else:
            await read(reply)
    await house.pipeline.parts.background.drained()
    await settled_tasks(before)
    assert_books_are_whole(house)
    given = [each for each in house.settlements() if (each.intent.role, each.outcome) == ("answer", "ok")]
    assert len(given) <= 1
    await house.close()


async def asked(house: House, request: Call) -> Reply:
    """Read to its end."""
    reply = await house.ask(request)
    reply.body = await read(reply)
    if reply.stream is None and reply.over is not None:
        reply.over()
    return reply


def dialled(open_house: OpenHouse, upstreams: Upstreams, **dial: Any) -> House:
    routes = settings(upstreams)["routes"]
    routes["auto"] = {
        "small": ["small"],
        "large": ["large"],
        "cascade": {"band": [0, 1], "hold": 5.0},
        "dial": dial,
        **ONE_CALL,
    }
    return open_house(routes=routes)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_dial_hears_where_a_request_went_in_the_end(
    open_house: OpenHouse, upstreams: Upstreams, stream: bool
) -> None:
    """Under one, the cascade spares the large model what it would have got, and gives it nothing that stays."""
    house = dialled(open_house, upstreams, threshold=0.0)
    for said, went in ((RIGHT, "small"), (WRONG, "large")):
        upstreams.local.next(said)
        assert header(await asked(house, call(PROMPT, stream=stream)), "x-tidegate-deployment") == went
    stays = call(PROMPT, stream=stream)
    stays.dial = "threshold=1"
    upstreams.local.next(WRONG)
    reply = await asked(house, stays)
    assert b"5." in reply.body
    assert header(reply, "x-tidegate-deployment") == "small"
    assert house.counted("tidegate_dialled_total", route="auto", went="small") == 2
    assert house.counted("tidegate_dialled_total", route="auto", went="large") == 1
    assert house.counted("tidegate_cascade_total", route="auto", result="escalated_arithmetic") == 1


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("share", "answer", "cloud", "large"),
    [
        (0.99, RIGHT, RIGHT, False),
        (0.99, WRONG, RIGHT, True),
        (0.99, WRONG, "status:500", False),
        (0.01, WRONG, RIGHT, False),
        (0, WRONG, RIGHT, False),
    ],
)
async def test_the_share_counts_who_answered(
    open_house: OpenHouse, upstreams: Upstreams, share: float, answer: str, cloud: str, large: bool, stream: bool
) -> None:
    house = dialled(open_house, upstreams, share=share)
    knob = house.pipeline.parts.dials["auto"].default
    assert knob is not None
    assert knob.steering is not None
    before = knob.steering.rank
    upstreams.local.next(answer)
    upstreams.cloud.next(cloud)
    await asked(house, call(PROMPT, stream=stream))
    assert house.counted("tidegate_dialled_total", route="auto", went="large" if large else "small") == 1
    assert house.counted("tidegate_dialled_total", route="auto") == 1
    if share:
        assert knob.steering.rank - before == pytest.approx(STEP * (large - share))
