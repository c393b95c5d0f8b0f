"""Data: the public rows and the models that figures are taken of, each made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bench.routing_rows import SHIPPABLE, Row, corpus, load
from router.difficulty.evaluation import Doubles, Interval
from router.difficulty.features import Reading
from router.difficulty.model import DifficultyModel
from router.difficulty.pretraining import Corpus, Pretraining, pretrain
from router.difficulty.supplement import Example, examples


@dataclass(frozen=True)
class Data:
    """Rows of both splits. `left_out`: by file, the model fitted as the shipped one is but without that file. `cases`:
    figures that took long, by what they are of."""

    train: Sequence[Row]
    dev: Sequence[Row]
    cases: dict[object, dict[str, Interval]] = field(default_factory=dict, repr=False)
    _models: dict[str, DifficultyModel] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, folder: Path) -> Self:
        return cls(load(folder / "train"), load(folder / "dev"))

    @cached_property
    def shipped(self) -> DifficultyModel:
        return DifficultyModel.shipped()

    @cached_property
    def corpus(self) -> Corpus:
        """All rows of the train split."""
        return corpus(self.train)

    @property
    def files(self) -> list[str]:
        return sorted({row.file for row in self.train})

    def own(self, file: str) -> list[Row]:
        """The rows of a file, of both splits."""
        return [row for row in (*self.train, *self.dev) if row.file == file]

    def left_out(self, file: str) -> DifficultyModel:
        if file not in self._models:
            self._models[file] = without(self, file, Pretraining())
        return self._models[file]


def without(data: Data, file: str, how: Pretraining) -> DifficultyModel:
    """Fitted on the other shippable files and the supplement."""
    rows = [at for at, row in enumerate(data.train) if row.file != file and row.file in SHIPPABLE]
    return pretrain(data.corpus.take(np.array(rows)), supplement(), how)


def supplement() -> list[Example]:
    """What of it may be fitted to."""
    return [example for example in examples() if not example.held_back]


def probabilities(model: DifficultyModel, readings: Sequence[Reading]) -> Doubles:
    return np.array([model.calibration.probability(model.score(reading)) for reading in readings])


def places(rows: Sequence[Row], file: str, category: str = "") -> NDArray[np.intp]:
    """Which rows are of that file, and of that category where one is given."""
    wanted = f"{file}/{category}" if category else ""
    return np.array([at for at, row in enumerate(rows) if row.file == file and (not wanted or row.source == wanted)])
