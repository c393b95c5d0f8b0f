"""The stage: a gateway of two workers on a real Redis, and two models' servers that go wrong now and then."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.soak import inside
from bench.soak.inside import sitecustomize
from tests.harness.configs import CLOUD_PRICE, deployment
from tests.harness.gateway import Gateway
from tests.servers.valkey import ValkeyServer
from tests.upstream import Upstream

WORKERS: Final = 2
FLAKY: Final = "flaky:12"  # percent of the calls that meet with a fault
# Keys by name. `frugal` stays home once its budget is spent, `strict` is refused then; `limited` asks too often.
PLAIN, LIMITED, FRUGAL, STRICT, RICH = "plain", "limited", "frugal", "strict", "rich"
NAMES: Final = (PLAIN, LIMITED, FRUGAL, STRICT, RICH)
BUDGETS: Final = {FRUGAL: "0.02", STRICT: "0.02", RICH: "1000"}  # dollars; a call outside comes to about 0.0001
PER_MINUTE: Final = 240  # requests that `limited` may make
SMALL: Final = ("small-1", "small-2")  # at one server, as far as that matters
LARGE: Final = ("large-1", "large-2")
SEATS: Final = 4  # requests that each of the small ones takes at a time
HEDGED: Final = 0.5  # seconds after which another is asked besides
_IMPATIENT: Final = {"connect": 2, "first_token": 2, "between_chunks": 2, "total": 8}


@dataclass(frozen=True, slots=True)
class Stage:
    """`tasks`: where the gateway's processes write down their tasks."""

    gateway: Gateway
    redis: ValkeyServer
    home: Upstream
    outside: Upstream
    tasks: Path


@contextlib.contextmanager
def set_up(directory: Path) -> Iterator[Stage]:
    with contextlib.ExitStack() as stack:
        home, outside = (stack.enter_context(Upstream(name)) for name in ("local-model", "cloud-model"))
        for name in ("redis", "gateway", "tasks"):
            (directory / name).mkdir()
        redis = stack.enter_context(ValkeyServer(directory / "redis"))
        environment = {
            "REDIS_URL": redis.url,
            "CACHE_KEY": "of-the-soak-and-of-nothing-else-at-all",
            "PYTHONPATH": str(Path(inside.__path__[0])),
            sitecustomize.DIRECTORY: str(directory / "tasks"),
            **{_variable(name): key_of(name) for name in NAMES},
        }
        text = json.dumps(configuration(home, outside), indent=1)  # JSON is YAML
        gateway = Gateway(directory / "gateway", text, workers=WORKERS, environment=environment)
        yield Stage(stack.enter_context(gateway), redis, home, outside, directory / "tasks")


def configuration(home: Upstream, outside: Upstream) -> dict[str, Any]:
    free, priced = {"tokens": {"input": 0, "output": 0}}, {"tokens": CLOUD_PRICE}
    seats = {"timeouts": _IMPATIENT, "concurrent": SEATS, "queue": {"length": 20, "patience": 2}}
    models = {"small": list(SMALL), "large": list(LARGE), "max_tokens": 100}
    return {
        "deployments": {
            **{name: deployment(home, "local", FLAKY, price=free, **seats) for name in SMALL},
            **{name: deployment(outside, "cloud", FLAKY, price=priced, timeouts=_IMPATIENT) for name in LARGE},
        },
        "routes": {
            "auto": {**models, "balance": "least-busy", "affinity": True, "hedge": {"after": HEDGED}},
            "cloud": {**models, "balance": "weighted", "prefer": "large"},
        },
        "keys": [
            {"name": "dev", "key": "${TIDEGATE_KEY}", "role": "admin"},
            *({"name": name, "key": f"${{{_variable(name)}}}", **_limits(name)} for name in NAMES),
        ],
        "budgets": {name: {"key": name, "amount": amount, "period": "month"} for name, amount in BUDGETS.items()}
        | {FRUGAL: {"key": FRUGAL, "amount": BUDGETS[FRUGAL], "period": "month", "at_limit": "stay-local"}},
        "redis": {"url": "${REDIS_URL}"},
        "cache": {"enabled": True, "ttl": 10, "stale": 30, "sensitive": "encrypted", "key": "${CACHE_KEY}"},
        "ledger": {"url": "sqlite:///tidegate.db"},
    }


def key_of(name: str) -> str:
    return f"tg-of-{name}"


def _limits(name: str) -> dict[str, Any]:
    return {"limits": {"requests_per_minute": PER_MINUTE}} if name == LIMITED else {}


def _variable(name: str) -> str:
    return f"KEY_{name.upper()}"
