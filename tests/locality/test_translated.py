"""Providers that are spoken to by way of litellm: it logs, warns and quotes more than anybody else, and none of that
gets out; what must stay at home does not get to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.harness.client import ask, http
from tests.harness.configs import slug
from tests.harness.gateway import bearer
from tests.locality.cases import NOT_AGAIN, SENTENCE
from tests.locality.plants import plant
from tests.locality.world import World, directive_of, everywhere, started

PATIENCE = 1.0  # seconds
FAULTS = (
    "ok",
    "quote:400",
    "quote:429",
    "quote:500",
    "garbage_json",
    "wrong_json:list",
    "wrong_json:choices",
    "error_in_200",
    "redirect:CLOUD:307",
    "reset",
    "hang",
    "cut:3:rst",
    "error_frame:3",
)
PROVIDERS = ("openai", "anthropic")


@pytest.fixture(scope="module")
def translated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    deployments: dict[str, Any] = {}
    routes: dict[str, Any] = {}
    with everywhere() as upstreams:
        cloud = upstreams[2]
        limits = {"first_token": PATIENCE, "between_chunks": PATIENCE, "total": PATIENCE}
        for provider in PROVIDERS:
            for fault in FAULTS:
                name = route_of(provider, fault)
                address = cloud.base_url if provider == "openai" else cloud.base_url.removesuffix("/v1")
                model = f"{provider}/cloud-model!{directive_of(fault, cloud)}"
                deployment = {"zone": "cloud", "engine": "litellm", "model": model, "base_url": address}
                deployments[name] = {**deployment, "api_key": "${CLOUD_KEY}", "timeouts": limits}
                routes[name] = {"large": [name], "small": ["home-ok"], "prefer": "large"}
        world = started(
            tmp_path_factory.mktemp("translated"), upstreams, more_deployments=deployments, more_routes=routes
        )
        try:
            with http(timeout=60, headers=bearer(world.gateway.key)) as client:  # litellm is slow to load
                for provider in PROVIDERS:
                    body = ask("Hello.", route_of(provider, "ok"))
                    loaded = client.post(f"{world.gateway.base_url}/chat/completions", json=body)
                    assert loaded.status_code == 200
            yield world
            world.stop()
        finally:
            world.gateway.kill()


def route_of(provider: str, fault: str) -> str:
    return f"{provider}-{slug(fault).replace('CLOUD-', '')}"


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", FAULTS)
def test_it_is_not_told_and_tells_nothing(translated: World, provider: str, fault: str) -> None:
    number = len(PROVIDERS) * FAULTS.index(fault) + PROVIDERS.index(provider)
    stream = number % 4 in (1, 2)
    planted = plant("card", number)
    route = route_of(provider, fault)
    translated.haystack.add(planted.value, route)
    translated.harmless.add_needles({planted.mark.encode()}, route)
    before = translated.cloud.journal.bytes_received
    with http(headers={**bearer(translated.gateway.key), **NOT_AGAIN}) as client:
        address = f"{translated.gateway.base_url}/chat/completions"
        answer = client.post(address, json=ask(SENTENCE.format(planted.value), route, stream=stream))
        assert answer.headers["x-tidegate-zone"] == "local"
        assert translated.cloud.journal.bytes_received == before
        tool = {"type": "function", "function": {"name": "look_up", "description": planted.twin}}
        client.post(address, json=ask(SENTENCE.format(planted.twin), route, stream=stream, tools=[tool]))
    assert translated.cloud.journal.bytes_received > before
    assert planted.mark.encode() in translated.cloud.journal.raw


def test_and_it_has_left_no_trace(translated: World) -> None:
    """Runs last in this file."""
    translated.assert_nothing_got_out()
