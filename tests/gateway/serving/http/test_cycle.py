"""If these fail, a client cannot read an answer, or reads another than the application gave."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.wire.http import Receive, Send
from tests.gateway.serving.http.served import (
    HOST,
    PATIENCE,
    Answer,
    Echo,
    Stage,
    answer,
    body_of,
    chunked,
    get,
    post,
    serving,
)

LENGTH = (b"content-length", b"5")


async def shown(
    *messages: dict[str, object], request: bytes = get(), refused: str = "", bodiless: bool = False
) -> tuple[Answer, bytes]:
    """What a client gets when an application says this: the answer, and all that follows. `refused` is what the last
    message is refused for; the application then ends."""
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(request)
        turn = await stage.turn()
        for message in messages[:-1]:
            await turn.send(message)
        if refused:
            with pytest.raises(RuntimeError, match=refused):
                await turn.send(messages[-1])
        else:
            await turn.send(messages[-1])
        turn.done.set()
        found = await client.answer(bodiless=bodiless)
        if found.headers.get("connection") == "close":
            return found, await client.rest()
        await client.send(get())
        second = await stage.turn()
        await second.end()
        assert (await client.answer()).body == b"done"  # the connection is in step
        return found, b""


def start(status: int = 200, headers: Sequence[tuple[bytes, bytes]] = ()) -> dict[str, object]:
    return {"type": "http.response.start", "status": status, "headers": headers}


def body(part: bytes = b"", *, more: bool = False) -> dict[str, object]:
    return {"type": "http.response.body", "body": part, "more_body": more}


# --- framing


async def test_an_answer_with_a_length_has_it() -> None:
    found, _ = await shown(start(201, [(b"x-a", b"b"), LENGTH]), body(b"he", more=True), body(b"llo"))
    assert (found.status, found.headers["x-a"], found.headers["content-length"]) == (201, "b", "5")
    assert found.body == b"hello"


@pytest.mark.parametrize("last", [b"", b"llo"])
async def test_an_answer_without_a_length_comes_in_chunks(last: bytes) -> None:
    found, _ = await shown(start(), body(b"he", more=True), body(more=True), body(last))
    assert found.headers["transfer-encoding"] == "chunked"
    assert found.body == b"he" + last


async def test_an_answer_without_any_body() -> None:
    found, _ = await shown(start(), {"type": "http.response.body"})
    assert (found.headers["transfer-encoding"], found.body) == ("chunked", b"")


@pytest.mark.parametrize("headers", [[], [LENGTH]])
@pytest.mark.parametrize("keep", [b"", b"connection: keep-alive\r\n"])
async def test_http_1_0_knows_no_chunks(headers: list[tuple[bytes, bytes]], keep: bytes) -> None:
    request = b"GET / HTTP/1.0\r\n" + keep + b"\r\n"
    found, _ = await shown(start(200, headers), body(b"he", more=True), body(b"llo"), request=request)
    assert "transfer-encoding" not in found.headers
    assert found.headers["connection"] == ("keep-alive" if keep and headers else "close")
    assert found.body == b"hello"


@pytest.mark.parametrize("headers", [[], [LENGTH]])
async def test_head_gets_the_head_alone(headers: list[tuple[bytes, bytes]]) -> None:
    request = b"HEAD / HTTP/1.1\r\n" + HOST + b"\r\n"
    found, _ = await shown(start(200, headers), body(b"hello"), request=request, bodiless=True)
    assert found.headers.get("content-length") == ("5" if headers else None)
    assert "transfer-encoding" not in found.headers


@pytest.mark.parametrize("status", [204, 304])
async def test_a_status_without_a_body(status: int) -> None:
    found, _ = await shown(start(status), body())
    assert found.status == status
    assert found.headers.keys() == {"date"}


async def test_a_status_that_has_no_name() -> None:
    found, _ = await shown(start(299, [LENGTH]), body(b"hello"))
    assert (found.status, found.body) == (299, b"hello")


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"300000")]])
async def test_large_bodies_are_whole(headers: list[tuple[bytes, bytes]]) -> None:
    large = bytes(range(256)) * 1000
    found, _ = await shown(start(200, headers), body(large, more=True), body(large[:44_000]))
    assert found.body == large + large[:44_000]


async def test_an_application_may_end_the_connection() -> None:
    found, rest = await shown(start(200, [(b"connection", b"close"), LENGTH]), body(b"hello"))
    assert (found.headers["connection"], found.body, rest) == ("close", b"hello", b"")


async def test_a_whole_answer_is_one_write() -> None:
    """On a busy machine the system call is the dearest part of it."""
    async with serving(Echo()) as served:
        client = await served.client()
        await client.ask(post(b"hello"))
        assert len(served.writes) == 1


async def test_a_piece_of_a_stream_is_one_write_and_leaves_at_once() -> None:
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(get())
        turn = await stage.turn()
        await turn.start()
        assert served.writes == []  # nothing is promised yet
        await turn.say(b"hello")
        await client.reader.readuntil(b"5\r\nhello\r\n")
        await turn.say(b"world")
        await client.reader.readuntil(b"5\r\nworld\r\n")
        await turn.say(more=False)
        await client.reader.readuntil(b"0\r\n\r\n")
        assert len(served.writes) == 3
        turn.done.set()


# --- applications that break the protocol


@pytest.mark.parametrize(
    "pair",
    [
        (b"x", b"a\r\nset-cookie: b"),
        (b"x", b"a\nset-cookie: b"),
        (b"x", b"a\rset-cookie: b"),
        (b"x", b"a\0b"),
        (b"x\r\ny", b"a"),
        (b"x", b"\r\n\r\nHTTP/1.1 200 OK"),
    ],
)
async def test_a_header_cannot_bring_another_one_along(pair: tuple[bytes, bytes]) -> None:
    found, _ = await shown(start(200, [(b"y", b"z"), pair]), refused="end its line")
    assert found.status == 500
    assert found.headers.keys().isdisjoint({"set-cookie", "x", "y"})


@pytest.mark.parametrize("last", [b"hello!", b"hell"])
async def test_a_body_of_another_length_is_not_sent(last: bytes) -> None:
    found, _ = await shown(start(200, [LENGTH]), body(last), refused="not as long")
    assert found.status == 500


async def test_a_body_where_none_may_be_is_not_sent() -> None:
    found, _ = await shown(start(204), body(b"hello"), refused="not as long")
    assert found.status == 500


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([body(b"hello")], "before the response's start"),
        ([start(), start()], "second response"),
        ([start(103)], "not a final status"),
        ([start(101)], "not a final status"),
    ],
)
async def test_messages_out_of_turn_are_refused(messages: list[dict[str, object]], reason: str) -> None:
    found, _ = await shown(*messages, refused=reason)
    assert found.status == 500


async def test_nothing_can_be_added_to_a_whole_answer() -> None:
    found, rest = await shown(start(200, [LENGTH]), body(b"hello"), body(b"more"), refused="after its end")
    assert (found.body, rest) == (b"hello", b"")


# --- what an application receives


async def test_a_request_without_a_body_is_one_message() -> None:
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(get())
        turn = await stage.turn()
        assert await turn.receive() == {"type": "http.request", "body": b"", "more_body": False}
        waiting = asyncio.ensure_future(turn.receive())
        await turn.end()
        assert not waiting.done()
        assert await turn.receive() == {"type": "http.disconnect"}  # nothing will come any more
        client.close()
        assert await waiting == {"type": "http.disconnect"}


async def test_a_body_comes_as_it_comes() -> None:
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        whole = post(b"hello")
        await client.send(whole[:-3])
        turn = await stage.turn()
        assert await turn.receive() == {"type": "http.request", "body": b"he", "more_body": True}
        waiting = asyncio.ensure_future(turn.receive())
        await asyncio.sleep(0)
        await client.send(whole[-3:])
        first = await waiting
        if first["more_body"]:  # the end of a body may be known later than its last byte
            first["body"] += (await turn.receive())["body"]
        assert first["body"] == b"llo"
        await turn.end()


async def test_all_that_wait_are_told() -> None:
    """One part of an application may read the body while another watches for the client to leave."""
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(post(b"hello"))
        turn = await stage.turn()
        assert await body_of(turn.receive) == b"hello"
        waiting = [asyncio.ensure_future(turn.receive()) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[1].cancel()
        await asyncio.sleep(0)
        client.close()
        async with asyncio.timeout(PATIENCE):
            assert [(await waiting[place])["type"] for place in (0, 2)] == ["http.disconnect"] * 2
        turn.done.set()


# --- 100-continue

EXPECT = b"expect: 100-Continue\r\n"


async def test_a_client_that_waits_is_told_to_go_on_when_its_body_is_wanted() -> None:
    async with serving(Echo()) as served:
        client = await served.client()
        whole = post(b"hello", headers=EXPECT)
        assert (await client.ask(whole[:-5])).status == 100
        assert (await client.ask(whole[-5:])).body == b"POST / hello"
        assert (await client.ask(get())).status == 200


@pytest.mark.parametrize(
    "request_", [post(b"hello", headers=EXPECT), post(b"", headers=EXPECT), chunked(b"a", headers=EXPECT)]
)
async def test_one_that_did_not_wait_is_not_told(request_: bytes) -> None:
    async with serving(Echo()) as served:
        client = await served.client()
        assert (await client.ask(request_)).status == 200


async def test_http_1_0_does_not_know_what_100_is() -> None:
    async with serving(Echo()) as served:
        client = await served.client()
        whole = post(b"hello", headers=EXPECT).replace(b"/1.1", b"/1.0")
        await served.send(client, whole[:-5], whole[-5:])
        assert (await client.answer()).status == 200


async def test_after_a_refusal_nobody_guesses_whether_the_body_comes() -> None:
    """A client may leave it out now. What it sends next could be taken for it, so nothing is."""

    async def refusing(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await answer(send, b"", 401)

    async with serving(refusing) as served:
        client = await served.client()
        found = await client.ask(post(b"hello", headers=EXPECT)[:-5])
        assert (found.status, found.headers["connection"]) == (401, "close")
        await client.send(get())
        assert await client.rest() == b""
        assert served.state.total_requests == 1
