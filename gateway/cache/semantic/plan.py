"""Plan: which routes answer with the answer to another question, and how alike it has to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from gateway.config.cacheplans import cache_plans_of
from gateway.config.settings import Settings

# The cosine from which two questions are candidates, by language, for the encoder that ships. Measured on the tuning
# halves of bench/semantic: `python -m bench.semantic` shows what they come to on the held-out ones.
CALIBRATED: Final[Mapping[str, float]] = {"en": 0.82, "de": 0.68}


class SemanticPlan(NamedTuple):
    """Of one route. `patience` is in seconds, `longest` in characters."""

    thresholds: Mapping[str, float]
    longest: int = 300
    most: int = 2000
    patience: float = 0.1


def semantic_plans_of(settings: Settings) -> dict[str, SemanticPlan]:
    """By route; those that have none are not there. Without the exact cache there is nothing to find."""
    plans: dict[str, SemanticPlan] = {}
    calibrated = CALIBRATED if settings.cache.encoder.directory is None else {}
    for name in cache_plans_of(settings):
        said = settings.routes[name].cache.semantic
        if said is not None and said.enabled:
            plans[name] = SemanticPlan({**calibrated, **said.thresholds}, said.longest, said.most, said.patience)
    return plans
