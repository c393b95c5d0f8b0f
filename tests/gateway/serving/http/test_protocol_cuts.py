"""If these fail, what a client is answered depends on how the network cut its bytes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.gateway.serving.http.served import Answer, Echo, chunked, get, post, serving

OFFER = b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n"

REQUESTS = st.one_of(
    st.builds(post, st.binary(max_size=30), st.sampled_from(["/", "/stream"])),
    st.builds(get, st.sampled_from(["/", "/stream", "/%C3%A9?q"]), headers=st.sampled_from([b"", b"x:\r\n", OFFER])),
    st.builds(
        chunked,
        st.binary(min_size=1, max_size=20),
        st.binary(min_size=1, max_size=20),
        headers=st.sampled_from([b"", b"expect: 100-continue\r\n", OFFER]),
        trailers=st.sampled_from([b"", b"a: b\r\n"]),
    ),
)


async def answers_to(*pieces: bytes, count: int) -> list[tuple[int, bytes]]:
    async with serving(Echo()) as served:
        client = await served.client()
        await served.send(client, *pieces)
        found: list[Answer] = []
        while len(found) < count:
            one = await client.answer()
            if one.status != 100:  # sent where the application asks before the body is here
                found.append(one)
        return [(one.status, one.body) for one in found]


@settings(max_examples=150, deadline=None)
@given(st.lists(REQUESTS, min_size=1, max_size=5), st.data())
async def test_how_requests_are_cut_into_reads_does_not_matter(requests: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(requests)
    places = sorted(data.draw(st.sets(st.integers(1, len(whole) - 1), max_size=12)))
    pieces = [whole[begin:end] for begin, end in zip([0, *places], [*places, len(whole)], strict=True)]
    expected = await answers_to(whole, count=len(requests))
    assert await answers_to(*pieces, count=len(requests)) == expected


@pytest.mark.parametrize(
    "request_",
    [
        post(b"hello", "/a?b", headers=b"empty:\r\nx: y \r\n"),
        chunked(b"hel", b"lo", path="/a", headers=b"x: y\r\n", trailers=b"a: b\r\n"),
        post(b"hello", "/a", headers=OFFER),
    ],
)
async def test_a_request_can_be_cut_anywhere(request_: bytes) -> None:
    app = Echo()
    async with serving(app) as served:
        client = await served.client()
        for place in range(1, len(request_)):
            await served.send(client, request_[:place], request_[place:])
            assert (await client.answer()).body == b"POST /a hello"
    assert all(scope["headers"] == app.scopes[0]["headers"] for scope in app.scopes)


async def test_a_request_can_come_byte_by_byte() -> None:
    async with serving(Echo()) as served:
        client = await served.client()
        await served.send(client, *(bytes([byte]) for byte in chunked(b"hello") + post(b"hello")))
        assert [(await client.answer()).body for _ in range(2)] == [b"POST / hello"] * 2


def spoilt(request: bytes) -> st.SearchStrategy[bytes]:
    places = st.integers(0, len(request) - 1)
    return st.one_of(
        st.builds(lambda place, new: request[:place] + new + request[place + 1 :], places, st.binary(max_size=3)),
        places.map(lambda place: request[:place]),
        st.builds(lambda place, more: request[:place] + more + request[place:], places, REQUESTS),
        st.binary(max_size=40),
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(REQUESTS | REQUESTS.flatmap(spoilt), min_size=1, max_size=4))
async def test_whatever_comes_the_server_goes_on(caplog: pytest.LogCaptureFixture, pieces: list[bytes]) -> None:
    """Nothing fails inside, nothing is left behind, and the next client is served."""
    async with serving(Echo()) as served:
        client = await served.client()
        for piece in pieces:
            await client.send(piece)
        client.writer.write_eof()
        await client.rest()
        await served.until(lambda: not served.state.connections)
        assert (await (await served.client()).ask(get())).status == 200
    assert caplog.records == []
