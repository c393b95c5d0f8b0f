"""What was told of requests, as evidence: one row for each prompt of each key.

A label says how good the small model's answer was (`weak`), how good the large one's was (`strong`), or both. Learned
is what `labels.py` means: of the prompts that one of the two gets right, the share that only the large one does.
Where `strong` is missing it is taken as what is expected of the large model. Where the small one was good that is
`AFTER_GOOD`; where it was bad, the mean of what was said of the large one on prompts on which the small one was bad,
with `ROWS` rows of `AFTER_BAD` added: models fail together, and on public rows the large one is right on some two
thirds of what the small one gets wrong. That changes no row's direction, only how much a bad answer of the small model
says: if the large one would have failed too, nothing. A label without `weak` says nothing about the small model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from router.difficulty.evaluation import Doubles
from router.difficulty.features import Reading

TRUSTED = frozenset({"shadow", "file"})  # sources that no caller can make up
AFTER_GOOD, AFTER_BAD, ROWS = 0.95, 0.65, 20.0
MIDDLE = 0.5
MOST_OF_ONE_PROMPT = 2.0  # what the labels of one key for the same prompt weigh at most, however many there are
Indices = NDArray[np.intp]


class Told(NamedTuple):
    """One label of one request. `logit`: of the champion's probability for it; `at`: seconds; scores are 0..1."""

    request: str
    at: float
    key: str
    source: str
    reading: Reading
    logit: float
    weak: float | None
    strong: float | None
    weight: float = 1.0

    @property
    def trusted(self) -> bool:
        return self.source in TRUSTED


@dataclass(frozen=True, slots=True)
class Evidence:
    """Columns, one row each. `key` is a number in `names`, −1 for trusted rows; `group` is one for each prompt.

    `share` is the target, `gap` what routing can win, `said` how much the row says, before anybody is weighed.
    """

    meaning: Doubles
    structure: Doubles
    logit: Doubles
    share: Doubles
    gap: Doubles
    said: Doubles
    at: Doubles
    key: Indices
    group: Indices
    names: tuple[str, ...]

    def __len__(self) -> int:
        return int(self.share.size)

    @property
    def trusted(self) -> NDArray[np.bool_]:
        out: NDArray[np.bool_] = self.key < 0
        return out

    def take(self, rows: NDArray[np.bool_] | Indices) -> Evidence:
        return Evidence(
            self.meaning[rows],
            self.structure[rows],
            self.logit[rows],
            self.share[rows],
            self.gap[rows],
            self.said[rows],
            self.at[rows],
            self.key[rows],
            self.group[rows],
            self.names,
        )


@dataclass(slots=True)
class _Sum:
    """Labels for one prompt by one key, added up."""

    first: Told
    weak: float = 0.0
    strong: float = 0.0
    weight: float = 0.0
    at: float = 0.0

    def add(self, told: Told, strong: float) -> None:
        self.weak += told.weight * (told.weak or 0.0)
        self.strong += told.weight * strong
        self.weight += told.weight
        self.at = max(self.at, told.at)


def evidence(labels: Iterable[Told]) -> Evidence:
    """What a trusted source said of a request stands in the place of what anybody else said of it."""
    told = [label for label in labels if label.weight > 0]
    after_bad = expected_after_bad(told)
    settled = {label.request for label in told if label.trusted and label.weak is not None}
    sums: dict[tuple[bytes, str | None], _Sum] = {}
    for label in told:
        if label.weak is None or (label.request in settled and not label.trusted):
            continue
        whose = None if label.trusted else label.key
        found = sums.setdefault((prompt_of(label.reading), whose), _Sum(label))
        expected = label.weak * AFTER_GOOD + (1 - label.weak) * after_bad
        found.add(label, expected if label.strong is None else label.strong)
    return _columns(sums)


def expected_after_bad(told: Sequence[Told]) -> float:
    """How good the large model's answer is taken to be where the small one's was bad and nobody said."""
    known = [
        (label.strong, label.weight)
        for label in told
        if label.strong is not None and label.weak is not None and label.weak < MIDDLE
    ]
    total = sum(weight for _, weight in known)
    return (sum(score * weight for score, weight in known) + AFTER_BAD * ROWS) / (total + ROWS)


def prompt_of(reading: Reading) -> bytes:
    """The same for readings of the same prompt, also once they were stored in half precision."""
    return reading.meaning.astype(np.float16).tobytes() + reading.structure.astype(np.float16).tobytes()


def _columns(sums: dict[tuple[bytes, str | None], _Sum]) -> Evidence:
    order = sorted(sums, key=lambda pair: sums[pair].at)
    names = tuple(sorted({name for _, name in order if name is not None}))
    numbers = {name: number for number, name in enumerate(names)}
    groups: dict[bytes, int] = {}
    rows = [sums[pair] for pair in order]
    weight = np.array([row.weight for row in rows])
    weak = np.array([row.weak for row in rows]) / np.maximum(weight, 1e-9)
    strong = np.array([row.strong for row in rows]) / np.maximum(weight, 1e-9)
    best = np.maximum(weak, strong)
    return Evidence(
        meaning=_stacked([row.first.reading.meaning for row in rows]),
        structure=_stacked([row.first.reading.structure for row in rows]),
        logit=np.array([row.first.logit for row in rows]),
        share=np.maximum(0.0, strong - weak) / np.maximum(best, 1e-9),
        gap=strong - weak,
        said=np.minimum(weight, MOST_OF_ONE_PROMPT) * best,
        at=np.array([row.at for row in rows]),
        key=np.array([-1 if name is None else numbers[name] for _, name in order], dtype=np.intp),
        group=np.array([groups.setdefault(prompt, len(groups)) for prompt, _ in order], dtype=np.intp),
        names=names,
    )


def _stacked(vectors: Sequence[NDArray[np.float32]]) -> Doubles:
    return np.stack(vectors).astype(np.float64) if vectors else np.zeros((0, 0))
