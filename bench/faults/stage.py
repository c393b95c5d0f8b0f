"""The stage: one gateway with everything on Redis and PostgreSQL, and a scripted upstream at home and one outside."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.faults.stores import Postgres, Redis, postgres, redis
from tests.harness.configs import CLOUD_PRICE, deployment
from tests.harness.gateway import Gateway
from tests.upstream import Upstream

WORKERS = 2


@dataclass(frozen=True, slots=True)
class Stage:
    gateway: Gateway
    redis: Redis
    postgres: Postgres


@contextlib.contextmanager
def set_up(directory: Path) -> Iterator[Stage]:
    with contextlib.ExitStack() as stack:
        home, outside = (stack.enter_context(Upstream(name)) for name in ("local-model", "cloud-model"))
        own_redis, own_postgres = stack.enter_context(redis(directory)), stack.enter_context(postgres())
        environment = {"REDIS_URL": own_redis.url, "POSTGRES_URL": own_postgres.url}
        (directory / "gateway").mkdir()
        text = json.dumps(configuration(home, outside), indent=1)  # JSON is YAML
        gateway = Gateway(directory / "gateway", text, workers=WORKERS, environment=environment)
        yield Stage(stack.enter_context(gateway), own_redis, own_postgres)


def configuration(home: Upstream, outside: Upstream) -> dict[str, Any]:
    return {
        "deployments": {
            "small": deployment(home, "local", price={"tokens": {"input": 0, "output": 0}}),
            "large": deployment(outside, "cloud", price={"tokens": CLOUD_PRICE}),
        },
        "routes": {"auto": {"small": ["small"], "large": ["large"], "prefer": "large"}},
        "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}"}],
        "redis": {"url": "${REDIS_URL}"},
        "cache": {"enabled": True},
        "ledger": {"url": "${POSTGRES_URL}"},
    }
