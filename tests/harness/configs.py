"""Configurations that tests start gateways with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from tests.harness.faults import LEFT_AT
from tests.upstream import Upstream

# As it must work as it stands; only the ports are the test's own.
STANDARD = """\
deployments:
  small: {zone: local, engine: openai, base_url: "LOCAL_URL", model: local-model, api_key: "${LOCAL_KEY}"}
  large: {zone: cloud, engine: openai, base_url: "CLOUD_URL", model: cloud-model, api_key: "${CLOUD_KEY}"}
routes:
  auto:  {small: [small], large: [large]}
  cloud: {large: [large], small: [small], prefer: large}   # prefers the cloud, stays under the locality policy
  embed: {embeddings: [small]}                   # several only if they serve the same model
keys:
  - {name: dev, key: "${TIDEGATE_KEY}"}
redis: {url: "${REDIS_URL:-}"}            # cache, limits, reservations, health; empty: in memory, one worker
cache: {enabled: true}
ledger: {url: "sqlite:///tidegate.db"}
"""

MAX_BODY_BYTES = 65_536
CACHE_KEY = "a-secret-for-the-cache-of-32-characters"
ENCRYPTED: Mapping[str, Any] = {"enabled": True, "sensitive": "encrypted", "key": CACHE_KEY}
PATIENCE = 0.4  # seconds: the time limits of deployments that are scripted to fail
CLOUD_PRICE = {"input": "2.50", "output": "10"}  # dollars per million tokens


def standard(local: Upstream, cloud: Upstream) -> str:
    return STANDARD.replace("LOCAL_URL", local.base_url).replace("CLOUD_URL", cloud.base_url)


def deployment(upstream: Upstream, zone: str, directive: str = "", **more: Any) -> dict[str, Any]:
    """A deployment whose model's name tells the upstream how to behave."""
    model = f"{upstream.name}!{directive}" if directive else upstream.name
    key = "${LOCAL_KEY}" if zone == "local" else "${CLOUD_KEY}"
    return {"zone": zone, "engine": "openai", "base_url": upstream.base_url, "model": model, "api_key": key, **more}


def slug(directive: str) -> str:
    """A directive as part of a route's name."""
    return directive.replace(":", "-").replace("_", "-")


def leave_route(directive: str, *, stream: bool) -> str:
    """The route, used once, on which a client leaves."""
    return f"leave-{slug(directive)}-{'stream' if stream else 'whole'}".replace(".", "-")


def rich(local: Upstream, cloud: Upstream, faults: Iterable[str], changes: Mapping[str, Any] | None = None) -> str:
    """Prices, several keys, no cache; for each fault a route `only-FAULT`, and `then-FAULT` that has a second choice.

    Each of these has a deployment of its own, so that the health of one says nothing about another.
    """
    impatient = {"connect": PATIENCE, "first_token": PATIENCE, "between_chunks": PATIENCE, "total": 2 * PATIENCE}
    price = {"tokens": CLOUD_PRICE}
    deployments: dict[str, Any] = {
        "small": deployment(local, "local", price={"tokens": {"input": 0, "output": 0}}),
        "large": deployment(cloud, "cloud", price=price),
        "unpriced": deployment(cloud, "cloud"),
        "european": deployment(cloud, "eu", price=price),
        "fragile": deployment(local, "local", timeouts=impatient),
        "plain": deployment(local, "local", tools=False),
        "busy": deployment(local, "local"),  # for tests after which it is left alone for a while
        "vectors-here": deployment(local, "local", model="bge-m3", price={"tokens": {"input": 0, "output": 0}}),
        "vectors-there": deployment(cloud, "cloud", model="bge-m3", price=price),
    }
    routes: dict[str, Any] = {
        "auto": {"small": ["small"], "large": ["large"]},
        "cloud": {"large": ["large"], "small": ["small"], "prefer": "large"},
        "only-cloud": {"large": ["large"]},
        "small": {"small": ["small"]},
        "unpriced": {"large": ["unpriced"]},
        "europe": {"large": ["large", "european"], "locality": "eu+local"},
        "home": {"small": ["small"], "large": ["large"], "prefer": "large", "locality": "local"},
        "fragile": {"small": ["fragile"], "large": ["large"], "prefer": "small"},
        "busy": {"small": ["busy"]},
        "tools": {"small": ["plain"], "large": ["large"], "prefer": "small"},
        "vendor/model-1": {"small": ["small"]},
        "embed": {"embeddings": ["small"]},
        "vectors": {"embeddings": ["vectors-there", "vectors-here"]},
        "only-plain": {"small": ["plain"]},
    }
    for fault in faults:
        name = slug(fault)
        for kind in ("only", "then"):
            deployments[f"{kind}-{name}"] = deployment(local, "local", fault, timeouts=impatient)
        routes[f"only-{name}"] = {"small": [f"only-{name}"]}
        routes[f"then-{name}"] = {"small": [f"then-{name}"], "large": ["large"], "prefer": "small"}
    for directive, stream, _ in LEFT_AT:
        name = leave_route(directive, stream=stream)
        deployments[name] = deployment(cloud, "cloud", directive, price=price)
        routes[name] = {"large": [name]}
    once = {"retries": {"per_attempt": 0}}  # a failure is one call: tests count them
    settings = {
        "deployments": deployments,
        "routes": {name: {**route, **once} for name, route in routes.items()},
        "keys": [
            {"name": "dev", "key": "${TIDEGATE_KEY}", "team": "tests"},
            {"name": "embedder", "key": "${EMBED_ONLY_KEY}", "routes": ["embed"]},
            {"name": "home", "key": "${HOME_KEY}", "locality": "local"},
            {"name": "other", "key": "${OTHER_KEY}"},
        ],
        "server": {"max_body_bytes": MAX_BODY_BYTES},
        "ledger": {"url": "sqlite:///tidegate.db"},
        **(changes or {}),
    }
    return json.dumps(settings, indent=1)  # JSON is YAML
