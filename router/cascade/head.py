"""The head: features of a deployment's answers in, the calibrated probability that an answer is not good enough out.

Logistic, one per deployment, fitted by `tidegate cascade fit`. What cannot be seen of an answer counts as usual.
A head whose ranking of answers it had not seen could be chance knows nothing, and says so: it abstains.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from router import artifact
from router.artifact import Artifact, ArtifactError
from router.cascade.features import FEATURE_NAMES, FEATURES_VERSION

FORMAT: Final = "tidegate-cascade"
_CAP: Final = 4.0  # standard deviations: what is farther out was not seen when this was fitted


@dataclass(frozen=True, slots=True)
class Head:
    """`weights`, `mean` and `scale` are one number a feature; `knows` is whether it ranks better than chance."""

    weights: Sequence[float]
    mean: Sequence[float]
    scale: Sequence[float]
    bias: float
    knows: bool
    card: Mapping[str, Any] = field(default_factory=dict)

    def doubt(self, features: Sequence[float]) -> float | None:
        """P(the answer is not good enough); `None`: it cannot say."""
        return self.probability(features) if self.knows else None

    def probability(self, features: Sequence[float]) -> float:
        """The same, whether there is anything to it or not."""
        score = self.bias
        for value, weight, mean, scale in zip(features, self.weights, self.mean, self.scale, strict=True):
            if not math.isnan(value):
                score += weight * min(max((value - mean) / scale, -_CAP), _CAP)
        return 0.5 * (1.0 + math.tanh(0.5 * score))

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Raises `ArtifactError`."""
        stored = artifact.read(directory, FORMAT)
        if stored.card.get("features_version") != FEATURES_VERSION:
            raise ArtifactError(
                f"{directory}: fitted on features version {stored.card.get('features_version')!r}, this release has "
                f"{FEATURES_VERSION}; fit it again with `tidegate cascade fit`"
            )
        try:
            rows = [stored.arrays[name].astype(np.float64) for name in ("weights", "mean", "scale", "bias")]
        except (KeyError, ValueError, TypeError) as error:
            raise ArtifactError(f"{directory}: its arrays are not those of a cascade's head: {error}") from error
        weights, mean, scale, bias = rows
        shapes = {weights.shape, mean.shape, scale.shape}
        if shapes != {(len(FEATURE_NAMES),)} or bias.shape != (1,) or not all(np.isfinite(row).all() for row in rows):
            raise ArtifactError(f"{directory}: its arrays are not those of a cascade's head")
        if not (scale > 0).all():
            raise ArtifactError(f"{directory}: a scale is not above 0")
        knows = stored.card.get("knows") is True
        return cls(weights.tolist(), mean.tolist(), scale.tolist(), float(bias[0]), knows, stored.card)

    def save(self, directory: Path) -> None:
        """Writes the artifact; `card` is completed by what the format needs."""
        arrays: dict[str, np.typing.NDArray[np.generic]] = {
            "weights": np.array(self.weights, dtype=np.float64),
            "mean": np.array(self.mean, dtype=np.float64),
            "scale": np.array(self.scale, dtype=np.float64),
            "bias": np.array([self.bias], dtype=np.float64),
        }
        card = {**self.card, "features_version": FEATURES_VERSION, "features": list(FEATURE_NAMES), "knows": self.knows}
        artifact.write(directory, Artifact(arrays, card), FORMAT)
