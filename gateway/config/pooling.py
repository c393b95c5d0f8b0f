"""Pooling: the settings of deployments that stand in for one another, and of how many requests each has at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal

from gateway.config.kinds import Within
from gateway.config.strict import Strict

Balance = Literal["order", "weighted", "least-busy"]
LoadSource = Literal["auto", "none", "llama.cpp", "vllm", "ollama"]
Weight = Annotated[int, Within(ge=1, le=1000)]
Priority = Annotated[int, Within(ge=0, le=100)]
Concurrent = Annotated[int, Within(ge=1, le=100_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue(Strict):
    """Who waits for a deployment that has `concurrent` requests already. Keys take turns, however much each asks."""

    length: Annotated[int, Within(ge=0, le=100_000)] = 64
    """How many requests may wait; 0: none."""
    patience: Annotated[float, Within(gt=0, le=3600)] = 20.0
    """Seconds that a request may wait. Where it looks like longer, or comes to that, the next deployment is asked, and
    where there is none the answer is 503 `overloaded`."""


DEFAULT_QUEUE: Final = Queue()
