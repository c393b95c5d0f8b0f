"""If these fail, something that is no answer is given out as one, or its tokens are miscounted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from gateway.egress.litellm_engine import WholeAnswer
from gateway.pipeline.admit import admit
from gateway.pipeline.attempt import Attempt
from gateway.pipeline.whole import read_whole, usage_in
from gateway.wire.endpoint import CHAT
from gateway.wire.errors import UpstreamFailed
from tests.gateway.house import DEVELOPER, House, call

CHOICE: dict[str, Any] = {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}


async def whole(house: House, body: bytes) -> tuple[bytes, dict[str, object]]:
    parts = house.pipeline.parts
    attempt = Attempt(parts, admit(parts, call(), DEVELOPER), parts.targets["auto"]["small"])
    return await read_whole(attempt, WholeAnswer(200, body), call())


async def test_a_completion_passes_byte_for_byte(house: House) -> None:
    body = b'{ "choices" : [' + json.dumps(CHOICE).encode() + b'], "x": 1.0 }'
    assert (await whole(house, body))[0] == body


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"x", b"[]", b"null", b"{}", b'"x"', b"\xff{}"),
        *(b'{"choices": {}}', b'{"choices": []}', b'{"choices": [null]}', b'{"choices": [{}]}'),
        *(b'{"error": {"message": "secret"}}', b'{"error": "secret", "choices": []}'),
    ],
)
async def test_anything_else_is_the_upstreams_failure(house: House, body: bytes) -> None:
    with pytest.raises(UpstreamFailed) as caught:
        await whole(house, body)
    assert "secret" not in caught.value.message


@given(
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.text(max_size=5) | st.integers(-9, 9),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(
                st.sampled_from(["choices", "message", "error", "usage", "content", "tool_calls"]), inner, max_size=3
            )
        ),
        max_leaves=12,
    )
)
@given_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
async def test_nothing_an_upstream_says_is_a_fault_of_ours(house: House, said: Any) -> None:
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    try:
        _, found = await whole(house, body)
    except UpstreamFailed:
        return
    assert usage_in(found, admit(house.pipeline.parts, call(), DEVELOPER)).prompt_tokens >= 0
    CHAT.is_complete(found)


async def test_the_upstreams_count_stands_and_else_there_is_an_estimate(house: House) -> None:
    exchange = admit(house.pipeline.parts, call(), DEVELOPER)
    exchange.characters = 40
    counted = usage_in({"choices": [CHOICE], "usage": {"prompt_tokens": 9, "completion_tokens": 2}}, exchange)
    assert (counted.prompt_tokens, counted.completion_tokens, counted.estimated) == (9, 2, False)
    calls = [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]
    message = {"role": "assistant", "content": "x" * 40, "tool_calls": calls}
    guessed = usage_in({"choices": [{**CHOICE, "message": message}]}, exchange)
    assert guessed.estimated
    assert guessed.prompt_tokens == 10
    assert guessed.completion_tokens > 10
