"""Fitting a domain from a few dozen examples, in closed form.

Three scores are fitted against the background: what the words mean, which words they are, and what the prompt looks
like; the first and the last by linear discriminant analysis with the background's covariance. What each is worth is
told by the examples, every one of them scored as if it had not been there. So is the threshold: as high as leaves the
background alone, and as high as nearly all examples reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from router.difficulty.parts import StructurePart
from router.difficulty.structure import STRUCTURE_NAMES, structure_of
from router.specialists.background import COMPARED, KEYS, Background, Floats, Matrix
from router.specialists.domain import Domain
from router.specialists.prompt import FEW, Prompt

FALSE_CLAIMS = 0.004  # the share of the background that may be claimed
MISSED = 0.05  # the share of the examples that may be missed so that less of everything else is claimed
_SHRINK_SCORES = 0.1
_LOWEST, _HIGHEST = -1.0, 4.0  # of a word's log odds; those of no example have the lowest
_PRIOR = 3.0  # how many prompts of the background the examples are taken to hold besides
_LEAST_GAP = 1e-6
_STEPS = 127  # of a word's worth, either way


class _Scores(NamedTuple):
    """One of the three: of each prompt of the background, of each example left out; and the weights that make it, less
    an offset."""

    background: Floats
    own: Floats
    weights: Floats
    offset: float


class _Joined(NamedTuple):
    """What each of the three is worth; the sum from which on a prompt is claimed, and how much more examples have."""

    worth: Floats
    least: float
    gap: float
    own: float
    false: float


def fit(name: str, examples: Sequence[Prompt], background: Background, false_claims: float = FALSE_CLAIMS) -> Domain:
    """`examples` are prompts without earlier turns. Deterministic. Raises `ValueError` for fewer than two."""
    if len(examples) < 2:
        raise ValueError("a domain needs two examples at least")
    structure = np.stack([structure_of(prompt.counts) for prompt in examples]).astype(np.float64)
    looks = _discriminant(background.looks, background.looks_of(structure))
    meaning = _discriminant(background.meaning, np.stack([background.meaning_of(prompt) for prompt in examples]))
    words = _words(examples, background)
    joined = _joined((meaning, words, looks), false_claims)
    worth = joined.worth / joined.gap
    table = worth[1] * (words.weights + _LOWEST)
    vectors = background.words
    table[vectors.keys] += worth[0] * (vectors.table[vectors.rows].astype(np.float64) @ meaning.weights)
    step = float(np.abs(table).max()) / _STEPS or 1.0
    weights = np.zeros(len(STRUCTURE_NAMES), np.float32)
    weights[COMPARED] = worth[2] * looks.weights
    bias = -float(worth[0] * meaning.offset + worth[2] * looks.offset + joined.least / joined.gap)
    scaling = background.scaling
    return Domain(
        name,
        np.rint(table / step).astype(np.int8),
        step,
        StructurePart(weights, scaling.mean, scaling.scale).weighing(),
        bias,
        joined.own,
        joined.false,
        len(examples),
    )


def _discriminant(background: Matrix, own: Floats) -> _Scores:
    """Linear discriminant analysis. With the background's covariance alone, leaving one example out moves only the mean
    of the examples."""
    count, at = len(own), own - background.mean
    away = at.mean(0)
    weights = np.linalg.solve(background.covariance, away)
    length = max(float(away @ weights), _LEAST_GAP) ** 0.5
    weights /= length
    with_itself = (at * np.linalg.solve(background.covariance, at.T).T).sum(1) / length
    left_out = (count * (at @ weights) - with_itself) / (count - 1)
    offset = float(background.mean @ weights)
    return _Scores(background.rows @ weights - offset, left_out, weights, offset)


def _words(examples: Sequence[Prompt], background: Background) -> _Scores:
    """Log odds of each word against the background, above those of a word that no example has."""
    there, among = np.unique(np.concatenate([prompt.keys for prompt in examples]), return_counts=True)
    count, seen, total = len(examples), background.occurrences[there], background.count
    usual, expected = (seen + 0.5) / (total + 1), _PRIOR * (seen + 1) / (total + 2)

    def lifts(has: Floats, of: int) -> Floats:
        out, odds = np.zeros(KEYS), np.log((has + expected) / (of + _PRIOR) / usual)
        out[there] = np.where(has > 0, np.clip(odds, _LOWEST, _HIGHEST) - _LOWEST, 0.0)
        return out

    weights, left_out = lifts(np.asarray(among, np.float64), count), lifts(np.asarray(among - 1, np.float64), count - 1)
    own = [(left_out[p.keys].sum() + _LOWEST * p.keys.size) / p.length for p in examples]
    counts = background.lengths**2 - FEW
    return _Scores(background.sums(weights) + _LOWEST * counts / background.lengths, np.array(own), weights, 0.0)


def _joined(scores: Sequence[_Scores], false_claims: float) -> _Joined:
    """Discriminant analysis once more, of three numbers; none of them may count against the domain."""
    others = np.stack([score.background for score in scores], 1)
    own = np.stack([score.own for score in scores], 1)
    middle, scale = others.mean(0), others.std(0) + _LEAST_GAP
    others, own = (others - middle) / scale, (own - middle) / scale
    covariance = (np.cov(others.T) + np.cov(own.T)) / 2 + _SHRINK_SCORES * np.eye(len(scores))
    worth = np.maximum(np.linalg.solve(covariance, own.mean(0)), 0.0)
    of_others, of_own = others @ worth, own @ worth
    least = max(float(np.quantile(of_others, 1 - false_claims)), float(np.quantile(of_own, MISSED)), _LEAST_GAP)
    gap = max(float(of_own.mean()) - least, _LEAST_GAP)
    worth /= scale
    return _Joined(
        worth, least + float(middle @ worth), gap, float(np.mean(of_own >= least)), float(np.mean(of_others >= least))
    )
