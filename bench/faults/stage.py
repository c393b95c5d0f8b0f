"""The stage: one gateway with everything on Redis and PostgreSQL, and a scripted upstream at home and one outside."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.faults.stores import Postgres, Redis, postgres, redis
from tests.harness.client import http
from tests.harness.configs import CLOUD_PRICE, deployment
from tests.harness.gateway import Gateway, bearer
from tests.upstream import Upstream

WORKERS = 2


# Keys by name; what each leans on stands in the configuration below.
PLAIN, LIMITED, NARROW, LOCAL, STRICT, OPEN = "plain", "limited", "narrow", "stay-local", "refuse", "allow"
BUDGETS = (LOCAL, STRICT, OPEN)  # each is of the key that is called as it
NAMES = (PLAIN, LIMITED, NARROW, *BUDGETS)
STORED = "stored"
PER_MINUTE = 4  # requests that `narrow` may make
_PLENTY = 1_000_000


@dataclass(frozen=True, slots=True)
class Stage:
    """`keys` by name: those of the configuration, and `stored`, which was made while the gateway ran."""

    gateway: Gateway
    redis: Redis
    postgres: Postgres
    keys: Mapping[str, str]


@contextlib.contextmanager
def set_up(directory: Path) -> Iterator[Stage]:
    with contextlib.ExitStack() as stack:
        home, outside = (stack.enter_context(Upstream(name)) for name in ("local-model", "cloud-model"))
        own_redis, own_postgres = stack.enter_context(redis(directory)), stack.enter_context(postgres())
        keys = {name: f"tg-of-{name}" for name in NAMES}
        environment = {"REDIS_URL": own_redis.url, "POSTGRES_URL": own_postgres.url}
        environment |= {_variable(name): key for name, key in keys.items()}
        (directory / "gateway").mkdir()
        text = json.dumps(configuration(home, outside), indent=1)  # JSON is YAML
        gateway = Gateway(directory / "gateway", text, workers=WORKERS, environment=environment)
        stack.enter_context(gateway)
        keys[STORED] = _made(gateway)
        yield Stage(gateway, own_redis, own_postgres, keys)


def configuration(home: Upstream, outside: Upstream) -> dict[str, Any]:
    return {
        "deployments": {
            "small": deployment(home, "local", price={"tokens": {"input": 0, "output": 0}}),
            "large": deployment(outside, "cloud", price={"tokens": CLOUD_PRICE}),
        },
        "routes": {"auto": {"small": ["small"], "large": ["large"], "prefer": "large", "max_tokens": 100}},
        "keys": [
            {"name": "dev", "key": "${TIDEGATE_KEY}", "role": "admin"},
            *({"name": name, "key": f"${{{_variable(name)}}}", **_limits(name)} for name in NAMES),
        ],
        "budgets": {
            name: {"key": name, "amount": "1000", "period": "month", "without_store": name} for name in BUDGETS
        },
        "redis": {"url": "${REDIS_URL}"},
        "cache": {"enabled": True},
        "ledger": {"url": "${POSTGRES_URL}"},
    }


def _limits(name: str) -> dict[str, Any]:
    limits = {
        LIMITED: {"requests_per_minute": _PLENTY, "tokens_per_minute": _PLENTY, "concurrent": _PLENTY},
        NARROW: {"requests_per_minute": PER_MINUTE},
    }
    return {"limits": limits[name]} if name in limits else {}


def _variable(name: str) -> str:
    return f"KEY_{name.upper().replace('-', '_')}"


def _made(gateway: Gateway) -> str:
    """A key that is made now, in PostgreSQL."""
    with http(headers=bearer(gateway.key)) as client:
        answer = client.post(f"{gateway.root}/admin/v1/keys", json={"name": STORED})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["key"])
