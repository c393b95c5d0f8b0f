"""Estimators: what says how hard a request is for a small deployment. The shipped model, and heads of deployments.

A deployment's head is what its `difficulty` names, else what `tidegate learn` promoted for it in the state directory.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.config.heads import decided_about, heads_of
from gateway.config.loaded import Loaded
from router import artifact
from router.artifact import ArtifactError
from router.difficulty import vectors
from router.difficulty.estimator import Estimator
from router.difficulty.model import FORMAT, DifficultyModel
from router.difficulty.vectors import WordVectors

SHIPPED = "shipped"  # the version of the model inside the package
_DIGITS = 12  # of an artifact's checksum: enough to tell the few heads of a deployment apart
_log = logging.getLogger("gateway.difficulty")


@dataclass(frozen=True, slots=True)
class Configured:
    """`heads` are by deployment. `versions` are those of all small deployments that difficulty decides about. `faults`
    says why a head that is there does not serve; the shipped model does in its place."""

    shipped: Estimator
    heads: Mapping[str, Estimator] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)

    @property
    def serving(self) -> Mapping[str, str]:
        """The versions of the heads, by deployment, without those that the shipped model serves."""
        return {name: self.versions[name] for name in self.heads}

    @property
    def named(self) -> Mapping[str, str]:
        """What receipts call the heads, by deployment."""
        return {name: f"{name}@{self.versions[name]}" for name in self.heads}


def configured(loaded: Loaded) -> Configured:
    """Reads everything. A head that cannot be used is left out and stands in `faults`: it stops no start."""
    models: dict[str, DifficultyModel] = {}
    faults: dict[str, str] = {}
    for name, directory in heads_of(loaded).items():
        try:
            models[name] = DifficultyModel.load(directory)
        except ArtifactError as error:
            faults[name] = str(error)
    versions = dict.fromkeys(decided_about(loaded.settings), SHIPPED)
    versions |= {name: str(model.card["sha256"])[:_DIGITS] for name, model in models.items()}
    every = [DifficultyModel.shipped(), *models.values()]
    shipped, *heads = Estimator.of_all(every, WordVectors.load(vectors.SHIPPED))
    return Configured(shipped, dict(zip(models, heads, strict=True)), versions, faults)


class Estimators:
    """The estimators of the configuration in force."""

    def __init__(self, failed: Callable[[str], object] = lambda _: None) -> None:
        """`failed` is told a deployment whose head cannot be used."""
        self._failed = failed
        self._current: tuple[object, Configured] | None = None

    def of(self, loaded: Loaded) -> Configured:
        """Looks at the disk again; the same as before where the same heads are there."""
        found = decided_about(loaded.settings), {name: _checksum(path) for name, path in heads_of(loaded).items()}
        if self._current is None or self._current[0] != found or self._current[1].faults:
            made = configured(loaded)
            for name, why in made.faults.items():
                _log.warning("deployment %s: its difficulty model is left out, the shipped one decides: %s", name, why)
                self._failed(name)
            self._current = found, made
        return self._current[1]


def _checksum(directory: Path) -> str | None:
    try:
        return str(artifact.read_card(directory, FORMAT).get("sha256"))
    except ArtifactError:
        return None
