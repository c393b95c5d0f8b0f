"""Learning: the settings that say what is kept of requests so that the router can learn from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from gateway.config.kinds import Secret, Within
from gateway.config.strict import Strict

_UNSET = Secret("")


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteLearning(Strict):
    """What is kept of requests to this route so that the router learns from them: numbers, no text. Off by default."""

    enabled: bool = False
    """Whether anything is kept, and feedback taken."""
    share: Annotated[float, Within(gt=0, le=1)] = 1.0
    """The share of requests that is kept. Feedback on the others finds nothing."""
    capture: bool = False
    """Also keep, encrypted, the text that the numbers are made from: the user's turns, clipped. And corrections."""
    regenerate: bool = True
    """Whether the same conversation asked again within minutes counts, a little, against the answer before."""
    follow_up: bool = True
    """Whether a next turn that finds the answer wrong, or says thanks, counts a little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning(Strict):
    """Where it is kept, for how long, and how much. In PostgreSQL where the ledger is there, else in `learning.db` in
    the state directory.
    """

    zone: str = "local"
    """Where that database runs. Of a request nothing is kept unless its clearance permits the zone."""
    key: Secret = _UNSET
    """What the key that encrypts captured text is made from; take it from the environment. Empty: one is made and kept
    in the state directory. Replicas that share a PostgreSQL need the same."""
    keep_days: Annotated[int, Within(ge=1, le=3_650)] = 90
    """Days until it is deleted."""
    max_rows: Annotated[int, Within(ge=100, le=100_000_000)] = 1_000_000
    """Of more requests than these the oldest are deleted; one takes some 600 bytes."""
    feedback_days: Annotated[int, Within(ge=1, le=3_650)] = 30
    """Days during which feedback on a request is taken."""
    feedback_per_minute: Annotated[int, Within(ge=1, le=1_000_000)] = 600
    """How much of it one key may give, at each worker."""
    schedule: Literal["never", "hourly", "daily", "weekly"] = "never"
    """How often `tidegate learn` is run by the gateway itself, in a process of its own."""
    one_key: bool = False
    """Whether the labels of a single key may change how requests are routed; `tidegate learn --allow-one-key`."""
