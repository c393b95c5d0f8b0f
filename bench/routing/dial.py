"""Dial: the share asked for against the one achieved over 5,000 requests, and the quality kept (`bench/dial.py`)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench.dial import ALPHAS, MUST, SCENARIOS, SHARES, achieved, coverage_by_split, replicas_achieved
from bench.routing.data import Data
from bench.routing.goal import Goal, Line, plain
from router.difficulty.estimator import Estimator
from router.difficulty.evaluation import Interval

_SHARE = Goal("share asked for − achieved, points", MUST * 100, 1.0, at_most=True)


def lines(data: Data) -> Iterator[Line]:
    estimator = Estimator.shipped()
    rows = [*data.train, *data.dev]
    found = np.array([estimator.estimate(row.content).probability for row in rows])
    known = np.sort(found)
    for name, traffic in SCENARIOS.items():
        worst = max(abs(achieved(known, share, traffic) - share) for share in SHARES)
        yield Line(_SHARE, f"5,000 requests, {name}, worst of {len(SHARES)}", plain(worst * 100))
    worst = max(abs(replicas_achieved(known, share) - share) for share in SHARES)
    yield Line(_SHARE, "5,000 requests, 4 replicas, harder at once", plain(worst * 100))
    dev = found[len(data.train) :]
    hard = dev[np.array([row.strong > row.weak for row in data.dev])]
    for alpha in ALPHAS:
        kept = coverage_by_split(hard, alpha)
        low, high = np.quantile(kept, (0.025, 0.975))
        wanted = 1 - float(alpha)
        on = f"dev, {hard.size // 2} hard rows calibrate the others"
        figure = Interval(float(np.mean(kept)), float(low), float(high))
        yield Line(Goal(f"hard ones kept at quality {wanted:g}", wanted, wanted), on, figure)
