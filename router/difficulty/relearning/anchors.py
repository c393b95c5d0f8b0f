"""Anchors: prompts whose difficulty is known by construction. No head may lose its way with them.

The shipped supplement has everyday and involved prompts in four languages. Three templates in four are rehearsed while
a challenger is fitted; the others are kept back and judge it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from router.difficulty.evaluation import Doubles, auroc
from router.difficulty.features import Reading, read
from router.difficulty.model import DifficultyModel
from router.difficulty.relearning.fit import Rows, Scaling, sigmoid
from router.difficulty.supplement import examples
from router.difficulty.view import view_of_text

MIDDLE = 0.5


@dataclass(frozen=True, slots=True)
class Anchors:
    """Readings, and for those that judge whether they are hard."""

    rehearsed: tuple[Reading, ...]
    judging: tuple[Reading, ...]
    hard: NDArray[np.bool_]

    @classmethod
    def shipped(cls) -> Anchors:
        rehearsed, judging, hard = [], [], []
        for example in examples():
            reading = read(view_of_text(example.prompt))
            if example.held_back:
                judging.append(reading)
                hard.append(example.hard)
            else:
                rehearsed.append(reading)
        return cls(tuple(rehearsed), tuple(judging), np.array(hard))

    def structure(self) -> Doubles:
        return np.stack([reading.structure for reading in self.rehearsed]).astype(np.float64)

    def rows(self, champion: DifficultyModel, scaling: Scaling) -> Rows:
        """What is rehearsed, aiming at what the champion says."""
        meaning = np.stack([reading.meaning for reading in self.rehearsed]).astype(np.float64)
        logit = logits(champion, self.rehearsed)
        return Rows(scaling.columns(meaning, self.structure()), logit, sigmoid(logit), np.ones(logit.size))

    def judged(self, model: DifficultyModel) -> Standing:
        p = sigmoid(logits(model, self.judging))
        right = np.where(self.hard, p >= MIDDLE, p < MIDDLE)
        return Standing(float(auroc(p, self.hard) or 0.0), float(right.mean()), float((p < MIDDLE)[~self.hard].mean()))


@dataclass(frozen=True, slots=True)
class Standing:
    """On the anchors that judge: ranking, the share on the right side of 0.5, and that of the everyday ones."""

    auroc: float
    right: float
    everyday: float


def logits(model: DifficultyModel, readings: tuple[Reading, ...]) -> Doubles:
    """Of the model's calibrated probabilities."""
    scores = np.array([model.score(reading) for reading in readings])
    out: Doubles = model.calibration.slope * scores + model.calibration.shift
    return out
