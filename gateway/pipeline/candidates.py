"""Candidates: the deployments of a decision in the order in which they are asked.

Where one fails, another of its class is asked; where there is none, the same once more; then one of the other class.
"""

from __future__ import annotations

from collections import deque

from gateway.egress.target import Target
from gateway.pipeline.failure import left_alone
from gateway.pipeline.parts import Parts
from gateway.wire.errors import GatewayError
from router.clearance import LOCAL_ZONE
from router.strategy import RoutePlan


class Candidates:
    """Of one request. `wait`: seconds before who is `next` may be asked. `left_alone`: what to tell the client where
    nobody was asked because they do not want to be.
    """

    __slots__ = ("_again", "_names", "_parts", "_plan", "_route", "_tried", "left_alone", "wait")

    def __init__(self, parts: Parts, plan: RoutePlan, names: tuple[str, ...]) -> None:
        self._parts = parts
        self._plan = plan
        self._route = plan.name
        self._names = deque(names)
        self._again = ""  # who is asked once more
        self.wait = 0.0
        self._tried = 0  # times more for the one that is asked now
        self.left_alone: GatewayError | None = None

    def next(self) -> str | None:
        """Who is asked now; None: nobody is left."""
        if self._again:
            name, self._again = self._again, ""
            self._tried += 1
            self._parts.metrics.retried(name)
            return name
        self._tried, self.wait = 0, 0.0
        fleet, names = self._parts.fleet, self._names
        while names:
            name = names.popleft()
            if not fleet.is_up(name):  # perhaps since the decision was made
                if any(fleet.is_up(other) for other in names):
                    names.append(name)
                    continue
                if (seconds := fleet.cool_for(name)) and not self._is_worth(seconds):
                    continue
            self._parts.retrying.called(self._route, name)
            return name
        return None

    def failed(self, target: Target, error: GatewayError) -> None:
        """The one that was asked gave no answer: it may be worth asking it again."""
        name, fleet = target.name, self._parts.fleet
        if any(fleet.is_up(other) and self._are_alike(name, other) for other in self._names):
            return
        seconds = self._parts.retrying.wait(self._route, target, error, self._tried, alone=not self._names)
        if seconds is not None:
            self._again, self.wait = name, seconds

    def beside(self, target: Target) -> str | None:
        """Who is asked while `target` keeps silent: the next one of its class, or, away from home where one address is
        many servers, the same again, unless it is asked for want of any other. None: nobody may be. It is one call
        more, and counted as such.
        """
        parts, name = self._parts, target.name
        other = next((other for other in self._names if parts.fleet.is_up(other) and self._are_alike(name, other)), "")
        if not other and target.zone != LOCAL_ZONE and parts.fleet.is_up(name):
            other = name
        return other if other and parts.retrying.take(self._route, other) else None

    def failed_beside(self, target: Target) -> None:
        """It gave no answer either, so it is not asked later on."""
        if target.name in self._names:
            self._names.remove(target.name)

    def _are_alike(self, one: str, other: str) -> bool:
        """Whether they are of one class."""
        small, large = self._plan.small, self._plan.large
        return (one in small and other in small) or (one in large and other in large)

    def _is_worth(self, seconds: float) -> bool:
        """Whether the server that wants to be left alone may be asked so soon that this is waited for."""
        retrying = self._parts.retrying
        if self._names or seconds > retrying.patience(self._route):
            self.left_alone = left_alone(seconds)
            return False
        self.wait = retrying.spread(seconds)
        return True
