"""If these fail, a deployment is spoken to where it is not, with a key that is not its own, or for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.egress import connection, http_answer
from gateway.egress.engine import Answer
from gateway.egress.passthrough import Passthrough
from gateway.wire.errors import UpstreamFailed, UpstreamRefused, UpstreamTimedOut
from tests.gateway.egress.permits import PATIENCE, permit
from tests.gateway.raw_server import request_of, serving
from tests.servers.upstream import Upstreams
from tests.upstream.http import Reply

CHAT = "/chat/completions"
BODY = b'{"model":"m","messages":[{"role":"user","content":"Hi"}]}'
STREAM = BODY[:-1] + b',"stream":true}'


@pytest.fixture
async def engine() -> AsyncIterator[Passthrough]:
    engine = Passthrough()
    yield engine
    await engine.close()


async def read(answer: Answer) -> bytes:
    parts = []
    while part := await answer.chunk():
        parts.append(part)
    return b"".join(parts)


def connections(upstreams: Upstreams) -> set[int]:
    """Those that this test's requests came on."""
    return {exchange.visit.number for exchange in upstreams.cloud.journal.exchanges}


async def test_what_is_sent_is_the_body_and_the_deployments_own_key(engine: Passthrough, upstreams: Upstreams) -> None:
    answer = await engine.send(permit(upstreams.cloud.base_url), CHAT, BODY, streamed=False)
    assert answer.status == 200
    assert b"cloud-model says" in await answer.body()
    asked = upstreams.cloud.journal.last
    assert (asked.path, asked.body) == ("/v1/chat/completions", BODY)
    assert asked.header("authorization") == "Bearer sk-of-the-house"
    assert asked.header("accept-encoding") == "identity"


async def test_without_a_key_none_is_sent(engine: Passthrough, upstreams: Upstreams) -> None:
    await (await engine.send(permit(upstreams.local.base_url, api_key=""), CHAT, BODY, streamed=False)).body()
    assert upstreams.local.journal.last.header("authorization") is None


async def test_a_stream_cut_anywhere_arrives_whole(engine: Passthrough, upstreams: Upstreams) -> None:
    upstreams.local.next("unicode:1")
    answer = await engine.send(permit(upstreams.local.base_url), CHAT, STREAM, streamed=True)
    body = await read(answer)
    assert body.endswith(b"data: [DONE]\n\n")
    body.decode()


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_connection_is_used_again(engine: Passthrough, upstreams: Upstreams, streamed: bool) -> None:
    """TLS to the cloud costs a tenth of a second; streams give theirs back too, though nobody reads past `[DONE]`."""
    leave = permit(upstreams.cloud.base_url, timeouts={"total": 5})
    for _ in range(3):
        answer = await engine.send(leave, CHAT, STREAM if streamed else BODY, streamed=streamed)
        said = b""
        while not said.endswith(b"[DONE]\n\n" if streamed else b"}"):
            said += await answer.chunk()
        answer.finish()
        await asyncio.to_thread(
            upstreams.cloud.journal.wait, "an end", lambda: bool(upstreams.cloud.journal.last.finished)
        )
        for _ in range(20):  # rounds of the loop, until the last bytes are here
            await asyncio.sleep(0)
    assert len(connections(upstreams)) == 1


async def test_an_answer_that_dawdles_at_its_end_does_not_keep_its_connection(
    engine: Passthrough, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_answer, "RUN_OUT_SECONDS", 0.05)
    left = asyncio.Event()

    async def never_ends(_: int, reader: asyncio.StreamReader, reply: Reply) -> None:
        await request_of(reader)
        await reply.begin_stream()
        await reply.piece(b"data: [DONE]\n\n")
        await reader.read()
        left.set()

    async with serving(never_ends) as base_url:
        answer = await engine.send(permit(base_url, timeouts={"total": 60}), CHAT, STREAM, streamed=True)
        assert await answer.chunk() == b"data: [DONE]\n\n"
        answer.finish()
        async with asyncio.timeout(2):
            await left.wait()


