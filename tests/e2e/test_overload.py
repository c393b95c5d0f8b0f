"""A gateway that has more to do than it may: whom it turns away, and how its client is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest

from tests.harness.client import Wire, ask, error_of, get, http, post
from tests.harness.configs import deployment
from tests.harness.gateway import KEY, OTHER_KEY, Gateway, bearer
from tests.harness.prompts import EASY
from tests.harness.wait import until
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams

MOST = 4


def config(upstreams: Upstreams, **more: Any) -> str:
    settings: dict[str, Any] = {
        "deployments": {"small": deployment(upstreams.local, "local")},
        "routes": {"auto": {"small": ["small"]}},
        "keys": [
            {"name": "dev", "key": "${TIDEGATE_KEY}", "priority": "low", "role": "admin"},
            {"name": "other", "key": "${OTHER_KEY}", "priority": "high"},
        ],
        "server": {"overload": {"in_flight": MOST}},
        "ledger": {"url": "sqlite:///tidegate.db"},
        **more,
    }
    return json.dumps(settings)


@contextmanager
def busy(gateway: Gateway, upstreams: Upstreams, count: int) -> Iterator[None]:
    """So many requests are under way."""
    upstreams.local.always("hold:3")
    with ExitStack() as open_:
        for number in range(count):
            wire = open_.enter_context(Wire(gateway))
            wire.post(ask(f"{EASY} {number}"))
            upstreams.local.journal.wait_for_requests(number + 1)
        yield
        upstreams.local.always("ok")
        upstreams.local.release()


def test_who_is_turned_away_hears_so_in_the_words_of_their_client(
    start_gateway: StartGateway, upstreams: Upstreams
) -> None:
    """Not a byte of the body is needed for it, and what costs nothing is answered as ever."""
    gateway = start_gateway(config(upstreams))
    with busy(gateway, upstreams, MOST - 1):
        refused = post(gateway, ask(EASY))
        assert (refused.status_code, error_of(refused)["code"]) == (503, "overloaded")
        assert 1 <= int(refused.headers["retry-after"]) <= 11
        assert "x-should-retry" not in refused.headers
        anthropic = {"model": "auto", "max_tokens": 5, "messages": [{"role": "user", "content": EASY}]}
        with http(headers={"x-api-key": gateway.key}) as client:
            answer = client.post(f"{gateway.base_url}/messages", json=anthropic)
            assert (answer.status_code, answer.json()["error"]["type"]) == (529, "overloaded_error")
            answer = client.post(f"{gateway.root}/api/chat", json=ask(EASY), headers=bearer(gateway.key))
            assert (answer.status_code, "error" in answer.json()) == (503, True)
        for path in ("/healthz", "/readyz", "/metrics", "/v1/models"):
            assert get(gateway, path).status_code == 200, path
        assert get(gateway, "/admin/v1/keys", bearer(gateway.key)).status_code == 200
        assert post(gateway, ask(EASY), key="tg-nobody-knows-this-one").status_code == 503
    until("the places to be free again", lambda: post(gateway, ask(EASY)).status_code == 200)
    until("all of them to be counted", lambda: turned_away(gateway, "low") >= 4)
    assert turned_away(gateway, "high") == 0


def turned_away(gateway: Gateway, priority: str) -> float:
    (found,) = re.findall(rf'tidegate_turned_away_total{{priority="{priority}"}} (\S+)', get(gateway, "/metrics").text)
    return float(found)


def test_the_last_places_are_kept_for_keys_of_high_priority(start_gateway: StartGateway, upstreams: Upstreams) -> None:
    gateway = start_gateway(config(upstreams))
    with busy(gateway, upstreams, MOST - 1):
        assert post(gateway, ask(EASY), key=KEY).status_code == 503
        upstreams.local.always("ok")
        assert post(gateway, ask(EASY), key=OTHER_KEY).status_code == 200


@pytest.mark.parametrize("how", ["whole", "parts"])
def test_a_connection_on_which_somebody_was_turned_away_is_good_for_the_next(
    start_gateway: StartGateway, upstreams: Upstreams, how: str
) -> None:
    """Its body was not read, and must not be taken for a request."""
    gateway = start_gateway(config(upstreams))
    body = json.dumps(ask(EASY * 2000)).encode()

    def parts() -> Iterator[bytes]:
        yield body[:1000]
        yield body[1000:]

    content: Any = body if how == "whole" else parts()
    with httpx.Client(trust_env=False, headers=bearer(gateway.key)) as client, busy(gateway, upstreams, MOST - 1):
        url = f"{gateway.base_url}/chat/completions"
        assert client.post(url, content=content).status_code == 503
        assert client.get(f"{gateway.base_url}/models").status_code == 200


def test_who_is_turned_away_still_gets_what_is_kept_and_be_it_old(
    start_gateway: StartGateway, upstreams: Upstreams
) -> None:
    gateway = start_gateway(config(upstreams, cache={"enabled": True, "ttl": 2, "stale": 600}))

    def use() -> str:
        return str(post(gateway, ask(EASY)).headers.get("x-tidegate-cache"))

    assert use() == "miss"
    until("it to be kept", lambda: use() == "hit")
    with busy(gateway, upstreams, MOST - 1):
        until("it to be old", lambda: use() == "stale", 20)
        assert post(gateway, ask(f"{EASY} Of another country.")).status_code == 503
        assert len(upstreams.local.journal.exchanges) == MOST, "somebody was asked"
