"""If these fail, an answer that was purged is given again, or nobody can say who purged what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.config.cache import Cache
from gateway.stores.link import StoreFault
from tests.gateway.admin.desk import ROLES, Desk

CACHE = "/admin/v1/cache"


def turned_on(desk: Desk) -> Desk:
    settings = replace(desk.serving.loaded.settings, cache=Cache(enabled=True, ttl=60))
    desk.serving = replace(desk.serving, loaded=replace(desk.serving.loaded, settings=settings))
    return desk


@pytest.mark.parametrize("role", ROLES)
async def test_who_may_do_what(desk: Desk, role: str) -> None:
    asking = desk.ask(role)
    assert (await asking.get(CACHE)).status_code == (200 if role in ("viewer", "auditor", "admin") else 403)
    assert (await asking.delete(CACHE, params={"all": True})).status_code == (200 if role == "admin" else 403)


async def test_what_is_named_is_purged_and_who_did_it_is_known(desk: Desk) -> None:
    asking = desk.ask("admin")
    wanted: list[tuple[str, str | int | float | bool | None]] = [
        ("route", "auto"),
        ("route", "a b"),
        ("key", "dev"),
        ("team", "lab"),
        ("tag", "Blue"),
    ]
    purged = await asking.delete(CACHE, params=wanted)
    names = ["route:auto", "route:a b", "key:dev", "team:lab", "tag:blue"]
    assert purged.json() == {"object": "cache.purge", "purged": names}
    assert all(desk.purges.concern(0, [name]) for name in names)
    assert not desk.purges.concern(0, ["route:dev"])
    events = (await asking.get("/admin/v1/access-events")).json()["data"]
    assert [(event["action"], event["kind"], event["name"], event["actor"]) for event in reversed(events)] == [
        ("cache.purged", "cache", name, "admin") for name in names
    ]


async def test_everything_can_be_purged(desk: Desk) -> None:
    assert (await desk.ask("admin").delete(CACHE, params={"all": "true"})).json()["purged"] == ["all"]
    assert desk.purges.concern(0, ["route:whatever"])


@pytest.mark.parametrize(
    "wanted", [{}, {"all": "false"}, {"route": ""}, {"key": "a\nb"}, {"tag": 300 * "x"}, {"route": 101 * ["a"]}]
)
async def test_nothing_is_purged_by_accident(desk: Desk, wanted: dict[str, Any]) -> None:
    refused = await desk.ask("admin").delete(CACHE, params=wanted)
    assert refused.status_code == 400
    assert desk.purges.era == 0


async def test_what_is_kept_is_shown(desk: Desk) -> None:
    turned_on(desk)
    await desk.store.put("k", b"12345", 60)
    await desk.purges.purge(["key:dev"])
    shown = (await desk.ask("viewer").get(CACHE)).json()
    assert (shown["shared"], shown["zone"], shown["entries"]) == (False, "local", 1)
    assert shown["bytes"] > 5
    assert shown["purged"] == {"key:dev": desk.purges.era}
    assert shown["routes"]["auto"] == {"ttl": 60, "stale": 0, "scope": "key", "sensitive": "never"}


async def test_without_a_cache_there_is_nothing_to_purge(desk: Desk) -> None:
    desk.serving = replace(desk.serving, store=None, purges=None)
    asking = desk.ask("admin")
    assert (await asking.get(CACHE)).status_code == 409
    assert (await asking.delete(CACHE, params={"all": True})).status_code == 409


async def test_where_the_store_is_away_it_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> int:
        raise StoreFault("timeout")

    monkeypatch.setattr(desk.purges, "purge", away)
    refused = await desk.ask("admin").delete(CACHE, params={"route": "auto"})
    assert refused.status_code == 503
    assert "nothing is purged" in refused.json()["error"]["message"]
