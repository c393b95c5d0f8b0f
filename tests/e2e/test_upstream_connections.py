"""How the gateway speaks HTTP to a model's server: kept connections, every legal framing, no illegal one, no mix-up."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import httpx
import pytest

from tests.harness.client import TIMEOUT, ask, error_of, parse_stream, post, read_stream, text_of
from tests.harness.configs import deployment
from tests.harness.gateway import NO_TLS, Gateway, bearer
from tests.harness.prompts import EASY
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams
from tests.upstream.framing import GOOD_FRAMING

BAD = (
    *("two_lengths", "length_and_chunks", "bad_length:-5", "bad_length:abc", "bad_length:+5", "bad_length:5,6"),
    *("bad_chunk:zz", "bad_chunk:-1", "bad_chunk:FFFFFFFFFFFFFFFFFF", "bad_coding", "switching"),
    *("bad_start:ICY_200_OK", "bad_start:HTTP/1.1_OK", "bad_start:HTTP/1.1_20_OK", "bad_start:HTTP/9.9_200_OK"),
    *("endless_head", "endless_interim"),
)


@pytest.mark.parametrize("framing", GOOD_FRAMING)
@pytest.mark.parametrize("stream", [False, True])
def test_every_legal_framing_is_read(gateway: Gateway, upstreams: Upstreams, framing: str, stream: bool) -> None:
    """And the connection, kept or not, serves the next request."""
    for directive in (framing, "ok"):
        upstreams.local.next(directive)
        answer = post(gateway, ask(EASY, "small", stream=stream))
        if stream:
            events = read_stream(answer)
            events.assert_clean()
            assert events.text.startswith("local-model says: read 6 words")
        else:
            assert text_of(answer).startswith("local-model says: read 6 words")


@pytest.mark.parametrize("framing", BAD)
@pytest.mark.parametrize("stream", [False, True])
def test_no_illegal_framing_is_believed(gateway: Gateway, upstreams: Upstreams, framing: str, stream: bool) -> None:
    upstreams.local.next(framing)
    answer = post(gateway, ask(EASY, "fragile", stream=stream))
    assert text_or_stream(answer, stream=stream).startswith("cloud-model says")
    upstreams.local.journal.wait_until_closed(upstreams.local.journal.exchanges[0])
    upstreams.local.next("ok")
    assert text_of(post(gateway, ask(EASY, "fragile"))).startswith("local-model says")


@pytest.mark.parametrize("stream", [False, True])
def test_no_content_is_no_answer(gateway: Gateway, upstreams: Upstreams, stream: bool) -> None:
    upstreams.local.next("no_content", "ok")
    answer = post(gateway, ask(EASY, "fragile", stream=stream))
    assert text_or_stream(answer, stream=stream).startswith("cloud-model says")
    assert text_of(post(gateway, ask(EASY, "fragile"))).startswith("local-model says")


def text_or_stream(answer: httpx.Response, *, stream: bool) -> str:
    if not stream:
        return text_of(answer)
    events = read_stream(answer)
    events.assert_clean()
    return events.text


@pytest.mark.parametrize("stream", [False, True])
def test_what_nobody_asked_for_is_nobodys_answer(gateway: Gateway, upstreams: Upstreams, stream: bool) -> None:
    for _ in range(3):
        upstreams.local.next("poisoned")
        first = post(gateway, ask(EASY, "fragile", stream=stream))
        assert first.status_code == 200
        assert "poison" not in first.text
        second = post(gateway, ask(f"{EASY} Again", "fragile"))
        assert "poison" not in second.text
        assert text_of(second).startswith("local-model says: read 7 words")


def test_connections_are_kept(gateway: Gateway, upstreams: Upstreams) -> None:
    for place in range(10):
        text_or_stream(post(gateway, ask(EASY, "small", stream=place % 2 == 0)), stream=place % 2 == 0)
    assert len({exchange.visit.number for exchange in upstreams.local.journal.exchanges}) == 1


def test_a_kept_connection_that_was_closed_costs_no_answer(gateway: Gateway, upstreams: Upstreams) -> None:
    """Servers close idle connections whenever they like; the request that meets this is sent again on a new one."""
    for _ in range(20):
        upstreams.local.next("close_after")
        assert text_of(post(gateway, ask(EASY, "small"))).startswith("local-model says")


def test_a_server_that_was_restarted_costs_no_answer(gateway: Gateway, upstreams: Upstreams) -> None:
    for _ in range(5):
        assert text_of(post(gateway, ask(EASY, "only-cloud"))).startswith("cloud-model says")
        with upstreams.cloud.down():
            pass
    assert text_of(post(gateway, ask(EASY, "only-cloud"))).startswith("cloud-model says")


def test_a_request_that_was_taken_up_is_not_sent_twice(gateway: Gateway, upstreams: Upstreams) -> None:
    """A new connection that breaks is a failure and no stale connection: the model may be at work already."""
    with upstreams.cloud.down():  # no kept connections
        pass
    upstreams.cloud.next("close")
    answer = post(gateway, ask(EASY, "only-cloud"))
    assert answer.status_code == 502
    error_of(answer)
    assert len(upstreams.cloud.journal.exchanges) == 1


BROKEN = frozenset({"cut:3:rst", "status:500", "garbage"})
DIRECTIVES = ("ok", "ok", "ok", "close_after", "drip", "together", "until_close", "cut:3:rst", "status:500", "garbage")


def asks_again(upstreams: Upstreams) -> str:
    """A model at home that is asked again where a connection broke off, and whose calls more never run out."""
    retries = {"per_attempt": 3, "budget": 1, "first_wait": 0.01, "longest_wait": 0.01}
    settings = {
        "deployments": {"small": deployment(upstreams.local, "local", breaker={"failures": 1000})},
        "routes": {"small": {"small": ["small"], "retries": retries}},
        "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}"}],
    }
    return json.dumps(settings)


async def test_many_at_once_each_get_their_own(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    """Good and bad answers, whole and streamed, clients that leave: nobody reads what was meant for somebody else, and
    who met a connection that was just being closed is answered all the same."""
    gateway = start_gateway(asks_again(upstreams))
    limits = httpx.Limits(max_connections=40)
    headers = bearer(gateway.key)
    async with httpx.AsyncClient(
        base_url=gateway.root, headers=headers, timeout=TIMEOUT, limits=limits, trust_env=False, verify=NO_TLS
    ) as client:

        async def one(place: int) -> bool:
            prompt = f"Question {place}: {'word ' * (place % 7)}"
            directive = DIRECTIVES[place % len(DIRECTIVES)]
            stream = place % 3 == 0
            body: dict[str, Any] = {**ask(prompt, "small"), "stream": stream, "x_upstream": directive}
            if place % 17 == 5:
                async with client.stream("POST", "/v1/chat/completions", json=body):
                    return False  # and is gone
            answer = await client.post("/v1/chat/completions", json=body)
            digest = hashlib.sha256(prompt.encode()).hexdigest()[:8]
            said = f"local-model says: read {len(prompt.split())} words, digest {digest}."
            if answer.status_code != 200:
                assert directive in BROKEN
                return False
            if stream:
                events = parse_stream(answer.text)
                assert said.startswith(events.text)
                assert events.done == (events.text == said)
                return events.done == 1
            assert answer.json()["choices"][0]["message"]["content"] == said
            return True

        answered = await asyncio.gather(*(one(place) for place in range(200)))
    assert sum(answered) > 100
