"""If these fail, a client is given an answer that was seen to be bad, is shown two, or pays for one without a row."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.wire.errors import GatewayError, UpstreamFailed
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, House, call, deployment, header, read, settings
from tests.gateway.pipeline.cascades import PROMPT, RIGHT, WRONG, a_head, assert_books_are_whole, of, opened, roles
from tests.servers.upstream import Upstreams


@pytest.fixture
def cascading(open_house: OpenHouse, upstreams: Upstreams) -> House:
    return opened(open_house, upstreams)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_good_answer_is_kept(cascading: House, upstreams: Upstreams, stream: bool) -> None:
    upstreams.local.next(RIGHT)
    reply = await cascading.ask(call(PROMPT, stream=stream))
    assert b"4." in await read(reply)
    assert header(reply, "x-tidegate-deployment") == "small"
    assert "escalated" not in (header(reply, "x-tidegate-reason") or "")
    assert roles(cascading) == [("small", "answer", "ok")]
    assert cascading.counted("tidegate_cascade_total", route="auto", result="kept") == 1
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("stream", [False, True])
async def test_a_bad_answer_is_not_seen_and_both_are_paid_for(
    cascading: House, upstreams: Upstreams, stream: bool
) -> None:
    upstreams.local.next(WRONG)
    upstreams.cloud.next(RIGHT)
    reply = await cascading.ask(call(PROMPT, stream=stream))
    body = await read(reply)
    assert b"4." in body
    assert b"5." not in body
    assert header(reply, "x-tidegate-deployment") == "large"
    assert (header(reply, "x-tidegate-reason") or "").endswith("; escalated(arithmetic)")
    assert roles(cascading) == [("large", "answer", "ok"), ("small", "cascade", "ok")]
    assert of(cascading, "small").counterfactual == 0
    assert of(cascading, "large").intent.reason == "escalated"
    if not stream:
        assert Decimal(header(reply, "x-tidegate-cost-usd") or "") == of(cascading, "large").cost
    assert cascading.counted("tidegate_cascade_total", route="auto", result="escalated_arithmetic") == 1
    assert_books_are_whole(cascading)


@pytest.mark.parametrize("samples", [1, 2])
@pytest.mark.parametrize("said", [WRONG, RIGHT])
async def test_the_receipt_adds_all_up(open_house: OpenHouse, upstreams: Upstreams, samples: int, said: str) -> None:
    routes = settings(upstreams)["routes"]
    routes["auto"] = {"small": ["small"], "large": ["large"], "cascade": {"band": [0, 1], "samples": samples}}
    priced = {"small": deployment(upstreams.local, "local"), "large": deployment(upstreams.cloud, "cloud")}
    house = open_house(routes=routes, deployments=priced)
    upstreams.local.next(said, said)
    reply = await house.ask(call(PROMPT))
    costs = [each.cost for each in house.settlements()]
    assert None not in costs
    assert Decimal(header(reply, "x-tidegate-cost-usd") or "") == sum(cost for cost in costs if cost is not None)
    assert all(cost for cost in costs)
    assert len(costs) == samples + (said == WRONG)


async def test_the_receipt_of_a_stream_adds_the_second_sample_up(open_house: OpenHouse, upstreams: Upstreams) -> None:
    routes = settings(upstreams)["routes"]
    routes["auto"] = {"small": ["small"], "large": ["large"], "cascade": {"band": [0, 1], "samples": 2}}
    priced = {"small": deployment(upstreams.local, "local"), "large": deployment(upstreams.cloud, "cloud")}
    house = open_house(routes=routes, deployments=priced)
    upstreams.local.next(RIGHT, RIGHT)
    request = call(PROMPT, stream=True, stream_options={"include_usage": True})
    request.wants_receipt = True
    events = (await read(await house.ask(request))).split(b"\n\n")
    said = json.loads(next(event for event in events if b"tidegate" in event).removeprefix(b"data: "))
    costs = [each.cost for each in house.settlements()]
    assert len(costs) == 2
    assert Decimal(said["tidegate"]["cost_usd"]) == sum(cost for cost in costs if cost is not None)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", ["status:500", "status:400", "status:429:7", "reset", "garbage", "hang"])
async def test_where_the_large_one_fails_the_small_answer_is_given(
    cascading: House, upstreams: Upstreams, fault: str, stream: bool
) -> None:
    upstreams.local.next(WRONG)
    upstreams.cloud.always(fault)
    reply = await cascading.ask(call(PROMPT, stream=stream))
    assert b"5." in await read(reply)
    assert header(reply, "x-tidegate-deployment") == "small"
    assert (header(reply, "x-tidegate-reason") or "").endswith("; escalation-failed(arithmetic)")
    assert of(cascading, "small").intent.role == "answer"
    assert of(cascading, "large").outcome == "error"
    assert_books_are_whole(cascading)
    assert cascading.counted("tidegate_cascade_total", result="escalation_failed") == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_what_was_escalated_away_or_had_to_do_is_never_cached(
    cascading: House, upstreams: Upstreams, stream: bool
) -> None:
    upstreams.local.always(WRONG)
    upstreams.cloud.next("status:500", RIGHT)
    assert b"5." in await read(await cascading.ask(call(PROMPT, stream=stream)))
    await cascading.pipeline.parts.background.drained()
    assert b"4." in await read(await cascading.ask(call(PROMPT, stream=stream)))
    await cascading.pipeline.parts.background.drained()
    reply = await cascading.ask(call(PROMPT, stream=stream))
    assert header(reply, "x-tidegate-cache") == "hit"
    assert b"4." in await read(reply)


@pytest.mark.parametrize("stream", [False, True])
async def test_what_may_not_leave_is_answered_at_home_and_held_for_nobody(
    cascading: House, upstreams: Upstreams, stream: bool
) -> None:
    """Nothing can be escalated, so nothing is looked at."""
    upstreams.local.always(WRONG)
    for asked in (call(CARD, stream=stream), call(PROMPT, stream=stream, headers={"x-tidegate-locality": "local"})):
        reply = await cascading.ask(asked)
        assert b"5." in await read(reply)
        assert header(reply, "x-tidegate-zone") == "local"
    assert cascading.counted("tidegate_cascade_total", result="kept") == 0
    assert [role for _, role, _ in roles(cascading)] == ["answer", "answer"]
    upstreams.assert_cloud_saw_nothing()


async def test_outside_the_band_difficulty_decides_alone(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = opened(open_house, upstreams, band=[0.999, 1])
    upstreams.local.always(WRONG)
    upstreams.cloud.always(WRONG)
    assert b"5." in await read(await house.ask(call(PROMPT)))
    assert len(house.settlements()) == 1


async def test_a_stream_is_held_no_longer_than_said(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = opened(open_house, upstreams, hold=0.2)
    upstreams.local.next("say_and_hold:3:all is well with this")
    reply = await house.ask(call(PROMPT, stream=True))
    assert header(reply, "x-tidegate-deployment") == "small"
    assert reply.stream is not None
    assert b"all " in await reply.stream.next()
    upstreams.local.release()
    assert b"[DONE]" in await read(reply)
    assert roles(house) == [("small", "answer", "ok")]
    assert house.counted("tidegate_cascade_total", result="committed") == 1


async def test_a_model_that_says_nothing_in_time_is_waited_for(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = opened(open_house, upstreams, hold=0.05)
    upstreams.local.next("slow_first:0.3")
    reply = await house.ask(call(PROMPT, stream=True))
    assert header(reply, "x-tidegate-deployment") == "small"
    assert (await read(reply)).endswith(b"[DONE]\n\n")
    upstreams.assert_cloud_saw_nothing()


async def test_a_part_that_is_wrong_is_escalated(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = opened(open_house, upstreams, hold=0.2)
    upstreams.local.next("say_and_hold:8:I say 2 + 2 = 5. And so on and on")
    upstreams.cloud.next(RIGHT)
    reply = await house.ask(call(PROMPT, stream=True))
    assert b"4." in await read(reply)
    assert roles(house) == [("large", "answer", "ok"), ("small", "cascade", "cancelled")]
    assert_books_are_whole(house)


async def test_a_part_that_had_to_do_goes_on_from_there(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = opened(open_house, upstreams, hold=0.2)
    upstreams.local.next("say_and_hold:8:I say 2 + 2 = 5. And so on and on")
    upstreams.cloud.next("status:500")
    reply = await house.ask(call(PROMPT, stream=True))
    upstreams.local.release()
    body = await read(reply)
    assert body.count(b'"content":"5. ') + body.count(b'"content": "5. ') == 1
    assert body.endswith(b"[DONE]\n\n")
    assert roles(house) == [("large", "answer", "error"), ("small", "answer", "ok")]


@pytest.mark.parametrize("fault", ["cut:3:fin", "cut:3:clean", "error_frame:3", "garbage_later:3"])
async def test_a_small_stream_that_breaks_before_it_is_seen_has_a_second_choice(
    cascading: House, upstreams: Upstreams, fault: str
) -> None:
    upstreams.local.next(fault)
    reply = await cascading.ask(call(PROMPT, stream=True))
    body = await read(reply)
    assert b'"content": "cloud-model "' in body
    assert b"local-model" not in body
    assert roles(cascading) == [("large", "answer", "ok"), ("small", "answer", "error")]
    assert_books_are_whole(cascading)
    assert cascading.counted("tidegate_cascade_total", result="failed") == 1


@pytest.mark.parametrize("fault", ["cut:5:fin:gate", "error_frame:5:gate"])
async def test_a_stream_that_breaks_once_it_was_seen_says_so(
    open_house: OpenHouse, upstreams: Upstreams, fault: str
) -> None:
    house = opened(open_house, upstreams, hold=0.2)
    upstreams.local.next(fault)
    reply = await house.ask(call(PROMPT, stream=True))
    upstreams.local.release()
    body = await read(reply)
    assert b"[DONE]" not in body
    assert b'"error"' in body
    assert roles(house) == [("small", "answer", "cut")]
    upstreams.assert_cloud_saw_nothing()


async def test_a_request_that_is_at_fault_is_asked_of_nobody_else(cascading: House, upstreams: Upstreams) -> None:
    upstreams.local.next("status:400")
    with pytest.raises(GatewayError) as caught:
        await cascading.ask(call(PROMPT))
    assert caught.value.status == 400
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("small", ["status:500", "reset"])
async def test_where_both_fail_the_client_is_told(cascading: House, upstreams: Upstreams, small: str) -> None:
    upstreams.local.next(small)
    upstreams.cloud.always("status:500")
    with pytest.raises(UpstreamFailed):
        await cascading.ask(call(PROMPT))
    assert_books_are_whole(cascading)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("text", "why"), [("say: ", "empty"), ("say:" + "and so on " * 40, "loop")])
async def test_other_faults_that_are_certain(
    cascading: House, upstreams: Upstreams, text: str, why: str, stream: bool
) -> None:
    upstreams.local.next(text)
    reply = await cascading.ask(call(PROMPT, stream=stream))
    assert (header(reply, "x-tidegate-reason") or "").endswith(f"escalated({why})")
    await read(reply)


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_that_does_not_fit_the_schema(cascading: House, upstreams: Upstreams, stream: bool) -> None:
    schema = {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}}
    form = {"type": "json_schema", "json_schema": {"name": "place", "schema": schema}}
    upstreams.local.next('say:{"city": 1}')
    reply = await cascading.ask(call(PROMPT, stream=stream, response_format=form))
    assert (header(reply, "x-tidegate-reason") or "").endswith("escalated(schema)")
    await read(reply)
    upstreams.local.next('say:{"city": "Oslo"}')
    reply = await cascading.ask(call(PROMPT + "?", stream=stream, response_format=form))
    assert header(reply, "x-tidegate-deployment") == "small"
    await read(reply)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("kind", "kept"), [("string", True), ("integer", False)])
async def test_calls_of_tools_have_to_fit(
    cascading: House, upstreams: Upstreams, kind: str, kept: bool, stream: bool
) -> None:
    parameters = {"type": "object", "properties": {"city": {"type": kind}}}
    tools = [{"type": "function", "function": {"name": "weather", "parameters": parameters}}]
    upstreams.local.next("tool_calls:1")
    reply = await cascading.ask(call(PROMPT, stream=stream, tools=tools))
    await read(reply)
    assert header(reply, "x-tidegate-deployment") == ("small" if kept else "large")
    assert ("escalated(tool-call)" in (header(reply, "x-tidegate-reason") or "")) is not kept


@pytest.mark.parametrize("stream", [False, True])
async def test_log_probabilities_are_asked_for_and_not_passed_on(
    open_house: OpenHouse, upstreams: Upstreams, tmp_path: Path, stream: bool
) -> None:
    house = opened(open_house, upstreams, a_head(tmp_path / "head"))
    reply = await house.ask(call(PROMPT, stream=stream))
    body = await read(reply)
    asked = upstreams.local.journal.last.json()
    assert (asked["logprobs"], asked["top_logprobs"]) == (True, 2)
    assert b"top_logprobs" not in body
    chunks = [json.loads(line[6:]) for line in body.split(b"\n\n") if line.startswith(b"data: {")]
    for said in chunks if stream else [json.loads(body)]:
        assert all(choice["logprobs"] is None for choice in said["choices"])
    await house.pipeline.parts.background.drained()
    again = await house.ask(call(PROMPT, stream=stream))
    assert header(again, "x-tidegate-cache") == "hit"
    assert b"top_logprobs" not in await read(again)


@pytest.mark.parametrize("stream", [False, True])
async def test_what_the_client_asked_for_itself_it_gets(
    open_house: OpenHouse, upstreams: Upstreams, tmp_path: Path, stream: bool
) -> None:
    house = opened(open_house, upstreams, a_head(tmp_path / "head"))
    body = await read(await house.ask(call(PROMPT, stream=stream, logprobs=True)))
    assert b'"logprob": -0.5' in body
    assert "top_logprobs" not in upstreams.local.journal.last.json()


@pytest.mark.parametrize("stream", [False, True])
async def test_a_head_that_doubts_escalates(
    open_house: OpenHouse, upstreams: Upstreams, tmp_path: Path, stream: bool
) -> None:
    """Every token of the scripted server has a log-probability of −0.5."""
    sure, unsure = a_head(tmp_path / "sure", mean_logprob=3.0), a_head(tmp_path / "unsure", mean_logprob=-3.0)
    for head, deployed in ((sure, "small"), (unsure, "large")):
        house = opened(open_house, upstreams, head)
        reply = await house.ask(call(PROMPT, stream=stream))
        await read(reply)
        assert header(reply, "x-tidegate-deployment") == deployed
        assert ("escalated(doubt)" in (header(reply, "x-tidegate-reason") or "")) is (deployed == "large")


async def test_a_head_that_knows_nothing_abstains(open_house: OpenHouse, upstreams: Upstreams, tmp_path: Path) -> None:
    house = opened(open_house, upstreams, a_head(tmp_path / "head", knows=False, mean_logprob=-3.0))
    reply = await house.ask(call(PROMPT))
    assert header(reply, "x-tidegate-deployment") == "small"
    assert "logprobs" not in upstreams.local.journal.last.json()


async def test_a_server_that_refuses_what_was_asked_besides_is_asked_again_without(
    open_house: OpenHouse, upstreams: Upstreams, tmp_path: Path
) -> None:
    house = opened(open_house, upstreams, a_head(tmp_path / "head"))
    upstreams.local.next("status:400")
    reply = await house.ask(call(PROMPT))
    assert reply.status == 200
    assert "logprobs" not in upstreams.local.journal.last.json()
    assert_books_are_whole(house)


@pytest.mark.parametrize("stream", [False, True])
async def test_two_samples_that_differ(
    open_house: OpenHouse, upstreams: Upstreams, tmp_path: Path, stream: bool
) -> None:
    head = a_head(tmp_path / "head", again_same=-9.0)
    house = opened(open_house, upstreams, head, samples=2)
    upstreams.local.next("say:It is 17.", "say:It is 17.")
    reply = await house.ask(call(PROMPT, stream=stream))
    await read(reply)
    assert header(reply, "x-tidegate-deployment") == "small"
    assert [role for _, role, _ in roles(house)] == ["answer", "cascade"]
    bodies = [each.json() for each in upstreams.local.journal.exchanges]
    assert sorted(body.get("temperature", 0) for body in bodies) == [0, 0.7]
    assert_books_are_whole(house)
