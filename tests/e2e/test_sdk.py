"""The OpenAI SDK as its users use it: the base URL changed and nothing else."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import openai
import pytest

from tests.harness.client import TIMEOUT, ask, sdk
from tests.harness.configs import MAX_BODY_BYTES
from tests.harness.gateway import EMBED_ONLY_KEY, NO_TLS, Gateway
from tests.harness.prompts import CARD, EASY
from tests.servers.upstream import Upstreams


def test_unstreamed(gateway: Gateway) -> None:
    with sdk(gateway) as client:
        answer = client.chat.completions.create(**ask(EASY))
    assert str(answer.choices[0].message.content).startswith("local-model says: read 6 words")
    assert answer.usage is not None
    assert answer.usage.prompt_tokens == 6
    assert answer._request_id is not None


def test_streamed(gateway: Gateway) -> None:
    with sdk(gateway) as client:
        stream = client.chat.completions.create(**ask(EASY), stream=True, stream_options={"include_usage": True})
        chunks = list(stream)
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices).startswith("local-model says")
    assert chunks[-1].usage is not None


async def test_asynchronous(gateway: Gateway) -> None:
    options: dict[str, Any] = {"base_url": gateway.base_url, "api_key": gateway.key, "max_retries": 0}
    http_client = httpx.AsyncClient(trust_env=False, verify=NO_TLS)
    async with openai.AsyncOpenAI(**options, timeout=TIMEOUT, http_client=http_client) as client:
        answers = await asyncio.gather(*(client.chat.completions.create(**ask(f"{EASY} {i}")) for i in range(20)))
        assert len({answer.id for answer in answers}) == 20
        said = ""
        async for chunk in await client.chat.completions.create(**ask(EASY), stream=True):
            said += chunk.choices[0].delta.content or ""
    assert said.startswith("local-model says")


def test_the_stream_helper_and_parse(gateway: Gateway) -> None:
    with sdk(gateway) as client, client.chat.completions.stream(**ask(EASY)) as events:
        final = events.get_final_completion()
    assert final.choices[0].finish_reason == "stop"


def test_models(gateway: Gateway) -> None:
    with sdk(gateway) as client:
        names = [model.id for model in client.models.list()]
        one = client.models.retrieve("vendor/model-1")
        assert {"auto", "cloud", "embed", "vendor/model-1"} <= set(names)
        assert (one.id, one.object) == ("vendor/model-1", "model")
        with pytest.raises(openai.NotFoundError) as missing:
            client.models.retrieve("gpt-4o")
    assert missing.value.code == "model_not_found"


def test_a_key_lists_only_what_it_may_use(gateway: Gateway) -> None:
    with sdk(gateway, EMBED_ONLY_KEY) as client:
        assert [model.id for model in client.models.list()] == ["embed"]


@pytest.mark.parametrize(
    ("directive", "error", "status"),
    [
        ("status:400", openai.BadRequestError, 400),
        ("status:429", openai.RateLimitError, 429),
        ("status:500", openai.InternalServerError, 502),
        ("garbage", openai.InternalServerError, 502),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_an_upstreams_errors(
    gateway: Gateway,
    upstreams: Upstreams,
    directive: str,
    error: type[openai.APIStatusError],
    status: int,
    stream: bool,
) -> None:
    upstreams.local.next(directive)
    with sdk(gateway) as client, pytest.raises(error) as caught:
        client.chat.completions.create(**ask(EASY, "small"), stream=stream)
    assert caught.value.status_code == status
    assert caught.value.request_id


@pytest.mark.parametrize(
    ("body", "key", "error", "code"),
    [
        (ask(EASY, "gpt-4o"), None, openai.NotFoundError, "model_not_found"),
        (ask(EASY), "wrong", openai.AuthenticationError, "invalid_api_key"),
        (ask(EASY), EMBED_ONLY_KEY, openai.PermissionDeniedError, "forbidden"),
        (ask("x" * MAX_BODY_BYTES), None, openai.APIStatusError, "body_too_large"),
        (ask(CARD, "only-cloud"), None, openai.InternalServerError, "no_deployment"),
        ({"model": "auto", "messages": []}, None, openai.BadRequestError, None),
    ],
)
def test_the_gateways_own_errors(
    gateway: Gateway, body: dict[str, Any], key: str | None, error: type[openai.APIStatusError], code: str | None
) -> None:
    with sdk(gateway, key) as client, pytest.raises(error) as caught:
        client.chat.completions.create(**body)
    if code is not None:
        assert caught.value.code == code
    assert caught.value.type
    assert caught.value.request_id


def test_the_sdks_own_retries_get_an_answer(gateway: Gateway, upstreams: Upstreams) -> None:
    """A rate limit is retried by the SDK after the time it was told."""
    upstreams.local.next("status:429:1")
    with sdk(gateway, max_retries=1) as client:
        assert client.chat.completions.create(**ask(EASY, "small")).choices
    assert len(upstreams.local.journal.exchanges) == 2
