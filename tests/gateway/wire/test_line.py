"""If these fail, a client is promised a stream twice, or not told that it will get no more."""

from __future__ import annotations

import json

from gateway.wire.errors import UpstreamFailed
from gateway.wire.http import Message
from gateway.wire.line import Line


class Ear:
    def __init__(self) -> None:
        self.heard: list[Message] = []

    async def __call__(self, message: Message) -> None:
        self.heard.append(message)


async def test_it_begins_goes_on_and_ends() -> None:
    ear = Ear()
    line = Line(ear)
    had_begun = line.has_begun
    await line.begin([(b"content-type", b"text/event-stream")])
    assert (had_begun, line.has_begun) == (False, True)
    await line.say(b": ping\n\n")
    await line.end(UpstreamFailed("Gone."))
    start, ping, cut, end = ear.heard
    assert start == {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]}
    assert (ping["body"], ping["more_body"]) == (b": ping\n\n", True)
    assert json.loads(cut["body"].removeprefix(b"data: "))["error"]["message"] == "Gone."
    assert end == {"type": "http.response.body", "body": b""}


async def test_a_dialect_says_the_end_in_its_own_words() -> None:
    ear = Ear()
    line = Line(ear)
    line.cut = lambda error: error.message.encode()
    line.fields = ((b"request-id", b"req_1"),)
    await line.begin([(b"content-type", b"text/event-stream")])
    await line.end(UpstreamFailed("Gone."))
    assert ear.heard[0]["headers"] == [(b"content-type", b"text/event-stream"), (b"request-id", b"req_1")]
    assert ear.heard[1]["body"] == b"Gone."
