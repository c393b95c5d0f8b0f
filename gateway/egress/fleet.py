"""The fleet's health as learned from the traffic, and the view of it that the router is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.config.settings import Deployment
from gateway.egress.breaker import Breaker
from gateway.egress.capabilities import lacks_of
from router.clearance import LOCAL_ZONE
from router.fleet import Candidate, Fleet


class FleetHealth:
    """`on_change(deployment, zone, up)` is called with what is known of a deployment whenever that changes, but not for
    those that need not run: that one of them is down is no news. `draw` gives 0 to below 1.
    """

    def __init__(
        self,
        deployments: Mapping[str, Deployment],
        clock: Callable[[], float],
        on_change: Callable[[str, str, bool], None],
        draw: Callable[[], float],
    ) -> None:
        self._clock = clock
        self._deployments = deployments
        self._on_change = on_change
        self._breakers = {name: Breaker(clock, each.breaker, draw) for name, each in deployments.items()}
        self._views = {up: {n: candidate_of(n, d, up) for n, d in deployments.items()} for up in (True, False)}
        self._left_at = dict.fromkeys(deployments, clock())  # when the last request to each was over
        self._under_way = dict.fromkeys(deployments, 0)
        self._well: dict[str, bool] = {}
        self._troubled: set[str] = set()
        for name in deployments:
            self._tell(name, well=True)

    def view(self) -> Fleet:
        """Each deployment as it is now."""
        if not self._troubled:
            return self._views[True]
        return {name: self._views[breaker.up][name] for name, breaker in self._breakers.items()}

    def is_up(self, name: str) -> bool:
        return name not in self._troubled or self._breakers[name].up

    def cool_for(self, name: str) -> float:
        """Seconds for which it asked to be left alone, from now; 0: nothing of the kind."""
        return self._breakers[name].cool_for if name in self._troubled else 0.0

    def under_way(self, name: str) -> int:
        """How many requests it is at."""
        return self._under_way[name]

    def is_idle(self, name: str, seconds: float) -> bool:
        """Whether it had nothing to do for so long."""
        return not self._under_way[name] and self._clock() - self._left_at[name] >= seconds

    def asked(self, name: str) -> None:
        """A request goes there."""
        self._under_way[name] += 1
        if name in self._troubled:
            self._breakers[name].asked()

    def left(self, name: str) -> None:
        """It is over, however it ended."""
        self._under_way[name] -= 1
        self._left_at[name] = self._clock()

    def began(self, name: str) -> None:
        """An answer has begun."""
        if name in self._troubled:
            self._breakers[name].began()
            self._tell(name, well=True)

    def succeeded(self, name: str) -> None:
        if name in self._troubled:
            breaker = self._breakers[name]
            breaker.succeeded()
            if breaker.is_well:
                self._troubled.discard(name)
            self._tell(name, well=True)

    def failed(self, name: str, *, unreachable: bool = False) -> None:
        """`unreachable`: no connection was to be had."""
        breaker = self._breakers[name]
        breaker.failed(unreachable=unreachable)
        self._troubled.add(name)
        self._tell(name, well=breaker.is_closed)

    def fell_silent(self, name: str, since: float) -> None:
        """It took a request at that time, and did not answer it in time. At home that is what loading looks like."""
        self._troubled.add(name)
        if self._deployments[name].zone != LOCAL_ZONE or not self._breakers[name].may_be_loading(since):
            self.failed(name)

    def cool(self, name: str, seconds: float) -> None:
        """It asks to be left alone for so long. That is no failure, but the next ones go elsewhere."""
        self._breakers[name].cool(seconds)
        self._troubled.add(name)

    def seen(self, name: str, *, there: bool) -> None:
        """Somebody looked whether it is there."""
        if there and name not in self._troubled:
            return
        breaker = self._breakers[name]
        breaker.seen(there=there)
        if breaker.is_well:
            self._troubled.discard(name)
        else:
            self._troubled.add(name)
        self._tell(name, well=breaker.is_closed)

    def _tell(self, name: str, *, well: bool) -> None:
        if self._well.get(name) != well:
            self._well[name] = well
            deployment = self._deployments[name]
            if not deployment.if_running:
                self._on_change(name, deployment.zone, well)


def candidate_of(name: str, deployment: Deployment, up: bool) -> Candidate:
    return Candidate(name, deployment.zone, up, lacks_of(deployment))
