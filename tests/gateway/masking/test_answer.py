"""If these fail, a client reads placeholders, or JSON that is none."""

from __future__ import annotations

import json

import pytest

from gateway.masking.answer import restored_answer
from gateway.wire.errors import UpstreamFailed
from tests.gateway.masking.cases import masking_of

MASKING = masking_of(PERSON="Ann Lee", PASSWORD='p"s\\\n1')


def test_every_text_of_an_answer_is_restored() -> None:
    message = {
        "role": "assistant",
        "content": "<PERSON_1> has <PASSWORD_1>, not <PERSON_2>",
        "reasoning_content": "So <person_1>.",
        "refusal": "Not for <PERSON_1>",
        "annotations": [{"type": "url_citation", "title": "<PERSON_1>"}],
        "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": '{"a":"\\u003cPASSWORD_1\\u003e"}'}}],
        "function_call": {"name": "f", "arguments": '{"a":"<PASSWORD_1>"}'},
    }  # fmt: skip
    body = {
        "id": "x",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"total_tokens": 3},
    }
    said = json.loads(restored_answer(json.dumps(body).encode(), MASKING))
    got = said["choices"][0]["message"]
    assert got["content"] == 'Ann Lee has p"s\\\n1, not <PERSON_2>'
    assert (got["reasoning_content"], got["refusal"]) == ("So Ann Lee.", "Not for Ann Lee")
    assert got["annotations"][0]["title"] == "Ann Lee"
    assert json.loads(got["tool_calls"][0]["function"]["arguments"]) == {"a": 'p"s\\\n1'}
    assert json.loads(got["function_call"]["arguments"]) == {"a": 'p"s\\\n1'}
    assert said["usage"] == body["usage"]


def test_structured_output_stays_json() -> None:
    body = {"choices": [{"message": {"content": '{"who": ["<PERSON_1>", {"<PASSWORD_1>": 1}]}'}}]}
    said = json.loads(restored_answer(json.dumps(body).encode(), MASKING))
    assert json.loads(said["choices"][0]["message"]["content"]) == {"who": ["Ann Lee", {'p"s\\\n1': 1}]}


def test_what_says_nothing_of_it_is_as_it_was() -> None:
    body = b'{"choices":[{"message":{"content":"\\u003cb\\u003e <PERSON_7> &lt;"}}],"created":1.5,"x":null}'
    assert json.loads(restored_answer(body, MASKING)) == json.loads(body)


def test_what_is_too_deep_to_be_written_is_no_answer() -> None:
    body = b'{"choices":' + b"[" * 1000 + b'"<PERSON_1>"' + b"]" * 1000 + b"}"
    with pytest.raises(UpstreamFailed):
        restored_answer(body, MASKING)
