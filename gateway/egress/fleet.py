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
    those that need not run: that one of them is down is no news.
    """

    def __init__(
        self,
        deployments: Mapping[str, Deployment],
        clock: Callable[[], float],
        on_change: Callable[[str, str, bool], None],
    ) -> None:
        self._deployments = deployments
        self._on_change = on_change
        self._breakers = {name: Breaker(clock) for name in deployments}
        self._views = {up: {n: candidate_of(n, d, up) for n, d in deployments.items()} for up in (True, False)}
        self._well: dict[str, bool] = {}
        self._troubled: set[str] = set()
        for name in deployments:
            self._tell(name, well=True)

    def view(self) -> Fleet:
        """Each deployment as it is now."""
        if not self._troubled:
            return self._views[True]
        return {name: self._views[breaker.up][name] for name, breaker in self._breakers.items()}

    def succeeded(self, name: str) -> None:
        breaker = self._breakers[name]
        if breaker.failures or breaker.silent_since is not None:
            breaker.succeeded()
            self._troubled.discard(name)
        if not self._well[name]:
            self._tell(name, well=True)

    def failed(self, name: str) -> None:
        self._breakers[name].failed()
        self._troubled.add(name)
        self._tell(name, well=self._breakers[name].up)

    def fell_silent(self, name: str, since: float) -> None:
        """It took a request at that time, and did not answer it in time. At home that is what loading looks like."""
        if self._deployments[name].zone != LOCAL_ZONE or not self._breakers[name].may_be_loading(since):
            self.failed(name)

    def _tell(self, name: str, *, well: bool) -> None:
        if self._well.get(name) != well:
            self._well[name] = well
            deployment = self._deployments[name]
            if not deployment.if_running:
                self._on_change(name, deployment.zone, well)


def candidate_of(name: str, deployment: Deployment, up: bool) -> Candidate:
    return Candidate(name, deployment.zone, up, lacks_of(deployment))
