"""What the upstream gets, and what comes back: everything that the gateway does not know about passes through."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.harness.client import ask, post, read_stream, sdk, text_of
from tests.harness.gateway import CLOUD_KEY, LOCAL_KEY, Gateway
from tests.harness.prompts import EASY
from tests.servers.upstream import Upstreams
from tests.upstream.behaviours import ABOUT_THE_ACCOUNT, UNICODE

WEATHER = {
    "type": "function",
    "function": {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}},
}


@pytest.mark.parametrize("place", ["local", "cloud"])
def test_unknown_fields_arrive_as_they_were_sent(gateway: Gateway, upstreams: Upstreams, place: str) -> None:
    unknown: dict[str, Any] = {
        "temperature": 0.1,
        "seed": 9007199254740993,  # 2^53 + 1: lost by whoever reads numbers as floats
        "logit_bias": {"50256": -100},
        "stop": ["\n", "🛑"],
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}},
        "vendor_option": {"nested": [1, 2.5, None, True, "é"], "empty": {}},
        "x": None,
        # of local runtimes: vLLM, llama.cpp, Ollama
        "top_k": 40,
        "min_p": 0.05,
        "repetition_penalty": 1.1,
        "mirostat": 2,
        "guided_json": {"type": "object"},
        "chat_template_kwargs": {"enable_thinking": False},
        "keep_alive": "10m",
        "options": {"num_ctx": 8192},
    }
    post(gateway, ask(EASY, "small" if place == "local" else "only-cloud", **unknown))
    asked = upstreams.local if place == "local" else upstreams.cloud
    sent = asked.journal.last.json()
    assert {name: sent[name] for name in unknown} == unknown
    assert sent.keys() == {"model", "messages", *unknown}


def test_the_model_is_the_deployments(gateway: Gateway, upstreams: Upstreams) -> None:
    post(gateway, ask(EASY, "vendor/model-1"))
    assert upstreams.local.journal.last.json()["model"] == "local-model"


def test_the_clients_key_goes_nowhere_the_deployments_does(gateway: Gateway, upstreams: Upstreams) -> None:
    headers = {
        "cookie": "session=clients-own",
        "x-tidegate-receipt": "stream",
        "openai-organization": "org-clients-own",
    }
    post(gateway, ask(EASY, "small"), headers=headers)
    post(gateway, ask(EASY, "cloud"), headers=headers)
    assert upstreams.local.journal.last.header("authorization") == f"Bearer {LOCAL_KEY}"
    assert upstreams.cloud.journal.last.header("authorization") == f"Bearer {CLOUD_KEY}"
    for upstream, foreign in ((upstreams.local, CLOUD_KEY), (upstreams.cloud, LOCAL_KEY)):
        raw = upstream.journal.raw
        assert gateway.key.encode() not in raw
        assert foreign.encode() not in raw
        assert b"clients-own" not in raw
        assert b"tidegate-" not in raw.lower()


def test_usage_is_always_asked_for_and_taken_out_again(gateway: Gateway, upstreams: Upstreams) -> None:
    answer = post(gateway, ask(EASY, "small", stream=True))
    assert upstreams.local.journal.last.json()["stream_options"] == {"include_usage": True}
    stream = read_stream(answer)
    stream.assert_clean()
    assert all(chunk["choices"] for chunk in stream.chunks)
    assert "usage" not in answer.text


def test_usage_that_was_asked_for_stays(gateway: Gateway, upstreams: Upstreams) -> None:
    options = {"include_usage": True, "vendor": 1}
    stream = read_stream(post(gateway, ask(EASY, "small", stream=True, stream_options=options)))
    stream.assert_clean()
    assert upstreams.local.journal.last.json()["stream_options"] == options
    *others, last = stream.chunks
    assert last["choices"] == []
    assert last["usage"]["total_tokens"] > 0
    assert all(chunk["usage"] is None for chunk in others)


def test_unstreamed_no_stream_options_are_invented(gateway: Gateway, upstreams: Upstreams) -> None:
    post(gateway, ask(EASY, "small"))
    assert "stream_options" not in upstreams.local.journal.last.json()


def test_the_answer_comes_as_it_was_given(gateway: Gateway) -> None:
    answer = post(gateway, ask(EASY, "small", n=2, logprobs=True)).json()
    assert answer["id"].startswith("chatcmpl-local-model-")
    assert answer["system_fingerprint"] == "fp_scripted"
    assert [choice["index"] for choice in answer["choices"]] == [0, 1]
    assert answer["choices"][1]["logprobs"]["content"][0]["logprob"] == -0.5


@pytest.mark.parametrize("stream", [False, True])
def test_an_upstreams_header_fields_are_for_the_house(gateway: Gateway, upstreams: Upstreams, stream: bool) -> None:
    """Its limits are those of the deployment's account, which all clients share; so are its cookies."""
    upstreams.cloud.next("talkative")
    answer = post(gateway, ask(EASY, "only-cloud", stream=stream))
    assert answer.status_code == 200
    ours = {name for name in answer.headers if not name.startswith("x-tidegate-")}
    common = {"date", "server", "content-type", "x-request-id"}
    of_streams = {"transfer-encoding", "cache-control", "x-accel-buffering"}
    assert ours <= common | (of_streams if stream else {"content-length"})
    assert not set(ABOUT_THE_ACCOUNT.values()) & set(answer.headers.values())


