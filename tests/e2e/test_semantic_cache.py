"""The semantic cache as clients see it: two replicas of two workers, which share what was asked through Redis."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.harness.client import ask, post
from tests.harness.configs import standard
from tests.harness.gateway import Gateway
from tests.harness.wait import until
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer

ASKED = "How do I reset my password?"
WORDS = ("How can I reset my password?", "How could I reset the password?", "What are the steps to reset my password?")
OTHER = ("How do I change my password?", "How do I reset my router?", "Why did you reset my password?")


def said(gateway: Gateway, text: str) -> httpx.Response:
    return post(gateway, ask(text, model="auto"))


def tried(gateway: Gateway, text: str) -> httpx.Response:
    """Nothing is kept of it, so what it finds is the answer to other words."""
    return post(gateway, ask(text, model="auto"), headers={"cache-control": "no-store"})


def hit(gateway: Gateway, text: str) -> httpx.Response:
    """Once the encoder is loaded, and what was asked is kept."""
    found: list[httpx.Response] = []

    def is_hit() -> bool:
        found.append(tried(gateway, text))
        return found[-1].headers["x-tidegate-cache"] == "hit"

    until("a hit in other words", is_hit, 30)
    return found[-1]


def configuration(upstreams: Upstreams) -> str:
    route = "auto:  {small: [small], large: [large]}"
    likely = "auto:  {small: [small], large: [large], cache: {semantic: {patience: 5}}}"
    text = standard(upstreams.local, upstreams.cloud)
    assert route in text
    return text.replace(route, likely)


@pytest.mark.parametrize("server", ["valkey", "redis8"])
def test_what_one_replica_was_asked_the_other_knows(
    request: pytest.FixtureRequest, start_gateway: StartGateway, upstreams: Upstreams, server: str
) -> None:
    redis: ValkeyServer = request.getfixturevalue(server)
    text, environment = configuration(upstreams), {"REDIS_URL": redis.url}
    here = start_gateway(text, workers=2, environment=environment)
    there = start_gateway(text, workers=2, environment=environment)
    assert said(here, ASKED).headers["x-tidegate-cache"] == "miss"

    for words in WORDS:
        for gateway in (there, here):
            answer = hit(gateway, words)
            assert 0.82 < float(answer.headers["x-tidegate-cache-similarity"]) < 0.9999
            assert answer.headers["x-tidegate-cost-usd"] == "0"
    for words in OTHER:
        assert tried(there, words).headers["x-tidegate-cache"] == "miss", words


def test_who_was_given_a_wrong_answer_says_so_and_another_replica_heeds_it(
    start_gateway: StartGateway, upstreams: Upstreams, valkey: ValkeyServer
) -> None:
    text, environment = configuration(upstreams), {"REDIS_URL": valkey.url}
    here = start_gateway(text, environment=environment)
    there = start_gateway(text, environment=environment)
    said(here, ASKED)
    given = hit(here, WORDS[0]).headers["x-request-id"]

    def evicted() -> bool:
        reply = post(there, {"request_id": given, "thumbs": "down"}, path="/v1/feedback")
        return reply.status_code == 200 and json.loads(reply.content)["evicted"] is True

    until("the other replica to know of it", evicted, 10)
    for gateway in (here, there):
        assert tried(gateway, WORDS[0]).headers["x-tidegate-cache"] == "miss"
