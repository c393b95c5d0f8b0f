"""If these fail, an answer that somebody purged is given again."""

from __future__ import annotations

from typing import Any, Final

import httpx

from tests.harness.client import ask, http, post
from tests.harness.configs import rich
from tests.harness.gateway import KEY, Gateway, bearer
from tests.harness.prompts import EASY
from tests.harness.wait import until
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams
from tests.servers.valkey import ValkeyServer

CACHE: Final = "x-tidegate-cache"
IN_FORCE: Final = 3.0  # seconds: two, and one for a busy machine
ADMIN: Final = {"keys": [{"name": "dev", "key": "${TIDEGATE_KEY}", "role": "admin"}]}


def administer(gateway: Gateway, method: str, path: str, query: dict[str, str]) -> Any:
    with http() as client:
        answer = client.request(method, gateway.root + path, params=query, headers=bearer(gateway.key))
    assert answer.status_code == 200, answer.text
    return answer.json()


def given_again(gateway: Gateway, body: dict[str, Any]) -> httpx.Response:
    """Asked until it comes from the cache."""
    answers: list[httpx.Response] = []

    def look() -> bool:
        answers.append(post(gateway, body))
        return answers[-1].headers[CACHE] == "hit"

    until("a cache hit", look)
    return answers[-1]


def gone(gateway: Gateway, body: dict[str, Any]) -> None:
    """In force within two seconds. Only looked up, so that nothing is kept anew."""
    headers = {"cache-control": "only-if-cached"}
    until("the purge", lambda: post(gateway, body, headers=headers).status_code == 504, IN_FORCE)


def test_by_the_command_line_and_in_force_in_every_replica(
    start_gateway: StartGateway, upstreams: Upstreams, valkey: ValkeyServer
) -> None:
    changes = {"cache": {"enabled": True}, "redis": {"url": valkey.url}, **ADMIN}
    text = rich(upstreams.local, upstreams.cloud, [], changes)
    one, other = start_gateway(text, workers=2), start_gateway(text)
    body = ask(EASY, "small")
    post(one, body)
    first = given_again(other, body)
    one.run("cache", "purge", "--route", "another", "--key", "nobody")
    assert given_again(other, body).json()["id"] == first.json()["id"]
    one.run("cache", "purge", "--route", "small")
    gone(other, body)
    events = administer(one, "GET", "/admin/v1/access-events", {})["data"]
    assert [event["name"] for event in events] == ["route:small", "key:nobody", "route:another"]
    post(one, body)
    second = given_again(other, body)
    assert second.json()["id"] != first.json()["id"]
    administer(one, "DELETE", "/admin/v1/cache", {"key": "dev"})
    gone(other, body)


def test_without_redis_the_gateway_is_asked(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    text = rich(upstreams.local, upstreams.cloud, [], {"cache": {"enabled": True}, **ADMIN})
    gateway = start_gateway(text, environment={"TIDEGATE_ADMIN_KEY": KEY})
    body = ask(EASY, "small")
    post(gateway, body)
    given_again(gateway, body)
    gateway.run("cache", "purge", "--all", "--url", gateway.root)
    assert post(gateway, body).headers[CACHE] == "miss"
    shown = administer(gateway, "GET", "/admin/v1/cache", {})
    assert (shown["shared"], list(shown["purged"])) == (False, ["all"])
    stats = gateway.run("cache", "stats").splitlines()
    assert stats[1].split()[0] == "small"


def test_nobody_purges_who_may_not(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(environment={"TIDEGATE_ADMIN_KEY": KEY})  # a caller's, as it happens
    ended = gateway.ended("cache", "purge", "--all", "--url", gateway.root)
    assert ended.returncode == 2
    assert "needs a key with the role admin" in ended.stderr
