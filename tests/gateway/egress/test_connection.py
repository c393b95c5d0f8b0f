"""If these fail, an answer is cut, mixed up with another's, or a connection that lies is believed."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.settings import Timeouts
from gateway.egress import connection as module
from gateway.egress.connection import AnswerTooLarge, Connection, HttpAnswer
from gateway.egress.pool import Pool
from gateway.egress.target import Target
from gateway.wire.errors import UpstreamFailed, UpstreamRefused, UpstreamTimedOut

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HELLO = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    b"3;ext=1\r\nhel\r\n2\r\nlo\r\n0\r\nx-trailer: 1\r\n\r\n"
)


class Peer:
    """A server that says exactly what a test tells it to. `opened` counts connections, `asked` holds requests."""

    def __init__(self) -> None:
        self.opened = 0
        self.asked: list[bytes] = []
        self.closed = asyncio.Event()

    async def request(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        self.asked.append(head + await reader.readexactly(length))
        return self.asked[-1]


@asynccontextmanager
async def talking(
    talk: Callable[[Peer, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], **limits: float
) -> AsyncIterator[tuple[Pool, Peer]]:
    peer = Peer()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer.opened += 1
        try:
            await talk(peer, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            peer.closed.set()
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    target = Target("d", "local", "openai", "m", f"http://127.0.0.1:{port}/v1", Timeouts(**limits), api_key="k1")
    pool = Pool(target)
    try:
        yield pool, peer
    finally:
        pool.close()
        server.close()
        await server.wait_closed()


def saying(*answers: bytes, then_close: bool = False) -> Callable[..., Awaitable[None]]:
    """Each request on a connection gets the next answer."""

    async def talk(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await peer.request(reader)
            writer.write(answer)
            await writer.drain()
        if not then_close:
            await reader.read()

    return talk


async def ask(pool: Pool, body: bytes = b"{}", *, streamed: bool = False) -> HttpAnswer:
    return await pool.post("/chat/completions", body, streamed=streamed)


async def read(answer: HttpAnswer) -> bytes:
    parts = []
    while part := await answer.chunk():
        parts.append(part)
    return b"".join(parts)


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


class Socket(asyncio.Transport):
    """The near end of a connection: keeps what is written, and says whether it would be read."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.reading = True
        self.open = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self.written.append(b"".join(list_of_data))

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return not self.open

    def is_reading(self) -> bool:
        return self.reading

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def close(self) -> None:
        self.open = False

    abort = close


def connected() -> tuple[Connection, Socket, list[Connection]]:
    """A connection, its socket, and the connections that are free again."""
    free: list[Connection] = []
    connection = Connection(asyncio.get_running_loop(), free.append, lambda _: None)
    socket = Socket()
    connection.connection_made(socket)
    return connection, socket, free


def post(connection: Connection, body: bytes = b"{}") -> HttpAnswer:
    return connection.post(b"head\r\n\r\n", body, first=60, between=60, deadline=connection.loop.time() + 60)


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


async def test_what_came_in_one_read_is_one_piece() -> None:
    connection, _, _ = connected()
    got = post(connection)
    connection.data_received(chunked([(b"a", b"", False), (b"b", b"", False), (b"c", b"", False)], b"")[:-5])
    assert await got.chunk() == b"abc"
    connection.data_received(b"1\r\nd\r\n1\r\ne\r\n")
    connection.data_received(b"1\r\nf\r\n")
    assert await got.chunk() == b"def"
    got.close()


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
    async def talk(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await peer.request(reader)
        writer.write(HELLO)
        await writer.drain()
        if peer.opened == 1:
            await reader.readexactly(1)  # the next request has begun: too late for the client to know
            return
        await reader.read()

    async with talking(talk) as (pool, peer):
        assert await (await ask(pool)).body() == b"hello"
        assert await (await ask(pool)).body() == b"hello"
        assert (peer.opened, len(peer.asked)) == (2, 2)


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


async def test_an_unknown_encoding_is_refused() -> None:
    async with talking(saying(HELLO.replace(b"content-type", b"content-encoding"))) as (pool, _):
        with pytest.raises(UpstreamFailed):
            await (await ask(pool)).body()


async def test_retry_after_is_read_and_bounded() -> None:
    answers = [
        b"HTTP/1.1 429 Slow\r\nretry-after: %b\r\ncontent-length: 0\r\n\r\n" % after
        for after in (b"7", b"9999", b"soon")
    ]
    async with talking(saying(*answers)) as (pool, _):
        assert [(await ask(pool)).retry_after for _ in answers] == [7, 119, None]


async def test_what_runs_out_by_itself_leaves_the_connection_usable() -> None:
    async with talking(saying(CHUNKED, HELLO)) as (pool, peer):
        answer = await ask(pool, streamed=True)
        await answer.chunk()
        answer.finish()
        assert await (await ask(pool)).body() == b"hello"
        assert peer.opened <= 2


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
