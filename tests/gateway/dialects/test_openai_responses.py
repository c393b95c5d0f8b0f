"""If these fail, a client of the Responses API is answered otherwise than OpenAI would, or finds what is not its."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st
from openai.types.responses import Response, ResponseItemList

from gateway.dialects.openai_responses import OpenAIResponses
from gateway.wire.errors import GatewayError, MethodNotAllowed
from tests.gateway.conftest import OpenHouse
from tests.gateway.dialects.responses.asker import OTHER, Asker, asking, parsed, text_of
from tests.gateway.house import EASY, House, header, read
from tests.gateway.listener import Listener
from tests.servers.upstream import Upstreams

Json = dict[str, Any]
TOOL = {"type": "function", "name": "weather", "parameters": {"type": "object"}, "strict": False}


@pytest.fixture
def asker(house: House) -> Asker:
    return Asker(house)


def body_sent(upstreams: Upstreams, *, cloud: bool = False) -> Json:
    found: Json = (upstreams.cloud if cloud else upstreams.local).journal.last.json()
    return found


async def test_an_answer_is_a_response_with_its_receipt(asker: Asker) -> None:
    reply = await asker.send("POST", body=asking(EASY))
    found = Response.model_validate(json.loads(await read(reply)), strict=True)
    assert found.status == "completed"
    assert found.output_text.startswith("local-model says: read 6 words")
    assert found.usage is not None
    assert found.usage.input_tokens == 6
    assert header(reply, "content-type") == "application/json"
    assert header(reply, "x-tidegate-deployment") == "small"
    assert found.id == f"resp_{str(header(reply, 'x-request-id')).removeprefix('req_')}"


async def test_streamed_it_ends_in_the_response_and_nothing_follows(asker: Asker) -> None:
    reply = await asker.send("POST", body=asking(EASY, stream=True))
    assert header(reply, "content-type") == "text/event-stream; charset=utf-8"
    assert [value for name, value in reply.headers if name == b"content-type"] == [b"text/event-stream; charset=utf-8"]
    data = await read(reply)
    assert b"[DONE]" not in data
    last = json.loads(data.decode().split("\n\n")[-2].partition("\ndata: ")[2])
    assert last["type"] == "response.completed"
    assert last["response"]["store"] is True
    assert text_of(last["response"]).startswith("local-model says: read 6 words")
    assert await asker.get(f"/{last['response']['id']}") == last["response"]


async def test_who_waits_for_a_model_at_home_gets_comments(open_house: OpenHouse, upstreams: Upstreams) -> None:
    asker = Asker(open_house(server={"keep_alive_comment": 0.02}))
    upstreams.local.next("slow_first:0.2", "hang")
    listener = Listener()
    data = await read(await asker.send("POST", body=asking(EASY, "home", stream=True), line=listener.line))
    listener.assert_heard_comments_only(2)
    assert data.replace(b": ping\n\n", b"").startswith(b"event: response.created\n")
    assert b"event: response.completed\n" in data
    listener = Listener()
    with pytest.raises(GatewayError) as failed:
        await asker.send("POST", body=asking(EASY, "home", stream=True), line=listener.line)
    listener.assert_heard_comments_only()
    events = [event.partition(b"\n")[0] for event in listener.line.cut(failed.value).split(b"\n\n")]
    assert events[-3:] == [b"event: error", b"event: response.failed", b""]


async def test_what_an_upstream_gets_is_chat_and_nothing_of_ours(asker: Asker, upstreams: Upstreams) -> None:
    await asker.ask(EASY, store=True, metadata={"tidegate_locality": "local"}, instructions="Short.", top_k=5)
    assert body_sent(upstreams) == {
        "model": "local-model",
        "messages": [{"role": "system", "content": "Short."}, {"role": "user", "content": EASY}],
        "top_k": 5,
    }


async def test_what_is_kept_can_be_asked_for_listed_and_deleted(asker: Asker) -> None:
    first = await asker.ask("One")
    assert await asker.get(f"/{first['id']}") == first
    second = await asker.ask("Two", previous_response_id=first["id"])
    page = await asker.get(f"/{second['id']}/input_items?order=asc")
    ResponseItemList.model_validate(page, strict=True)
    said = [item["content"][0]["text"] for item in page["data"]]
    assert said == ["One", text_of(first), "Two"]
    assert page["data"][1] == first["output"][0]
    assert await asker.get(f"/{first['id']}", "DELETE") == {"id": first["id"], "object": "response", "deleted": True}
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/input_items"), ("POST", "/cancel")):
        gone = await asker.refusal(method, f"/{first['id']}{path}")
        assert (gone.status, gone.code) == (404, None)
    third = await asker.ask("Three", previous_response_id=second["id"])  # what followed on it stands by itself
    assert "read" in text_of(third)


async def test_to_another_key_it_is_not_there(asker: Asker) -> None:
    first = await asker.ask("One")
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/input_items"), ("POST", "/cancel")):
        assert (await asker.refusal(method, f"/{first['id']}{path}", by=OTHER)).status == 404
    body = asking("Two", previous_response_id=first["id"])
    refused = await asker.refusal("POST", body=body, by=OTHER)
    assert (refused.status, refused.code, refused.param) == (
        400, "previous_response_not_found", "previous_response_id",
    )  # fmt: skip
    reference = asking([{"type": "item_reference", "id": first["output"][0]["id"]}])
    assert (await asker.refusal("POST", body=reference, by=OTHER)).status == 404
    assert await asker.get(f"/{first['id']}") == first


async def test_a_conversation_goes_on(asker: Asker, upstreams: Upstreams) -> None:
    """Without the instructions of before: those are of one turn."""
    first = await asker.ask("One", instructions="In French.")
    second = await asker.ask("Two", previous_response_id=first["id"], instructions="In German.")
    assert body_sent(upstreams)["messages"] == [
        {"role": "system", "content": "In German."},
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": text_of(first)},
        {"role": "user", "content": "Two"},
    ]
    assert second["previous_response_id"] == first["id"]


async def test_a_tool_is_called_and_answered(asker: Asker, upstreams: Upstreams) -> None:
    upstreams.local.next("tool_calls:2")
    first = await asker.ask("?", tools=[TOOL])
    calls = [item for item in first["output"] if item["type"] == "function_call"]
    results = [{"type": "function_call_output", "call_id": call["call_id"], "output": "rain"} for call in calls]
    await asker.ask(results, previous_response_id=first["id"], tools=[TOOL])
    _, asked, *answered = body_sent(upstreams)["messages"]
    assert [call["id"] for call in asked["tool_calls"]] == [message["tool_call_id"] for message in answered]
    assert [message["content"] for message in answered] == ["rain", "rain"]


async def test_items_can_be_referred_to(asker: Asker, upstreams: Upstreams) -> None:
    """As Vercel's AI SDK does it, which sends no text twice."""
    first = await asker.ask("One")
    given_ = [{"role": "user", "content": "One"}, {"type": "item_reference", "id": first["output"][0]["id"]}]
    second = await asker.ask([*given_, {"role": "user", "content": "Two"}])
    third = await asker.ask(
        [
            *given_,
            {"role": "user", "content": "Two"},
            {"id": second["output"][0]["id"]},
            {"role": "user", "content": "Three"},
        ]
    )
    said = [message["content"] for message in body_sent(upstreams)["messages"]]
    assert said == ["One", text_of(first), "Two", text_of(second), "Three"]
    listed = (await asker.get(f"/{third['id']}/input_items?order=asc"))["data"]
    assert listed[1] == first["output"][0]


