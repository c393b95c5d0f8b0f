"""Labels: what a row with a weak and a strong score says about its prompt.

`gap` = strong − weak is what routing can win, and what the ranking is fitted to. `share` is what the probability means:
of the prompts that at least one of the two models gets right, the share that the small one gets wrong while the large
one does not. A prompt that neither gets right says nothing about which model to ask, and has weight 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from router.difficulty.evaluation import Doubles


@dataclass(frozen=True, slots=True)
class Labels:
    """Scores are 0..1, one per row."""

    weak: Doubles
    strong: Doubles

    @property
    def gap(self) -> Doubles:
        return self.strong - self.weak

    @property
    def weight(self) -> Doubles:
        """The better score of the two: how much the row says about who is good enough."""
        out: Doubles = np.maximum(self.weak, self.strong)
        return out

    @property
    def share(self) -> Doubles:
        """The part of the better score that only the large model reaches, 0..1."""
        out: Doubles = np.maximum(0.0, self.gap) / np.maximum(self.weight, 1e-9)
        return out
