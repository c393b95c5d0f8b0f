"""If these fail, an answer is cut, mixed up with another's, or a connection that lies is believed."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.egress import connection as module
from gateway.egress.engine import BrokenOff
from gateway.egress.pool import Pool
from gateway.wire.errors import UpstreamFailed, UpstreamRefused, UpstreamTimedOut
from tests.gateway.egress.peer import CHUNKED, HELLO, Peer, ask, connected, pool_to, post, read, saying, talking

LINGER_ZERO = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 s: close() sends RST instead of FIN


async def test_a_request_says_what_it_must_and_nothing_else() -> None:
    async with talking(saying(HELLO)) as (pool, peer):
        answer = await ask(pool, b'{"a":1}')
        assert await answer.body() == b"hello"
    head, _, body = peer.asked[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /v1/chat/completions HTTP/1.1"
    names = [line.split(b":")[0] for line in lines[1:]]
    assert names == [b"host", b"content-type", b"accept-encoding", b"user-agent", b"authorization", b"content-length"]
    assert b"authorization: Bearer k1" in lines
    assert body == b'{"a":1}'


@pytest.mark.parametrize("answer", [HELLO, CHUNKED, b"HTTP/1.1 103 Early\r\nlink: x\r\n\r\n" + HELLO])
async def test_an_answer_split_at_every_byte_is_the_same(answer: bytes) -> None:
    async def talk(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for cut in range(1, len(answer)):
            await peer.request(reader)
            writer.write(answer[:cut])
            await writer.drain()
            await asyncio.sleep(0)
            writer.write(answer[cut:])
        await reader.read()

    async with talking(talk) as (pool, peer):
        for _ in range(1, len(answer)):
            got = await ask(pool, streamed=True)
            assert (got.status, await read(got)) == (200, b"hello")
        assert peer.opened == 1


def chunked(parts: list[tuple[bytes, bytes, bool]], trailer: bytes) -> bytes:
    """An answer in chunks: data, extension, and whether the size has leading zeros and capitals."""
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    sizes = [(b"0%X%b" if odd else b"%x%b") % (len(data), extension) for data, extension, odd in parts]
    chunks = [size + b"\r\n" + data + b"\r\n" for size, (data, _, _) in zip(sizes, parts, strict=True)]
    return b"".join([head, *chunks, b"0\r\n", trailer, b"\r\n"])


@given(
    st.lists(
        st.lists(
            st.tuples(
                st.one_of(
                    st.binary(min_size=1, max_size=40), st.sampled_from([b"0\r\n\r\n", b"\r\n", b"HTTP/1.1 200 OK"])
                ),
                st.sampled_from([b"", b"", b";a", b";a=b", b';a="b c";d']),
                st.booleans(),
            ),
            max_size=8,
        ),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from([b"", b"x-trailer: 1\r\n", b"x: y\r\nz: a\tb\r\n"]),
    st.lists(st.integers(0, 600), max_size=20),
)
async def test_however_chunks_are_cut_each_answer_is_its_own(
    answers: list[list[tuple[bytes, bytes, bool]]], trailer: bytes, places: list[int]
) -> None:
    connection, _, free = connected()
    for parts in answers:
        wire, got = chunked(parts, trailer), post(connection)
        for start, end in pairwise([0, *sorted(place for place in places if place < len(wire)), len(wire)]):
            if start < end:
                connection.data_received(wire[start:end])
        assert (got.status, await read(got)) == (200, b"".join(data for data, _, _ in parts))
        assert free.pop() is connection
    connection.abort()


@pytest.mark.parametrize("size", [2, 64 * 1024, 1_000_000])
async def test_a_request_leaves_in_one_write(size: int) -> None:
    connection, socket, _ = connected()
    post(connection, b"x" * size)
    assert socket.written == [b"head\r\n\r\n" + b"x" * size]
    connection.abort()


@pytest.mark.parametrize(
    "bad",
    [
        b"zz\r\n",
        b"5\nhello\n",
        b"2\r\nhello\r\n",
        b"-1\r\n",
        b"0x1\r\na\r\n",
        b" 1\r\na\r\n",
        b"0\r\ncontent-length: 3\r\n\r\n",
    ],
)
async def test_what_was_good_before_a_fault_in_the_same_read_is_not_lost(bad: bytes) -> None:
    connection, socket, free = connected()
    got = post(connection)
    connection.data_received(chunked([(b"good", b"", False)], b"")[:-5] + bad)
    assert (await got.chunk()).startswith(b"good")
    with pytest.raises(UpstreamFailed):
        await read(got)
    assert not socket.open
    assert free == []


@pytest.mark.parametrize("behind", [HELLO, HELLO[:9], CHUNKED, b"x", b"0\r\n\r\n"])
@pytest.mark.parametrize("answer", [HELLO, CHUNKED])
async def test_whatever_is_behind_an_answer_ends_the_connection(answer: bytes, behind: bytes) -> None:
    """In the same read or in the next one; the answer itself stands."""
    for together in (True, False):
        connection, socket, _ = connected()
        got = post(connection)
        if together:
            connection.data_received(answer + behind)
        else:
            connection.data_received(answer)
            connection.data_received(behind)
        assert await got.body() == b"hello"
        assert not connection.alive
        assert not socket.open


@pytest.mark.parametrize(("begun", "more"), [(b"0\r\n", b"x-trailer: 1\r\n"), (b"1;", b"e" * 100)])
async def test_trailers_and_extensions_without_end_are_given_up(begun: bytes, more: bytes) -> None:
    connection, socket, _ = connected()
    got = post(connection)
    connection.data_received(chunked([(b"good", b"", False)], b"")[:-5] + begun)
    for _ in range(module.MAX_HEAD_BYTES // len(more)):
        assert socket.open
        connection.data_received(more)
    connection.data_received(more)
    assert not socket.open
    assert await got.chunk() == b"good"
    with pytest.raises(UpstreamFailed):
        await got.chunk()


async def test_every_request_of_a_connection_is_watched() -> None:
    async def talk(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.request(reader)
        writer.write(HELLO)
        await peer.request(reader)
        await reader.read()

    async with talking(talk, first_token=0.2) as (pool, peer):
        assert await (await ask(pool, streamed=True)).body() == b"hello"
        with pytest.raises(UpstreamTimedOut):
            await ask(pool, streamed=True)
        assert peer.opened == 1


async def test_a_connection_is_kept_and_used_again() -> None:
    async with talking(saying(HELLO, CHUNKED, HELLO)) as (pool, peer):
        for _ in range(3):
            assert await (await ask(pool)).body() == b"hello"
        assert peer.opened == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\n\r\nhello",  # framed by the end of the connection
    ],
)
async def test_a_connection_that_is_to_close_is_not_used_again(answer: bytes) -> None:
    async with talking(saying(answer, then_close=True)) as (pool, peer):
        for _ in range(2):
            assert await (await ask(pool)).body() == b"hello"
        assert peer.opened == 2


async def test_a_kept_connection_that_was_closed_meanwhile_costs_nothing_but_a_new_one() -> None:
    """Closed before the next request came, which the client cannot know yet as it sends that."""
    loop = asyncio.get_running_loop()

    async def answered() -> socket.socket:
        there, _ = await loop.sock_accept(server)
        there.setblocking(False)
        await loop.sock_recv(there, 65_536)
        await loop.sock_sendall(there, HELLO)
        return there

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        pool = pool_to(server.getsockname()[1])
        first = asyncio.create_task(answered())
        assert await (await ask(pool)).body() == b"hello"
        (await first).close()
        assert pool.free == 1
        second = asyncio.create_task(answered())
        assert await (await ask(pool)).body() == b"hello"
        (await second).close()
        pool.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what was acknowledged")
@pytest.mark.parametrize("is_reset", [False, True])
async def test_what_a_server_has_read_before_it_went_is_not_sent_again(*, is_reset: bool) -> None:
    """It may have generated, and may charge for it, however soon it went."""

    async def talk(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.request(reader)
        writer.write(HELLO)
        await peer.request(reader)
        if is_reset:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_ZERO)
            writer.transport.abort()

    async with talking(talk) as (pool, peer):
        assert await (await ask(pool)).body() == b"hello"
        with pytest.raises(BrokenOff):
            await ask(pool)
        assert (peer.opened, len(peer.asked)) == (1, 2)


async def test_a_new_connection_that_is_closed_at_once_is_a_failure_and_not_repeated() -> None:
    async def talk(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.request(reader)

    async with talking(talk) as (pool, peer):
        with pytest.raises(UpstreamFailed):
            await ask(pool)
        assert peer.opened == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 4\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked, identity\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nhello",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\nhello",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x16\x03\x01\x02\x00",
    ],
)
async def test_what_is_framed_ambiguously_or_no_http_is_refused(answer: bytes) -> None:
    async with talking(saying(answer)) as (pool, _):
        with pytest.raises(UpstreamFailed):
            await (await ask(pool)).body()


async def test_bytes_behind_an_answer_never_become_the_next_ones_answer() -> None:
    smuggled = HELLO + b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil"

    async def talk(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.request(reader)
        writer.write(smuggled if peer.opened == 1 else HELLO)
        await writer.drain()
        await reader.read()

    async with talking(talk) as (pool, peer):
        assert await (await ask(pool)).body() == b"hello"
        await peer.closed.wait()
        assert await (await ask(pool)).body() == b"hello"
        assert peer.opened == 2


async def test_a_head_without_end_is_given_up() -> None:
    async def talk(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while not peer.closed.is_set():
            writer.write(b"x-more: " + b"a" * 1000 + b"\r\n")
            await writer.drain()

    async with talking(talk) as (pool, _):
        with pytest.raises(UpstreamFailed):
            await ask(pool)


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n"])
async def test_a_cancelled_request_closes_its_connection(before: bytes) -> None:
    asked = asyncio.Event()

    async def talk(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.request(reader)
        writer.write(before)
        asked.set()
        await reader.read()

    async def exchange(pool: Pool) -> None:
        answer = await ask(pool, streamed=True)
        try:
            await read(answer)
        finally:
            answer.close()

    async with talking(talk) as (pool, peer):
        task = asyncio.create_task(exchange(pool))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(peer.closed.wait(), 5)


async def test_a_server_that_is_not_there_is_refused_not_broken() -> None:
    async with talking(saying()) as (pool, _):
        pass
    with pytest.raises(UpstreamRefused):
        await ask(pool)


async def test_an_answer_before_the_request_is_whole_ends_the_connection() -> None:
    async def talk(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        await peer.closed.wait()

    async with talking(talk) as (pool, peer):
        answer = await ask(pool, b"x" * 30_000_000)
        assert answer.status == 413
        peer.closed.set()
        assert pool.free == 0
