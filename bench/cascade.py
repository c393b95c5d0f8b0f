"""What a look at the small model's answer is worth: the cascade against a router that sees the prompt alone.

    python -m bench.cascade [--splits N] [--small-cost C]
    python -m bench.cascade --record LARGE.gguf

Replayed from recorded answers of two real models (`cascade_answers.jsonl.gz`: SmolLM2-135M-Instruct and
Qwen2.5-Coder-0.5B-Instruct, 4 bits a weight, both Apache-2.0) to tasks with exact answers. Both routers are fitted on
one half of the rows and judged on the other, over several splits. A call to the large model costs 1, one to the small
model C, and where both are asked both are paid. APGR is the share of the gap between the models that is recovered, on
average over all budgets from the small model alone to the large one alone (random: 0.5). Brackets are 95 % intervals of
a bootstrap over rows, the same rows for both.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.cascade_rows import ANSWERS, Recorded, load
from bench.cascade_tasks import SETS
from router.cascade.checks import fault
from router.cascade.features import FEATURE_NAMES, features
from router.cascade.fitting import CannotFit, Fitted, fit
from router.difficulty.evaluation import Doubles, Interval
from router.difficulty.labels import Labels
from router.difficulty.training import train

COUNTED = frozenset({"add", "subtract", "multiply", "percent", "story", "cost", "units", "sum", "times"})  # sums
CONFIDENCE = frozenset(FEATURE_NAMES[:12])  # what log-probabilities alone tell
AGAIN = frozenset({"again_same", "again_overlap"})
ALL = frozenset(FEATURE_NAMES)
BUDGETS = np.linspace(0.0, 1.0, 26)
LEVELS = (0.1, 0.25, 0.4, 0.55, 0.7, 0.85)  # quantiles, of the rows they are chosen on, that settings are taken from
DRAWS = 300
COSTS = (0.0, 0.05, 0.27)  # a machine that runs anyway; a mini model to a large one; by the parameters of these two
_NEVER = 2.0  # a threshold that no probability reaches
_CERTAIN = 3.0  # a doubt above any threshold

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Variant:
    """A cascade: what its head may see (`None`: there is no head), whether it checks, how often it asks."""

    name: str
    sees: frozenset[str] | None
    checks: bool = True
    samples: int = 1


VARIANTS = (
    Variant("checks and head", ALL - AGAIN),
    Variant("checks and head, two samples", ALL, samples=2),
    Variant("hard checks alone", None),
    Variant("head alone", ALL - AGAIN, checks=False),
    Variant("head on log-probabilities alone", CONFIDENCE, checks=False),
)


@dataclass(frozen=True, slots=True)
class Half:
    """Rows as a cascade sees them: difficulty from the prompt, doubt from the answer, and what the large model adds."""

    difficulty: Doubles
    doubt: Doubles
    gap: Doubles


@dataclass(frozen=True, slots=True)
class Curve:
    """By budget and row: what is paid (0: the small model's call, 1: the large one's) and what is gained."""

    paid: Doubles
    gained: Doubles

    def apgr(self, weight: Doubles, gap: Doubles) -> float:
        """With each row counted `weight` times; `gap` is all that there is to gain. NaN where that is nothing."""
        total = float(gap @ weight)
        if total <= 0:
            return float("nan")
        paid, gained = self.paid @ weight / weight.sum(), self.gained @ weight / total
        order = np.argsort(paid, kind="stable")
        x = np.concatenate(([0.0], np.clip(paid[order], 0.0, 1.0), [1.0]))
        y = np.concatenate(([0.0], gained[order], [1.0]))
        return float(np.trapezoid(y, x))


@dataclass(frozen=True, slots=True)
class Gain:
    """APGR of both, and the difference, with intervals."""

    prompt: Interval
    cascade: Interval
    difference: Interval


@dataclass(frozen=True, slots=True)
class Split:
    """One half to fit on, one to judge on, and the difficulties that a router fitted on the first gives both."""

    own: Rows
    rest: Rows
    own_difficulty: Doubles
    rest_difficulty: Doubles


def splits(rows: Sequence[Recorded], count: int) -> list[Split]:
    """Halves at random. What the first half is given comes from a router that has not seen the row."""
    labels = Labels(np.array([row.weak for row in rows]), np.array([row.strong for row in rows]))
    out = []
    for seed in range(count):
        order = np.random.Generator(np.random.PCG64(seed)).permutation(len(rows))
        own, rest = order[: len(rows) // 2], order[len(rows) // 2 :]
        first, second = own[::2], own[1::2]
        crossed = np.zeros(own.size)
        crossed[::2] = _difficulty(rows, labels, second, first)
        crossed[1::2] = _difficulty(rows, labels, first, second)
        out.append(Split(own, rest, crossed, _difficulty(rows, labels, own, rest)))
    return out


def _difficulty(rows: Sequence[Recorded], labels: Labels, fitted: Rows, asked: Rows) -> Doubles:
    own = Labels(labels.weak[fitted], labels.strong[fitted])
    model = train([rows[i].view for i in fitted], own).model
    return np.array([model.estimate_view(rows[i].view).probability for i in asked])


def halves(rows: Sequence[Recorded], split: Split, variant: Variant) -> tuple[Half, Half]:
    """Both halves, with the doubts of a head fitted on the first; of the first, by heads that had not seen the row."""
    both = (split.own, split.own_difficulty), (split.rest, split.rest_difficulty)
    (own, own_at_fault), (rest, rest_at_fault) = (_seen(rows, half, known, variant) for half, known in both)
    own_doubt, rest_doubt = np.zeros(own_at_fault.size), np.zeros(rest_at_fault.size)
    fitted = _head(rows, split.own, own, own_at_fault, variant)
    if fitted is not None and fitted.head.knows:
        own_doubt[~own_at_fault] = fitted.held_out
        rest_doubt = np.array([fitted.head.probability(each) for each in rest])
    own_doubt[own_at_fault] = rest_doubt[rest_at_fault] = _CERTAIN
    gap = np.array([row.strong - row.weak for row in rows])
    return (
        Half(split.own_difficulty, own_doubt, gap[split.own]),
        Half(split.rest_difficulty, rest_doubt, gap[split.rest]),
    )


def _seen(
    rows: Sequence[Recorded], half: Rows, difficulty: Doubles, variant: Variant
) -> tuple[list[list[float]], NDArray[np.bool_]]:
    sees = variant.sees or frozenset()
    values, at_fault = [], []
    for number, known in zip(half, difficulty, strict=True):
        row = rows[number]
        found = features(row.question._replace(difficulty=float(known)), row.answer)
        values.append([v if name in sees else float("nan") for name, v in zip(FEATURE_NAMES, found, strict=True)])
        at_fault.append(variant.checks and fault(row.question, row.answer) is not None)
    return values, np.array(at_fault)


def _head(
    rows: Sequence[Recorded], half: Rows, values: list[list[float]], at_fault: NDArray[np.bool_], variant: Variant
) -> Fitted | None:
    if variant.sees is None:
        return None
    kept = np.flatnonzero(~at_fault)
    own = [rows[half[i]] for i in kept]
    try:
        return fit([values[i] for i in kept], [row.weak for row in own], [row.question.prompt for row in own])
    except CannotFit:
        return None


def curve(own: Half, rest: Half, *, small_cost: float, samples: int) -> Curve:
    """For every budget the band and threshold that do best on `own` within it, and what they do on `rest`."""
    settings = _settings(own)
    paid, gained = _outcome(own, settings, small_cost, samples)
    spent, won = paid.mean(axis=1), gained.mean(axis=1)
    chosen = [int(np.argmax(np.where(spent <= budget, won - 1e-6 * spent, -np.inf))) for budget in BUDGETS]
    return Curve(*_outcome(rest, settings[chosen], small_cost, samples))


def _settings(own: Half) -> Doubles:
    """Rows of (from, to, escalate above). The first asks the small model alone; without a band it is no cascade."""
    at = np.quantile(own.difficulty, LEVELS)
    doubts = own.doubt[own.doubt < _CERTAIN]
    above = np.unique(np.quantile(doubts, LEVELS)) if doubts.size and doubts.max() > 0 else np.array([])
    found = [(_NEVER, _NEVER, _NEVER)]
    for high in (*at, _NEVER):
        found.append((high, high, _NEVER))  # the prompt alone
        found += [(low, high, limit) for low in (-1.0, *at) if low < high for limit in (*above, _NEVER)]
    return np.array(found)


def _outcome(half: Half, settings: Doubles, small_cost: float, samples: int) -> tuple[Doubles, Doubles]:
    low, high, above = (settings[:, i : i + 1] for i in range(3))
    direct = half.difficulty > high
    looked = ~direct & (half.difficulty >= low)
    escalated = looked & (half.doubt > above)
    cost = np.where(direct, 1.0, np.where(looked, samples * small_cost + escalated, small_cost))
    return (cost - small_cost) / (1.0 - small_cost), np.where(direct | escalated, half.gap, 0.0)


def by_prompt(difficulty: Doubles, gap: Doubles) -> Curve:
    """The router that sees the prompt alone, at every share of the large model: hardest first."""
    order = np.argsort(np.argsort(-difficulty, kind="stable"), kind="stable")
    large = order[None, :] < np.arange(gap.size + 1)[:, None]
    return Curve(large.astype(np.float64), np.where(large, gap, 0.0))


def gain(
    rows: Sequence[Recorded], made: Sequence[Split], variant: Variant, *, small_cost: float, kept: Rows | None = None
) -> Gain:
    """The mean over the splits. `kept`: judged on these rows alone."""
    judged = []
    for split in made:
        own, rest = halves(rows, split, variant)
        cascade = curve(own, rest, small_cost=small_cost, samples=variant.samples)
        judged.append((split.rest, rest.gap, by_prompt(rest.difficulty, rest.gap), cascade))
    mask = np.ones(len(rows)) if kept is None else np.isin(np.arange(len(rows)), kept).astype(np.float64)
    random = np.random.Generator(np.random.PCG64(20))
    weights = [mask]
    weights += [mask * np.bincount(random.integers(0, len(rows), len(rows)), minlength=len(rows)) for _ in range(DRAWS)]
    found = []
    for weight in weights:
        pairs = [(a.apgr(weight[i], gap), b.apgr(weight[i], gap)) for i, gap, a, b in judged]
        found.append(np.mean(pairs, axis=0))
    table = np.array(found)
    return Gain(_interval(table[:, 0]), _interval(table[:, 1]), _interval(table[:, 1] - table[:, 0]))


def _interval(values: Doubles) -> Interval:
    low, high = np.nanquantile(values[1:], (0.025, 0.975))
    return Interval(float(values[0]), float(low), float(high))


def headline(path: Path = ANSWERS, *, count: int = 5, small_cost: float = 0.1) -> Interval:
    """APGR of the cascade less that of the prompt-only router: the figure of the table."""
    rows = load(path=path)
    return gain(rows, splits(rows, count), VARIANTS[0], small_cost=small_cost).difference


def report(rows: Sequence[Recorded], count: int, small_cost: float) -> None:
    weak, strong = np.array([row.weak for row in rows]), np.array([row.strong for row in rows])
    at_fault = np.array([fault(row.question, row.answer) is not None for row in rows])
    print(f"{len(rows)} tasks: the small model is right on {weak.mean():.3f}, the large one on {strong.mean():.3f}")
    wrong, mistaken = int((1 - weak).sum()), int(weak[at_fault].sum())
    print(f"hard checks find {at_fault.sum() - mistaken} of {wrong} wrong answers, and {mistaken} right ones")
    made = splits(rows, count)
    other = np.array([i for i, row in enumerate(rows) if row.task not in COUNTED])
    print(f"\n{'':36}{'prompt alone':24}{'cascade':24}{'difference':24}")
    for variant in VARIANTS:
        _line(variant.name, gain(rows, made, variant, small_cost=small_cost))
    if 0 < other.size < len(rows):
        _line("… judged on tasks that are no sums", gain(rows, made, VARIANTS[0], small_cost=small_cost, kept=other))
    for cost in COSTS:
        _line(f"… where a small call costs {cost:g}", gain(rows, made, VARIANTS[0], small_cost=cost))
        _line(f"… {cost:g}, two samples", gain(rows, made, VARIANTS[1], small_cost=cost))


def _line(name: str, found: Gain) -> None:
    print(f"{name:36}{found.prompt!s:24}{found.cascade!s:24}{found.difference!s:24}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--small-cost", type=float, default=0.1)
    parser.add_argument("--record", type=Path, metavar="LARGE.gguf")
    args = parser.parse_args()
    if args.record:
        from bench.cascade_record import record

        record(args.record, ANSWERS)
    for kind in SETS:
        print(f"\n== {kind} ==")
        report(load(kind), args.splits, args.small_cost)
    return 0


if __name__ == "__main__":
    sys.exit(main())
