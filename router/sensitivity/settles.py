"""What settles: findings after which nothing that is still unread can change how far the content may travel.

The policies say which those are (`router/settling.py`); the scanner only counts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from types import MappingProxyType
from typing import Final

from router.sensitivity.finding import Finding
from router.sensitivity.thresholds import BY_TYPE, DEFAULT, GUESSED, threshold


@dataclass(frozen=True, slots=True)
class Settles:
    """Entity type → least confidence with which one finding settles; `others` is that of types not in `least`.

    `covering`: whatever may stand in the place of another finding does (see `_distinct` in `reading.py`), so that what
    settles is not made milder by what is found later.
    """

    least: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    others: float = inf
    covering: bool = field(init=False)

    def __post_init__(self) -> None:
        kinds = {*self.least, *BY_TYPE} - GUESSED
        covering = self.others <= DEFAULT and all(self.always(kind) for kind in kinds)
        object.__setattr__(self, "covering", covering)

    def by(self, finding: Finding) -> bool:
        """Whether this finding does."""
        return finding.confidence >= self._least_of(finding.type)

    def always(self, kind: str) -> bool:
        """Whether every finding of this type does."""
        return self._least_of(kind) <= threshold(kind)

    def _least_of(self, kind: str) -> float:
        return self.least.get(kind, self.others)


NOTHING_SETTLES: Final = Settles()
"""Everything is read."""
