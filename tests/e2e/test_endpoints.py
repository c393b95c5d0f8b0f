"""The OpenAI SDK at the endpoints beside chat, against the real gateway."""

from __future__ import annotations

import asyncio
import io
from decimal import Decimal
from typing import Any

import httpx
import openai
import pytest

from tests.harness.client import TIMEOUT, ask, error_of, http, post, sdk
from tests.harness.configs import MAX_BODY_BYTES
from tests.harness.gateway import NO_TLS, Gateway, bearer
from tests.harness.ledger import wait_for_rows
from tests.harness.prompts import CARD, EASY, SENSITIVE
from tests.servers.upstream import Upstreams

COMPLETIONS, EMBEDDINGS, MODERATIONS = "/v1/completions", "/v1/embeddings", "/v1/moderations"
TOOL: Any = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "properties": {}}}}


def test_a_completion(gateway: Gateway) -> None:
    with sdk(gateway) as client:
        raw = client.completions.with_raw_response.create(model="only-cloud", prompt=EASY, echo=True, logprobs=1)
    answer = raw.parse()
    assert answer.choices[0].text.startswith(f"{EASY} cloud-model says")
    assert answer.choices[0].logprobs is not None
    assert answer.usage is not None
    (row,) = wait_for_rows(gateway, raw.headers["x-request-id"])
    assert (row["prompt_tokens"], row["completion_tokens"]) == (
        answer.usage.prompt_tokens,
        answer.usage.completion_tokens,
    )
    assert Decimal(row["cost"]) == Decimal(raw.headers["x-tidegate-cost-usd"]) > 0


def test_a_completion_that_streams(gateway: Gateway) -> None:
    with sdk(gateway) as client:
        stream = client.completions.create(
            model="small", prompt=["one", "two"], n=2, stream=True, stream_options={"include_usage": True}
        )
        chunks = list(stream)
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    for index in range(4):
        own = [choice for chunk in chunks for choice in chunk.choices if choice.index == index]
        assert "".join(choice.text for choice in own).startswith("local-model says")
        assert own[-1].finish_reason == "stop"


def test_a_completion_that_is_cut_raises(gateway: Gateway, upstreams: Upstreams) -> None:
    upstreams.local.next("cut:3:fin")
    with sdk(gateway) as client, pytest.raises(openai.APIError):
        list(client.completions.create(model="small", prompt=EASY, stream=True))


@pytest.mark.parametrize("directive", ["ok", "floats"])
@pytest.mark.parametrize("value", [EASY, [EASY, "and another"], [1, 2, 3], [[1, 2], [3]]])
def test_embeddings_are_as_long_as_they_should_be(
    gateway: Gateway, upstreams: Upstreams, directive: str, value: Any
) -> None:
    """The SDK asks for base64 by itself, and decodes it; `floats` is a server that knows numbers only."""
    upstreams.local.always(directive)
    with sdk(gateway) as client:
        packed = client.embeddings.create(model="embed", input=value)
        assert upstreams.local.journal.last.json()["encoding_format"] == "base64"
        numbers = client.embeddings.create(model="embed", input=value, encoding_format="float")
        short = client.embeddings.create(model="embed", input=value, dimensions=4)
    assert [item.embedding for item in packed.data] == [item.embedding for item in numbers.data]
    assert {len(item.embedding) for item in packed.data} == {8}
    assert {len(item.embedding) for item in short.data} == {4}
    assert [item.index for item in packed.data] == list(range(len(packed.data)))
    assert packed.usage.prompt_tokens > 0


async def test_a_batch_asked_for_asynchronously(gateway: Gateway) -> None:
    options: dict[str, Any] = {"base_url": gateway.base_url, "api_key": gateway.key, "max_retries": 0}
    http_client = httpx.AsyncClient(trust_env=False, verify=NO_TLS)
    texts = [f"text number {place}" for place in range(500)]
    async with openai.AsyncOpenAI(**options, timeout=TIMEOUT, http_client=http_client) as client:
        answers = await asyncio.gather(*(client.embeddings.create(model="embed", input=texts) for _ in range(4)))
    for answer in answers:
        assert len(answer.data) == 500
        assert len({tuple(item.embedding) for item in answer.data}) == 500


def test_what_embeddings_cost_is_known_exactly(gateway: Gateway) -> None:
    answer = post(gateway, {"model": "vectors", "input": ["one", "and two"]}, path=EMBEDDINGS)
    assert answer.headers["x-tidegate-deployment"] == "vectors-there"
    assert Decimal(answer.headers["x-tidegate-cost-usd"]) == Decimal("0.0000075")  # 3 tokens at 2.50 a million
    (row,) = wait_for_rows(gateway, answer.headers["x-request-id"])
    assert (row["prompt_tokens"], row["completion_tokens"]) == (3, 0)
    assert Decimal(row["cost"]) == Decimal("0.0000075")


