"""Orders: what the parent says to a worker beside configurations, and what each means for those who are connected."""

from __future__ import annotations

from typing import Final, Literal, get_args

import orjson

from gateway.config.settings import Server as Settings
from gateway.serving.server import Farewell

Order = Literal["stop", "replaced", "handed_over", "orphaned", "hurry"]
"""`stop`: the whole gateway ends. `replaced`: another worker has taken its place.
`handed_over`: another one will, as soon as it is gone. `orphaned`: the parent is gone.
`hurry`: what is under way is broken off."""

IDLE_SECONDS: Final = 10.0  # until a worker that was replaced closes a connection; SDKs close theirs after 5 s (openai)
LEAST_IDLE: Final = 0.2  # the same at an end without delay: somebody may just have connected
GIVING_WAY: Final = 0.2  # in which those are met who had been let in before another gateway got the rest
HANDED_SECONDS: Final = 1.0  # the same where others wait for it
_KEY: Final = "leave"


def written(order: Order) -> bytes:
    """The line of an order."""
    return orjson.dumps({_KEY: order}) + b"\n"


def order_in(line: bytes) -> Order | None:
    """None where the line is a configuration. Raises `ValueError` for an order that is none."""
    if not line.startswith(b'{"leave":'):
        return None
    said = orjson.loads(line)[_KEY]
    if said not in get_args(Order):
        raise ValueError(f"no order: {said!r}")
    order: Order = said
    return order


def farewell(order: Order, server: Settings) -> Farewell:
    if order == "stop":
        accepting = max(server.drain_delay, GIVING_WAY if server.reuse_port else 0.0)
        return Farewell(accepting, max(LEAST_IDLE, server.drain_delay), server.drain_limit)
    if order == "replaced":
        return Farewell(0.0, max(IDLE_SECONDS, server.drain_delay), server.drain_limit + IDLE_SECONDS)
    if order == "handed_over":
        return Farewell(0.0, HANDED_SECONDS, server.drain_limit)
    return Farewell(0.0, 0.0, server.drain_limit)
