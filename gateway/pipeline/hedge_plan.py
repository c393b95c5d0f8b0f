"""Hedge plan: after how long a silent deployment is given company, by the route's word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from gateway.config.settings import Route
from gateway.egress.pace import Paces

QUICK: Final = 0.05  # seconds that nobody notices, and that no second call is paid for
_QUANTILE: Final = 0.95


class HedgePlan:
    """Of one configuration. `wanted`: by any route. Learns how quick deployments are, where one wants to know."""

    __slots__ = ("_after", "_paces", "learns", "wanted")

    def __init__(self, routes: Mapping[str, Route]) -> None:
        after = {name: route.hedge.after for name, route in routes.items()}
        self._after: dict[str, Literal["off", "p95"] | float] = {n: each for n, each in after.items() if each != "off"}
        self.wanted = bool(self._after)
        self.learns = "p95" in self._after.values()
        self._paces = Paces()

    def after(self, route: str, deployment: str, *, streamed: bool) -> float | None:
        """Seconds of silence after which another is asked; None: never, or nobody can say yet."""
        after = self._after.get(route, "off")
        if after == "p95":
            seconds = self._paces.quantile(deployment, _QUANTILE, streamed=streamed)
            return None if seconds is None else max(seconds, QUICK)
        return None if after == "off" else after

    def took(self, deployment: str, seconds: float, *, streamed: bool) -> None:
        """An answer began after so long, or after longer than that."""
        if self.learns:
            self._paces.took(deployment, seconds, streamed=streamed)
