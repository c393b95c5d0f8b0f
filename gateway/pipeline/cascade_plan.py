"""A route's cascade as the pipeline needs it: its settings, and the head that was fitted for a deployment."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from gateway.config.loaded import Loaded
from router.artifact import ArtifactError
from router.cascade.head import Head

_log = logging.getLogger("gateway.pipeline")


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
    """For each route that has one. A head may have gone since the configuration was checked, or just be written anew:
    without it, only what is certainly wrong with an answer counts, and serving goes on.
    """
    plans: dict[str, CascadePlan] = {}
    for name, route in loaded.settings.routes.items():
        cascade = route.cascade
        if cascade is None:
            continue
        low, high = cascade.band
        head = None if cascade.head is None else _loaded(loaded.resolve(cascade.head), name)
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


def _loaded(directory: Path, route: str) -> Head | None:
    try:
        return Head.load(directory)
    except ArtifactError as error:
        _log.warning("route %s: the head of its cascade is left out: %s", route, error)
        return None
