"""If these fail, a body can be larger than allowed, or a broken one is a crash instead of an answer."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.errors import BadRequest, BodyTooLarge, ClientGone, GatewayError
from gateway.wire.http import Message, Reply, read_body, transmit


class Wire:
    """An ASGI connection that hands out a body in pieces and notes what is sent."""

    def __init__(self, *pieces: bytes, gone: bool = False) -> None:
        more = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
        if more and not gone:
            more[-1]["more_body"] = False
        self.messages: list[Message] = [*more, {"type": "http.disconnect"}]
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        return self.messages.pop(0)

    async def send(self, message: Message) -> None:
        self.sent.append(message)


async def body_of(*pieces: bytes, headers: Mapping[bytes, bytes] | None = None, limit: int = 1000) -> bytes:
    return await read_body(Wire(*pieces).receive, headers or {}, limit)


@given(st.binary(max_size=300), st.sampled_from([None, b"gzip", b"GZIP ", b"deflate", b"identity"]))
async def test_a_body_is_read_whatever_its_encoding(body: bytes, encoding: bytes | None) -> None:
    packed = {b"gzip": gzip.compress(body), b"deflate": zlib.compress(body)}
    name = (encoding or b"").strip().lower()
    headers = {} if encoding is None else {b"content-encoding": encoding}
    sent = packed.get(name, body)
    assert await body_of(sent[:7], sent[7:], headers=headers) == body


async def test_a_declared_length_over_the_limit_is_refused_before_reading() -> None:
    wire = Wire(b"x")
    with pytest.raises(BodyTooLarge):
        await read_body(wire.receive, {b"content-length": b"1001"}, 1000)
    assert len(wire.messages) == 2


async def test_an_undeclared_body_over_the_limit_is_refused() -> None:
    with pytest.raises(BodyTooLarge):
        await body_of(b"x" * 600, b"x" * 600)
    with pytest.raises(BodyTooLarge):
        await body_of(b"x" * 1200)


async def test_a_bomb_is_refused_without_being_unpacked() -> None:
    with pytest.raises(BodyTooLarge):
        await body_of(gzip.compress(b"0" * 10_000_000), headers={b"content-encoding": b"gzip"}, limit=20_000)


@pytest.mark.parametrize("body", [b"not gzip", gzip.compress(b"hello")[:-3], gzip.compress(b"hello") + b"tail", b""])
async def test_a_broken_encoding_is_the_clients_fault(body: bytes) -> None:
    with pytest.raises(BadRequest):
        await body_of(body, headers={b"content-encoding": b"gzip"})


async def test_an_unknown_encoding_is_named() -> None:
    with pytest.raises(BadRequest, match="gzip"):
        await body_of(b"x", headers={b"content-encoding": b"br"})


@pytest.mark.parametrize("pieces", [(), (b"half",)])
async def test_a_client_that_leaves_is_noticed(pieces: tuple[bytes, ...]) -> None:
    with pytest.raises(ClientGone):
        await read_body(Wire(*pieces, gone=True).receive, {}, 1000)


class Chunks:
    """`late`: that it has ended shows only after the last chunk."""

    def __init__(self, *chunks: bytes, late: bool = False) -> None:
        self.left = [*chunks, b""] if late else [*chunks]
        self.ended = False
        self.closed = False

    async def next(self) -> bytes:
        chunk = self.left.pop(0)
        self.ended = not self.left
        return chunk

    def broken_off(self, error: GatewayError) -> bytes:
        return error.message.encode()

    def close(self) -> None:
        self.closed = True


async def test_a_stream_is_sent_chunk_by_chunk_and_closed() -> None:
    wire, chunks = Wire(), Chunks(b"a", b"b")
    await transmit(Reply(200, [(b"x", b"y")], stream=chunks), wire.send)
    assert [message.get("body") for message in wire.sent] == [None, b"a", b"b"]
    assert [message.get("more_body") for message in wire.sent] == [None, True, False]
    assert chunks.closed


async def test_a_stream_whose_end_shows_only_after_its_last_chunk_ends_too() -> None:
    wire = Wire()
    await transmit(Reply(200, [], stream=Chunks(b"a", late=True)), wire.send)
    assert [message.get("body") for message in wire.sent] == [None, b"a", b""]
    assert [message.get("more_body") for message in wire.sent] == [None, True, False]


async def test_a_stream_is_closed_when_sending_fails() -> None:
    chunks = Chunks(b"a")

    async def broken(message: Message) -> None:
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await transmit(Reply(200, [], stream=chunks), broken)
    assert chunks.closed


async def test_a_whole_body_has_its_length() -> None:
    wire = Wire()
    await transmit(Reply(200, [], b"hello"), wire.send)
    assert (b"content-length", b"5") in wire.sent[0]["headers"]