async def test_a_kept_connection_that_the_server_has_closed_is_no_failure(engine: Passthrough) -> None:
    """Servers close idle connections when they like."""
    answered = 0

    async def closes_after_one(number: int, reader: asyncio.StreamReader, reply: Reply) -> None:
        nonlocal answered
        await request_of(reader)
        answered += 1
        await reply.json(200, {"connection": number})

    async with serving(closes_after_one) as base_url:
        for number in (1, 2, 3):
            answer = await engine.send(permit(base_url), CHAT, BODY, streamed=False)
            assert await answer.body() == b'{"connection": %d}' % number
    assert answered == 3


async def test_a_server_that_worked_on_the_request_before_it_went_is_not_asked_again(
    engine: Passthrough, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have generated, and it may have been paid for."""
    monkeypatch.setattr(connection, "STALE_SECONDS", 0.0)
    asked = 0

    async def dies_at_work(_: int, reader: asyncio.StreamReader, reply: Reply) -> None:
        nonlocal asked
        await request_of(reader)
        asked += 1
        if asked == 1:
            await reply.json(200, {})
            await request_of(reader)
            asked += 1

    async with serving(dies_at_work) as base_url:
        leave = permit(base_url)
        await (await engine.send(leave, CHAT, BODY, streamed=False)).body()
        with pytest.raises(UpstreamFailed) as caught:
            await engine.send(leave, CHAT, BODY, streamed=False)
    assert not isinstance(caught.value, UpstreamRefused)
    assert asked == 2


@pytest.mark.parametrize("fault", ["reset", "close", "garbage"])
async def test_a_broken_connection_is_a_failure_of_unknown_cost(
    engine: Passthrough, upstreams: Upstreams, fault: str
) -> None:
    upstreams.cloud.next(fault)
    with pytest.raises(UpstreamFailed) as caught:
        await engine.send(permit(upstreams.cloud.base_url), CHAT, BODY, streamed=False)
    assert not isinstance(caught.value, UpstreamRefused | UpstreamTimedOut)
    assert len(upstreams.cloud.journal.exchanges) == 1


async def test_a_closed_port_is_a_refusal_and_costs_nothing(engine: Passthrough, upstreams: Upstreams) -> None:
    with upstreams.cloud.down(), pytest.raises(UpstreamRefused):
        await engine.send(permit(upstreams.cloud.base_url), CHAT, BODY, streamed=False)


@pytest.mark.parametrize(("fault", "streamed"), [("cut:3:rst", True), ("cut:3:fin", True), ("cut:3:fin", False)])
async def test_an_answer_that_breaks_off_says_so(
    engine: Passthrough, upstreams: Upstreams, fault: str, streamed: bool
) -> None:
    upstreams.local.next(fault)
    answer = await engine.send(permit(upstreams.local.base_url), CHAT, STREAM if streamed else BODY, streamed=streamed)
    with pytest.raises(UpstreamFailed):
        await read(answer)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("fault", ["hang", "hang_first", "stall:3"])
async def test_silence_has_an_end(engine: Passthrough, upstreams: Upstreams, fault: str, streamed: bool) -> None:
    upstreams.local.next(fault)
    body = STREAM if streamed else BODY
    leave = permit(upstreams.local.base_url, timeouts={"total": PATIENCE})
    with pytest.raises(UpstreamTimedOut):
        await read(await engine.send(leave, CHAT, body, streamed=streamed))
    await asyncio.to_thread(upstreams.local.journal.wait_until_closed, upstreams.local.journal.last)


async def test_a_steady_trickle_has_an_end_too(engine: Passthrough, upstreams: Upstreams) -> None:
    """Bytes come often enough, but never enough of them."""
    upstreams.local.next("slow:0.05")
    leave = permit(upstreams.local.base_url, timeouts={"total": PATIENCE})
    with pytest.raises(UpstreamTimedOut):
        await read(await engine.send(leave, CHAT, STREAM, streamed=True))


async def test_close_cuts_the_connection(engine: Passthrough, upstreams: Upstreams) -> None:
    upstreams.cloud.next("stall:3")
    answer = await engine.send(permit(upstreams.cloud.base_url, timeouts={"total": 60}), CHAT, STREAM, streamed=True)
    await answer.chunk()
    answer.close()
    await asyncio.to_thread(upstreams.cloud.journal.wait_until_closed, upstreams.cloud.journal.last)
    answer.close()  # safe at any time


async def test_a_redirect_is_not_followed(engine: Passthrough, upstreams: Upstreams) -> None:
    """A server at home could send content anywhere with one."""
    upstreams.local.next(f"redirect:127.0.0.1:{upstreams.cloud.port}")
    with pytest.raises(UpstreamRefused, match="redirect"):
        await engine.send(permit(upstreams.local.base_url, zone="local"), CHAT, BODY, streamed=False)
    upstreams.assert_cloud_saw_nothing()


async def test_proxy_variables_are_ignored(
    engine: Passthrough, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, upstreams.cloud.base_url)
    answer = await engine.send(permit(upstreams.local.base_url), CHAT, BODY, streamed=False)
    assert b"local-model says" in await answer.body()
    upstreams.assert_cloud_saw_nothing()


async def test_a_public_address_is_not_home(engine: Passthrough) -> None:
    """Nothing is sent; the address is a documented public one, and were it called, the error would be another."""
    for host in ("8.8.8.8", "[2001:4860:4860::8888]", "[::ffff:8.8.8.8]"):
        with pytest.raises(UpstreamRefused) as caught:
            await engine.send(permit(f"http://{host}:9/v1", zone="local"), CHAT, BODY, streamed=False)
        assert "public address" in str(caught.value.__cause__)


async def test_two_deployments_at_one_address_share_no_connection(engine: Passthrough, upstreams: Upstreams) -> None:
    """Else one's key could be used on the other's connection."""
    for key in ("one", "two"):
        await (await engine.send(permit(upstreams.cloud.base_url, api_key=key), CHAT, BODY, streamed=False)).body()
    assert len(connections(upstreams)) == 2


async def test_after_close_nothing_is_kept(upstreams: Upstreams) -> None:
    """A configuration that is gone holds no connection, not even of an answer that outlived it."""
    engine = Passthrough()
    leave = permit(upstreams.cloud.base_url, timeouts={"total": 5})
    await (await engine.send(leave, CHAT, BODY, streamed=False)).body()
    upstreams.cloud.next("hold:1")
    answer = await engine.send(leave, CHAT, STREAM, streamed=True)
    await engine.close()
    upstreams.cloud.release()
    assert (await read(answer)).endswith(b"data: [DONE]\n\n")
    await asyncio.to_thread(
        upstreams.cloud.journal.wait,
        "all connections to be closed",
        lambda: all(exchange.visit.closed is not None for exchange in upstreams.cloud.journal.exchanges),
    )


async def test_who_waits_for_a_connection_too_long_is_told(
    engine: Passthrough, upstreams: Upstreams, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one who leaves the queue just as it is his turn takes nobody else's along."""
    monkeypatch.setattr("gateway.egress.pool.MAX_CONNECTIONS", 1)
    upstreams.cloud.next("hold:1")
    leave = permit(upstreams.cloud.base_url, timeouts={"between_chunks": 5, "total": 5})
    first = await engine.send(leave, CHAT, STREAM, streamed=True)
    with pytest.raises(UpstreamTimedOut):
        await engine.send(leave, CHAT, BODY, streamed=False)
    impatient = asyncio.create_task(engine.send(leave, CHAT, BODY, streamed=False))
    patient = asyncio.create_task(engine.send(leave, CHAT, BODY, streamed=False))
    await asyncio.sleep(0)
    first.close()  # the place is free
    while not impatient.done():
        impatient.cancel()
        await asyncio.sleep(0)
    answer = await patient
    assert answer.status == 200
    answer.close()
