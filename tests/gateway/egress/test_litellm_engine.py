"""If these fail, a client decides where litellm sends a prompt and our key, or litellm says more than it may.

litellm itself runs, imported on the first call as in the gateway, against the scripted upstream.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from typing import Any

import pytest

from gateway.egress.engine import Answer
from gateway.egress.guard import LocalityRefused
from gateway.egress.litellm_engine import LiteLLMEngine
from gateway.wire.errors import NotServed, UpstreamFailed, UpstreamTimedOut
from tests.gateway.egress.permits import permit
from tests.gateway.raw_server import request_of, serving
from tests.servers.upstream import Upstreams
from tests.upstream.http import Reply

CHAT = "/chat/completions"
SECRET = "the-words-of-the-prompt"

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),  # litellm keeps its clients, and they their loop
    # What litellm and its clients do to their own objects is not the gateway's to mend.
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def engine() -> LiteLLMEngine:
    """One for all: the import takes seconds."""
    return LiteLLMEngine()


def body(**more: Any) -> bytes:
    return json.dumps({"model": "x", "messages": [{"role": "user", "content": SECRET}], **more}).encode()


def stream(**more: Any) -> bytes:
    return body(stream=True, stream_options={"include_usage": True}, **more)


async def send(engine: LiteLLMEngine, base_url: str, sent: bytes, *, streamed: bool = False, **more: Any) -> Answer:
    options = {"engine": "litellm", "model": "openai/m", "timeouts": {"first_token": 5, "total": 10}, **more}
    return await engine.send(permit(base_url, **options), CHAT, sent, streamed=streamed)


async def read(answer: Answer) -> bytes:
    parts = []
    while part := await answer.chunk():
        parts.append(part)
    return b"".join(parts)


async def test_an_answer_is_openais_with_nulls_where_openai_has_them(
    engine: LiteLLMEngine, upstreams: Upstreams
) -> None:
    answer = await send(engine, upstreams.cloud.base_url, body())
    said = json.loads(await answer.body())
    assert (answer.status, answer.content_type) == (200, "application/json")
    assert said["choices"][0]["message"]["content"].startswith("cloud-model says")
    assert said["choices"][0]["finish_reason"] == "stop"
    assert said["choices"][0]["logprobs"] is None
    assert said["usage"]["prompt_tokens"] == 1
    assert upstreams.cloud.journal.last.header("authorization") == "Bearer sk-of-the-house"
    assert upstreams.cloud.journal.last.json()["model"] == "m"


async def test_a_tool_call_has_a_content_of_null(engine: LiteLLMEngine, upstreams: Upstreams) -> None:
    """Typed clients fall over a message without `content`."""
    upstreams.cloud.next("tool_calls:1")
    message = json.loads(await (await send(engine, upstreams.cloud.base_url, body())).body())["choices"][0]["message"]
    assert message["content"] is None
    assert message["tool_calls"][0]["type"] == "function"


async def test_a_stream_has_its_usage_and_its_finish_reason(engine: LiteLLMEngine, upstreams: Upstreams) -> None:
    raw = await read(await send(engine, upstreams.cloud.base_url, stream(), streamed=True))
    events = [json.loads(line[6:]) for line in raw.decode().split("\n\n") if line and line != "data: [DONE]"]
    assert "".join(c["delta"].get("content") or "" for e in events for c in e["choices"]).startswith("cloud-model")
    assert [c["finish_reason"] for e in events for c in e["choices"]].count("stop") == 1
    assert [e["usage"]["prompt_tokens"] for e in events if e.get("usage")] == [1]


HOSTILE: dict[str, Any] = {
    "base_url": "EVIL",
    "api_base": "EVIL",
    "api_key": "sk-evil",
    "fallbacks": [{"model": "openai/m", "api_base": "EVIL"}],
    "custom_llm_provider": "ollama",
    "extra_headers": {"x-evil": "1"},
    "headers": {"x-evil": "1"},
    "extra_body": {"evil": True},
    "mock_response": "evil",
    "model_list": [{"model_name": "x"}],
    "metadata": {"evil": "1"},
    "organization": "evil",
    "store": True,
    "evil": True,
}


@pytest.mark.parametrize("field", HOSTILE)
async def test_the_client_gives_litellm_no_orders(engine: LiteLLMEngine, upstreams: Upstreams, field: str) -> None:
    """litellm takes its orders from keywords with the same names: another address would get the prompt and our key."""
    value = json.loads(json.dumps(HOSTILE[field]).replace("EVIL", upstreams.local.base_url))
    answer = await send(engine, upstreams.cloud.base_url, body(**{field: value}))
    assert b"cloud-model says" in await answer.body()
    assert upstreams.local.journal.raw == b""
    asked = upstreams.cloud.journal.last
    assert asked.header("authorization") == "Bearer sk-of-the-house"
    assert b"evil" not in asked.body
    assert asked.header("x-evil") is None


async def test_the_address_is_the_deployments_even_where_it_has_none(
    engine: LiteLLMEngine, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A deployment of a known provider has no `base_url`; the client's must not stand in for it."""
    monkeypatch.setenv("OPENAI_BASE_URL", upstreams.cloud.base_url)
    monkeypatch.setenv("OPENAI_API_BASE", upstreams.cloud.base_url)
    await (await send(engine, "", body(base_url=upstreams.local.base_url))).body()
    assert upstreams.local.journal.raw == b""


