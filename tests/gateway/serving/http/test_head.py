"""If these fail, what a proxy before us takes for one request is two here, and the second one is somebody else's."""

from __future__ import annotations

import pytest

from gateway.serving.http.head import MOST_HEAD_BYTES, check, target_of, without_offer
from gateway.serving.http.refusal import Refusal
from tests.gateway.serving.http.served import HOST, Answer, Echo, chunked, get, post, serving

POST = b"POST / HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n"
SMUGGLED = get("/smuggled")


async def refused(data: bytes) -> Answer:
    """What a client is told, and nothing else: the application is not asked, nor is what stands behind served."""
    app = Echo()
    async with serving(app) as served:
        client = await served.client()
        answer = await client.ask(data)
        assert answer.headers["connection"] == "close"
        assert answer.error["type"] == "invalid_request_error"
        assert await client.rest() == b""
    assert app.bodies == []
    return answer


LENGTHS = {
    "beside chunks": b"content-length: 5\r\ntransfer-encoding: chunked\r\n",
    "behind chunks": b"transfer-encoding: chunked\r\ncontent-length: 5\r\n",
    "twice": b"content-length: 5\r\ncontent-length: 5\r\n",
    "two of them": b"content-length: 5\r\ncontent-length: 50\r\n",
    "a list": b"content-length: 5, 5\r\n",
    "with a sign": b"content-length: +5\r\n",
    "negative": b"content-length: -5\r\n",
    "hexadecimal": b"content-length: 0x5\r\n",
    "with a blank in it": b"content-length: 5 5\r\n",
    "with an underscore": b"content-length: 5_0\r\n",
    "empty": b"content-length:\r\n",
    "over 64 bits": b"content-length: 18446744073709551621\r\n",
}


@pytest.mark.parametrize("kind", LENGTHS)
async def test_a_length_that_can_be_read_in_two_ways(kind: str) -> None:
    assert (await refused(POST + LENGTHS[kind] + b"\r\n0\r\n\r\n" + SMUGGLED)).status == 400


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (b"transfer-encoding: xchunked\r\n", 501),
        (b"transfer-encoding: chunkedx\r\n", 501),
        (b'transfer-encoding: "chunked"\r\n', 501),
        (b"transfer-encoding: chunked;q=1\r\n", 501),
        (b"transfer-encoding: identity\r\n", 501),
        (b"transfer-encoding: gzip, chunked\r\n", 501),
        (b"transfer-encoding: ,chunked\r\n", 501),
        (b"transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n", 501),
        (b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n", 400),
        (b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n", 400),
        (b"transfer-encoding: chunked, identity\r\n", 400),
        (b"transfer-encoding: \x0bchunked\r\n", 400),
        (b"transfer-encoding : chunked\r\n", 400),
        (b"transfer-encoding:\r\n chunked\r\n", 400),
        (b"transfer-encoding:\r\n", 400),
    ],
)
async def test_a_transfer_encoding_that_is_not_chunked_and_nothing_else(lines: bytes, status: int) -> None:
    assert (await refused(POST + lines + b"\r\n0\r\n\r\n" + SMUGGLED)).status == status


@pytest.mark.parametrize("value", [b"chunked", b"CHUNKED", b"  chunked "])
async def test_chunked_is_read_as_chunks(value: bytes) -> None:
    app = Echo()
    async with serving(app) as served:
        client = await served.client()
        answer = await client.ask(POST + b"transfer-encoding:" + value + b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
        assert answer.body == b"POST / hello"


@pytest.mark.parametrize(
    "lines",
    [
        b"x: a\r\n b\r\n",
        b"x: a\r\n\ttransfer-encoding: chunked\r\n",
        b" x: a\r\n",
        b"x : a\r\n",
        b"x\r\n",
        b": a\r\n",
        b"x: a\n",
        b"x: a\rb: c\r\n",
        b"x: a\0b\r\n",
        b"x: a\x01b\r\n",
        b"x: a\x7fb\r\n",
        b"x\0: a\r\n",
        b"x\xe4: a\r\n",
    ],
)
async def test_a_field_that_is_none(lines: bytes) -> None:
    assert (await refused(get(headers=lines) + SMUGGLED)).status == 400


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET / HTTP/1.1\n", 400),
        (b"GET / HTTP/1.1 \r\n", 400),
        (b"GET / HTTP/1.10\r\n", 400),
        (b"GET / HTTP/1.2\r\n", 400),
        (b"GET / http/1.1\r\n", 400),
        (b"GET /a b HTTP/1.1\r\n", 400),
        (b"GET /\xc3\xa9 HTTP/1.1\r\n", 400),
        (b"GET /a\0b HTTP/1.1\r\n", 400),
        (b"GET\t/ HTTP/1.1\r\n", 400),
        (b"get / HTTP/1.1\r\n", 400),
        (b"BREW / HTTP/1.1\r\n", 400),
        (b"PRI * HTTP/2.0\r\n", 400),
        (b"GET / HTTP/2.0\r\n", 505),
        (b"GET / HTTP/0.9\r\n", 505),
        (b"CONNECT example.org:443 HTTP/1.1\r\n", 501),
    ],
)
async def test_a_request_line_that_is_none(line: bytes, status: int) -> None:
    assert (await refused(line + HOST + b"\r\n" + SMUGGLED)).status == status


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nx: y\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n",
        b"GET / HTTP/1.0\r\nhost: a\r\nhost: b\r\n\r\n",
    ],
)
async def test_a_host_is_named_once(head: bytes) -> None:
    assert (await refused(head + SMUGGLED)).status == 400


