"""If these fail, something that is no answer is given out as one, or vectors arrive that are not those of the model."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.endpoint import CHAT, COMPLETIONS, EMBEDDINGS, MODERATIONS, Endpoint
from gateway.wire.errors import UpstreamFailed

ENDPOINTS = (CHAT, COMPLETIONS, EMBEDDINGS, MODERATIONS)
MESSAGE = {"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}
TEXT = {"index": 0, "text": "Hi there", "logprobs": None, "finish_reason": "stop"}
VECTOR = {"object": "embedding", "index": 0, "embedding": [0.5, -0.25]}
PACKED = {**VECTOR, "embedding": base64.b64encode(struct.pack("<2f", 0.5, -0.25)).decode()}
RESULT = {"flagged": False, "categories": {}, "category_scores": {}}
BASE64 = {"encoding_format": "base64"}


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        (CHAT, {"choices": [MESSAGE]}),
        (COMPLETIONS, {"choices": [TEXT]}),
        (EMBEDDINGS, {"data": [VECTOR]}),
        (EMBEDDINGS, {"data": [PACKED]}),
        (MODERATIONS, {"results": [RESULT]}),
    ],
)
def test_each_endpoint_knows_its_own_answers_and_no_others(endpoint: Endpoint, said: dict[str, Any]) -> None:
    assert [other for other in ENDPOINTS if other.is_answer(said, 1)] == [endpoint]


@pytest.mark.parametrize(
    ("message", "finish"),
    [
        ({"content": ""}, "stop"),
        ({"content": None}, "stop"),
        ({"content": [{"type": "text", "text": "Hi"}]}, "stop"),
        ({"tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}, "tool_calls"),
        ({"tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}, "stop"),
        ({"refusal": "No."}, "stop"),
        ({"reasoning_content": "Hm."}, "stop"),
        ({"role": "assistant"}, "length"),
        ({"role": "assistant"}, "content_filter"),
    ],
)
def test_a_message_may_have_no_text(message: dict[str, Any], finish: str) -> None:
    assert CHAT.is_answer({"choices": [{"index": 0, "message": message, "finish_reason": finish}]}, 1)


@pytest.mark.parametrize(
    ("endpoint", "said"),
    [
        *((endpoint, {}) for endpoint in ENDPOINTS),
        (CHAT, {"choices": [MESSAGE, {**MESSAGE, "message": {"role": "assistant"}}]}),
        (CHAT, {"choices": [{"message": {"role": "assistant", "contEnt": "Hi"}}]}),
        (CHAT, {"choices": [{**MESSAGE, "message": {"content": 1}}]}),
        (CHAT, {"choices": [{**MESSAGE, "message": {"content": {}, "refusal": "No."}}]}),
        (COMPLETIONS, {"choices": []}),
        (COMPLETIONS, {"choices": [None]}),
        (COMPLETIONS, {"choices": [{"text": None}]}),
        (EMBEDDINGS, {"data": {}}),
        (EMBEDDINGS, {"data": []}),
        (EMBEDDINGS, {"data": [{"embedding": None}]}),
        (EMBEDDINGS, {"data": [{"embedding": []}]}),
        (EMBEDDINGS, {"data": [VECTOR, VECTOR]}),
        (MODERATIONS, {"results": [{"flagged": "no"}]}),
        (MODERATIONS, {"results": [RESULT, RESULT]}),
    ],
)
def test_anything_else_is_no_answer(endpoint: Endpoint, said: dict[str, Any]) -> None:
    assert not endpoint.is_answer(said, 1)


@pytest.mark.parametrize(
    ("reasons", "complete"), [(["stop"], True), (["stop", "length"], True), (["stop", None], False), ([""], False)]
)
@pytest.mark.parametrize(("endpoint", "choice"), [(CHAT, MESSAGE), (COMPLETIONS, TEXT)])
def test_an_answer_is_complete_when_every_choice_has_finished(
    endpoint: Endpoint, choice: dict[str, Any], reasons: list[str | None], complete: bool
) -> None:
    assert endpoint.is_complete({"choices": [{**choice, "finish_reason": reason} for reason in reasons]}) is complete


def test_what_was_written_is_counted_where_something_was() -> None:
    assert CHAT.characters({"choices": [MESSAGE, MESSAGE]}) == 4
    assert COMPLETIONS.characters({"choices": [TEXT, TEXT]}) == 16
    assert EMBEDDINGS.characters({"data": [VECTOR]}) == 0


@pytest.mark.parametrize("asked", [{}, {"encoding_format": "float"}, {"encoding_format": None}])
def test_numbers_that_were_asked_for_pass_byte_for_byte(asked: dict[str, object]) -> None:
    body = b'{ "data" : [ {"embedding": [0.10, 1e-3]} ] }'
    assert EMBEDDINGS.delivered(body, json.loads(body), asked) is body


def test_base64_that_came_passes_byte_for_byte() -> None:
    body = json.dumps({"data": [PACKED]}).encode()
    assert EMBEDDINGS.delivered(body, json.loads(body), BASE64) is body


@given(st.lists(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1), min_size=1))
def test_numbers_become_the_same_vectors_in_base64(vectors: list[list[float]]) -> None:
    data = [{**VECTOR, "index": index, "embedding": vector} for index, vector in enumerate(vectors)]
    said = {"object": "list", "data": data, "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1}}
    given_out = json.loads(EMBEDDINGS.delivered(b"", said, BASE64))
    for item, vector in zip(given_out["data"], vectors, strict=True):
        packed = base64.b64decode(item["embedding"])
        assert list(struct.unpack(f"<{len(vector)}f", packed)) == vector
    assert {**given_out, "data": 0} == {**said, "data": 0}
    assert [item["index"] for item in given_out["data"]] == list(range(len(vectors)))


@pytest.mark.parametrize("vector", [[None], ["0.5"], [0.5, None], [[0.5]], [{}]])
def test_a_vector_of_something_else_is_the_upstreams_failure(vector: list[object]) -> None:
    with pytest.raises(UpstreamFailed):
        EMBEDDINGS.delivered(b"", {"data": [{"embedding": vector}]}, BASE64)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["choices", "message", "text", "data", "embedding", "results", "flagged", "finish_reason"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["choices", "data", "results"]), values), st.sampled_from(ENDPOINTS))
def test_whatever_is_taken_for_an_answer_can_be_read(said: dict[str, Any], endpoint: Endpoint) -> None:
    if endpoint.is_answer(said, 1):
        assert endpoint.characters(said) >= 0
        endpoint.is_complete(said)
