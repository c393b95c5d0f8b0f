"""The semantic cache on the way of a request: the same question in other words costs nothing, another one is asked."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from gateway.access.principal import Principal
from gateway.wire.call import Call
from gateway.wire.errors import LimitReached
from gateway.wire.http import Reply
from router.clearance import ANY
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, KEY, House, call, header, read
from tests.gateway.pipeline.caches import aged, kept
from tests.servers.upstream import Upstreams

SEMANTIC = {"patience": 5}  # seconds: a busy machine is no miss
ASKED = "How do I reset my password?"
SAME = "How can I reset my password?"
OTHER = "How do I change my password?"


def likely(key: dict[str, Any] | None = None, **semantic: Any) -> dict[str, Any]:
    """Settings with the semantic cache on the routes `home` and `cloud`."""
    own = {"semantic": {**SEMANTIC, **semantic}}
    return {
        "cache": {"enabled": True},
        "routes": {
            "home": {"small": ["small"], "cache": own},
            "cloud": {"small": ["small"], "large": ["large"], "prefer": "large", "cache": own},
            "plain": {"small": ["small"]},
        },
        "keys": [{"name": "dev", "key": KEY, "team": "lab", **(key or {})}],
    }


def ask(text: str, model: str = "home", **more: Any) -> Call:
    return call(text, model=model, **more)


async def use(house: House, text: str, principal: Principal | None = None, **more: Any) -> tuple[str | None, Reply]:
    reply = await (kept(house, ask(text, **more)) if principal is None else kept(house, ask(text, **more), principal))
    return header(reply, "x-tidegate-cache"), reply


async def test_the_same_question_in_other_words_is_a_hit(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**likely())
    used, first = await use(house, ASKED)
    assert used == "miss"
    used, reply = await use(house, SAME)
    assert used == "hit"
    assert reply.body == first.body
    similarity = float(header(reply, "x-tidegate-cache-similarity") or 0)
    assert 0.8 < similarity < 1
    assert header(reply, "x-tidegate-cost-usd") == "0"
    assert header(reply, "age") is not None
    assert len(upstreams.local.journal.exchanges) == 1
    last = house.settlements()[-1]
    assert (last.outcome, last.cache, last.cost) == ("hit", "hit", Decimal(0))
    assert house.counted("tidegate_semantic_cache_total", route="home", result="hit") == 1


async def test_an_exact_hit_has_no_similarity(open_house: OpenHouse) -> None:
    house = open_house(**likely())
    await use(house, ASKED)
    used, reply = await use(house, ASKED)
    assert used == "hit"
    assert header(reply, "x-tidegate-cache-similarity") is None


async def test_who_shares_such_a_hit_is_told_how_old_and_how_alike_it_is(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    """Two that ask the same at once; who wants nothing that old gets an answer of its own."""
    house = open_house(**likely())
    await use(house, ASKED)
    await aged(house, ask(ASKED), 100)
    picky = ask(SAME, headers={"cache-control": "max-age=50"})
    first, second, third = await asyncio.gather(*(house.ask(one) for one in (ask(SAME), ask(SAME), picky)))
    assert header(first, "x-tidegate-cache-similarity") is not None
    for name in ("x-tidegate-cache", "x-tidegate-cache-similarity"):
        assert header(second, name) == header(first, name)
    assert int(header(second, "age") or 0) >= 100
    assert header(third, "x-tidegate-cache") == "miss"
    assert header(third, "x-tidegate-cache-similarity") is None
    assert len(upstreams.local.journal.exchanges) == 2


async def test_another_question_is_asked(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**likely())
    await use(house, ASKED)
    used, _ = await use(house, OTHER)
    assert used == "miss"
    assert len(upstreams.local.journal.exchanges) == 2
    assert house.counted("tidegate_semantic_cache_objections_total", route="home", reason="content") == 1


async def test_a_stream_is_given_again_whole_and_the_reverse(open_house: OpenHouse) -> None:
    house = open_house(**likely())
    await use(house, ASKED, stream=True)
    used, whole = await use(house, SAME)
    assert used == "hit"
    reply = await house.ask(ask("How could I reset my password?", stream=True))
    assert header(reply, "x-tidegate-cache") == "hit"
    assert (await read(reply)).endswith(b"data: [DONE]\n\n")
    assert whole.status == 200


@pytest.mark.parametrize(
    "more",
    [
        {"temperature": 0.7},
        {"max_tokens": 10},
        {"user": "somebody"},
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]},
        {"response_format": {"type": "json_object"}},
    ],
    ids=lambda more: next(iter(more)),
)
async def test_all_the_rest_of_the_request_has_to_be_the_same(open_house: OpenHouse, more: dict[str, Any]) -> None:
    house = open_house(**likely())
    await use(house, ASKED)
    used, _ = await use(house, SAME, **more)
    assert used == "miss"


async def test_so_does_what_was_said_before(open_house: OpenHouse) -> None:
    house = open_house(**likely())
    await use(house, ASKED)
    before = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": SAME}]
    used, _ = await use(house, SAME, messages=before)
    assert used == "miss"
    used, _ = await use(house, ASKED, messages=[before[0], {"role": "user", "content": ASKED}])
    assert used == "hit"


async def test_another_key_has_its_own(open_house: OpenHouse) -> None:
    house = open_house(**likely())
    await use(house, ASKED)
    used, _ = await use(house, SAME, Principal("else", "lab", None, ANY))
    assert used == "miss"


async def test_another_route_has_its_own_or_none(open_house: OpenHouse) -> None:
    house = open_house(**likely())
    await use(house, ASKED)
    for model in ("cloud", "plain"):
        used, _ = await use(house, SAME, model=model)
        assert used == "miss"
    used, _ = await use(house, "How could I reset my password?", model="plain")
    assert used == "miss"


async def test_nothing_of_a_sensitive_question_is_kept_or_looked_for(open_house: OpenHouse) -> None:
    house = open_house(**likely())
    await use(house, CARD)
    used, _ = await use(house, CARD.replace("Is my", "Is the"))
    assert used == "miss"
    assert house.counted("tidegate_semantic_cache_total", route="home") == 0


@pytest.mark.parametrize(
    ("control", "used"),
    [("no-cache", "bypass"), ("max-age=0", "miss"), ("no-store", "hit"), ("max-age=600", "hit")],
)
async def test_a_caller_says_what_it_wants_of_the_cache(open_house: OpenHouse, control: str, used: str) -> None:
    house = open_house(**likely())
    await use(house, ASKED)
    got, _ = await use(house, SAME, headers={"cache-control": control})
    assert got == used


async def test_no_store_leaves_nothing_behind(open_house: OpenHouse) -> None:
    house = open_house(**likely())
    await use(house, ASKED, headers={"cache-control": "no-store"})
    used, _ = await use(house, SAME)
    assert used == "miss"


async def test_an_answer_that_is_gone_is_no_hit_and_its_question_is_forgotten(open_house: OpenHouse) -> None:
    house = open_house(**likely())
    await use(house, ASKED)
    store = house.gateway.current.store
    assert store is not None
    await store.close()  # all answers, and none of the questions
    used, _ = await use(house, SAME)
    assert used == "miss"
    assert house.counted("tidegate_semantic_cache_total", route="home", result="gone") == 1


async def test_a_hit_counts_as_a_request_of_its_key(open_house: OpenHouse) -> None:
    house = open_house(**likely({"limits": {"requests_per_minute": 2}}))
    limited = house.gateway.current.keyring.identify(KEY.encode())
    await use(house, ASKED, limited)
    used, _ = await use(house, SAME, limited)
    assert used == "hit"
    with pytest.raises(LimitReached):
        await use(house, "How could I reset my password?", limited)
    assert len(house.declined()) == 1


async def test_a_tool_call_is_not_the_answer_to_another_question(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**likely())
    upstreams.local.always("tool_calls")
    await use(house, ASKED)
    upstreams.local.always("ok")
    used, _ = await use(house, SAME)
    assert used == "miss"


async def test_a_question_waits_for_its_vector_no_longer_than_it_may(open_house: OpenHouse) -> None:
    house = open_house(**likely(patience=0.000_001))
    await use(house, ASKED)
    used, _ = await use(house, SAME)
    assert used == "miss"
    assert house.counted("tidegate_semantic_cache_total", route="home", result="late") == 2


async def test_many_who_ask_the_same_at_once_share_one_look(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """More than the queue before the encoder holds."""
    house = open_house(**likely())
    await use(house, ASKED)
    replies = await asyncio.gather(*(house.ask(ask(SAME, stream=number % 2 == 0)) for number in range(60)))
    assert {header(reply, "x-tidegate-cache") for reply in replies} == {"hit"}
    for reply in replies:
        assert b"says" in await read(reply)
    assert len(upstreams.local.journal.exchanges) == 1