@pytest.mark.parametrize(
    "body",
    [
        b"5 ;a\r\nhello\r\n0\r\n\r\n",
        b"5\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\n0\r\n\r\n",
        b"5\r\nhello0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"+5\r\nhello\r\n0\r\n\r\n",
        b" 5\r\nhello\r\n0\r\n\r\n",
        b"5;a\nb\r\nhello\r\n0\r\n\r\n",
        b"5;a\rb\r\nhello\r\n0\r\n\r\n",
        b"FFFFFFFFFFFFFFFFF\r\n",
        b"5\r\nhello\r\n0\r\ncontent-length: 3\r\n\r\n",
        b"5\r\nhello\r\n0\r\nx y\r\n\r\n",
        b"5\r\nhello\r\n0\r\n\n",
    ],
)
async def test_chunks_that_are_none(body: bytes) -> None:
    """The application has begun to read: it is told that its client is gone, and the client what was wrong."""
    answer = await refused(CHUNKED + body + SMUGGLED)
    assert answer.status == 400


@pytest.mark.parametrize("extension", [b";a", b";a=b", b';a="b;c\\"d"'])
async def test_chunk_extensions_are_nobodys_business(extension: bytes) -> None:
    async with serving(Echo()) as served:
        answer = await (await served.client()).ask(CHUNKED + b"5" + extension + b"\r\nhello\r\n0\r\n\r\n")
        assert answer.body == b"POST / hello"


async def test_trailers_are_no_header_fields() -> None:
    """A server on the way may have checked those of the head, and never saw these."""
    app = Echo()
    async with serving(app) as served:
        client = await served.client()
        await client.ask(chunked(b"hello", trailers=b"authorization: Bearer x\r\nx-tidegate-locality: any\r\n"))
        await client.ask(get())
    for scope in app.scopes:
        assert {name for name, _ in scope["headers"]} <= {b"host", b"transfer-encoding"}


async def test_blanks_around_a_value_are_not_part_of_it() -> None:
    app = Echo()
    async with serving(app) as served:
        await (await served.client()).ask(get(headers=b"x: \t a b \t\r\nempty: \r\n"))
    assert dict(app.scopes[0]["headers"]) == {b"host": b"gateway", b"x": b"a b", b"empty": b""}


def padded(size: int) -> bytes:
    """A head that counts as `size` bytes."""
    bare = len(b"/") + len(b"host") + len(b"gateway") + len(b"x") + 8
    return get(headers=b"x: %b\r\n" % (b"x" * (size - bare)))


async def test_a_head_of_the_most_bytes_is_served() -> None:
    async with serving(Echo()) as served:
        assert (await (await served.client()).ask(padded(MOST_HEAD_BYTES))).status == 200


async def test_a_larger_head_is_refused() -> None:
    assert (await refused(padded(MOST_HEAD_BYTES + 1) + SMUGGLED)).status == 431


async def test_a_larger_head_is_refused_behind_another_request() -> None:
    async with serving(Echo()) as served:
        client = await served.client()
        assert (await client.ask(post(b"x" * 50_000) + padded(MOST_HEAD_BYTES + 1) + SMUGGLED)).status == 200
        assert (await client.answer()).status == 431
        assert await client.rest() == b""


async def test_bodies_do_not_count_for_the_head_behind_them() -> None:
    """However the reads fall: a head's own bytes decide."""
    async with serving(Echo()) as served:
        client = await served.client()
        first, second = post(b"x" * 200_000), padded(MOST_HEAD_BYTES)
        await served.send(client, first + second[:100], second[100:200], second[200:])
        assert [(await client.answer()).status for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("line", [b"x: ", b"a: b\r\n"])
async def test_a_head_without_end_is_refused(line: bytes) -> None:
    async with serving(Echo()) as served:
        client = await served.client()
        await served.send(client, get()[:-2] + line, line * MOST_HEAD_BYTES, line)
        assert (await client.answer()).status == 431
        assert await client.rest() == b""


@pytest.mark.parametrize("endless", [b"0\r\n" + b"a: b\r\n" * 40_000, b"5;" + b"x" * 200_000])
async def test_what_is_no_body_is_bounded_behind_the_head_too(endless: bytes) -> None:
    app = Echo()
    async with serving(app) as served:
        client = await served.client()
        await served.send(client, CHUNKED + b"5\r\nhello\r\n" + endless[:10], endless[10:])
        assert (await client.answer()).status == 431
    assert app.bodies == []


@pytest.mark.parametrize(
    ("url", "path", "query"),
    [
        (b"/a/b", b"/a/b", b""),
        (b"/a?b=c?d", b"/a", b"b=c?d"),
        (b"//a/b?", b"//a/b", b""),
        (b"http://gateway:80/a?b#c", b"/a", b"b"),
        (b"https://user@gateway", b"/", b""),
        (b"*", b"*", b""),
    ],
)
def test_a_target_is_a_path_and_a_query(url: bytes, path: bytes, query: bytes) -> None:
    assert target_of(url) == (path, query)


def test_a_length_beside_chunks_is_refused_even_if_the_parser_were_lenient() -> None:
    fields = [(b"host", b"a"), (b"content-length", b"5"), (b"transfer-encoding", b"chunked")]
    with pytest.raises(Refusal, match="not both"):
        check("1.1", fields)


def test_an_offer_is_left_out_and_nothing_else() -> None:
    fields = [(b"host", b"a"), (b"upgrade", b"h2c"), (b"x", b"\xe4"), (b"connection", b"upgrade")]
    assert without_offer("GET", b"/a?b", "1.1", fields) == (
        b"GET /a?b HTTP/1.1\r\nhost: a\r\nx: \xe4\r\nconnection: upgrade\r\n\r\n"
    )


async def test_chunks_are_not_of_http_1_0() -> None:
    assert (await refused(CHUNKED.replace(b"/1.1", b"/1.0") + b"0\r\n\r\n" + SMUGGLED)).status == 400
