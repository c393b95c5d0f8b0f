"""The specialists of a route: of which domain is this prompt, if of any? Pure, and a few microseconds.

Several compete: the domain that the prompt reaches furthest into has it. Where two have nearly the same to say, none
has it, and the route goes on as if there were none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from router.content import Content
from router.decision import Reason
from router.difficulty.features import EARLIER_WEIGHT
from router.difficulty.structure import Weighing
from router.difficulty.view import View, view_of_content
from router.lead import Lead
from router.specialists.domain import Domain
from router.specialists.prompt import prompt_of

CLOSE: Final = 0.1  # of what the examples have above the threshold; two domains that close are not told apart


class Specialists:
    """Domains, and the lead of each."""

    __slots__ = ("_leads", "_steps", "_table", "_weighings", "names")

    def __init__(self, domains: Sequence[Domain], leads: Sequence[Lead]) -> None:
        self.names = tuple([domain.name for domain in domains])
        self._leads = tuple(leads)
        self._steps: tuple[float, ...] = tuple([domain.step for domain in domains])
        self._weighings: tuple[tuple[Weighing, float], ...] = tuple([(d.structure, d.bias) for d in domains])
        self._table: NDArray[np.int8] = np.stack([domain.table for domain in domains], 1)

    @classmethod
    def of(cls, pairs: Sequence[tuple[Domain, str]]) -> Self:
        """Domains, and the deployment for each."""
        leads = [Lead(Reason("specialist", domain.name), (deployment,)) for domain, deployment in pairs]
        return cls([domain for domain, _ in pairs], leads)

    def claim(self, content: Content) -> Lead | None:
        """That of the specialist whose domain the content belongs to."""
        scores = self.scores(view_of_content(content))
        best = second = -1.0
        winner = 0
        for place, score in enumerate(scores):
            if score > best:
                best, second, winner = score, best, place
            elif score > second:
                second = score
        if best < 0.0 or (second >= 0.0 and best - second < CLOSE):
            return None
        return self._leads[winner]

    def scores(self, view: View) -> list[float]:
        """Of each domain; from 0 on the prompt belongs to it, and 1 is what its examples reach on average."""
        prompt = prompt_of(view)
        if not prompt.keys.size:
            return [-1.0] * len(self._steps)
        sums = np.add.reduce(self._table.take(prompt.keys, 0), 0, dtype=np.int32).tolist()
        if prompt.earlier.size:
            more = np.add.reduce(self._table.take(prompt.earlier, 0), 0, dtype=np.int32).tolist()
            sums = [own + EARLIER_WEIGHT * other for own, other in zip(sums, more, strict=True)]
        out: list[float] = []
        for place, (weighing, bias) in enumerate(self._weighings):
            out.append(self._steps[place] * sums[place] / prompt.length + weighing.weigh(prompt.counts) + bias)
        return out
