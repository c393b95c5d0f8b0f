"""If these fail, an answer in another dialect's words loses a part, or does not say how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from gateway.dialects.translation import TranslatedStream, translated
from gateway.wire.errors import GatewayError, Unavailable
from gateway.wire.http import Reply


class Words:
    """A translator whose format is a line a chunk."""

    def whole(self, completion: Mapping[str, Any]) -> bytes:
        return b"whole " + orjson.dumps(completion)

    def chunk(self, chunk: Mapping[str, Any]) -> bytes:
        return orjson.dumps(chunk.get("say")) + b"\n" if "say" in chunk else b""

    def end(self) -> bytes:
        return b"end\n"

    def broken_off(self, error: Mapping[str, Any]) -> bytes:
        return f"broken: {error['message']} ({error['code']})\n".encode()


class Pieces:
    ended = False  # nobody asks

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)
        self.is_closed = False

    async def next(self) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""

    def broken_off(self, error: GatewayError) -> bytes:
        return b"in other words\n"

    def close(self) -> None:
        self.is_closed = True


async def said(*pieces: bytes, keep_alive: bytes = b"") -> list[bytes]:
    stream = TranslatedStream(Pieces(*pieces), Words(), keep_alive)
    found = []
    while piece := await stream.next():
        found.append(piece)
    assert await stream.next() == b""
    return found


async def test_a_stream_is_translated_as_it_comes() -> None:
    pieces = (b'data: {"say":1}\n\ndata: {"say":2}\n\nda', b'ta: {"say":3}\n\n', b"data: [DONE]\n\n")
    assert await said(*pieces) == [b"1\n2\n", b"3\n", b"end\n"]


async def test_nothing_is_sent_where_there_is_nothing_to_say() -> None:
    assert await said(b"data: {}\n\n", b": comment\n\n", b"data: [DONE]\n\n") == [b"end\n"]


async def test_a_comment_is_a_sign_of_life_and_says_it_in_the_formats_words_once_the_stream_has_begun() -> None:
    pieces = (b": a\n\n", b'data: {"say":1}\n\n', b": b\n\n", b"data: [DONE]\n\n")
    assert await said(*pieces, keep_alive=b"alive\n") == [b": ping\n\n", b"1\n", b"alive\n", b"end\n"]
    assert await said(*pieces) == [b"1\n", b"end\n"]


async def test_what_follows_the_end_is_not_told() -> None:
    assert await said(b'data: [DONE]\n\ndata: {"say":1}\n\n', b'data: {"say":2}\n\n') == [b"end\n"]


async def test_an_error_is_the_end() -> None:
    frame = b'data: {"error":{"message":"No.","type":"t","param":null,"code":"c"}}\n\n'
    assert await said(b'data: {"say":1}\n\n' + frame, b"data: [DONE]\n\n") == [b"1\nbroken: No. (c)\n"]
    assert await said(b'data: {"say":1,"error":null}\n\n', b"data: [DONE]\n\n") == [b"1\n", b"end\n"]


async def test_what_is_no_chunk_is_the_end_too() -> None:
    """The pipeline lets events through unread that look whole."""
    for garbage in (b"data: {oops}\n\n", b"data: [1]\n\n", b'data: {"a": "\xff"}\n\n'):
        assert await said(b'data: {"say":1}\n\n', garbage, b"data: [DONE]\n\n") == [
            b"1\n",
            b"broken: The model's server garbled its stream. (upstream_failed)\n",
        ]


async def test_a_stream_without_an_end_was_cut() -> None:
    assert await said(b'data: {"say":1}\n\n') == [b"1\n", b"broken: The answer was cut off. (None)\n"]


async def test_the_door_can_break_it_off_and_close_it() -> None:
    pieces = Pieces(b'data: {"say":1}\n\n')
    stream = TranslatedStream(pieces, Words())
    assert stream.broken_off(Unavailable("Stopping.")) == b"broken: Stopping. (unavailable)\n"
    stream.close()
    assert pieces.is_closed


async def test_a_reply_keeps_its_receipt() -> None:
    def over() -> None: ...

    receipt = (b"x-tidegate-zone", b"local")
    whole = translated(Reply(200, [(b"content-type", b"a"), receipt], b'{"x":1}', over=over), Words(), b"b")
    assert (whole.body, whole.headers, whole.over) == (b'whole {"x":1}', [(b"content-type", b"a"), receipt], over)
    stream = translated(Reply(200, [(b"content-type", b"a"), receipt], stream=Pieces(), over=over), Words(), b"b")
    assert (stream.headers, stream.over) == ([(b"content-type", b"b"), receipt], over)
    assert isinstance(stream.stream, TranslatedStream)


def test_a_request_whose_answer_cannot_be_told_is_over_all_the_same() -> None:
    """Or it would be under way for its key's limit until the gateway ends."""
    ended: list[str] = []
    with pytest.raises(orjson.JSONDecodeError):
        translated(Reply(200, [], b"no JSON", over=lambda: ended.append("over")), Words(), b"text/plain")
    assert ended == ["over"]
