"""Settings of overload: from when on a worker turns requests away, so that it goes on serving the others well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from gateway.config.kinds import Within
from gateway.config.strict import Strict


@dataclass(frozen=True, slots=True, kw_only=True)
class Overload(Strict):
    """What a worker does that has more to do than it can. Models that are slow are none of this: only the worker's own
    work counts."""

    enabled: bool = True
    """Whether requests are turned away then (503 `overloaded`, with `retry-after`), those of keys of low priority
    first."""
    delay: Annotated[float, Within(ge=0.005, le=10)] = 0.2
    """Seconds that a worker's own work may keep a request waiting at each step…"""
    after: Annotated[float, Within(ge=0.1, le=60)] = 1.0
    """…and seconds for which it has to be longer than that without a break: a burst is worked off."""
    in_flight: Annotated[int, Within(ge=1, le=1_000_000)] | None = None
    """The most requests that a worker has under way, waiting for models included. Left out: no limit."""
