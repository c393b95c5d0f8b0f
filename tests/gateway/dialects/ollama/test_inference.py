"""If these fail, what is asked in Ollama's words is not answered in them, or is not counted like anything else."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.dialects.ollama.asked import of_generate
from gateway.dialects.ollama.inference import OllamaInference, call_of
from gateway.wire.errors import (
    BadRequest,
    Forbidden,
    GatewayError,
    ModelNotFound,
    NoDeployment,
    Unauthenticated,
    Unsupported,
    UpstreamFailed,
)
from gateway.wire.http import Reply, Request
from tests.gateway.conftest import OpenHouse
from tests.gateway.dialects.ollama.asking import KEYLESS, ask, lines, said
from tests.gateway.house import CARD, EASY, House, deployment, header, read
from tests.servers.upstream import Upstreams

USER = {"role": "user", "content": EASY}


async def chat(house: House, model: str = "home", *, headers: dict[str, str] | None = None, **fields: Any) -> Reply:
    body = {"model": model, "messages": [USER], **fields}
    return await ask(OllamaInference(), house, "/api/chat", body, headers=headers)


async def generate(house: House, **fields: Any) -> Reply:
    return await ask(OllamaInference(), house, "/api/generate", {"model": "home", "prompt": EASY, **fields})


async def test_it_is_streamed_unless_it_is_declined(house: House) -> None:
    for reply in (await chat(house), await generate(house)):
        assert header(reply, "content-type") == "application/x-ndjson"
        assert len(await lines(reply)) > 2
    for reply in (await chat(house, stream=False), await generate(house, stream=False)):
        assert header(reply, "content-type") == "application/json"
        assert (await said(reply))["done"]


async def test_an_answer_has_its_receipt_and_is_in_the_books(house: House) -> None:
    reply = await chat(house)
    assert header(reply, "x-tidegate-deployment") == "small"
    last = (await lines(reply))[-1]
    (settlement,) = house.settlements()
    assert settlement.usage is not None
    assert (last["prompt_eval_count"], last["eval_count"]) == (
        settlement.usage.prompt_tokens,
        settlement.usage.completion_tokens,
    )
    assert settlement.outcome == "ok"


@pytest.mark.parametrize(("raw", "is_translated"), [(False, True), (True, False)])
def test_the_limit_of_a_chat_may_be_named_as_a_deployment_wants_it(raw: bool, is_translated: bool) -> None:
    """Models that think refuse `max_tokens` at OpenAI. Completions know no other name."""
    request = Request("POST", "/api/generate", {}, b"", "req_1")
    body = {"model": "m", "prompt": "x", "raw": raw, "options": {"num_predict": 5}}
    assert call_of(request, body, of_generate(body), "m").is_translated == is_translated


async def test_the_answer_names_the_model_as_it_was_asked_for(house: House, upstreams: Upstreams) -> None:
    reply = await chat(house, "home:latest")
    assert {line["model"] for line in await lines(reply)} == {"home:latest"}
    assert upstreams.local.journal.last.json()["model"] == "local-model"


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_that_was_given_before_is_given_again(
    open_house: OpenHouse, upstreams: Upstreams, stream: bool
) -> None:
    house = open_house(cache={"enabled": True})
    first = await lines(await chat(house, stream=stream))
    await house.pipeline.parts.background.drained()
    again = await chat(house, stream=stream)
    assert header(again, "x-tidegate-cache") == "hit"

    def text(found: list[Any]) -> str:
        return "".join(line["message"]["content"] for line in found)

    assert text(await lines(again)) == text(first)
    assert len(upstreams.local.journal.exchanges) == 1
    other = await chat(house, stream=stream, headers={"cache-control": "no-cache"})
    assert header(other, "x-tidegate-cache") == "bypass"
    await read(other)


async def test_nothing_is_asked_where_a_model_is_to_be_loaded(house: House, upstreams: Upstreams) -> None:
    for reply in (await generate(house, prompt=""), await chat(house, messages=[])):
        assert reply.stream is None
        assert (await said(reply))["done_reason"] == "load"
    assert upstreams.local.journal.raw == b""
    assert house.settlements() == []
    with pytest.raises(ModelNotFound):
        await generate(house, model="llama9", prompt="")
    with pytest.raises(Unauthenticated):
        await ask(OllamaInference(), house, "/api/generate", {"model": "auto"}, principal=KEYLESS)


async def test_a_label_that_is_none_is_refused_even_where_nothing_is_asked(house: House) -> None:
    for path, body in (("/api/generate", {"model": "auto"}), ("/api/chat", {"model": "auto", "messages": []})):
        with pytest.raises(BadRequest) as caught:
            await ask(OllamaInference(), house, path, body, headers={"x-tidegate-locality": "mars!"})
        assert caught.value.param == "x-tidegate-locality"


async def test_what_is_refused(house: House, upstreams: Upstreams) -> None:
    with pytest.raises(ModelNotFound, match=r"^model 'llama9' not found$"):
        await chat(house, "llama9")
    with pytest.raises(BadRequest, match="does not serve chat"):
        await chat(house, "embed")
    with pytest.raises(NoDeployment):
        await chat(house, "away", messages=[{"role": "user", "content": CARD}])
    with pytest.raises(BadRequest) as caught:
        await chat(house, headers={"x-tidegate-locality": "everywhere!"})
    assert caught.value.param == "x-tidegate-locality"
    upstreams.assert_cloud_saw_nothing()
    assert upstreams.local.journal.raw == b""


async def test_somebody_without_a_key_stays_at_home_whatever_a_route_has(house: House, upstreams: Upstreams) -> None:
    """Even if a configuration with such a route came to be: nothing without a key is sent out, or paid for."""
    anybody = replace(KEYLESS, routes=frozenset({"cloud", "away"}))
    body = {"model": "cloud", "messages": [USER]}
    reply = await ask(OllamaInference(), house, "/api/chat", body, principal=anybody)
    await read(reply)
    assert header(reply, "x-tidegate-deployment") == "small"
    assert house.settlements()[0].intent.key == "anonymous"
    with pytest.raises(NoDeployment):
        await ask(OllamaInference(), house, "/api/chat", {**body, "model": "away"}, principal=anybody)
    upstreams.assert_cloud_saw_nothing()


async def test_what_no_deployment_can_is_named(open_house: OpenHouse, upstreams: Upstreams) -> None:
    small = deployment(upstreams.local, "local", tools=False, reasoning=False)
    house = open_house(deployments={"small": small}, routes={"home": {"small": ["small"]}}, keys=[])
    tool = {"type": "function", "function": {"name": "f"}}
    with pytest.raises(Unsupported, match="`tools`"):
        await chat(house, tools=[tool])
    with pytest.raises(Unsupported) as caught:
        await chat(house, think=True)
    failed = OllamaInference().failure(caught.value, "req_1")
    assert "`think`" in json.loads(failed.body)["error"]
    await read(await chat(house, think=False))


async def test_a_call_of_a_tool_that_is_none_is_a_failure_with_a_receipt(house: House, upstreams: Upstreams) -> None:
    upstreams.local.always("bad_arguments")
    with pytest.raises(UpstreamFailed) as caught:
        await chat(house, stream=False)
    assert (b"x-tidegate-deployment", b"small") in caught.value.headers
    assert house.counted("tidegate_requests_total", route="home") == 1
    assert (await lines(await chat(house)))[-1].keys() == {"error"}


@pytest.mark.parametrize("fault", ["garbage_later:3:gate", "cut:3:fin:gate", "error_frame:3:gate", "stall:3"])
async def test_a_stream_that_goes_wrong_ends_with_an_error(house: House, upstreams: Upstreams, fault: str) -> None:
    upstreams.local.always(fault)
    reply = await chat(house)
    assert reply.stream is not None
    first = await reply.stream.next()
    upstreams.local.release()
    found = [*map(json.loads, first.splitlines()), *await lines(reply)]
    assert found[-1].keys() == {"error"}
    assert len(found) > 1
    assert not any(line.get("done") for line in found)


async def test_a_key_is_good_for_its_routes_only(house: House) -> None:
    principal = house.gateway.current.keyring.identify(b"tg-stays-home")
    with pytest.raises(Forbidden):
        await ask(OllamaInference(), house, "/api/chat", {"model": "home", "messages": [USER]}, principal=principal)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ["messages", "prompt", "options", "tools", "format", "think", "metadata", "suffix", "images", "stop", "seed"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    st.sampled_from(["/api/chat", "/api/generate"]),
    st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), json_values),
    st.booleans(),
)
async def test_any_json_is_answered_or_refused(house: House, path: str, fields: dict[str, Any], stream: bool) -> None:
    body = {"messages": [USER], "prompt": EASY, **fields, "model": "home", "stream": stream}
    with contextlib.suppress(GatewayError):
        await read(await ask(OllamaInference(), house, path, body))
