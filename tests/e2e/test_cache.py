"""The exact cache as a client sees it: in the memory of one worker, and in Redis shared by two."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.harness.client import Conversation, ask, post, read_stream, text_of
from tests.harness.configs import ENCRYPTED, rich, slug
from tests.harness.gateway import OTHER_KEY, Gateway
from tests.harness.prompts import CARD, EASY, HARD_PROOF
from tests.harness.wait import until
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer

CACHE = "x-tidegate-cache"


@pytest.fixture(params=["standard_gateway", "pair"])
def caching(request: pytest.FixtureRequest) -> Gateway:
    """The documented configuration, in memory and on Redis with two workers."""
    gateway = request.getfixturevalue(request.param)
    assert isinstance(gateway, Gateway)
    return gateway


def fresh(request: pytest.FixtureRequest, text: str = EASY, **more: Any) -> dict[str, Any]:
    """A request that no other test makes."""
    return ask(f"{text} ({request.node.name})", **more)


def asked_until_hit(gateway: Gateway, body: dict[str, Any]) -> list[httpx.Response]:
    """Answers up to the first from the cache. It is filled in the background: that is the second or one soon after."""
    answers: list[httpx.Response] = []

    def look() -> bool:
        answers.append(post(gateway, body))
        return answers[-1].headers[CACHE] == "hit"

    until("a cache hit", look)
    return answers


def hit(gateway: Gateway, body: dict[str, Any]) -> httpx.Response:
    return asked_until_hit(gateway, body)[-1]


def test_the_same_question_again(request: pytest.FixtureRequest, caching: Gateway, upstreams: Upstreams) -> None:
    body = fresh(request)
    first, *others, again = asked_until_hit(caching, body)
    assert first.headers[CACHE] == "miss"
    assert again.json() in [answer.json() for answer in (first, *others)]
    assert Decimal(again.headers["x-tidegate-cost-usd"]) == 0
    assert int(again.headers["age"]) >= 0
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert again.headers["x-tidegate-deployment"] == first.headers["x-tidegate-deployment"] == "small"
    assert again.headers["x-tidegate-clearance"] == "any"
    asked = len(upstreams.local.journal.exchanges)
    for _ in range(5):
        assert post(caching, body).headers[CACHE] == "hit"
    assert len(upstreams.local.journal.exchanges) == asked


@pytest.mark.parametrize("first_streams", [False, True])
@pytest.mark.parametrize("then_streams", [False, True])
@pytest.mark.parametrize("usage", [False, True])
def test_streamed_or_not_it_is_one_answer(
    request: pytest.FixtureRequest,
    caching: Gateway,
    upstreams: Upstreams,
    first_streams: bool,
    then_streams: bool,
    usage: bool,
) -> None:
    def body(stream: bool) -> dict[str, Any]:
        options: dict[str, Any] = {"stream_options": {"include_usage": usage}} if stream else {}
        return fresh(request, stream=stream, **options)

    first = post(caching, body(first_streams))
    said = read_stream(first).text if first_streams else text_of(first)
    again = hit(caching, body(then_streams))
    if not then_streams:
        assert text_of(again) == said
        assert again.json()["usage"]["prompt_tokens"] > 0
        return
    stream = read_stream(again)
    stream.assert_clean()
    assert stream.text == said
    assert len(stream.usage) == usage
    assert len({chunk["id"] for chunk in stream.chunks}) == 1


def test_a_tool_call_is_replayed(request: pytest.FixtureRequest, caching: Gateway, upstreams: Upstreams) -> None:
    body = fresh(request, tools=[{"type": "function", "function": {"name": "weather", "parameters": {}}}])
    upstreams.local.always("tool_calls:2")
    upstreams.cloud.always("tool_calls:2")
    *answers, again = (answer.json()["choices"][0] for answer in asked_until_hit(caching, body))
    assert again in answers
    stream = read_stream(hit(caching, {**body, "stream": True}))
    calls: dict[int, str] = {}
    for chunk in stream.chunks:
        for choice in chunk["choices"]:
            for call in choice["delta"].get("tool_calls") or ():
                calls[call["index"]] = calls.get(call["index"], "") + (call["function"].get("arguments") or "")
    assert calls == {place: call["function"]["arguments"] for place, call in enumerate(again["message"]["tool_calls"])}
    assert stream.chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize(
    "change",
    [{"temperature": 0.9}, {"seed": 2}, {"n": 2}, {"max_tokens": 5}, {"vendor_option": 1}, {"model": "cloud"}],
    ids=lambda change: next(iter(change)),
)
def test_another_question_is_not_the_same(
    request: pytest.FixtureRequest, caching: Gateway, change: dict[str, Any]
) -> None:
    body = fresh(request)
    post(caching, body)
    hit(caching, body)
    assert post(caching, {**body, **change}).headers[CACHE] == "miss"


def test_what_is_sensitive_is_kept_nowhere(
    request: pytest.FixtureRequest, caching: Gateway, upstreams: Upstreams
) -> None:
    body = fresh(request, CARD)
    for _ in range(3):
        assert post(caching, body).headers[CACHE] == "miss"
    upstreams.assert_cloud_saw_nothing()


@pytest.mark.parametrize("shared", [False, True])
def test_unless_it_is_encrypted_and_then_its_receipt_says_so(
    start_gateway: StartGateway, upstreams: Upstreams, valkey: ValkeyServer, shared: bool
) -> None:
    changes = {"cache": ENCRYPTED, **({"redis": {"url": valkey.url}} if shared else {})}
    gateway = start_gateway(rich(upstreams.local, upstreams.cloud, [], changes), workers=2 if shared else 1)
    body = ask(CARD, "small")
    post(gateway, body)
    assert hit(gateway, body).headers["x-tidegate-clearance"] == "local"
    assert post(gateway, body, key=OTHER_KEY).headers[CACHE] == "miss"
    upstreams.assert_cloud_saw_nothing()
    with valkey.client() as client:
        for name in client.keys("tidegate:{exact:*"):
            value = client.get(name)
            assert isinstance(value, bytes)
            assert b"local-model" not in value


def test_no_cache_asks_anew(request: pytest.FixtureRequest, caching: Gateway, upstreams: Upstreams) -> None:
    body = fresh(request)
    first = post(caching, body)
    hit(caching, body)
    anew = post(caching, body, headers={"cache-control": "no-cache"})
    assert anew.headers[CACHE] == "bypass"
    assert anew.json()["id"] != first.json()["id"]


def test_no_store_leaves_nothing_behind(request: pytest.FixtureRequest, caching: Gateway) -> None:
    body = fresh(request)
    for _ in range(3):
        answer = post(caching, body, headers={"cache-control": "no-store"})
        assert answer.headers[CACHE] in {"miss", "bypass"}
    assert post(caching, body).headers[CACHE] == "miss"


@pytest.mark.parametrize("fault", ["status:500", "error_in_200", "garbage_json", "cut:3:fin"])
def test_no_error_is_kept(request: pytest.FixtureRequest, caching: Gateway, upstreams: Upstreams, fault: str) -> None:
    body = fresh(request)
    upstreams.local.always(fault)
    upstreams.cloud.always("status:500")
    assert post(caching, body).status_code == 502
    upstreams.reset()
    answer = post(caching, body)
    assert (answer.status_code, answer.headers[CACHE]) == (200, "miss")


def test_each_key_has_its_own_and_no_cut_stream_is_kept(
    start_gateway: StartGateway, upstreams: Upstreams, valkey: ValkeyServer
) -> None:
    """Also where all share one Redis; a label of the caller's makes it another question as well."""
    faults = ["cut:3:clean", "stall:3", "error_frame:3:gate"]
    changes = {"cache": {"enabled": True}, "redis": {"url": valkey.url}}
    gateway = start_gateway(rich(upstreams.local, upstreams.cloud, faults, changes))
    body = ask(EASY, "small")
    first = post(gateway, body)
    hit(gateway, body)
    others = post(gateway, body, key=OTHER_KEY)
    assert others.headers[CACHE] == "miss"
    assert others.json()["id"] != first.json()["id"]
    assert post(gateway, body, headers={"x-tidegate-locality": "local"}).headers[CACHE] == "miss"

    for fault in faults:
        for _ in range(2):
            with Conversation(gateway, ask(EASY, f"only-{slug(fault)}", stream=True)) as stream:
                assert stream.headers[CACHE] == "miss"
                stream.read_until("says: ")
                upstreams.local.release()
                stream.read_to_end().assert_cut()


