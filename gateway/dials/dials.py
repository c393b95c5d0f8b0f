"""Dials of one configuration: for each route its own, and what callers may ask for."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Literal

from gateway.config.dial import CALLERS, Callers
from gateway.config.loaded import Loaded
from gateway.config.settings import Route
from gateway.dials.controllers import Controllers
from gateway.dials.knob import Knob, dollars_of, strictest
from router import ranks
from router.calibration.table import Table, shipped_table
from router.costs import Costs, share_for
from router.dial import COST, QUALITY, SHARE, Dial, dial_of
from router.steering import Steering

_log = logging.getLogger("gateway.dials")

Reason = Literal["invalid_dial", "dial_not_calibrated", "dial_not_allowed"]


class DialRefused(ValueError):
    """What a caller asks for cannot be had. The message is for the caller; `code` is a fixed word."""

    def __init__(self, code: Reason, message: str) -> None:
        super().__init__(message)
        self.code = code


class RouteDials:
    """The dials of one route with this configuration. `own` is the operator's; without one, the route's threshold."""

    __slots__ = (
        *("_callers", "_controllers", "_costs", "_digest", "_kind", "_large", "_name"),
        *("_scale", "_stale", "_table"),
        *("default", "key", "own"),
    )

    def __init__(
        self,
        name: str,
        route: Route,
        table: Table,
        controllers: Controllers,
        *,
        stale: bool = False,
    ) -> None:
        """`stale`: another difficulty model serves than the table was made with. Its thresholds mean nothing any more;
        what they came to is kept as a share, until the route is calibrated anew.
        """
        own, callers = (None, CALLERS) if route.dial is None else (route.dial.dial, route.dial.callers)
        self._name = name
        self._large = frozenset(route.large)
        self._callers: Callers = callers
        self._table = table
        self._stale = stale
        self._scale = shipped_table() if stale else table  # of difficulties
        self._digest = table.digest + ("-stale" if stale else "")
        self._controllers = controllers
        self._costs = controllers.costs(f"{name} {self._digest}", _costs_of(table))
        self.key = ""  # of the operator's controller
        self._kind = SHARE if own is None else own.kind
        self.own = Knob("route", None, route.threshold) if own is None else self._knob("route", own)
        self.default = None if own is None else self.own  # of requests that ask for none

    def asked(self, text: str) -> Knob:
        """What holds for a request whose caller wants `text`. Raises `DialRefused`."""
        if self._callers == "none":
            raise DialRefused("dial_not_allowed", f"The model `{self._name}` takes no dial from callers.")
        try:
            dial = dial_of(text, self._kind)
        except ValueError as error:
            raise DialRefused("invalid_dial", f"This is no dial: {error}.") from None
        knob = self._knob("caller", dial)
        return knob if self._callers == "any" else strictest(self.own, knob)

    def spent(self, deployment: str, cost: Decimal) -> None:
        """What one attempt at a deployment of this route came to."""
        if self._costs is not None:
            self._costs.heed(dollars_of(cost), deployment in self._large)

    def _knob(self, by: str, dial: Dial) -> Knob:
        if dial.kind == SHARE:
            return self._steered(by, dial, dial.number, None)
        if dial.kind == COST:
            costs = self._costs
            if costs is None:
                raise self._uncalibrated(dial.kind)
            return self._steered(by, dial, share_for(dial.number, costs.small, costs.large), costs)
        if dial.kind == QUALITY:
            threshold = self._table.threshold_for(dial.value)
            if threshold is None:
                raise self._uncalibrated(f"quality={dial.value:f}")
            if self._stale:
                return self._steered(by, dial, self._table.share_from(threshold), None)
            return Knob(by, dial, threshold)
        return Knob(by, dial, dial.number)

    def _steered(self, by: str, dial: Dial, share: float, costs: Costs | None) -> Knob:
        key, own = f"{self._name}|{dial}|{self._digest}", by == "route"
        if own:
            self.key = key
        steering = self._controllers.steering(key, lambda: self._start(share), own=own)
        return Knob(by, dial, 0.0, steering, costs, self._controllers.moved)

    def _start(self, share: float) -> Steering:
        scale = self._scale
        return Steering(scale.quantiles, ranks.start(scale.quantiles, scale.abstained, share), share)

    def _uncalibrated(self, what: str) -> DialRefused:
        return DialRefused(
            "dial_not_calibrated",
            f"The model `{self._name}` is not calibrated for {what}. Its operator can do that: `tidegate calibrate`.",
        )


DialsByRoute = Mapping[str, RouteDials]


def dials_of(loaded: Loaded, controllers: Controllers, heads: Mapping[str, str] = MappingProxyType({})) -> DialsByRoute:
    """Of the routes that have two classes to choose from. What their controllers have learned outlives a reload.

    `heads` are how the checksums of models begin that serve small deployments; the shipped model serves all others.
    """
    dials: dict[str, RouteDials] = {}
    for name, route in loaded.settings.routes.items():
        if not (route.prefer == "auto" and route.small and route.large):
            continue
        table = loaded.tables.get(name)
        head = next((heads[each] for each in route.small if each in heads), None)
        stale = table is not None and not table.head.startswith(head or shipped_table().head)
        if stale:
            _log.warning("route %s: its calibration is of another difficulty model: calibrate it anew", name)
        dials[name] = RouteDials(name, route, table or shipped_table(), controllers, stale=stale)
    controllers.keep(frozenset(each.key for each in dials.values()))
    return dials


def report(dials: DialsByRoute, show: Callable[[str, float, float, float], None]) -> None:
    """Shows of each route whose dial moves: the share asked for, the one achieved, and the difficulty in force."""
    for name, each in dials.items():
        knob = each.default
        if knob is not None and knob.steering is not None:
            show(name, knob.steering.share, knob.steering.achieved, knob.threshold)


def _costs_of(table: Table) -> tuple[Decimal, Decimal] | None:
    if table.small_cost is None or table.large_cost is None:
        return None
    return table.small_cost, table.large_cost
