"""The difficulty model: content in, the calibrated probability that the small model is not good enough out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from router import artifact
from router.artifact import Artifact, ArtifactError
from router.content import Content
from router.difficulty import vectors
from router.difficulty.ends import Ends
from router.difficulty.estimate import Difficulty
from router.difficulty.familiarity import Familiarity
from router.difficulty.features import FEATURES_VERSION, Reading, read
from router.difficulty.parts import PARTS, Part, under
from router.difficulty.view import View, view_of_content

FORMAT = "tidegate-difficulty"
SHIPPED = artifact.shipped("router.difficulty", "artifact")


@dataclass(frozen=True, slots=True)
class Calibration:
    """Platt's sigmoid: probability = 1 / (1 + exp(−(slope·score + shift))). `slope` > 0, so it keeps the ranking."""

    slope: float
    shift: float

    def probability(self, score: float) -> float:
        return 0.5 * (1.0 + math.tanh(0.5 * (self.slope * score + self.shift)))


@dataclass(frozen=True, slots=True)
class DifficultyModel:
    """A sum of linear parts, the ends, a calibration, and a measure of what is too unlike the training rows."""

    parts: Mapping[str, Part]
    bias: float
    calibration: Calibration
    familiarity: Familiarity
    card: Mapping[str, Any] = field(default_factory=dict)
    ends: Ends | None = None

    def estimate(self, content: Content) -> Difficulty:
        """What `Estimator` answers sooner. Depends on the user's turns and the shape of the rest."""
        return self.estimate_view(view_of_content(content))

    def estimate_view(self, view: View) -> Difficulty:
        reading = read(view)
        return Difficulty(self.calibration.probability(self.score(reading)), not self.familiarity.knows(reading))

    def score(self, reading: Reading) -> float:
        """The score before calibration: higher is harder, the scale is the fit's own."""
        score = self.bias
        for part in self.parts.values():
            score += part.score(reading)
        return score if self.ends is None else score + self.ends.score(reading)

    @classmethod
    def shipped(cls) -> Self:
        """The model inside the package."""
        return cls.load(SHIPPED)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Raises `ArtifactError`."""
        stored = artifact.read(directory, FORMAT)
        if stored.card.get("features_version") != FEATURES_VERSION:
            raise ArtifactError(
                f"{directory}: fitted on features version {stored.card.get('features_version')!r}, this release has "
                f"{FEATURES_VERSION}; train it again with `tidegate train`"
            )
        if stored.card.get("word_vectors") != vectors.checksum():
            raise ArtifactError(f"{directory}: fitted on other word vectors; train it again with `tidegate train`")
        try:
            bias, slope, shift = (float(number) for number in stored.arrays["head"].astype(np.float64))
            parts = {name: PARTS[name].from_arrays(under(stored.arrays, name)) for name in stored.card["parts"]}
            ends = Ends.from_arrays(under(stored.arrays, "ends")) if stored.card.get("ends") else None
            familiarity = Familiarity.from_arrays(under(stored.arrays, "familiarity"))
        except (KeyError, ValueError, TypeError) as error:
            raise ArtifactError(f"{directory}: its arrays are not those of a difficulty model: {error}") from error
        if not (slope > 0 and all(map(math.isfinite, (bias, slope, shift)))):
            raise ArtifactError(f"{directory}: the calibration's slope is {slope}, it must be finite and above 0")
        return cls(parts, bias, Calibration(slope, shift), familiarity, stored.card, ends)

    def save(self, directory: Path) -> None:
        """Writes the artifact; `card` is completed by what the format needs."""
        head = np.array([self.bias, self.calibration.slope, self.calibration.shift], dtype=np.float64)
        arrays: dict[str, NDArray[np.generic]] = {"head": head}
        stored = {name: part.arrays() for name, part in self.parts.items()}
        if self.ends is not None:
            stored["ends"] = self.ends.arrays()
        for name, own in {**stored, "familiarity": self.familiarity.arrays()}.items():
            arrays |= {f"{name}.{key}": array for key, array in own.items()}
        card = {**self.card, "features_version": FEATURES_VERSION, "parts": list(self.parts)}
        card |= {"ends": self.ends is not None, "word_vectors": vectors.checksum()}
        artifact.write(directory, Artifact(arrays, card), FORMAT)
