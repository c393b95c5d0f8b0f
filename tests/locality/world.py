"""The world of these tests: a gateway between a model at home, one in Europe and one in the cloud, all scripted, and a
listener that plays every proxy the environment names. Whatever any of them hears, and whatever the gateway leaves
behind, can be searched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.harness.client import get
from tests.harness.configs import deployment, slug
from tests.harness.gateway import Gateway
from tests.locality.needles import Haystack
from tests.locality.places import TEXT, VECTORS, VERDICTS
from tests.servers.valkey import ValkeyServer
from tests.upstream import Upstream

PATIENCE = 0.1  # seconds: what a deployment gets that is scripted to fall silent
SILENT = frozenset({"hang", "hang_first", "stall:3"})
OK = "ok"
# What the model at home does while it is asked something sensitive. Each in a deployment of its own, for the breakers.
BEFORE_ANSWER = (
    "status:500",
    "status:503",
    "status:429:7",
    "status:401",
    "status:404",
    "reset",
    "close",
    "hang",
    "hang_first",
    "html_error",
    "quote:500",
    "quote:429",
    "garbage",
    "garbage_json",
    "wrong_json:list",
    "empty",
    "error_in_200",
    "redirect:CLOUD:301",
    "redirect:CLOUD:307",
    "redirect:CLOUD:308",
)
AFTERWARDS = ("quote:400", "cut:3:fin", "cut:3:rst", "stall:3", "slow_first:0.05", "once:500:x", "close_after", "echo")
FAULTS = (OK, *BEFORE_ANSWER, *AFTERWARDS)
# What an operator may allow: account numbers may be seen in Europe, nothing else that is sensitive may.
POLICY = {"rules": [{"types": ["IBAN", "BANK_ACCOUNT"], "clearance": "eu+local"}, {"types": ["*"]}]}

Upstreams = tuple[Upstream, Upstream, Upstream, Upstream]


@dataclass(frozen=True, slots=True)
class World:
    """`gateway` is running. `haystack` knows what must not be found, `harmless` what must not be written down."""

    gateway: Gateway
    home: Upstream
    europe: Upstream
    cloud: Upstream
    proxy: Upstream
    haystack: Haystack = field(default_factory=Haystack)
    harmless: Haystack = field(default_factory=Haystack)
    redis: list[ValkeyServer] = field(default_factory=list)  # of its own, if any

    @property
    def outside(self) -> tuple[Upstream, ...]:
        return self.europe, self.cloud, self.proxy

    def stop(self) -> None:
        """Cleanly, and its last words are searched as well."""
        self.gateway.stop()
        assert not self.haystack.found_in(self.gateway.output.encode())

    def metrics(self) -> str:
        return get(self.gateway, "/metrics").text

    def stumbles(self) -> list[BaseException]:
        """Errors of the scripts themselves: a test that sees one is void."""
        return [error for upstream in (self.home, *self.outside) for error in upstream.stumbles]

    def assert_nothing_got_out(self) -> None:
        """Of all that was ever planted: outside nothing, but for Europe what may be seen there; within, no trace."""
        for upstream in (self.cloud, self.proxy):
            assert not self.haystack.found_in(upstream.journal.raw), f"{upstream.name} was told"
        assert self.proxy.journal.raw == b"", "a proxy of the environment was asked"
        for name, data in self.traces():
            assert not self.haystack.found_in(data), f"what must not travel stands in {name}"
            assert not self.harmless.found_in(data), f"content stands in {name}"

    def traces(self) -> Iterator[tuple[str, bytes]]:
        """What the gateway has written down and what it tells an operator, but for the answers it keeps for clients."""
        yield "the log", self.gateway.output.encode()
        yield "the metrics", self.metrics().encode()
        yield "the health", get(self.gateway, "/healthz").content + get(self.gateway, "/readyz").content
        yield "the report", self.gateway.run("report", "--format", "json").encode()
        for path in sorted(self.gateway.directory.rglob("*")):
            if path.is_file() and path != self.gateway.file:
                yield f"the file {path.name}", path.read_bytes()


def directive_of(fault: str, cloud: Upstream) -> str:
    """With the address of the cloud in it, where the fault is to send the gateway there."""
    return fault.replace(":CLOUD:", f":{cloud.host}:{cloud.port}:")


def route_of(kind: str, fault: str, service: str) -> str:
    """`kind` is `first`: the cloud is preferred, or `last`: the model at home is. Of embeddings all deployments serve
    the same model, whose name cannot say what goes wrong.
    """
    return f"{kind}-{service}" if service == VECTORS else f"{kind}-{service}-{slug(fault).replace('CLOUD-', '')}"


def config(
    home: Upstream,
    europe: Upstream,
    cloud: Upstream,
    *,
    changes: Mapping[str, Any] | None = None,
    more_deployments: Mapping[str, Any] | None = None,
    more_routes: Mapping[str, Any] | None = None,
) -> str:
    """Every route has somebody in the cloud. `changes` are to the settings on top."""
    limits = {"connect": PATIENCE, "first_token": PATIENCE, "between_chunks": PATIENCE, "total": PATIENCE}
    impatient: dict[str, Any] = {"timeouts": limits}
    deployments: dict[str, Any] = {"large": deployment(cloud, "cloud"), "european": deployment(europe, "eu")}
    routes: dict[str, Any] = {}
    for fault in FAULTS:
        small = f"home-{slug(fault).replace('CLOUD-', '')}"
        directive = "" if fault == OK else directive_of(fault, cloud)
        deployments[small] = deployment(home, "local", directive, **(impatient if fault in SILENT else {}))
        large = {"small": [small], "large": ["large", "european"]}
        routes[route_of("first", fault, TEXT)] = {**large, "prefer": "large"}
        routes[route_of("last", fault, TEXT)] = {**large, "prefer": "small"}
        routes[route_of("first", fault, VERDICTS)] = {"moderations": ["large", "european", small]}
        routes[route_of("last", fault, VERDICTS)] = {"moderations": [small, "large", "european"]}
    vectors = {"vectors-home": (home, "local"), "vectors-europe": (europe, "eu"), "vectors-cloud": (cloud, "cloud")}
    for name, (upstream, zone) in vectors.items():
        deployments[name] = deployment(upstream, zone, model="bge-m3", **impatient)
    routes[route_of("first", "", VECTORS)] = {"embeddings": ["vectors-cloud", "vectors-europe", "vectors-home"]}
    routes[route_of("last", "", VECTORS)] = {"embeddings": ["vectors-home", "vectors-cloud", "vectors-europe"]}
    settings = {
        "deployments": {**deployments, **(more_deployments or {})},
        "routes": {**routes, **(more_routes or {})},
        "keys": [
            {"name": "dev", "key": "${TIDEGATE_KEY}", "team": "tests"},
            {"name": "home", "key": "${HOME_KEY}", "locality": "local"},
            {"name": "other", "key": "${OTHER_KEY}"},
        ],
        "policy": POLICY,
        "log": {"level": "debug", "format": "json", "requests": True},
        "cache": {"enabled": True},
        "ledger": {"url": "sqlite:///tidegate.db"},
        **(changes or {}),
    }
    return json.dumps(settings, indent=1)


def proxies(proxy: Upstream) -> dict[str, str]:
    """The variables that HTTP libraries heed."""
    address = f"http://{proxy.host}:{proxy.port}"
    names = ("http_proxy", "https_proxy", "all_proxy")
    return {name: address for lower in names for name in (lower, lower.upper())}


@contextmanager
def everywhere() -> Iterator[Upstreams]:
    """The four upstreams, running."""
    with (
        Upstream("local-model") as home,
        Upstream("eu-model") as europe,
        Upstream("cloud-model") as cloud,
        Upstream("proxy") as proxy,
    ):
        yield home, europe, cloud, proxy


def started(directory: Path, upstreams: Upstreams, *, workers: int = 1, **more: Any) -> World:
    """`upstreams` are home, Europe, cloud and proxy. `more` goes to `config`, and `environment` to the gateway."""
    home, europe, cloud, proxy = upstreams
    environment = {**proxies(proxy), **more.pop("environment", {})}
    gateway = Gateway(directory, config(home, europe, cloud, **more), workers=workers, environment=environment)
    gateway.start()
    return World(gateway, home, europe, cloud, proxy)