def test_a_stream_of_two_choices(gateway: Gateway) -> None:
    stream = read_stream(post(gateway, ask(EASY, "small", n=2, logprobs=True, stream=True)))
    stream.assert_clean()
    choices = [choice for chunk in stream.chunks for choice in chunk["choices"]]
    for index in (0, 1):
        own = [choice for choice in choices if choice["index"] == index]
        assert "".join(c["delta"].get("content") or "" for c in own).startswith("local-model says")
        assert own[-1]["finish_reason"] == "stop"
        assert [c["delta"].get("role") for c in own].count("assistant") == 1
    assert len({chunk["id"] for chunk in stream.chunks}) == 1


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("stream", [False, True])
def test_tool_calls(gateway: Gateway, upstreams: Upstreams, count: int, stream: bool) -> None:
    upstreams.local.next(f"tool_calls:{count}")
    body = ask("Weather?", "small", tools=[WEATHER])
    with sdk(gateway) as client:
        if stream:
            with client.chat.completions.stream(**body) as events:
                choice: Any = events.get_final_completion().choices[0]
        else:
            choice = client.chat.completions.create(**body).choices[0]
    assert choice.finish_reason == "tool_calls"
    calls = [(call.function.name, json.loads(call.function.arguments)) for call in choice.message.tool_calls]
    assert calls == [("weather", {"city": f"City {place}"}) for place in range(count)]
    assert upstreams.local.journal.last.json()["tools"] == [WEATHER]


def test_a_model_that_ignores_tools_is_not_handed_any(gateway: Gateway, upstreams: Upstreams) -> None:
    answer = post(gateway, ask("Weather?", "tools", tools=[WEATHER]))
    assert answer.headers["x-tidegate-deployment"] == "large"
    assert post(gateway, ask("Weather?", "tools")).headers["x-tidegate-deployment"] == "plain"


@pytest.mark.parametrize(
    "directive",
    [
        *(
            "ping",
            "crlf",
            "no_space",
            "event_fields",
            "multi_line",
            "one_write",
            "empty_choices",
            "repeated_role",
            "changing_ids",
            "close_after",
            "gzip",
        ),
        *(
            "usage_missing",
            "usage_on:first",
            "usage_on:finish",
            "usage_on:every",
            "no_done",
            "done_twice",
            "after_done",
        ),
        *("usage_odd:negative", "usage_odd:text", "usage_odd:float", "usage_odd:huge", "usage_odd:null"),
        *("usage_odd:list", "usage_odd:empty", "slow_first:0.05", "slow:0.01", "json_for_stream"),
    ],
)
@pytest.mark.parametrize("usage", [False, True])
def test_an_unusual_stream_ends_well(gateway: Gateway, upstreams: Upstreams, directive: str, usage: bool) -> None:
    upstreams.local.next(directive)
    stream = read_stream(post(gateway, ask(EASY, "small", stream=True, stream_options={"include_usage": usage})))
    stream.assert_clean()
    assert stream.text.startswith("local-model says")
    assert "AFTER" not in stream.text
    roles = [choice["delta"].get("role") for chunk in stream.chunks for choice in chunk["choices"]]
    assert roles.count("assistant") == 1
    assert all(("usage" in chunk) == usage for chunk in stream.chunks)
    if not usage:
        assert stream.usage == []
    else:
        assert stream.chunks[-1]["choices"] == []
        assert stream.usage[-1]["total_tokens"] > 0


@pytest.mark.parametrize(
    "directive",
    ["usage_missing", "gzip", "close_after", "slow_first:0.05"]
    + [f"usage_odd:{kind}" for kind in ("negative", "text", "float", "huge", "null", "list", "empty")],
)
def test_an_unusual_answer_is_still_one(gateway: Gateway, upstreams: Upstreams, directive: str) -> None:
    """With usage that can be read: clients trip over none and over nonsense."""
    upstreams.local.next(directive)
    answer = post(gateway, ask(EASY, "small"))
    assert text_of(answer).startswith("local-model says")
    usage = answer.json()["usage"]
    assert usage["prompt_tokens"] + usage["completion_tokens"] == usage["total_tokens"] > 0


@pytest.mark.parametrize("size", [1, 2, 3, 5, 64])
def test_characters_split_anywhere(gateway: Gateway, upstreams: Upstreams, size: int) -> None:
    upstreams.local.next(f"unicode:{size}")
    stream = read_stream(post(gateway, ask(EASY, "small", stream=True)))
    stream.assert_clean()
    assert stream.text == UNICODE


def test_a_role_that_is_repeated_does_not_become_another(gateway: Gateway, upstreams: Upstreams) -> None:
    """The SDK puts the texts of deltas together, whatever they are: `assistantassistant…`."""
    upstreams.local.next("repeated_role")
    with sdk(gateway) as client, client.chat.completions.stream(**ask(EASY, "small")) as events:
        message = events.get_final_completion().choices[0].message
    assert message.role == "assistant"
    assert str(message.content).startswith("local-model says")


def test_a_line_of_a_megabyte(gateway: Gateway, upstreams: Upstreams) -> None:
    upstreams.local.next("long_line:1048576", "long_line:1048576")
    assert read_stream(post(gateway, ask(EASY, "small", stream=True))).text == "x" * 1_048_576
    assert text_of(post(gateway, ask(EASY, "small"))) == "x" * 1_048_576


def test_a_stream_arrives_as_it_is_made(gateway: Gateway, upstreams: Upstreams) -> None:
    """Not gathered: the first words are there while the upstream is still holding back the rest."""
    upstreams.local.next("hold:3")
    with sdk(gateway) as client:
        chunks = iter(client.chat.completions.create(**ask(EASY, "small"), stream=True))
        first = [next(chunks).choices[0].delta.content for _ in range(3)]
        assert first == ["", "local-model ", "says: "]
        upstreams.local.release()
        assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == "stop"
