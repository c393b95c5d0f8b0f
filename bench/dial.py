"""The dial on public rows: share asked for and achieved over 5,000 requests under drift, and the quality kept.

    python -m bench.dial DATA_DIR

DATA_DIR holds `train/` and `dev/`. Difficulties are the shipped model's. Traffic of 5,000 requests is drawn from all
rows and everyday prompts, in orders that change what is asked; every start is that of the shipped table. Quality: hard
dev rows are split in half 400 times, one half makes the threshold, the other is judged by it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.routing_rows import load
from router import ranks
from router.calibration.conformal import thresholds
from router.calibration.crossfit import Rows
from router.calibration.replay import steered
from router.calibration.table import Table, shipped_table
from router.content import Content, content_of_text
from router.difficulty.estimate import Difficulty
from router.difficulty.estimator import Estimator
from router.difficulty.evaluation import Doubles
from router.difficulty.supplement import examples
from router.steering import Steering, step_for

REQUESTS = 5000
SHARES = (0.05, 0.1, 0.3, 0.5, 0.8)
MUST, AIM = 0.02, 0.01  # of the share, over 5,000 requests
ALPHAS = (Decimal("0.05"), Decimal("0.1"), Decimal("0.2"))
SPLITS = 400
REPLICAS, UNHEARD = 4, 50  # workers, and requests that each decides before it hears of the others

Traffic = Callable[[Doubles, np.random.Generator], Doubles]
"""From all difficulties, sorted, those of 5,000 requests in their order; NaN: nobody can tell."""


class DialRow(NamedTuple):
    """One line of the report. `worst` and `must` are in the unit of `figure`; `met`: as good as it must be."""

    name: str
    figure: str
    must: str
    met: bool


def dial_rows(data: Path) -> list[DialRow]:
    """Share asked for against achieved by scenario, what steering loses, and conformal coverage."""
    estimator = Estimator.shipped()
    dev, train = load(data / "dev"), load(data / "train")
    found = [estimator.estimate(row.content) for row in dev]
    known = np.sort([each.probability for each in _all_of(estimator, found, [row.content for row in train])])
    return [
        *_shares(known),
        _replicas(known),
        *_coverage(np.array([each.probability for each in found]), np.array([row.strong > row.weak for row in dev])),
        _lost(found, np.array([row.strong - row.weak for row in dev])),
    ]


def _all_of(estimator: Estimator, dev: Sequence[Difficulty], contents: Sequence[Content]) -> Iterator[Difficulty]:
    yield from dev
    for content in contents:
        yield estimator.estimate(content)
    for example in examples():
        yield estimator.estimate(content_of_text(example.prompt))


def _drawn(known: Doubles, random: np.random.Generator, low: Doubles, high: Doubles) -> Doubles:
    """For each request one between two ranks."""
    place = (low + (high - low) * random.random(low.size)) * (known.size - 1)
    return known[place.astype(np.intp)]


def _steady(known: Doubles, random: np.random.Generator) -> Doubles:
    return _drawn(known, random, np.zeros(REQUESTS), np.ones(REQUESTS))


def _harder_by_and_by(known: Doubles, random: np.random.Generator) -> Doubles:
    rising = np.linspace(0, 0.7, REQUESTS)
    return _drawn(known, random, rising, rising + 0.3)


def _at_once(known: Doubles, random: np.random.Generator) -> Doubles:
    late = np.arange(REQUESTS) >= REQUESTS // 2
    return _drawn(known, random, np.where(late, 0.7, 0.0), np.where(late, 1.0, 0.3))


def _day_and_night(known: Doubles, random: np.random.Generator) -> Doubles:
    night = np.arange(REQUESTS) // 250 % 2 == 1
    return _drawn(known, random, np.where(night, 0.5, 0.0), np.where(night, 1.0, 0.6))


def _all_alike(known: Doubles, random: np.random.Generator) -> Doubles:
    return np.full(REQUESTS, random.choice(known))


def _unknown_language(known: Doubles, random: np.random.Generator) -> Doubles:
    unknown = (np.arange(REQUESTS) > REQUESTS // 2) & (random.random(REQUESTS) < 0.6)
    return np.where(unknown, np.nan, _steady(known, random))


SCENARIOS: dict[str, Traffic] = {
    "steady": _steady,
    "harder by and by": _harder_by_and_by,
    "harder at once": _at_once,
    "day and night": _day_and_night,
    "all alike": _all_alike,
    "a language nobody can tell": _unknown_language,
}


def achieved(known: Doubles, share: float, traffic: Traffic, seed: int = 1) -> float:
    """The share that 5,000 requests come to."""
    difficulty = traffic(known, np.random.Generator(np.random.PCG64(seed)))
    unknown = np.isnan(difficulty)
    rows = Rows(np.where(unknown, 0.5, difficulty), unknown, None, np.arange(REQUESTS))
    return float(steered(rows, share, shipped_table()).mean())


def _shares(known: Doubles) -> Iterator[DialRow]:
    for name, traffic in SCENARIOS.items():
        off = {share: achieved(known, share, traffic) - share for share in SHARES}
        share, worst = max(off.items(), key=lambda item: abs(item[1]))
        yield DialRow(
            f"share, {name}",
            f"worst of {len(SHARES)}: {worst * 100:+.2f} points at {share:g}",
            f"± {MUST * 100:g}, aim ± {AIM * 100:g}",
            abs(worst) <= MUST,
        )
    share, worst = max(((share, against_spite(share) - share) for share in SHARES), key=lambda item: abs(item[1]))
    figure = f"worst of {len(SHARES)}: {worst * 100:+.2f} points at {share:g}"
    yield DialRow("share, traffic that sees the threshold", figure, f"± {MUST * 100:g}", abs(worst) <= MUST)


def against_spite(share: float) -> float:
    """Each request just hard enough, or just not, whichever is further from what was asked for."""
    table = shipped_table()
    steering = Steering(table.quantiles, ranks.start(table.quantiles, table.abstained, share), share)
    large = 0
    for _ in range(REQUESTS):
        went = steering.threshold <= 1.0 and share <= 0.5
        went = went or steering.threshold <= 0.0
        steering.heed(went, min(steering.threshold, 1.0))
        large += went
    return large / REQUESTS


def _replicas(known: Doubles) -> DialRow:
    off = {share: replicas_achieved(known, share) - share for share in SHARES}
    share, worst = max(off.items(), key=lambda item: abs(item[1]))
    return DialRow(
        f"share, harder at once, {REPLICAS} replicas that meet every {UNHEARD * REPLICAS} requests",
        f"worst of {len(SHARES)}: {worst * 100:+.2f} points at {share:g}",
        f"± {MUST * 100:g}",
        abs(worst) <= MUST,
    )


def replicas_achieved(known: Doubles, share: float) -> float:
    """The share of 5,000 requests that are dealt out to several, who tell one another now and then what they turned."""
    difficulty = _at_once(known, np.random.Generator(np.random.PCG64(2)))
    table = shipped_table()
    start = ranks.start(table.quantiles, table.abstained, share)
    fleet = [Steering(table.quantiles, start, share) for _ in range(REPLICAS)]
    agreed, large = start, 0
    for each in fleet:
        each.step = step_for((REPLICAS - 1) * UNHEARD)
    for begin in range(0, REQUESTS, REPLICAS * UNHEARD):
        for place, value in enumerate(difficulty[begin : begin + REPLICAS * UNHEARD].tolist()):
            each = fleet[place % REPLICAS]
            went = value >= each.threshold
            each.heed(went, value)
            large += went
        agreed += sum(each.take()[0] for each in fleet)
        for each in fleet:
            each.turn_to(agreed)
    return large / REQUESTS


def _coverage(difficulty: Doubles, hard: NDArray[np.bool_]) -> Iterator[DialRow]:
    values = difficulty[hard]
    half = values.size // 2
    for alpha in ALPHAS:
        kept = coverage_by_split(values, alpha)
        low, high = np.quantile(kept, (0.025, 0.975))
        wanted = 1 - float(alpha)
        yield DialRow(
            f"quality {wanted:g}, {half} hard rows to calibrate",
            f"kept {np.mean(kept):.4f} on average, {low:.3f} to {high:.3f} by split",
            f"≥ {wanted:g} on average",
            float(np.mean(kept)) >= wanted - 0.001,
        )


def coverage_by_split(hard: Doubles, alpha: Decimal) -> list[float]:
    """For each split, how many of one half go to the large model with the threshold of the other."""
    random, half, kept = np.random.Generator(np.random.PCG64(9)), hard.size // 2, []
    for _ in range(SPLITS):
        order = random.permutation(hard.size)
        threshold = thresholds(hard[order[:half]].tolist())[int(alpha * 1000)]
        kept.append(float(np.mean(hard[order[half:]] >= (threshold or 0.0))))
    return kept


def _lost(found: Sequence[Difficulty], gap: Doubles) -> DialRow:
    """What is recovered of the gap between the two models, steered and with the one threshold that fits all rows."""
    difficulty = np.array([each.probability for each in found])
    random = np.random.Generator(np.random.PCG64(3))
    steered_gain, fixed_gain = [], []
    for _ in range(20):
        drawn = random.integers(0, difficulty.size, REQUESTS)
        rows = Rows(difficulty[drawn], np.zeros(REQUESTS, dtype=np.bool_), None, np.arange(REQUESTS))
        table: Table = rows.table()
        for share in SHARES:
            large = steered(rows, share, table)
            fixed = difficulty[drawn] >= np.quantile(difficulty[drawn], 1 - share)
            whole = float(gap[drawn].sum())
            steered_gain.append(float(gap[drawn][large].sum()) / whole - float(large.mean()))
            fixed_gain.append(float(gap[drawn][fixed].sum()) / whole - float(fixed.mean()))
    kept = float(np.mean(steered_gain)) / float(np.mean(fixed_gain))
    return DialRow(
        "gain over the lot, steered against one fixed threshold",
        f"{kept:.1%} of it kept ({np.mean(steered_gain):.4f} of {np.mean(fixed_gain):.4f})",
        "≥ 85 %",
        kept >= 0.85,
    )


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    for row in dial_rows(Path(sys.argv[1])):
        print(f"{'met   ' if row.met else 'NOT MET'}  {row.name:66} {row.figure:52} {row.must}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
