"""The stage: one gateway with a route for each cell, a model's server at home and one outside, and dead ports."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.wall.cells import HOME_PRICE, Cell, Situation, settings
from bench.wall.faults import PATIENCE, TOTAL, Address
from tests.harness.configs import CLOUD_PRICE, deployment
from tests.harness.gateway import Gateway
from tests.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Stage:
    gateway: Gateway
    home: Upstream
    outside: Upstream


@contextlib.contextmanager
def set_up(directory: Path, cells: Sequence[Cell]) -> Iterator[Stage]:
    with contextlib.ExitStack() as stack:
        home, outside = (stack.enter_context(Upstream(name)) for name in ("local-model", "cloud-model"))
        addresses = {
            Address.ANSWERS: "",
            Address.REFUSES: stack.enter_context(_refuses()),
            Address.SILENT: stack.enter_context(_silent()),
        }
        text = json.dumps(configuration(home, outside, cells, addresses), indent=1)  # JSON is YAML
        gateway = stack.enter_context(Gateway(directory, text))
        yield Stage(gateway, home, outside)


def configuration(
    home: Upstream, outside: Upstream, cells: Sequence[Cell], addresses: dict[Address, str]
) -> dict[str, Any]:
    timeouts = {"connect": PATIENCE, "first_token": PATIENCE, "between_chunks": PATIENCE, "total": TOTAL}
    deployments: dict[str, Any] = {
        "small": deployment(home, "local", price={"tokens": HOME_PRICE}),
        "large": deployment(outside, "cloud", price={"tokens": CLOUD_PRICE}),
    }
    routes: dict[str, Any] = {}
    for cell in cells:
        there = home if cell.situation is Situation.PINNED else outside
        own, route = settings(cell, there, addresses[cell.fault.address], timeouts)
        deployments[cell.at_fault], routes[cell.route] = own, route
    return {
        "deployments": deployments,
        "routes": routes,
        "keys": [{"name": "dev", "key": "${TIDEGATE_KEY}"}],
        "ledger": {"url": "sqlite:///tidegate.db"},
    }


@contextlib.contextmanager
def _refuses() -> Iterator[str]:
    """A port that is ours, and on which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield _url(bound)


@contextlib.contextmanager
def _silent() -> Iterator[str]:
    """A port whose queue is full and never emptied: Linux drops every further SYN."""
    with contextlib.ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):  # one waits to be accepted; the others make sure of it
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(full.getsockname())
        yield _url(full)


def _url(bound: socket.socket) -> str:
    return f"http://127.0.0.1:{bound.getsockname()[1]}/v1"
