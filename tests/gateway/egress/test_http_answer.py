"""If these fail, an answer is cut short and taken for whole, or is waited for longer than anybody has patience."""

from __future__ import annotations

import asyncio
import gzip

import pytest

from gateway.egress import http_answer as module
from gateway.egress.engine import AnswerTooLarge
from gateway.wire.errors import UpstreamFailed, UpstreamTimedOut
from tests.gateway.egress.peer import CHUNKED, HELLO, Peer, ask, connected, post, read, saying, talking


async def test_what_came_in_one_read_is_one_piece() -> None:
    connection, _, _ = connected()
    got = post(connection)
    connection.data_received(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n")
    assert await got.chunk() == b"abc"
    connection.data_received(b"1\r\nd\r\n1\r\ne\r\n")
    connection.data_received(b"1\r\nf\r\n")
    assert await got.chunk() == b"def"
    got.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
    ],
)
async def test_a_body_that_ends_early_is_not_taken_for_whole(answer: bytes) -> None:
    async with talking(saying(answer, then_close=True)) as (pool, _):
        got = await ask(pool, streamed=True)
        with pytest.raises(UpstreamFailed):
            await read(got)


@pytest.mark.parametrize(
    ("limits", "streamed", "before"),
    [
        ({"first_token": 0.1}, True, b""),
        ({"total": 0.1}, False, b""),
        ({"first_token": 0.1}, True, b"HTTP/1.1 200 OK\r\n"),
        ({"between_chunks": 0.1}, True, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n"),
        ({"total": 0.1}, True, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n"),
    ],
)
async def test_silence_has_a_limit(limits: dict[str, float], streamed: bool, before: bytes) -> None:
    async def talk(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.request(reader)
        writer.write(before)
        await reader.read()

    async with talking(talk, **limits) as (pool, peer):
        with pytest.raises(UpstreamTimedOut):
            await read(await ask(pool, streamed=streamed))
        await asyncio.wait_for(peer.closed.wait(), 5)


async def test_a_fast_server_waits_for_a_slow_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    size = 32 * 1024 * 1024
    sent = 0

    async def talk(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await peer.request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % size)
        while sent < size:
            writer.write(b"x" * 65536)
            sent += 65536
            await writer.drain()
        await reader.read()

    async with talking(talk) as (pool, _):
        answer = await ask(pool, streamed=True)
        got = len(await answer.chunk())
        stalled, before = 0, -1
        while stalled < 50:  # the server comes to a stand while nobody reads
            stalled, before = (stalled + 1, sent) if sent == before else (0, sent)
            await asyncio.sleep(0.001)
        assert sent < size
        while part := await answer.chunk():
            got += len(part)
        assert got == size


async def test_an_answer_that_is_too_large_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ANSWER_BYTES", 1000)
    async with talking(saying(b"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n" + b"x" * 2000)) as (pool, _):
        with pytest.raises(AnswerTooLarge):
            await (await ask(pool)).body()


async def test_a_packed_answer_is_unpacked_although_it_was_not_asked_for() -> None:
    packed = gzip.compress(b"hello")
    head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n"
    async with talking(saying(head % len(packed) + packed, head % (len(packed) - 4) + packed[:-4])) as (pool, _):
        assert await (await ask(pool)).body() == b"hello"
        with pytest.raises(UpstreamFailed):
            await (await ask(pool)).body()


async def test_a_packed_stream_that_comes_byte_by_byte_does_not_end_before_its_end() -> None:
    packed = gzip.compress(b"hello")
    connection, _, _ = connected()
    got = post(connection)
    connection.data_received(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(packed))
    reading = asyncio.create_task(read(got))
    for place in range(len(packed)):
        connection.data_received(packed[place : place + 1])
        await asyncio.sleep(0)
    assert await reading == b"hello"
    connection.abort()


async def test_an_unknown_encoding_is_refused() -> None:
    async with talking(saying(HELLO.replace(b"content-type", b"content-encoding"))) as (pool, _):
        with pytest.raises(UpstreamFailed):
            await (await ask(pool)).body()


async def test_retry_after_is_read_and_bounded() -> None:
    answers = [
        b"HTTP/1.1 429 Slow\r\n%b\r\ncontent-length: 0\r\n\r\n" % fields
        for fields in (
            b"Retry-After: 7",
            b"retry-after: 9999",
            b"retry-after: soon",
            b"retry-after-ms: 2500\r\nretry-after: 7",
            b"date: Wed, 21 Oct 2026 07:28:00 GMT\r\nretry-after: Wed, 21 Oct 2026 07:28:09 GMT",
        )
    ]
    async with talking(saying(*answers)) as (pool, _):
        assert [(await ask(pool)).retry_after for _ in answers] == [7, 119, None, 3, 9]


async def test_what_runs_out_by_itself_leaves_the_connection_usable() -> None:
    async with talking(saying(CHUNKED, HELLO)) as (pool, peer):
        answer = await ask(pool, streamed=True)
        await answer.chunk()
        answer.finish()
        assert await (await ask(pool)).body() == b"hello"
        assert peer.opened <= 2
