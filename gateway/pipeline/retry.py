"""Retry: whether a deployment that gave no answer is asked once more, and after how long. Luck is handed in.

A failure that may pass is worth a second try, where nothing is owed for the first one. How many calls more all that may
come to is bounded for each deployment: one that is in trouble is not helped by twice the load.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from gateway.config.retrying import Retries
from gateway.config.settings import Deployment, Route
from gateway.egress.engine import BrokenOff, Unreachable, UnreachableInTime
from gateway.egress.target import Target
from gateway.pipeline.failure import PassingRefusal
from gateway.wire.errors import GatewayError, TooManyRequests
from router.clearance import LOCAL_ZONE

RESERVE: Final = 10.0  # calls more that a deployment may get at first, or after many that went well


class Retrying:
    """Of one configuration. `draw` gives 0 to below 1."""

    __slots__ = ("_casual", "_draw", "_left", "_routes")

    def __init__(
        self, routes: Mapping[str, Route], deployments: Mapping[str, Deployment], draw: Callable[[], float]
    ) -> None:
        self._routes: dict[str, Retries] = {name: route.retries for name, route in routes.items()}
        self._casual = frozenset(name for name, deployment in deployments.items() if deployment.if_running)
        self._left = dict.fromkeys(deployments, RESERVE)  # calls more that each may have now
        self._draw = draw

    def called(self, route: str, deployment: str) -> None:
        """A call that is not one more: it earns a part of one."""
        left = self._left
        if (now := left[deployment]) < RESERVE:
            left[deployment] = min(now + self._routes[route].budget, RESERVE)

    def take(self, route: str, deployment: str) -> bool:
        """Whether there may be one call more. It is counted."""
        if not self._routes[route].budget or self._left[deployment] < 1.0:
            return False
        self._left[deployment] -= 1.0
        return True

    def wait(self, route: str, target: Target, error: GatewayError, tried: int, *, alone: bool) -> float | None:
        """Seconds after which `target` is asked again; None: it is not. `tried`: how often it was asked again already.
        `alone`: nobody else could be asked instead.
        """
        retries = self._routes[route]
        if tried >= retries.per_attempt or not self._may_pass(retries, target, error):
            return None
        most = min(retries.first_wait * 2**tried, retries.longest_wait)
        seconds = self._draw() * most  # "full jitter": those that failed together do not come back together
        if error.retry_after:
            if not alone or error.retry_after > retries.longest_wait:
                return None
            seconds += error.retry_after
        return seconds if self.take(route, target.name) else None

    def patience(self, route: str) -> float:
        """The longest wait, in seconds, for somebody who wants to be left alone."""
        return self._routes[route].longest_wait

    def spread(self, seconds: float) -> float:
        """A little later, so that those who waited for the same do not all come at once."""
        return seconds * (1.0 + self._draw())

    def _may_pass(self, retries: Retries, target: Target, error: GatewayError) -> bool:
        """Whether it may be otherwise the next time, and nothing is owed for this one."""
        if isinstance(error, Unreachable):
            return not isinstance(error, UnreachableInTime) and target.name not in self._casual
        if isinstance(error, BrokenOff):
            return retries.charged or target.zone == LOCAL_ZONE
        return isinstance(error, PassingRefusal) or (isinstance(error, TooManyRequests) and bool(error.retry_after))
