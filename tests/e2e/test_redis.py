"""If these fail, workers share nothing where Redis is reached with TLS, by Sentinel's word, or as a Cluster."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.harness.client import ask, post
from tests.harness.configs import deployment
from tests.harness.wait import until
from tests.servers.gateway import StartGateway
from tests.servers.upstream import Upstreams
from tests.servers.valkey import Served

LIMIT = 12  # requests a minute


def configuration(upstreams: Upstreams, redis: dict[str, object]) -> str:
    settings: dict[str, Any] = {
        "deployments": {"small": deployment(upstreams.local, "local")},
        "routes": {"auto": {"small": ["small"]}},
        "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}", "limits": {"requests_per_minute": LIMIT}}],
        "redis": redis,
        "cache": {"enabled": True},
        "ledger": {"url": "sqlite:///tidegate.db"},
    }
    return json.dumps(settings)  # JSON is YAML


@pytest.mark.parametrize("way", ["tls", "sentinel", "cluster"])
def test_two_workers_share_answers_and_limits(
    way: str, request: pytest.FixtureRequest, upstreams: Upstreams, start_gateway: StartGateway
) -> None:
    served: Served = request.getfixturevalue(way)
    replicas = [start_gateway(configuration(upstreams, served.settings)) for _ in range(2)]
    assert post(replicas[0], ask("What?")).status_code == 200
    until("the answer of another", lambda: post(replicas[1], ask("What?")).headers["x-tidegate-cache"] == "hit")
    said = [post(replicas[number % 2], ask(f"And {number}?")).status_code for number in range(LIMIT + 4)]
    assert said.count(200) <= LIMIT - 2, said  # of each alone there would be one for every request
    assert set(said) == {200, 429}
