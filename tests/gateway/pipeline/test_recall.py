"""If these fail, an answer is given to someone it is not for, or paid for twice."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gateway.access.principal import Principal
from gateway.pipeline.recall import _scope
from gateway.wire.errors import (
    BadRequest,
    UpstreamFailed,
)
from router.clearance import ANY, LOCAL
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import call, header
from tests.gateway.pipeline.caches import CACHED
from tests.servers.upstream import Upstreams


async def test_the_second_time_it_comes_from_the_cache(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(**CACHED)
    first = await house.ask(call())
    await house.pipeline.parts.background.drained()
    again = await house.ask(call())
    assert again.body == first.body
    assert header(again, "x-tidegate-cache") == "hit"
    assert header(again, "x-tidegate-cost-usd") == "0"
    assert len(upstreams.local.journal.exchanges) == 1
    assert [settlement.outcome for settlement in house.settlements()] == ["ok", "hit"]


async def test_the_same_question_of_another_key_is_another_question(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(**CACHED)
    for name in ("dev", "other"):
        await house.ask(call(), Principal(name, "lab", None, ANY))
        await house.pipeline.parts.background.drained()
    assert len(upstreams.local.journal.exchanges) == 2


async def test_an_answer_from_outside_is_not_given_to_a_key_that_stays_home(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(**CACHED)
    await house.ask(call(model="cloud"))
    await house.pipeline.parts.background.drained()
    reply = await house.ask(call(model="cloud"), Principal("dev", "lab", None, LOCAL))
    assert header(reply, "x-tidegate-zone") == "local"
    assert header(reply, "x-tidegate-cache") == "miss"


@pytest.mark.parametrize(
    ("directive", "asked"), [("no-cache", 2), ("no-store", 2), ("max-age=0", 2), ("max-age=60", 1)]
)
async def test_cache_control_is_honoured(
    open_house: OpenHouse, upstreams: Upstreams, directive: str, asked: int
) -> None:
    house = open_house(**CACHED)
    for _ in range(2):
        await house.ask(call(headers={"cache-control": directive}))
        await house.pipeline.parts.background.drained()
    assert len(upstreams.local.journal.exchanges) == asked


@pytest.mark.parametrize("fault", ["status:500", "wrong_json:empty", "wrong_json:choice"])
async def test_what_is_no_answer_is_not_kept(open_house: OpenHouse, upstreams: Upstreams, fault: str) -> None:
    house = open_house(**CACHED)
    upstreams.local.next(fault)
    for _ in range(2):
        try:
            reply = await house.ask(call(model="home"))
        except UpstreamFailed:
            continue
        await house.pipeline.parts.background.drained()
    assert json.loads(reply.body)["choices"][0]["message"]["content"].startswith("local-model says")
    assert header(reply, "x-tidegate-cache") == "miss"


async def test_a_body_nested_beyond_what_can_be_written_is_the_clients_fault(open_house: OpenHouse) -> None:
    """It can be read, but neither hashed nor sent on. Nobody's fault but the body's: no 500."""
    deep: object = "x"
    for _ in range(300):
        deep = [deep]
    for house in (open_house(), open_house(**CACHED)):
        with pytest.raises(BadRequest):
            await house.ask(call(model="home", metadata={"deep": deep}))


def test_no_key_can_be_named_like_anothers_team() -> None:
    alone, lab = Principal("team:lab", None, None, ANY), Principal("dev", "lab", None, ANY)
    assert len({_scope("team", alone), _scope("team", lab), _scope("key", lab), _scope("global", lab)}) == 4


def test_nobody_is_answered_from_what_another_of_their_name_has_asked() -> None:
    ann = Principal("ann", "lab", None, ANY, origin="1.5", team_origin="2.5")
    for scope in ("key", "team"):
        others = [replace(ann, origin="1.6", team_origin="2.6"), replace(ann, origin="", team_origin="")]
        assert len({_scope(scope, one) for one in (ann, *others)}) == 3
    assert _scope("team", ann) == _scope("team", replace(ann, name="bob", origin="9.5"))
