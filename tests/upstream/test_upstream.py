"""The scripted upstream does what its directives say: otherwise every test that leans on it proves nothing."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from tests.harness.client import http
from tests.harness.ports import free_port
from tests.upstream import Upstream
from tests.upstream.behaviours import UNICODE
from tests.upstream.script import DIRECTIVES

ASK: dict[str, Any] = {"model": "local-model", "messages": [{"role": "user", "content": "What is this?"}]}
ROOT = Path(__file__).parents[2]
TEXT = "local-model says: read 3 words, digest"


@pytest.fixture(scope="module")
def running() -> Iterator[Upstream]:
    with Upstream("local-model") as upstream:
        yield upstream


@pytest.fixture
def upstream(running: Upstream) -> Iterator[Upstream]:
    running.reset()
    yield running
    running.reset()


@pytest.fixture
def client(upstream: Upstream) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=upstream.base_url, api_key="k", max_retries=0, http_client=http()) as client:
        yield client


def post(upstream: Upstream, directive: str, *, stream: bool = False, timeout: float = 5) -> httpx.Response:
    body = {**ASK, "stream": stream, "x_upstream": directive}
    with http(timeout=timeout) as client:
        return client.post(f"{upstream.base_url}/chat/completions", json=body)


def test_the_sdk_reads_an_answer(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(**ASK)
    assert (answer.choices[0].message.content or "").startswith(TEXT)
    assert answer.usage is not None
    assert answer.usage.prompt_tokens == 3
    assert answer.usage.completion_tokens == len(str(answer.choices[0].message.content).split())


def test_the_sdk_reads_a_stream(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(**ASK, stream=True, n=2, stream_options={"include_usage": True})
    chunks = list(stream)
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    for index in (0, 1):
        said = [c.choices[0].delta.content or "" for c in chunks if c.choices and c.choices[0].index == index]
        assert "".join(said).startswith(TEXT)


def test_embeddings_and_completions(client: openai.OpenAI) -> None:
    vectors = client.embeddings.create(model="m", input=["a", "b"])
    assert [len(item.embedding) for item in vectors.data] == [8, 8]
    assert client.completions.create(model="m", prompt="a b").choices[0].text.startswith("local-model says")


@pytest.mark.parametrize("directive", ["tool_calls", "parallel_tool_calls"])
@pytest.mark.parametrize("stream", [False, True])
def test_tool_calls(upstream: Upstream, client: openai.OpenAI, directive: str, stream: bool) -> None:
    upstream.next(directive)
    if stream:
        with client.chat.completions.stream(**ASK) as events:
            message = events.get_final_completion().choices[0].message
    else:
        message = client.chat.completions.create(**ASK).choices[0].message
    calls: list[Any] = list(message.tool_calls or [])
    cities = [json.loads(call.function.arguments)["city"] for call in calls]
    assert cities == [f"City {i}" for i in range(1 if directive == "tool_calls" else 3)]


@pytest.mark.parametrize(
    "directive", ["ping", "crlf", "no_space", "event_fields", "one_write", "multi_line", "empty_choices"]
)
def test_odd_streams_are_still_streams(upstream: Upstream, client: openai.OpenAI, directive: str) -> None:
    upstream.next(directive)
    stream = client.chat.completions.create(**ASK, stream=True)
    assert "".join(c.choices[0].delta.content or "" for c in stream if c.choices).startswith(TEXT)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_unicode_split_anywhere(upstream: Upstream, client: openai.OpenAI, size: int) -> None:
    upstream.next(f"unicode:{size}")
    stream = client.chat.completions.create(**ASK, stream=True)
    assert "".join(c.choices[0].delta.content or "" for c in stream if c.choices) == UNICODE


def test_status_retry_after_and_once(upstream: Upstream) -> None:
    limited = post(upstream, "status:429:7")
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "7")
    assert limited.json()["error"].keys() == {"message", "type", "param", "code"}
    assert [post(upstream, "once:500:mark").status_code for _ in range(3)] == [500, 200, 200]
    assert post(upstream, "redirect:127.0.0.1:9").status_code == 307
    assert post(upstream, "gzip").json()["choices"]


@pytest.mark.parametrize(
    ("directive", "stream", "error"),
    [
        ("reset", False, httpx.ReadError),
        ("close", False, httpx.RemoteProtocolError),
        ("garbage", False, httpx.RemoteProtocolError),
        ("cut:3:rst", True, httpx.ReadError),
        ("cut:3:fin", True, httpx.RemoteProtocolError),
        ("cut:3", False, httpx.RemoteProtocolError),
        ("hang", True, httpx.ReadTimeout),
        ("hang_first", True, httpx.ReadTimeout),
        ("stall:2", True, httpx.ReadTimeout),
        ("stall_after_finish", True, httpx.ReadTimeout),
    ],
)
def test_broken_connections(upstream: Upstream, directive: str, stream: bool, error: type[Exception]) -> None:
    with pytest.raises(error):
        post(upstream, directive, stream=stream, timeout=0.2)


def test_a_clean_cut_has_neither_end(upstream: Upstream) -> None:
    text = post(upstream, "cut:3:clean", stream=True).text
    assert text.count("data: ") == 3
    assert "[DONE]" not in text
    assert "stop" not in text


def test_down_refuses_and_comes_back(upstream: Upstream) -> None:
    assert post(upstream, "ok").status_code == 200
    with upstream.down(), pytest.raises(httpx.ConnectError):
        post(upstream, "ok")
    assert post(upstream, "ok").status_code == 200


def test_every_byte_is_written_down(upstream: Upstream) -> None:
    with socket.create_connection(("127.0.0.1", upstream.port)) as raw:
        raw.sendall(b"not even HTTP")
        upstream.journal.wait("the bytes", lambda: upstream.journal.bytes_received == 13)
    assert upstream.journal.raw == b"not even HTTP"
    assert upstream.journal.exchanges == ()


def test_the_journal_knows_when_a_client_left(upstream: Upstream) -> None:
    connection = HTTPConnection("127.0.0.1", upstream.port)
    connection.request("POST", "/v1/chat/completions", json.dumps({**ASK, "x_upstream": "hang"}))
    (exchange,) = upstream.journal.wait_for_requests(1)
    left = time.monotonic()
    connection.close()
    assert upstream.journal.wait_until_closed(exchange) - left < 0.5
    assert exchange.finished is None


def test_hold_waits_for_release(upstream: Upstream, client: openai.OpenAI) -> None:
    upstream.next("hold:2")
    stream = iter(client.chat.completions.create(**ASK, stream=True))
    next(stream), next(stream)
    upstream.release()
    assert next(stream).choices
    assert list(stream)[-1].choices[0].finish_reason == "stop"


def test_a_behaviour_by_model_header_or_control(upstream: Upstream) -> None:
    url = f"{upstream.base_url}/chat/completions"
    root = f"http://127.0.0.1:{upstream.port}"
    with http() as http_client:
        assert http_client.post(url, json={**ASK, "model": "local-model!status:503"}).status_code == 503
        assert http_client.post(url, json=ASK, headers={"x-upstream": "status:418"}).status_code == 418
        per_server = {**ASK, "x_upstream": {"other": "status:500", "local-model": "status:404"}}
        assert http_client.post(url, json=per_server).status_code == 404
        assert upstream.journal.last.json()["x_upstream"]["local-model"] == "status:404"
    counted = upstream.journal.bytes_received
    with http() as http_client:
        http_client.post(f"{root}/control", json={"next": ["status:501"]})
        assert http_client.get(f"{root}/stats").json()["requests"] == 3
        assert len(http_client.get(f"{root}/received").json()["received"]) == 3
    assert upstream.journal.bytes_received == counted
    assert post(upstream, "ok").status_code == 501


ENDLESS = {"huge", "endless_line", "endless_head", "endless_interim", "hold"}


@pytest.mark.parametrize("directive", sorted(DIRECTIVES.keys() - ENDLESS))
def test_no_directive_stumbles(upstream: Upstream, directive: str) -> None:
    """Each reaches its end or waits for ever: none dies of an error of its own."""
    for stream in (False, True):
        with contextlib.suppress(httpx.TransportError, httpx.DecodingError):
            post(upstream, directive, stream=stream, timeout=0.05)
    assert post(upstream, "ok").status_code == 200
    assert upstream.stumbles == []


def test_it_runs_alone() -> None:
    """As in demonstrations: `python -m tests.upstream`."""
    port = free_port()
    options = ("--port", str(port), "--name", "cloud-model", "--always", "status:503")
    with subprocess.Popen(
        [sys.executable, "-m", "tests.upstream", *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"cloud-model on http://127.0.0.1:{port}/v1\n"
        root = f"http://127.0.0.1:{port}"
        with http() as client:
            assert client.post(f"{root}/v1/chat/completions", json=ASK).status_code == 503
            assert client.get(f"{root}/stats").json()["requests"] == 1
        process.terminate()
        assert process.wait(5) == 0
