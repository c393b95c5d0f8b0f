"""If these fail, what is sent upstream is not what was scanned."""

from __future__ import annotations

import orjson

from gateway.wire.call import Call
from tests.gateway.assigned import assigned

BODY: dict[str, object] = {
    "model": "auto",
    "messages": [{"role": "user", "content": "hi"}],
    "x_unknown": {"a": [1, None]},
}


def test_everything_but_the_model_is_passed_on() -> None:
    sent = orjson.loads(Call(BODY, "auto", "r").upstream_body("llama"))
    assert sent == {**BODY, "model": "llama"}


def test_a_stream_always_asks_for_usage() -> None:
    body = {**BODY, "stream": True, "stream_options": {"include_usage": False, "other": 1}}
    sent = orjson.loads(Call(body, "auto", "r", streamed=True).upstream_body("m"))
    assert sent["stream_options"] == {"include_usage": True, "other": 1}


def test_the_clients_body_is_not_changed() -> None:
    body = dict(BODY)
    Call(body, "auto", "r", streamed=True).upstream_body("m")
    assert body == BODY


def test_a_limit_is_named_as_the_deployment_wants_it_where_the_words_are_the_gateways() -> None:
    body = {**BODY, "max_tokens": 9}
    translated = Call(body, "auto", "r", is_translated=True)
    assert orjson.loads(translated.upstream_body("m"))["max_tokens"] == 9
    renamed = orjson.loads(translated.upstream_body("m", "max_completion_tokens"))
    assert renamed == {**BODY, "model": "m", "max_completion_tokens": 9}
    assert translated.body == body
    assert orjson.loads(Call(body, "auto", "r").upstream_body("m", "max_completion_tokens"))["max_tokens"] == 9


def test_of_a_masked_call_only_the_masked_body_is_sent() -> None:
    call = Call({"model": "auto", "prompt": "Ann", "stream_options": {"x": "Ann"}}, "auto", "r", streamed=True)
    sent = call.upstream_body("m", masked={"model": "auto", "prompt": "<PERSON_1>"})
    assert orjson.loads(sent) == {"model": "m", "prompt": "<PERSON_1>", "stream_options": {"include_usage": True}}


def test_a_whole_answer_to_another_body_is_asked_for_in_all_else_alike() -> None:
    call = Call(BODY, "auto", "r", size=7, streamed=True, choices=2, tags=("a",), session="s")
    other = call.whole({"model": "auto"})
    names = assigned("gateway.wire.call", "Call")
    changed = {"body": {"model": "auto"}, "streamed": False, "line": None}
    assert {name: getattr(other, name) for name in names} == {name: getattr(call, name) for name in names} | changed