async def test_what_is_not_to_be_stored_is_not(asker: Asker) -> None:
    found = await asker.ask(EASY, store=False)
    assert found["store"] is False
    assert (await asker.refusal("GET", f"/{found['id']}")).status == 404
    assert asker.house.counted("tidegate_stored_responses_total") == 0


async def test_nothing_is_stored_where_that_is_switched_off(open_house: OpenHouse) -> None:
    asker = Asker(open_house(responses={"enabled": False}))
    found = await asker.ask(EASY)
    assert found["store"] is False
    assert (await asker.refusal("GET", f"/{found['id']}")).status == 404
    refused = await asker.refusal("POST", body=asking("Two", previous_response_id=found["id"]))
    assert refused.code == "previous_response_not_found"
    assert not (asker.house.directory / ".tidegate" / "responses.db").exists()


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_that_cannot_be_stored_arrives_and_says_so(house: House, stream: bool) -> None:
    (house.directory / ".tidegate" / "responses.db").mkdir(parents=True)  # no database can be made there
    asker = Asker(house)
    found = (await asker.events(EASY))[-1]["response"] if stream else await asker.ask(EASY)
    assert found["status"] == "completed"
    assert text_of(found).startswith("local-model says")
    assert found["store"] is False
    assert house.counted("tidegate_stored_responses_total", result="failed") == 1
    assert house.counted("tidegate_store_faults_total", store="sql", kind="connection") == 1
    refused = await asker.refusal("POST", body=asking("Two", previous_response_id=found["id"]))
    assert (refused.status, refused.code) == (503, "state_unavailable")


