"""Out of domain: one file after the other is left out of the fit, and judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from bench.routing.data import Data, places, probabilities, without
from bench.routing.goal import Goal, Line
from bench.routing_rows import labels, of_pair
from router.content import content_of_text
from router.difficulty.evaluation import Doubles, Interval, apgr
from router.difficulty.pretraining import Pretraining
from router.difficulty.quality import FIGURES, figures
from router.difficulty.supplement import examples

Figures = dict[str, Interval]
AS_GOOD = 0.002  # of the mean APGR, which is known to 0.006 or so


class Standing(NamedTuple):
    """What stands in for a data set that nobody here looks at: rows of a file, or of one category of it. `pair`: of the
    small and the large model with these names, in place of the file's own two.
    """

    goal: Goal
    file: str
    category: str
    on: str
    pair: tuple[str, str] | None = None


_EXAMS = Goal("unseen, MMLU: APGR", 0.54, 0.58)
_SUMS = Goal("unseen, GSM8K: APGR", 0.55, 0.60)
_HALF_AND_MOST = ("Qwen2.5-7B-Instruct", "o1-mini-2024-09-12")
_TALK = Goal("unseen, MT-Bench: APGR", 0.74, 0.80)
STANDING = (
    Standing(_EXAMS, "mmlu_pro_new", "", "MMLU-Pro, left out"),
    Standing(_EXAMS, "routerbench_arc_challenge", "", "ARC challenge, never in"),
    # On GSM8K the usual pair solves two thirds and nearly all. These two come nearest to it: a half, and nine tenths.
    Standing(_SUMS, "zeroeval_math-l5", "", "competition maths, .52 and .90 right", _HALF_AND_MOST),
    Standing(_SUMS, "llmrouter", "math", "maths of llmrouter, .05 and .34 right"),
    Standing(_TALK, "llmrouter", "", "llmrouter (11 tasks), left out"),
)


def lines(data: Data) -> Iterator[Line]:
    for goal, file, category, on, pair in STANDING:
        own = [
            at for at in places(data.train, file, category) if pair is None or data.train[at].scores.keys() >= {*pair}
        ]
        if own:
            rows = [data.train[at] if pair is None else of_pair(data.train[at], *pair) for at in own]
            estimates = probabilities(data.left_out(file), [data.corpus.readings[at] for at in own])
            yield Line(goal, on, figures(estimates, labels(rows))["apgr"])


def details(data: Data) -> Iterator[str]:
    yield f"\n{'one file left out of the fit':<34}{'rows':>6}  " + head()
    for file, found in leave_one_out(data).items():
        yield f"{file:<34}{places(data.train, file).size:>6}  " + row(found)
    yield f"\n{'the shipped model, dev split':<34}{'rows':>6}  " + head()
    for file in data.files:
        own = [each for each in data.dev if each.file == file]
        if own:
            estimates = np.array([data.shipped.estimate(each.content).probability for each in own])
            yield f"{file:<34}{len(own):>6}  " + row(figures(estimates, labels(own)))
    kept = [example for example in examples() if example.held_back]
    told = [data.shipped.estimate(content_of_text(each.prompt)).probability >= 0.5 for each in kept]
    right = np.mean([one == each.hard for one, each in zip(told, kept, strict=True)])
    yield f"\ntemplates kept out of the fit, told right at 0.5: {right:.3f} of {len(kept)} prompts"


def head() -> str:
    return "".join(f"{name.upper():<24}" for name in FIGURES).rstrip()


def row(found: Figures) -> str:
    return "".join(f"{found[name]!s:<24}" for name in FIGURES).rstrip()


def leave_one_out(data: Data, how: Pretraining | None = None) -> dict[str, Figures]:
    """Per file, figures on its train rows of a model that saw none of them."""
    out = {}
    for file in data.files:
        own = places(data.train, file)
        model = data.left_out(file) if how is None else without(data, file, how)
        estimates = probabilities(model, [data.corpus.readings[at] for at in own])
        out[file] = figures(estimates, labels([data.train[at] for at in own]))
    return out


def chosen(data: Data, candidates: Sequence[Pretraining]) -> tuple[Pretraining, list[float]]:
    """The candidate with the best mean APGR over files left out, and that mean of each. Of those that are as good as
    the best, the most regularised ones are preferred."""
    means = []
    for how in candidates:
        found = [_apgr(data, file, how) for file in data.files]
        means.append(float(np.mean([each for each in found if each is not None])))
    level = max(means) - AS_GOOD
    _, _, best = max((candidates[at].strength, mean, -at) for at, mean in enumerate(means) if mean >= level)
    return candidates[-best], means


def _apgr(data: Data, file: str, how: Pretraining) -> float | None:
    own = places(data.train, file)
    estimates: Doubles = probabilities(without(data, file, how), [data.corpus.readings[at] for at in own])
    return apgr(estimates, labels([data.train[at] for at in own]).gap)