def test_redis_keeps_it_for_the_next_gateway(
    start_gateway: StartGateway, pair: Gateway, upstreams: Upstreams, valkey_of_pair: ValkeyServer
) -> None:
    """A replica keeps nothing: another one with the same configuration gives the same answer."""
    body = ask(HARD_PROOF)
    post(pair, body)
    hit(pair, body)
    another = start_gateway(environment={"REDIS_URL": valkey_of_pair.url})
    asked = len(upstreams.cloud.journal.exchanges)
    kept = {"cache-control": "only-if-cached"}  # Redis may be late for the first look of a gateway that starts
    until("it to know the answer", lambda: post(another, body, headers=kept).status_code == 200)
    assert post(another, body).headers[CACHE] == "hit"
    assert len(upstreams.cloud.journal.exchanges) == asked


def test_nothing_readable_is_in_redis(
    request: pytest.FixtureRequest, pair: Gateway, valkey_of_pair: ValkeyServer
) -> None:
    """Names of keys tell nothing of what was asked or who asked it."""
    body = fresh(request)
    post(pair, body)
    hit(pair, body)
    with valkey_of_pair.client() as client:
        names = b" ".join(client.keys("*"))
    assert names
    assert b"France" not in names
    assert pair.key.encode() not in names


def test_a_redis_that_is_frozen_or_gone_costs_no_answer(start_gateway: StartGateway, own_valkey: ValkeyServer) -> None:
    gateway = start_gateway(environment={"REDIS_URL": own_valkey.url})
    post(gateway, ask(EASY))
    own_valkey.freeze()
    frozen = post(gateway, ask(EASY))
    assert text_of(frozen).startswith("local-model says")
    assert frozen.elapsed.total_seconds() < 2
    own_valkey.kill()
    for _ in range(3):
        assert text_of(post(gateway, ask(EASY))).startswith("local-model says")
