"""A route's cascade as the pipeline needs it: its settings, and the head that was fitted for a deployment."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.config.loaded import Loaded
from router.cascade.head import Head


@dataclass(frozen=True, slots=True)
class CascadePlan:
    """`low` and `high` bound the difficulties; `hold` is seconds; `head` judges answers of `deployment` alone."""

    low: float
    high: float
    hold: float
    samples: int
    escalate_above: float
    head: Head | None = None
    deployment: str = ""


def cascades_of(loaded: Loaded) -> dict[str, CascadePlan]:
    """For each route that has one. Raises `ArtifactError`: a head may have gone since the configuration was checked."""
    plans: dict[str, CascadePlan] = {}
    for name, route in loaded.settings.routes.items():
        cascade = route.cascade
        if cascade is None:
            continue
        low, high = cascade.band
        head = None if cascade.head is None else Head.load(loaded.resolve(cascade.head))
        plans[name] = CascadePlan(
            low,
            high,
            cascade.hold,
            cascade.samples,
            cascade.escalate_above,
            head,
            "" if head is None else str(head.card.get("deployment", "")),
        )
    return plans
