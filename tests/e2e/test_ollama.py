"""Ollama's SDK as its users use it: the host changed, a key in a header, and nothing else."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ollama
import pytest

from tests.harness.client import Wire, http
from tests.harness.configs import MAX_BODY_BYTES, slug
from tests.harness.faults import BEFORE_ANSWER, IN_STREAM
from tests.harness.gateway import EMBED_ONLY_KEY, Gateway, bearer
from tests.harness.ollama_client import async_client, client, error_of, keyless, lines_of, post
from tests.harness.prompts import EASY
from tests.servers.upstream import Upstreams

USER = {"role": "user", "content": EASY}
SAID = re.compile(r"local-model says: read \d+ words")
DURATIONS = ("total_duration", "load_duration", "prompt_eval_duration", "eval_duration")


@pytest.fixture
def there(gateway: Gateway) -> Iterator[ollama.Client]:
    with client(gateway) as opened:
        yield opened


def parts_of(asked: Callable[..., Any], *words: Any, stream: bool, **more: Any) -> list[Any]:
    """The parts of an answer, of which an unstreamed one has one."""
    answer = asked(*words, stream=stream, **more)
    return list(answer) if stream else [answer]


def add(a: int, b: int) -> int:
    """Add two numbers.

    Args:
      a: The first number
      b: The second number
    """
    return a + b


def test_chat_unstreamed(there: ollama.Client) -> None:
    answer = there.chat("auto", [USER])
    assert SAID.match(answer.message.content or "")
    assert (answer.model, answer.message.role, answer.done, answer.done_reason) == ("auto", "assistant", True, "stop")
    assert answer.prompt_eval_count == 6
    assert answer.eval_count
    assert all(isinstance(answer[name], int) for name in DURATIONS)
    assert answer.total_duration == (answer.prompt_eval_duration or 0) + (answer.eval_duration or 0)


def test_chat_streamed(there: ollama.Client) -> None:
    parts = list(there.chat("auto", [USER], stream=True))
    assert SAID.match("".join(part.message.content or "" for part in parts))
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
    assert {part.model for part in parts} == {"auto"}
    last = parts[-1]
    assert (last.message.content, last.done_reason, last.prompt_eval_count) == ("", "stop", 6)
    assert last.eval_count
    assert last.total_duration
    assert all(part.eval_count is None for part in parts[:-1])


def test_generate(there: ollama.Client, upstreams: Upstreams) -> None:
    with_system = there.generate("auto", EASY, system="Be brief.", options={"num_predict": 20, "seed": 3})
    assert SAID.match(with_system.response or "")
    assert with_system.context is None
    asked = upstreams.local.journal.last.json()
    assert asked["messages"] == [{"role": "system", "content": "Be brief."}, USER]
    assert (asked["max_tokens"], asked["seed"], asked["stream"]) == (20, 3, False)
    parts = list(there.generate("auto", EASY, stream=True))
    assert SAID.match("".join(part.response or "" for part in parts))
    assert parts[-1].done_reason == "stop"


async def test_asynchronous(gateway: Gateway) -> None:
    async with async_client(gateway) as there:
        answers = await asyncio.gather(*(there.chat("auto", [{**USER, "content": f"{EASY} {i}"}]) for i in range(20)))
        said = ""
        async for part in await there.chat("auto", [USER], stream=True):
            said += part.message.content or ""
    assert len({answer.message.content for answer in answers}) == 20
    assert SAID.match(said)


@pytest.mark.parametrize("stream", [False, True])
def test_tools(there: ollama.Client, upstreams: Upstreams, stream: bool) -> None:
    """A function becomes a tool, its call comes back with arguments as an object, and the result goes out again."""
    upstreams.local.next("tool_calls:2")
    parts = parts_of(there.chat, "auto", [USER], tools=[add], stream=stream)
    calls = [call for part in parts for call in part.message.tool_calls or ()]
    assert [(call.function.name, call.function.arguments) for call in calls] == [
        ("add", {"city": "City 0"}),
        ("add", {"city": "City 1"}),
    ]
    assert parts[-1].done_reason == "stop"
    asked = upstreams.local.journal.last.json()
    assert asked["tools"][0]["function"]["parameters"]["required"] == ["a", "b"]
    assert asked["tools"][0]["type"] == "function"

    spoken = ollama.Message(role="assistant", content="", tool_calls=calls)
    results = [{"role": "tool", "tool_name": "add", "content": str(number)} for number in (1, 2)]
    again = there.chat("auto", [USER, spoken, *results], tools=[add])
    assert SAID.match(again.message.content or "")
    sent = upstreams.local.journal.last.json()["messages"]
    assert [json.loads(call["function"]["arguments"]) for call in sent[1]["tool_calls"]] == [
        {"city": "City 0"},
        {"city": "City 1"},
    ]
    assert [message["tool_call_id"] for message in sent[2:]] == [call["id"] for call in sent[1]["tool_calls"]]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_thoughts(there: ollama.Client, upstreams: Upstreams, stream: bool, field: str) -> None:
    upstreams.local.always(f"thoughts:{field}")

    def said(**more: Any) -> tuple[str, str]:
        parts = parts_of(there.chat, "auto", [USER], stream=stream, **more)
        return tuple("".join(getattr(part.message, name) or "" for part in parts) for name in ("thinking", "content"))  # type: ignore[return-value]

    assert said() == ("The user asks. I think, therefore I answer.", "Here is the answer.")
    assert said(think="high")[0]
    assert upstreams.local.journal.last.json()["reasoning_effort"] == "high"
    assert said(think=False) == ("", "Here is the answer.")
    assert upstreams.local.journal.last.json()["reasoning_effort"] == "none"
    written = there.generate("auto", EASY, think=True)
    assert (written.thinking, written.response) == (
        "The user asks. I think, therefore I answer.",
        "Here is the answer.",
    )


def test_structured_answers(there: ollama.Client, upstreams: Upstreams) -> None:
    schema = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
    there.chat("auto", [USER], format=schema)
    assert upstreams.local.journal.last.json()["response_format"]["json_schema"]["schema"] == schema
    there.generate("auto", EASY, format="json")
    assert upstreams.local.journal.last.json()["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize("stream", [False, True])
def test_log_probabilities(there: ollama.Client, stream: bool) -> None:
    parts = parts_of(there.chat, "auto", [USER], logprobs=True, stream=stream)
    tokens = [token for part in parts for token in part.logprobs or ()]
    assert "".join(token.token for token in tokens) == "".join(part.message.content or "" for part in parts)
    assert {token.logprob for token in tokens} == {-0.5}


def test_plain_prompts_and_suffixes(there: ollama.Client, upstreams: Upstreams) -> None:
    """`raw` and `suffix` go to the completions endpoint, which puts no template around them."""
    answer = there.generate("small", "[INST] why? [/INST]", raw=True, options={"num_predict": 5})
    assert SAID.match(answer.response or "")
    asked = upstreams.local.journal.last
    assert (asked.path, asked.json()["prompt"], asked.json()["max_tokens"]) == (
        "/v1/completions",
        "[INST] why? [/INST]",
        5,
    )
    parts = list(there.generate("small", "def f(a, b):", suffix="    return c", stream=True))
    assert SAID.match("".join(part.response or "" for part in parts))
    assert upstreams.local.journal.last.json()["suffix"] == "    return c"
    assert parts[-1].eval_count


def test_models(gateway: Gateway, there: ollama.Client) -> None:
    listed = there.list().models
    names = [model.model for model in listed]
    assert {"auto", "cloud", "embed", "vendor/model-1"} <= set(names)
    assert all(re.fullmatch("[0-9a-f]{64}", model.digest or "") and model.modified_at for model in listed)
    with client(gateway, EMBED_ONLY_KEY) as embedder:
        assert [model.model for model in embedder.list().models] == ["embed"]
    shown = there.show("auto")
    assert set(shown.capabilities or ()) >= {"completion", "tools", "vision"}
    assert shown.modelinfo
    assert there.show("embed").capabilities == ["embedding"]
    running = {model.name for model in there.ps().models}
    assert "auto" in running
    assert "only-cloud" not in running
    with pytest.raises(ollama.ResponseError) as missing:
        there.show("llama9")
    assert (missing.value.status_code, missing.value.error) == (404, "model 'llama9' not found")


def test_a_name_without_a_tag_is_the_latest(there: ollama.Client) -> None:
    answer = there.chat("auto:latest", [USER])
    assert SAID.match(answer.message.content or "")
    assert answer.model == "auto:latest"
    assert there.show("auto:latest").modelinfo


def test_embeddings(there: ollama.Client, upstreams: Upstreams) -> None:
    several = there.embed("embed", ["one", "and two"], dimensions=4)
    assert [len(vector) for vector in several.embeddings] == [4, 4]
    assert (several.model, several.prompt_eval_count) == ("embed", 3)
    assert several.total_duration
    assert upstreams.local.journal.last.path == "/v1/embeddings"
    one = there.embed("embed", "one")
    assert there.embeddings("embed", "one").embedding == one.embeddings[0]
    assert there.embed("embed", "").embeddings == []
    assert there.embeddings("embed").embedding == []


def test_a_model_is_loaded_and_unloaded_without_a_call(there: ollama.Client, upstreams: Upstreams) -> None:
    assert there.generate("auto").done_reason == "load"
    assert there.generate("auto", "", keep_alive=0).done_reason == "unload"
    assert there.chat("auto", []).done_reason == "load"
    assert [part.done_reason for part in there.chat("auto", [], keep_alive="0s", stream=True)] == ["unload"]
    assert upstreams.local.journal.exchanges == ()
    with pytest.raises(ollama.ResponseError, match="model 'llama9' not found"):
        there.generate("llama9")


def test_pulling_what_is_there_succeeds(there: ollama.Client) -> None:
    assert there.pull("auto").status == "success"
    assert [part.status for part in there.pull("auto", stream=True)][-1] == "success"
    with pytest.raises(ollama.ResponseError) as missing:
        there.pull("llama9")
    assert missing.value.status_code == 404


def test_there_is_nothing_to_manage(there: ollama.Client) -> None:
    refusals: list[Callable[[], object]] = [
        lambda: there.push("auto"),
        lambda: there.create("mine", from_="auto"),
        lambda: there.copy("auto", "mine"),
        lambda: there.delete("auto"),
    ]
    for what in refusals:
        with pytest.raises(ollama.ResponseError, match="this is a gateway") as refused:
            what()
        assert refused.value.status_code == 404


def test_without_a_key_nothing_is_answered(gateway: Gateway, upstreams: Upstreams) -> None:
    with keyless(gateway) as there:
        for what in (
            lambda: there.chat("auto", [USER]),
            lambda: list(there.generate("auto", EASY, stream=True)),
            there.list,
            there.ps,
            lambda: there.show("auto"),
            lambda: there.pull("auto"),
            lambda: there.embed("embed", "one"),
        ):
            with pytest.raises(ollama.ResponseError) as refused:
                what()
            assert refused.value.status_code == 401
    assert upstreams.local.journal.raw == b""


@pytest.mark.parametrize(
    ("directive", "status"), [("status:400", 400), ("status:429", 429), ("status:500", 502), ("garbage", 502)]
)
@pytest.mark.parametrize("stream", [False, True])
def test_an_upstreams_errors(
    there: ollama.Client, upstreams: Upstreams, directive: str, status: int, stream: bool
) -> None:
    upstreams.cloud.always(directive)
    with pytest.raises(ollama.ResponseError) as caught:
        parts_of(there.chat, "only-cloud", [USER], stream=stream)
    assert caught.value.status_code == status
    assert caught.value.error


@pytest.mark.parametrize("directive", BEFORE_ANSWER)
@pytest.mark.parametrize("stream", [False, True])
def test_whatever_goes_wrong_before_an_answer_is_an_error_in_ollamas_shape(
    gateway: Gateway, directive: str, stream: bool
) -> None:
    answer = post(gateway, "/api/chat", {"model": f"only-{slug(directive)}", "messages": [USER], "stream": stream})
    assert answer.status_code >= 400
    error_of(answer)


@pytest.mark.parametrize("directive", IN_STREAM)
@pytest.mark.parametrize("path", ["/api/chat", "/api/generate"])
def test_a_stream_that_is_cut_says_so(
    gateway: Gateway, there: ollama.Client, upstreams: Upstreams, directive: str, path: str
) -> None:
    upstreams.local.release()
    model = f"only-{slug(directive)}"
    lines = lines_of(post(gateway, path, {"model": model, "messages": [USER], "prompt": EASY}))
    assert lines[-1].keys() == {"error"}
    assert len(lines) > 1
    assert not any(line.get("done") for line in lines)
    with pytest.raises(ollama.ResponseError):
        list(there.chat(model, [USER], stream=True))


@pytest.mark.parametrize("stream", [False, True])
def test_a_tool_is_never_called_with_what_is_no_object(
    there: ollama.Client, upstreams: Upstreams, stream: bool
) -> None:
    upstreams.local.always("bad_arguments")
    with pytest.raises(ollama.ResponseError, match="arguments that are no JSON object"):
        parts_of(there.chat, "auto", [USER], tools=[add], stream=stream)


@pytest.mark.parametrize("behaviour", ["ping", "crlf", "multi_line", "unicode:1", "one_write", "empty_choices"])
def test_odd_streams_are_told_like_any_other(there: ollama.Client, upstreams: Upstreams, behaviour: str) -> None:
    upstreams.local.always(behaviour)
    streamed = "".join(part.message.content or "" for part in there.chat("auto", [USER], stream=True))
    upstreams.local.always("ok" if not behaviour.startswith("unicode") else behaviour)
    assert streamed == there.chat("auto", [USER]).message.content


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b'{"model": 5}', b'{"model": "\\ud800"}'])
@pytest.mark.parametrize(
    "path", ["/api/chat", "/api/generate", "/api/embed", "/api/embeddings", "/api/show", "/api/pull"]
)
def test_a_body_that_is_none_is_a_bad_request(gateway: Gateway, path: str, body: bytes) -> None:
    answer = post(gateway, path, body)
    assert answer.status_code == 400
    error_of(answer)


def test_a_body_that_is_too_large_and_a_method_that_is_none(gateway: Gateway) -> None:
    large = post(gateway, "/api/chat", b'{"model": "' + b"x" * MAX_BODY_BYTES + b'"}')
    assert large.status_code == 413
    error_of(large)
    with http() as there:
        answer = there.get(f"{gateway.root}/api/chat", headers=bearer(gateway.key))
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    error_of(answer)


def test_a_client_that_leaves_closes_the_upstream(gateway: Gateway, upstreams: Upstreams) -> None:
    upstreams.local.always("hold:4")
    with Wire(gateway) as wire:
        wire.post({"model": "small", "prompt": EASY}, "/api/generate")
        wire.read_until(b'"response":')
        left = time.monotonic()
    assert upstreams.local.journal.wait_until_closed(upstreams.local.journal.last) - left < 1.0


def test_the_snippet_of_the_documentation(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "dialects.md").read_text()
    (program,) = re.findall(r"```python\n(import ollama\n.*?)```", page, re.DOTALL)
    there = program.replace("http://127.0.0.1:8080", gateway.root).replace("tg-…", gateway.key)
    scope: dict[str, Any] = {}
    exec(there, scope)  # noqa: S102  # the page's own words
    scope["client"].close()
    assert SAID.match(capsys.readouterr().out)