async def test_a_stream_that_is_cut_fails_and_is_not_stored(asker: Asker, upstreams: Upstreams) -> None:
    upstreams.local.next("cut:3:fin")
    *_, error, last = await asker.events(EASY)
    assert error["type"] == "error"
    assert error["error"]["code"] == "upstream_failed"
    assert last["type"] == "response.failed"
    assert last["response"]["store"] is False
    assert text_of(last["response"]).startswith("local-model")
    assert (await asker.refusal("GET", f"/{last['response']['id']}")).status == 404


@pytest.mark.parametrize(
    "directive", ["usage_odd:text", "usage_odd:list", "usage_missing", "unicode:1", "ping", "crlf"]
)
async def test_a_server_that_streams_oddly(asker: Asker, upstreams: Upstreams, directive: str) -> None:
    upstreams.local.next(directive)
    found = await asker.events(EASY)
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    assert found[-1]["type"] == "response.completed"


@pytest.mark.parametrize("directive", ["garbage_later:3", "error_frame:3", "invalid_utf8"])
async def test_a_stream_that_goes_bad_is_an_error_however_it_comes(
    asker: Asker, upstreams: Upstreams, directive: str
) -> None:
    """Before anything was sent it is a status; after that, the end of the stream."""
    upstreams.local.next(directive)
    outcome = await asker.outcome("POST", body=asking(EASY, "home", stream=True))
    if isinstance(outcome, GatewayError):
        assert outcome.status == 502
    else:
        assert [event["type"] for event in parsed(outcome)][-2:] == ["error", "response.failed"]


@pytest.mark.parametrize("kind", ["text", "list", "null", "negative", "huge", "float"])
async def test_a_usage_that_is_odd_spoils_no_answer(asker: Asker, upstreams: Upstreams, kind: str) -> None:
    upstreams.local.next(f"usage_odd:{kind}")
    found = await asker.ask(EASY)
    assert Response.model_validate(found, strict=True).output_text.startswith("local-model says")


# Errors


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "", "POST"),
        ("POST", "/resp_1", "DELETE, GET, HEAD"),
        ("DELETE", "/resp_1/input_items", "GET, HEAD"),
        ("GET", "/resp_1/cancel", "POST"),
        ("GET", "/input_tokens", "POST"),
    ],
)
async def test_a_method_that_is_not_allowed(asker: Asker, method: str, path: str, allowed: str) -> None:
    refused = await asker.refusal(method, path)
    assert isinstance(refused, MethodNotAllowed)
    assert refused.allowed == allowed


@pytest.mark.parametrize("path", ["/compact", "/resp_1/output", "/resp_1/input_items/msg_1", "/resp_1/cancel/now"])
async def test_what_is_not_served(asker: Asker, path: str) -> None:
    refused = await asker.refusal("POST", path, {})
    assert (refused.status, refused.code) == (404, "unknown_url")


async def test_what_is_over_cannot_be_cancelled_or_streamed_again(asker: Asker) -> None:
    found = await asker.ask()
    cancel = await asker.refusal("POST", f"/{found['id']}/cancel")
    assert (cancel.status, cancel.message) == (400, "Cannot cancel a synchronous response.")
    again = await asker.refusal("GET", f"/{found['id']}?stream=true")
    assert (again.status, again.param) == (400, "stream")
    assert (await asker.refusal("GET", f"/{found['id']}/input_items?limit=0")).param == "limit"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (asking("Hi", stream="yes"), "stream"),
        (asking("Hi", store="no"), "store"),
        (asking("Hi", previous_response_id=5), "previous_response_id"),
        (asking("Hi", metadata={"tidegate_locality": 5}), "metadata"),
        ({"model": "auto"}, "input"),
        ({"input": "Hi"}, "model"),
        (asking("Hi", "nowhere"), "model"),
        (asking([{"type": "item_reference", "id": f"msg_{number}_0"} for number in range(2)]), "input"),
    ],
)
async def test_what_is_wrong_is_named(asker: Asker, body: Json, param: str) -> None:
    assert (await asker.refusal("POST", body=body)).param == param


