"""If these fail, what is sent upstream is not what was scanned."""

from __future__ import annotations

import orjson

from gateway.wire.call import Call

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
