"""In domain: `tidegate train` on some rows of a file, judged on rows of it that it has not seen; means over draws.

The goals are judged on the file's dev split; the calibration, which a few hundred rows only blur, and the details on
all rows of the file that a draw has left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.routing.data import Data
from bench.routing.goal import Goal, Line
from bench.routing.left_out import Figures, head, row
from bench.routing_rows import Row, labels
from router.difficulty.evaluation import Doubles, interval
from router.difficulty.labels import Labels
from router.difficulty.model import DifficultyModel
from router.difficulty.quality import FIGURES, Measure, measures_of
from router.difficulty.training import train
from router.difficulty.view import view_of_content

DRAWS = 3
LEAST_LEFT = 200  # rows to judge on
SIZES = (300, 700, 1500)
_EXAMS = {
    "apgr": Goal("1,500 rows, MMLU: APGR", 0.64, 0.67),
    "cpt50": Goal("1,500 rows, MMLU: CPT50", 0.31, 0.28, at_most=True),
    "cpt80": Goal("1,500 rows, MMLU: CPT80", 0.65, 0.60, at_most=True),
}
_SUMS = {"apgr": Goal("700 rows, GSM8K: APGR", 0.64, 0.66)}
STANDING = (
    (_EXAMS, "mmlu_pro_new", 1500, "MMLU-Pro"),
    (_EXAMS, "llmrouter", 1500, "llmrouter (11 tasks)"),
    (_SUMS, "mmlu_pro_new", 700, "MMLU-Pro"),
    (_SUMS, "routerbench_arc_challenge", 700, "ARC challenge"),
    (_SUMS, "llmrouter", 700, "llmrouter (11 tasks)"),
)
_ECE = Goal("calibration error in domain (ECE)", 0.05, 0.03, at_most=True)


class Case(NamedTuple):
    """`prior`: start from the shipped model fitted without the file. `dev`: judged on the dev split."""

    file: str
    size: int
    prior: bool
    dev: bool = False


def lines(data: Data) -> Iterator[Line]:
    for goals, file, size, name in STANDING:
        for prior in (False, True):
            found = measured(data, Case(file, size, prior, dev=True))
            for figure, goal in goals.items() if found else ():
                yield Line(goal, f"{name}, {size} rows{', with prior' if prior else ''}; dev", found[figure])


def calibration(data: Data) -> Iterator[Line]:
    for _, file, size, name in STANDING:
        found = measured(data, Case(file, size, prior=True))
        if found:
            yield Line(_ECE, f"{name}, {size} rows, with prior; the others", found["ece"])


def details(data: Data) -> Iterator[str]:
    yield f"\n{'some rows of a file, on its others':<44}  " + head()
    for file in dict.fromkeys(file for _, file, _, _ in STANDING):
        for size in SIZES:
            for prior in (False, True):
                found = measured(data, Case(file, size, prior))
                if found:
                    yield f"{file + f', {size}' + (', with prior' if prior else ''):<44}  " + row(found)


def measured(data: Data, case: Case) -> Figures:
    """Means over draws; nothing where too few rows are left to judge on."""
    if case not in data.cases:
        data.cases[case] = _measured(data, case)
    return data.cases[case]


def _measured(data: Data, case: Case) -> Figures:
    prior = data.left_out(case.file) if case.prior else None
    if case.dev:
        own, kept = ([row for row in rows if row.file == case.file] for rows in (data.train, data.dev))
        if len(own) < case.size or not kept:
            return {}
        both = [*own, *kept]
        drawn = [_draw(both, len(own), case.size, number, prior) for number in range(DRAWS)]
        return {name: interval(partial(_mean, drawn, name, len(own)), len(kept)) for name in FIGURES}
    own = data.own(case.file)
    if len(own) < case.size + LEAST_LEFT:
        return {}
    drawn = [_draw(own, len(own), case.size, number, prior) for number in range(DRAWS)]
    return {name: interval(partial(_mean, drawn, name, 0), len(own)) for name in FIGURES}


class _Draw(NamedTuple):
    """`place`: of each row of the file among those that are judged, −1 for rows that were trained on."""

    place: NDArray[np.intp]
    measures: dict[str, Measure]


def _draw(own: Sequence[Row], first: int, size: int, number: int, prior: DifficultyModel | None) -> _Draw:
    """Trained on `size` of the first `first` rows, judged on all that it was not trained on."""
    order = np.random.Generator(np.random.PCG64(size + 1000 * number)).permutation(first)
    order = np.concatenate((order, np.arange(first, len(own))))
    mine, others = [own[at] for at in order[:size]], [own[at] for at in order[size:]]
    model = train([view_of_content(each.content) for each in mine], labels(mine), prior).model
    place = np.full(len(own), -1)
    place[order[size:]] = np.arange(len(others))
    estimates: Doubles = np.array([model.estimate(each.content).probability for each in others])
    truth: Labels = labels(others)
    return _Draw(place, measures_of(estimates, truth))


def _mean(drawn: Sequence[_Draw], name: str, first: int, rows: NDArray[np.intp]) -> float | None:
    """Of rows of the file from `first` on, drawn with repetition, each draw is judged on those that it was not trained
    on."""
    found = [each.measures[name](own[own >= 0]) for each in drawn if (own := each.place[rows + first]).size]
    known = [value for value in found if value is not None]
    return float(np.mean(known)) if known else None