async def test_an_input_may_not_refer_to_everything(asker: Asker) -> None:
    """Each response that is looked up is a step at the database."""
    told = [(await asker.ask(f"{number}"))["output"][0]["id"] for number in range(17)]
    refused = await asker.refusal("POST", body=asking([{"id": item} for item in told]))
    assert (refused.status, refused.param) == (400, "input")
    assert await asker.ask([{"id": item} for item in told[:16]])


async def test_what_cannot_be_written_down_is_refused_before_anything_is_asked(
    asker: Asker, upstreams: Upstreams
) -> None:
    deep: Json = {}
    for _ in range(300):
        deep = {"a": deep}
    body = asking([{"role": "user", "content": "Hi", "note": deep}])
    assert (await asker.refusal("POST", body=body)).code == "invalid_unicode"
    assert upstreams.local.journal.exchanges == ()


async def test_tokens_are_estimated_without_asking_anybody(asker: Asker, upstreams: Upstreams) -> None:
    first = await asker.ask("x" * 400)
    asked = len(upstreams.local.journal.exchanges)
    reply = await asker.send("POST", "/input_tokens", {"input": "Hi"})
    small = json.loads(await read(reply))
    assert small["object"] == "response.input_tokens"
    body = {"input": "Hi", "previous_response_id": first["id"], "model": "auto"}
    large = json.loads(await read(await asker.send("POST", "/input_tokens", body)))
    assert 100 < large["input_tokens"] - small["input_tokens"] < 140
    assert len(upstreams.local.journal.exchanges) == asked
    assert (await asker.refusal("POST", "/input_tokens", {"input": 5})).param == "input"


names = st.sampled_from(
    ["model", "input", "instructions", "stream", "store", "tools", "tool_choice", "text", "reasoning", "metadata",
     "previous_response_id", "include", "max_output_tokens", "top_logprobs", "parallel_tool_calls", "user"]
)  # fmt: skip
words = st.sampled_from(
    ["auto", "user", "message", "input_text", "function", "function_call", "function_call_output", "reasoning",
     "item_reference", "assistant", "json_schema", "resp_1", "msg_1_0", ""]
)  # fmt: skip
fields = st.sampled_from(
    ["type", "role", "content", "text", "id", "call_id", "name", "arguments", "output", "summary", "format", "schema",
     "effort", "image_url", "parameters"]
)  # fmt: skip
odd = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(fields, inner, max_size=4),
    max_leaves=10,
)


@given(
    body=st.dictionaries(names, odd, max_size=6), listed=st.lists(st.dictionaries(fields, odd, max_size=5), max_size=3)
)
@given_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_whatever_is_asked_is_answered_or_refused(house: House, body: Json, listed: list[Json]) -> None:
    asker = Asker(house)
    for given_ in (body, {"model": "auto", "input": "Hi", **body}, {**body, "model": "auto", "input": listed}):
        outcome = await asker.outcome("POST", body=given_)
        assert outcome
        if isinstance(outcome, GatewayError):
            assert 400 <= outcome.status < 500


async def test_a_client_that_leaves_while_its_answer_is_stored_is_counted(house: House) -> None:
    asker = Asker(house)
    await asker.ask("One")
    database = sqlite3.connect(house.directory / ".tidegate" / "responses.db")
    database.execute("BEGIN IMMEDIATE")  # somebody else writes, and takes his time
    waiting = asyncio.create_task(asker.ask("Two"))
    async with asyncio.timeout(10):
        while len(house.settlements()) < 2:  # noqa: ASYNC110  # a file says so
            await asyncio.sleep(0.01)
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()
    await asyncio.wait([waiting])
    database.rollback()
    database.close()
    assert waiting.cancelled()
    assert house.counted("tidegate_requests_total", route="auto") == 1


def test_nobody_is_let_in_without_a_key() -> None:
    assert not OpenAIResponses().open_to_all
    assert OpenAIResponses().credential({b"authorization": b"Bearer x"}) == b"Bearer x"


def test_its_errors_are_openais() -> None:
    reply = OpenAIResponses().failure(GatewayError("No.", param="input", code="x"), "req_1")
    assert json.loads(reply.body) == {
        "error": {"message": "No.", "type": "server_error", "param": "input", "code": "x"}
    }


async def test_a_page_behind_nothing_is_no_page(asker: Asker) -> None:
    """`after=` names no item. It is not as if it had been left out."""
    kept = await asker.ask(EASY)
    refused = await asker.outcome("GET", f"/{kept['id']}/input_items?limit=1&after=")
    assert isinstance(refused, GatewayError)
    assert (refused.status, refused.param) == (400, "after")
