"""If these fail, a gateway with too much to do takes on more, or keeps an answer to itself that it has."""

from __future__ import annotations

import pytest

from gateway.pipeline.kept import KeptOnly
from gateway.wire.errors import Overloaded
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import DEVELOPER, House, call, header, read
from tests.servers.upstream import Upstreams


def kept_only(house: House) -> KeptOnly:
    kept = house.gateway.current.kept
    assert isinstance(kept, KeptOnly)
    return kept


async def test_what_is_kept_is_given_and_nothing_else_is_done(open_house: OpenHouse, upstreams: Upstreams) -> None:
    house = open_house(cache={"enabled": True})
    with pytest.raises(Overloaded) as refused:
        await kept_only(house).run(call(), DEVELOPER)
    assert refused.value.retry_after is not None
    assert (b"x-tidegate-cache", b"miss") in refused.value.headers
    assert house.records() == []
    assert upstreams.local.journal.raw == b""

    answer = await read(await house.ask(call()))
    await house.pipeline.parts.background.drained()
    again = await kept_only(house).run(call(), DEVELOPER)
    assert (header(again, "x-tidegate-cache"), await read(again)) == ("hit", answer)
    assert [settled.outcome for settled in house.settlements()] == ["ok", "hit"]


async def test_an_answer_that_is_too_old_is_better_than_none(open_house: OpenHouse) -> None:
    house = open_house(cache={"enabled": True, "stale": 600})
    await read(await house.ask(call()))
    await house.pipeline.parts.background.drained()
    old = {"cache-control": "max-age=0, stale-if-error=600"}
    stale = await kept_only(house).run(call(headers=old), DEVELOPER)
    assert header(stale, "x-tidegate-cache") == "stale"


async def test_without_a_cache_there_is_nothing_to_look_in(house: House) -> None:
    assert house.gateway.current.kept is None
