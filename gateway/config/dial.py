"""The dial: the settings that say how much of the large model the requests of a route may have."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from gateway.config.kinds import Within
from gateway.config.strict import Strict
from router.dial import KINDS, Dial, checked

Callers = Literal["lower", "any", "none"]
CALLERS: Callers = "lower"  # of a route that says nothing
Part = Annotated[Decimal, Within(ge=0, le=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteDial(Strict):
    """How much of the large model requests may have: at most one of `share`, `cost`, `quality` and `threshold`."""

    share: Part | None = None
    """The largest part of the requests that goes to the large model: 0.3 is 30 %."""
    cost: Annotated[Decimal, Within(ge=0, le=1_000_000)] | None = None
    """The most that 1,000 requests may cost on average, in dollars. Needs `tidegate calibrate`."""
    quality: Part | None = None
    """The part of the requests only the large model answers well that has to go there: with 0.95, at most 5 % of them
    stay with the small one. Needs `tidegate calibrate`."""
    threshold: Part | None = None
    """The difficulty at which the large model is turned to; the same as `threshold` of the route."""
    callers: Callers = CALLERS
    """What callers may ask for themselves (`auto:0.2`, `x-tidegate-dial`). `lower`: less of the large model than the
    route gives; `any`: more, too; `none`: nothing."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Those that are given."""
        return tuple(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def dial(self) -> Dial | None:
        for kind in self.kinds:
            return checked(kind, getattr(self, kind))
        return None
