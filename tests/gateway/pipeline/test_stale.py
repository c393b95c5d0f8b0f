"""Answers that are too old and better than none: given where nobody could answer, and only to who wants them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gateway.wire.errors import GatewayError, LimitReached, NotCached, UpstreamFailed
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import CARD, EASY, House, call, header, read
from tests.gateway.listener import Listener
from tests.gateway.pipeline.caches import CACHED, ENCRYPTED, aged, kept
from tests.servers.upstream import Upstreams

STALE: dict[str, Any] = {"cache": {"enabled": True, "ttl": 100, "stale": 60}}
DOWN = ["status:500", "status:429", "hang", "close", "wrong_json:empty"]


def home(control: str | None = None, *, streamed: bool = False) -> Any:
    headers = {} if control is None else {"cache-control": control}
    return call(model="home", headers=headers, stream=streamed)


async def old(house: House, seconds: float) -> None:
    await kept(house, home())
    await aged(house, home(), seconds)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("fault", DOWN)
async def test_where_nobody_could_answer_the_old_answer_is_given(
    open_house: OpenHouse, upstreams: Upstreams, fault: str, streamed: bool
) -> None:
    house = open_house(**STALE)
    await old(house, 120)
    upstreams.local.always(fault)
    reply = await house.ask(home(streamed=streamed))
    assert reply.status == 200
    assert header(reply, "x-tidegate-cache") == "stale"
    assert header(reply, "x-tidegate-reason") == "cache(stale)"
    assert header(reply, "x-tidegate-cost-usd") == "0"
    assert 120 <= int(header(reply, "age") or "0") < 200
    body = await read(reply)
    assert b"says" in body
    assert body.endswith(b"data: [DONE]\n\n") is streamed
    tried, given = house.settlements()[-2:]
    assert (tried.outcome, tried.cache) == ("error", "miss")
    assert (given.outcome, given.cache, given.cost) == ("hit", "stale", Decimal(0))


async def test_an_answer_that_somebody_has_is_better(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**STALE)
    await old(house, 120)
    reply = await kept(house, home())
    assert header(reply, "x-tidegate-cache") == "miss"
    assert header(await house.ask(home()), "x-tidegate-cache") == "hit"  # the new one took its place
    assert len(upstreams.local.journal.exchanges) == 2


async def test_after_that_it_is_gone(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**STALE)
    await old(house, 161)
    upstreams.local.always("status:500")
    with pytest.raises(UpstreamFailed):
        await house.ask(home())


async def test_without_stale_nothing_old_is_given(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(cache={"enabled": True, "ttl": 100})
    await old(house, 101)
    upstreams.local.always("status:500")
    with pytest.raises(UpstreamFailed):
        await house.ask(home("stale-if-error=1000"))


@pytest.mark.parametrize(
    ("control", "given"),
    [
        ("stale-if-error=30", True),
        ("stale-if-error=10", False),
        ("stale-if-error=0", False),
        ("no-cache", False),
        ("no-cache, stale-if-error=60", False),
        ("max-age=50", False),
        ("max-age=50, stale-if-error=90", True),
        ("no-store", True),
    ],
)
async def test_the_caller_can_refuse_it(open_house: OpenHouse, upstreams: Upstreams, control: str, given: bool) -> None:
    house = open_house(**STALE)
    await old(house, 120)
    upstreams.local.always("status:500")
    if given:
        assert header(await house.ask(home(control)), "x-tidegate-cache") == "stale"
        return
    with pytest.raises(UpstreamFailed) as refused:
        await house.ask(home(control))
    assert (b"x-tidegate-cache", b"bypass" if "no-cache" in control else b"miss") in refused.value.headers


async def test_a_fault_of_the_request_gets_no_old_answer(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**STALE)
    await old(house, 120)
    upstreams.local.always("status:400")
    with pytest.raises(GatewayError) as refused:
        await house.ask(home())
    assert refused.value.status == 400


async def test_who_accepts_a_stale_answer_gets_it_at_once(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**STALE)
    await old(house, 120)
    for control, use in (("max-stale", "stale"), ("max-stale=30", "stale"), ("max-stale=10", "miss")):
        assert header(await house.ask(home(control)), "x-tidegate-cache") == use
    assert len(upstreams.local.journal.exchanges) == 2


@pytest.mark.parametrize("configuration", [STALE, {}])
async def test_who_wants_nothing_but_what_is_cached_asks_nobody(
    open_house: OpenHouse, upstreams: Upstreams, configuration: dict[str, Any]
) -> None:
    house = open_house(**configuration)
    for control in ("only-if-cached", "only-if-cached, no-cache"):
        with pytest.raises(NotCached) as refused:
            await house.ask(home(control))
        assert refused.value.status == 504
    assert not upstreams.local.journal.exchanges
    if configuration:
        await old(house, 0)
        assert header(await house.ask(home("only-if-cached")), "x-tidegate-cache") == "hit"
        await aged(house, home(), 120)
        with pytest.raises(NotCached):
            await house.ask(home("only-if-cached"))
        assert header(await house.ask(home("only-if-cached, max-stale")), "x-tidegate-cache") == "stale"


async def test_a_sensitive_answer_too(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(cache={**ENCRYPTED["cache"], "ttl": 100, "stale": 60})
    await kept(house, call(CARD))
    await aged(house, call(CARD), 120, sealed=True)
    upstreams.local.always("status:500")
    reply = await house.ask(call(CARD))
    assert header(reply, "x-tidegate-cache") == "stale"
    assert not upstreams.cloud.journal.exchanges


async def test_of_a_masked_one_the_placeholders_are_filled_in(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**STALE, policy={"rules": [{"types": ["CREDIT_CARD"], "action": "mask"}]})
    for upstream in (upstreams.cloud, upstreams.local):
        upstream.always("parrot")
    first = await kept(house, call(CARD, "cloud"))
    await aged(house, call(CARD, "cloud"), 120)
    for upstream in (upstreams.cloud, upstreams.local):
        upstream.always("status:500")
    again = await house.ask(call(CARD, "cloud"))
    assert header(again, "x-tidegate-cache") == "stale"
    assert again.body == first.body
    assert b"4970 1000 0000 0154" in again.body


async def test_it_is_one_request_to_the_limits(open_house: OpenHouse, upstreams: Upstreams) -> None:
    """The attempts took of them already."""
    limits = {"limits": {"requests_per_minute": 3}}
    house = open_house(**STALE, keys=[], routes={"home": {"small": ["small"], **limits}})
    await old(house, 120)
    upstreams.local.always("status:500")
    for _ in range(2):
        reply = await house.ask(home())
        await read(reply)
        if reply.over is not None:
            reply.over()
        assert header(reply, "x-tidegate-cache") == "stale"
    with pytest.raises(LimitReached):
        await house.ask(home())


async def test_the_next_deployment_is_asked_before_an_old_answer_is_given(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(**STALE)
    await kept(house, call())
    await aged(house, call(), 120)
    upstreams.local.always("status:500")
    assert header(await house.ask(call()), "x-tidegate-deployment") == "large"
    upstreams.cloud.always("status:500")
    assert header(await house.ask(call()), "x-tidegate-cache") == "stale"


async def test_other_routes_have_their_own_time(open_house: OpenHouse) -> None:
    routes = {"home": {"small": ["small"], "cache": {"ttl": 10}}, "auto": {"small": ["small"]}}
    house = open_house(**CACHED, keys=[], routes=routes)
    for model, use in (("home", "miss"), ("auto", "hit")):
        await kept(house, call(model=model))
        await aged(house, call(model=model), 11)
        assert header(await house.ask(call(model=model)), "x-tidegate-cache") == use


async def test_who_was_sent_signs_of_life_meanwhile_is_told_in_the_stream(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(**STALE, server={"keep_alive_comment": 0.02})
    await old(house, 120)
    upstreams.local.always("hang")
    client = Listener()
    reply = await house.ask(client.asks(EASY, "home"))
    await client.heard(1)
    assert header(reply, "x-tidegate-cache") == "stale"
    body = await read(reply)
    assert body.startswith(
        b": x-tidegate-deployment: small\n: x-tidegate-zone: local\n: x-tidegate-cache: stale\n\ndata: "
    )
    assert body.endswith(b"data: [DONE]\n\n")
