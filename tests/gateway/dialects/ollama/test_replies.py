"""If these fail, an Ollama client shows an error that nobody can read."""

from __future__ import annotations

import json

import pytest

from gateway.dialects.ollama.replies import failure, retold, told
from gateway.wire.errors import GatewayError, TooManyRequests, Unauthenticated, Unsupported, UpstreamFailed
from gateway.wire.http import Reply, Request
from tests.gateway.house import header


def test_an_error_is_a_sentence() -> None:
    reply = failure(TooManyRequests("Slow down.", retry_after=3), "req_1")
    assert (reply.status, json.loads(reply.body)) == (429, {"error": "Slow down."})
    assert (header(reply, "retry-after"), header(reply, "x-request-id")) == ("3", "req_1")
    assert header(failure(Unauthenticated("No."), "req_1"), "www-authenticate") == "Bearer"


@pytest.mark.parametrize(
    ("param", "message"), [("reasoning_effort", "`think`"), ("response_format", "`format`"), ("tools", "`tools`")]
)
def test_a_field_has_the_name_that_the_client_gave_it(param: str, message: str) -> None:
    reply = failure(Unsupported(f"Nobody can do what `{param}` asks for.", param=param), "req_1")
    assert json.loads(reply.body)["error"] == f"Nobody can do what {message} asks for."


def test_every_answer_has_its_number() -> None:
    reply = told(Request("GET", "/", {}, b"", "req_1"), b"{}")
    assert header(reply, "x-request-id") == header(reply, "x-tidegate-request-id") == "req_1"
    assert header(reply, "content-type") == "application/json"


def test_an_answer_in_other_words_keeps_its_receipt() -> None:
    over: list[bool] = []
    reply = Reply(200, [(b"content-type", b"application/json"), (b"x-tidegate-zone", b"local")], b'{"a":1}')
    reply.over = lambda: over.append(True)
    found = retold(reply, lambda answer: json.dumps({"b": answer["a"]}).encode())
    assert (found.body, found.headers, found.over) == (b'{"b": 1}', reply.headers, reply.over)
    assert over == []


def test_an_answer_that_cannot_be_told_is_counted_all_the_same() -> None:
    over: list[bool] = []

    def tell(_: object) -> bytes:
        raise UpstreamFailed("It makes no sense.")

    reply = Reply(200, [(b"content-type", b"a"), (b"x-tidegate-zone", b"local")], b"{}", over=lambda: over.append(True))
    with pytest.raises(GatewayError) as caught:
        retold(reply, tell)
    assert (over, caught.value.headers) == ([True], [(b"x-tidegate-zone", b"local")])