def test_moderations_by_the_gateways_own_scanner(gateway: Gateway, upstreams: Upstreams) -> None:
    with sdk(gateway) as client:
        plain = client.moderations.create(input=EASY)
        several = client.moderations.create(input=[EASY, *SENSITIVE], model="omni-moderation-latest")
        image: Any = {"type": "image_url", "image_url": {"url": "https://example.org/x.png"}}
        seen = client.moderations.create(input=[{"type": "text", "text": EASY}, image])
    assert plain.model == "tidegate-scanner"
    assert plain.id
    assert not plain.results[0].flagged
    assert plain.results[0].categories.self_harm_intent is False
    assert plain.results[0].category_scores.violence_graphic == 0
    assert [result.flagged for result in several.results] == [False, True, True]
    found = several.results[1].categories.model_extra
    assert found is not None
    assert found["sensitive/CREDIT_CARD"] is True
    assert [result.flagged for result in seen.results] == [True]
    assert upstreams.local.journal.raw == b""
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("prompt", SENSITIVE)
@pytest.mark.parametrize("stream", [False, True])
def test_a_completion_of_something_sensitive_stays(
    gateway: Gateway, upstreams: Upstreams, prompt: str, stream: bool
) -> None:
    body = {"model": "cloud", "prompt": prompt, "stream": stream}
    assert post(gateway, body, path=COMPLETIONS).headers["x-tidegate-zone"] == "local"
    for fields in ({"prompt": ["x", prompt]}, {"prompt": "x", "suffix": prompt}, {"prompt": [[4970, 1000]]}):
        refused = post(gateway, {"model": "only-cloud", "stream": stream, **fields}, path=COMPLETIONS)
        assert (refused.status_code, error_of(refused)["code"]) == (503, "no_deployment")
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("value", [*SENSITIVE, ["Hello", CARD], [4970, 1000, 154], [[4970]]])
def test_an_embedding_of_something_sensitive_stays(gateway: Gateway, upstreams: Upstreams, value: Any) -> None:
    """The one outside serves the same model and is preferred; it is told nothing even where the other is down."""
    answer = post(gateway, {"model": "vectors", "input": value}, path=EMBEDDINGS)
    assert answer.headers["x-tidegate-deployment"] == "vectors-here"
    upstreams.local.always("status:500")
    refused = post(gateway, {"model": "vectors", "input": value}, path=EMBEDDINGS)
    assert (refused.status_code, error_of(refused)["code"]) == (503, "no_deployment")
    upstreams.assert_cloud_saw_nothing()


def test_what_no_deployment_can_is_a_400_that_names_it(gateway: Gateway, upstreams: Upstreams) -> None:
    with sdk(gateway) as client, pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(**ask(EASY, "only-plain"), tools=[TOOL])
    assert (caught.value.param, caught.value.code) == ("tools", "unsupported_by_route")
    assert upstreams.local.journal.raw == b""
    answer = post(gateway, ask(CARD, "tools", tools=[TOOL]))  # the one that can lies outside the clearance
    assert (answer.status_code, error_of(answer)["param"]) == (400, "tools")
    assert "capability(tools)" in answer.headers["x-tidegate-reason"]
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize(
    "body",
    [b"[]", b'"x"', b"null", b"{", b"{}", b'{"model": "auto"}', b'{"model": "auto", "prompt": {}, "input": {}}'],
)
@pytest.mark.parametrize("path", [COMPLETIONS, EMBEDDINGS, MODERATIONS])
def test_bad_bodies_are_a_400(gateway: Gateway, path: str, body: bytes) -> None:
    with http() as client:
        answer = client.post(gateway.root + path, content=body, headers=bearer(gateway.key))
    assert answer.status_code == 400
    error_of(answer)


def test_what_is_not_served_is_not_found(gateway: Gateway) -> None:
    large = io.BytesIO(bytes(4 * MAX_BODY_BYTES))  # larger than a body may be: the answer does not wait for it
    large.name = "large.mp3"
    with sdk(gateway) as client:
        calls: list[Any] = [
            lambda: client.audio.transcriptions.create(model="whisper-1", file=large),
            lambda: client.audio.speech.create(model="tts-1", voice="alloy", input="x"),
            lambda: client.images.generate(prompt="x"),
            lambda: client.files.list(),
            lambda: client.files.create(file=large, purpose="batch"),
            lambda: client.batches.retrieve("batch_1"),
            lambda: client.fine_tuning.jobs.list(),
            lambda: client.vector_stores.create(),
            lambda: client.evals.list(),
            lambda: client.containers.list(),
            lambda: client.videos.list(),
            lambda: client.uploads.cancel("upload_1"),
        ]
        for call in calls:
            with pytest.raises(openai.NotFoundError) as caught:
                call()
            assert (caught.value.code, caught.value.type) == ("unknown_url", "invalid_request_error")
            assert "does not serve" in caught.value.message
            assert caught.value.request_id


@pytest.mark.parametrize("path", ["/v1/realtime?model=x", "/v1/threads/t/runs", "/v1/assistants", "/v1/rerank"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_nor_is_it_by_hand(gateway: Gateway, path: str, method: str) -> None:
    upgrade = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-key": "x", "sec-websocket-version": "13"}
    with http() as client:
        answer = client.request(method, gateway.root + path, headers=upgrade if "realtime" in path else {})
    assert answer.status_code == 404
    assert error_of(answer)["code"] == "unknown_url"
