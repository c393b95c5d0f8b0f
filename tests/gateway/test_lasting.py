"""If these fail, a reload loses what it should keep, or leaves connections behind."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.config.load import load
from gateway.config.settings import Settings
from gateway.config.shape import settings_of
from gateway.lasting import One, cache_secret, conversations_url
from gateway.serving.supervisor import with_keys
from tests.gateway.conftest import OpenHouse
from tests.gateway.house import House, call, header, settings
from tests.servers.upstream import Upstreams

CACHE: dict[str, Any] = {"enabled": True}


def made(upstreams: Upstreams, **changes: Any) -> Settings:
    return settings_of(Settings, settings(upstreams, **changes))


def test_what_has_not_changed_goes_on_and_what_nobody_uses_is_given_up() -> None:
    one: One[list[str]] = One()
    first = one.of("a", lambda: ["a"])
    assert one.of("a", lambda: ["other"]) is first
    second = one.of("b", lambda: ["b"])
    assert one.given_up(first, [second, first]) is None
    assert one.given_up(None, []) is None
    assert one.given_up(first, [second]) is first
    assert one.of("b", lambda: ["other"]) is second  # it is the one in force, whoever gave up the former
    assert one.given_up(second, []) is second
    assert one.of("b", lambda: ["anew"]) == ["anew"]


def test_the_caches_secret_is_that_of_the_keys(upstreams: Upstreams) -> None:
    """Replicas of one configuration share it; who has no key of it cannot make it."""
    one = cache_secret(made(upstreams))
    keys = settings(upstreams)["keys"]
    assert one == cache_secret(made(upstreams, keys=keys[::-1]))
    assert one != cache_secret(made(upstreams, keys=[{**keys[0], "key": "tg-other"}, keys[1]]))


def test_without_keys_in_the_file_it_is_that_of_stored_keys_which_replicas_share(
    upstreams: Upstreams, tmp_path: Path
) -> None:
    def secret_of(machine: str, secret: str) -> bytes:
        file = tmp_path / machine / "tidegate.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(settings(upstreams, keys=[], state="s", access={"secret": secret})))
        return cache_secret(with_keys(load(file, environ={})).settings)

    shared, other = 40 * "a", 40 * "b"
    assert secret_of("one", shared) == secret_of("two", shared)
    assert secret_of("one", shared) != secret_of("one", other)
    assert secret_of("one", "") == secret_of("one", "") != secret_of("two", "")  # each has made its own


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("", "sqlite:///{state}/responses.db"),
        ("sqlite:///books.db", "sqlite:///{state}/responses.db"),
        ("postgres://u:p@h/d", "postgresql://u:p@h/d"),
    ],
)
def test_stored_responses_stand_beside_the_ledger_or_in_a_file_of_their_own(
    upstreams: Upstreams, tmp_path: Path, url: str, where: str
) -> None:
    file = tmp_path / "tidegate.yaml"
    file.write_text(json.dumps(settings(upstreams, ledger={"url": url}, state="s")))
    assert conversations_url(load(file, environ={})) == where.format(state=tmp_path / "s")


async def filled(house: House) -> None:
    await house.ask(call())
    await house.pipeline.parts.background.drained()


async def test_a_reload_does_not_empty_the_cache_where_nothing_else_changes(
    open_house: OpenHouse, upstreams: Upstreams
) -> None:
    house = open_house(cache=CACHE)
    await filled(house)
    before = house.gateway.adopt(house.snapshot(house.configuration, 2))
    await asyncio.wait_for(house.gateway.retire(before), 1)
    assert header(await house.ask(call()), "x-tidegate-cache") == "hit"


@pytest.mark.parametrize("cache", [{"enabled": False}, {**CACHE, "max_memory_bytes": 100_000}])
async def test_a_store_that_nobody_uses_any_more_is_closed(
    open_house: OpenHouse, cache: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else every reload would leave a connection to Redis behind."""
    house = open_house(cache=CACHE)
    await filled(house)
    store = house.gateway.current.store
    assert store is not None
    closed: list[int] = []
    close = store.close

    async def closing() -> None:
        closed.append(1)
        await close()

    monkeypatch.setattr(store, "close", closing)
    first = house.gateway.adopt(house.snapshot(house.configuration, 2))
    second = house.gateway.adopt(house.snapshot({**house.configuration, "cache": cache}, 3))
    await house.gateway.retire(second)
    assert closed == []  # the first still uses it
    await house.gateway.retire(first)
    assert closed == [1]
    third = house.gateway.adopt(house.snapshot(house.configuration, 4))
    await house.gateway.retire(third)
    await filled(house)
    assert header(await house.ask(call()), "x-tidegate-cache") == "hit"