@pytest.mark.parametrize("model", ["openai/m", "anthropic/claude-scripted"])
async def test_a_redirect_is_not_followed(engine: LiteLLMEngine, upstreams: Upstreams, model: str) -> None:
    """A zone is a claim: a provider in `eu` must not be able to send a prompt elsewhere."""

    async def elsewhere(_: int, reader: asyncio.StreamReader, reply: Reply) -> None:
        while True:
            request = await request_of(reader)
            await reply.json(307, {}, {"location": f"http://127.0.0.1:{upstreams.local.port}{request.path}"})

    async with serving(elsewhere) as base_url:
        with contextlib.suppress(UpstreamFailed):
            answer = await send(engine, base_url.removesuffix("/v1"), body(max_tokens=5), model=model, zone="eu")
            assert answer.status != 200
    assert upstreams.local.journal.raw == b""


async def test_proxy_variables_are_ignored(
    engine: LiteLLMEngine, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{upstreams.local.port}")
    await (await send(engine, upstreams.cloud.base_url, body())).body()
    assert upstreams.local.journal.raw == b""


@pytest.mark.parametrize(("fault", "status"), [("status:400", 400), ("status:401", 401), ("status:429:7", 429)])
async def test_a_refusal_keeps_its_status(engine: LiteLLMEngine, upstreams: Upstreams, fault: str, status: int) -> None:
    upstreams.cloud.next(fault)
    answer = await send(engine, upstreams.cloud.base_url, body())
    assert answer.status == status
    assert answer.retry_after == (7 if status == 429 else None)
    message = json.loads(await answer.body())["error"]["message"]
    assert "litellm" not in message
    assert f"scripted failure {status}" in message
    assert len(upstreams.cloud.journal.exchanges) == 1  # no retries of its own


async def test_a_long_wait_is_cut_to_what_sdks_heed(engine: LiteLLMEngine, upstreams: Upstreams) -> None:
    upstreams.cloud.next("status:429:900")
    assert (await send(engine, upstreams.cloud.base_url, body())).retry_after == 119


@pytest.mark.parametrize("fault", ["reset", "close", "garbage"])
async def test_a_broken_connection_is_a_failure_of_unknown_cost(
    engine: LiteLLMEngine, upstreams: Upstreams, fault: str
) -> None:
    upstreams.cloud.next(fault)
    with pytest.raises(UpstreamFailed):
        await send(engine, upstreams.cloud.base_url, body())


@pytest.mark.parametrize("fault", ["garbage_json", "wrong_json:list", "wrong_json:choice", "page", "empty"])
@pytest.mark.parametrize("streamed", [False, True])
async def test_what_is_no_answer_is_a_failure_of_the_upstream(
    engine: LiteLLMEngine, upstreams: Upstreams, fault: str, streamed: bool
) -> None:
    """Whatever litellm stumbles over: the next deployment is asked, and nobody sees a 500."""
    upstreams.cloud.next(fault)
    try:
        sent = stream() if streamed else body()
        answer = await send(engine, upstreams.cloud.base_url, sent, streamed=streamed)
        said = await (read(answer) if streamed else answer.body())
    except UpstreamFailed:
        return
    assert answer.status >= 500 or b'"content":"' not in said


@pytest.mark.parametrize("streamed", [False, True])
async def test_silence_has_an_end(engine: LiteLLMEngine, upstreams: Upstreams, streamed: bool) -> None:
    upstreams.cloud.next("hang")
    limits = {"first_token": 0.2, "total": 0.2}
    with pytest.raises(UpstreamTimedOut):
        await send(
            engine, upstreams.cloud.base_url, stream() if streamed else body(), streamed=streamed, timeouts=limits
        )
    await asyncio.to_thread(upstreams.cloud.journal.wait_until_closed, upstreams.cloud.journal.last)


async def test_a_client_that_leaves_closes_the_stream(engine: LiteLLMEngine, upstreams: Upstreams) -> None:
    upstreams.cloud.next("stall:3")
    answer = await send(engine, upstreams.cloud.base_url, stream(), streamed=True)
    await answer.chunk()
    answer.close()
    await asyncio.to_thread(upstreams.cloud.journal.wait_until_closed, upstreams.cloud.journal.last)
    assert await answer.chunk() == b""


async def test_whoever_reads_may_leave_it_to_another(engine: LiteLLMEngine, upstreams: Upstreams) -> None:
    """Others may share the answer of a client that leaves."""
    upstreams.cloud.next("hold:2")
    answer = await send(engine, upstreams.cloud.base_url, stream(), streamed=True)
    await answer.chunk()
    for _ in range(3):  # some come at once
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await answer.chunk()
    upstreams.cloud.release()
    assert b'"finish_reason":"stop"' in await read(answer)


async def test_nothing_is_printed_or_logged_of_a_prompt(
    engine: LiteLLMEngine, upstreams: Upstreams, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for fault in ("ok", "status:400", "status:500", "garbage_json"):
            upstreams.cloud.next(fault)
            try:
                await send(engine, upstreams.cloud.base_url, body())
            except UpstreamFailed:
                continue
    printed = capfd.readouterr()
    assert SECRET not in printed.out + printed.err + caplog.text
    assert "sk-of-the-house" not in printed.out + printed.err + caplog.text


async def test_zone_local_is_not_spoken_to_this_way(engine: LiteLLMEngine, upstreams: Upstreams) -> None:
    """litellm's connections are its own, so the claim could not be held to."""
    with pytest.raises(LocalityRefused):
        await send(engine, upstreams.local.base_url, body(), zone="local")
    assert upstreams.local.journal.raw == b""


@pytest.mark.parametrize("endpoint", ["/completions", "/moderations"])
async def test_it_serves_chat_and_embeddings_only(engine: LiteLLMEngine, upstreams: Upstreams, endpoint: str) -> None:
    leave = permit(upstreams.cloud.base_url, engine="litellm")
    with pytest.raises(NotServed):
        await engine.send(leave, endpoint, b"{}", streamed=False)
    assert upstreams.cloud.journal.raw == b""


async def test_embeddings_are_numbers_with_their_usage(engine: LiteLLMEngine, upstreams: Upstreams) -> None:
    sent = {"model": "x", "input": ["one", "and two"], "dimensions": 4, "encoding_format": "base64", "api_base": "no"}
    leave = permit(upstreams.cloud.base_url, engine="litellm", model="openai/text-embedding-3-small")
    answer = await engine.send(leave, "/embeddings", json.dumps(sent).encode(), streamed=False)
    said = json.loads(await answer.body())
    assert [(item["index"], len(item["embedding"])) for item in said["data"]] == [(0, 4), (1, 4)]
    assert all(isinstance(number, float) for item in said["data"] for number in item["embedding"])
    assert said["usage"]["prompt_tokens"] == 3
    asked = upstreams.cloud.journal.last
    assert (asked.path, asked.json()["input"], asked.json()["dimensions"]) == ("/v1/embeddings", sent["input"], 4)


async def test_it_is_not_imported_before_it_is_needed() -> None:
    """It takes three seconds and 150 MB; most gateways never need it."""
    code = "import sys, gateway.app; sys.exit('litellm' in sys.modules or 'openai' in sys.modules)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert await process.wait() == 0
