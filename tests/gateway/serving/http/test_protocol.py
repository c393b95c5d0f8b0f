"""If these fail, an answer goes to the wrong request, a client hangs, or one that left is served on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gateway.serving.http.limits import Limits
from gateway.wire.http import Receive, Send
from tests.gateway.serving.http.served import (
    HOST,
    Echo,
    Stage,
    answer,
    body_of,
    chunked,
    get,
    post,
    serving,
)

BIG = b"x" * 200_000  # more than is kept of a body that nobody reads, less than a single read
OFFER = b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n"


# --- requests and answers


async def test_a_connection_serves_one_request_after_the_other() -> None:
    async with serving(Echo()) as served:
        client = await served.client()
        assert (await client.ask(post(b"a"))).body == b"POST / a"
        second = await client.ask(get("/stream"))
        assert second.body == b"GET /stream "
        assert second.headers["date"].endswith(" GMT")
        assert "connection" not in second.headers
        assert served.state.total_requests == 2


@pytest.mark.parametrize(
    ("version", "header", "kept"),
    [
        (b"1.1", b"", None),
        (b"1.1", b"connection: keep-alive\r\n", None),
        (b"1.1", b"connection: keep-alive, Close\r\n", "close"),
        (b"1.0", b"", "close"),
        (b"1.0", b"connection: Keep-Alive\r\n", "keep-alive"),
    ],
)
async def test_who_asks_for_the_connection_to_last_gets_it(version: bytes, header: bytes, kept: str | None) -> None:
    async with serving(Echo()) as served:
        client = await served.client()
        found = await client.ask(b"GET / HTTP/" + version + b"\r\n" + HOST + header + b"\r\n")
        assert found.headers.get("connection") == kept
        if kept == "close":
            assert await client.rest() == b""
        else:
            assert (await client.ask(get())).status == 200


async def test_what_comes_after_the_last_request_is_not_read() -> None:
    """The client itself said that it was the last."""
    app = Echo()
    async with serving(app) as served:
        client = await served.client()
        assert (await client.ask(post(b"a", headers=b"connection: close\r\n") + b"\r\n" + get())).body == b"POST / a"
        assert await client.rest() == b""
    assert len(app.bodies) == 1


@pytest.mark.parametrize("before", [b"\r\n", b"\r\n\r\n"])
async def test_empty_lines_before_a_request_are_skipped(before: bytes) -> None:
    async with serving(Echo()) as served:
        client = await served.client()
        assert (await client.ask(before + get())).status == 200
        assert (await client.ask(before + get())).status == 200


async def test_an_application_is_told_all_about_a_request() -> None:
    app = Echo()
    async with serving(app) as served:
        client = await served.client()
        await client.ask(
            b"PUT http://gateway/caf%C3%A9%2f?q=%20 HTTP/1.1\r\n" + HOST + b"X-Thing: a\xe4\r\nx-thing: b\r\n\r\n"
        )
        server, peer = client.writer.get_extra_info("peername"), client.writer.get_extra_info("sockname")
    assert app.scopes == [
        {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "server": server,
            "client": peer,
            "scheme": "http",
            "root_path": "",
            "method": "PUT",
            "path": "/café/",
            "raw_path": b"/caf%C3%A9%2f",
            "query_string": b"q=%20",
            "headers": [(b"host", b"gateway"), (b"x-thing", b"a\xe4"), (b"x-thing", b"b")],
        }
    ]


# --- pipelining


async def test_requests_sent_ahead_are_answered_in_turn() -> None:
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(post(b"a", "/1") + get("/2") + chunked(b"c", path="/3"))
        for path in ("/1", "/2", "/3"):
            turn = await stage.turn()
            assert stage.turns.empty()
            assert turn.scope["path"] == path
            await turn.end(path.encode())
        assert [(await client.answer()).body for _ in range(3)] == [b"/1", b"/2", b"/3"]


async def test_more_requests_than_are_read_ahead() -> None:
    async with serving(Echo()) as served:
        client = await served.client()
        await client.send(b"".join(post(b"x" * 3000, f"/{number}") for number in range(200)))
        for number in range(200):
            assert (await client.answer()).body.startswith(b"POST /%d " % number)


async def test_requests_ahead_without_end_are_refused() -> None:
    """They are small, and what is made of each is not."""
    app = Echo()
    async with serving(app, Limits(ahead=30)) as served:
        client = await served.client()
        await client.send(get() * 1000)
        answers = [await client.answer() for _ in range(32)]
        assert [found.status for found in answers] == [200] * 31 + [400]
        assert await client.rest() == b""
    assert len(app.bodies) == 31


async def test_those_before_a_bad_request_get_their_answers() -> None:
    app = Echo()
    async with serving(app) as served:
        client = await served.client()
        await client.send(post(b"a") + get("/b") + b"nonsense\r\n\r\n" + get("/smuggled"))
        assert [(await client.answer()).status for _ in range(3)] == [200, 200, 400]
        assert await client.rest() == b""
    assert len(app.bodies) == 2


async def test_a_request_whose_body_goes_wrong_before_its_turn_gets_none() -> None:
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(get("/1") + chunked(b"a", path="/2")[:-5] + b"nonsense")
        await (await stage.turn()).end()
        assert [(await client.answer()).status for _ in range(2)] == [200, 400]
        assert await client.rest() == b""
        assert stage.turns.empty()


# --- offers of other protocols


@pytest.mark.parametrize("request_", [post(b"hello", headers=OFFER), chunked(b"hello", headers=OFFER)])
async def test_a_body_behind_an_offer_is_the_requests(request_: bytes) -> None:
    """As Java's own client sends every one of its requests. It is nobody's next request."""
    app = Echo()
    async with serving(app) as served:
        client = await served.client()
        assert (await client.ask(request_ + get("/next"))).body == b"POST / hello"
        assert (await client.answer()).body == b"GET /next "
    assert b"upgrade" not in dict(app.scopes[0]["headers"])


async def test_what_is_refused_behind_an_offer_is_told_why() -> None:
    async with serving(Echo()) as served:
        client = await served.client()
        assert (
            await client.ask(get(headers=OFFER) + get(headers=b"transfer-encoding: gzip, chunked\r\n"))
        ).status == 200
        assert (await client.answer()).status == 501
        assert await client.rest() == b""


async def test_any_number_of_offers_in_one_read() -> None:
    offer = b"connection: upgrade\r\nupgrade: websocket\r\n"
    async with serving(Echo(), Limits(ahead=2000)) as served:
        client = await served.client()
        await client.send(get(headers=offer) * 1500)
        for _ in range(1500):
            assert (await client.answer()).status == 200


# --- bodies that are not read at once


async def test_a_client_that_sends_more_than_is_read_has_to_wait() -> None:
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        sending = asyncio.create_task(client.send(post(b"x" * 30_000_000)))
        turn = await stage.turn()
        (line,) = served.lines
        await served.until(lambda: not line._transport.is_reading())
        assert served.received < 1_000_000
        assert not sending.done()
        assert len(await body_of(turn.receive)) == 30_000_000
        await sending
        await turn.end()
        assert (await client.answer()).body == b"done"


@pytest.mark.parametrize("ahead", [b"", get(), post(b"a"), post(BIG)[:100], get() * 20 + b"nonsense\r\n\r\n"])
async def test_a_client_that_leaves_is_noticed_while_its_answer_is_made(ahead: bytes) -> None:
    """However large its request was, and whatever it sent ahead: the upstream costs money until then."""
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(post(BIG) + ahead)
        turn = await stage.turn()
        assert len(await body_of(turn.receive)) == len(BIG)
        client.close()
        assert await turn.told() == "http.disconnect"
        turn.done.set()


async def test_an_answer_can_come_before_the_body() -> None:
    """The rest of the body is read and thrown away, and the connection goes on working."""

    async def refusing(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await answer(send, b"too large", 413)

    async with serving(refusing) as served:
        client = await served.client()
        for _ in range(3):
            assert (await client.ask(post(b"x" * 3_000_000))).status == 413


async def test_a_body_without_end_is_not_read_for_ever() -> None:
    stage = Stage()
    async with serving(stage, Limits(rest=100_000)) as served:
        client = await served.client()
        whole = chunked(b"x" * 500_000)
        await client.send(whole[:10_000])
        await (await stage.turn()).end()
        assert (await client.answer()).body == b"done"
        await client.send(whole[10_000:-5])
        assert await client.rest() == b""
        assert stage.turns.empty()


async def test_a_body_that_goes_wrong_behind_its_answer_gets_no_second_one() -> None:
    """The client would take it for the answer to its next request."""
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(chunked(b"x")[:-5])
        await (await stage.turn()).end()
        await client.answer()
        await client.send(b"nonsense")
        assert await client.rest() == b""


async def test_a_body_that_goes_wrong_within_its_answer_ends_it() -> None:
    stage = Stage()
    async with serving(stage) as served:
        client = await served.client()
        await client.send(chunked(b"x")[:-5])
        turn = await stage.turn()
        await turn.start()
        await turn.say(b"begun")
        await client.send(b"nonsense")
        assert (await client.rest()).endswith(b"5\r\nbegun\r\n")  # and no last chunk
        assert await turn.told() == "http.disconnect"
        await turn.say(b"more")
        turn.done.set()
