"""Trials of a configuration: which routes watch a head, and a challenger beside it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gateway.config.heads import decided_about, heads_of
from gateway.config.loaded import Loaded
from gateway.learning import trial
from gateway.learning.drift import Bins, Drift
from gateway.learning.heads import heads_of as learned_heads_of
from gateway.learning.place import learning_of
from gateway.learning.trial import Trial
from router import artifact
from router.artifact import ArtifactError
from router.difficulty.estimator import Estimator
from router.difficulty.model import FORMAT

_log = logging.getLogger("gateway.learning")


class Tells(trial.Tells, Protocol):
    """Who shows how good heads are."""

    def head_scored(self, deployment: str, head: str, brier: float | None) -> None: ...


@dataclass(frozen=True, slots=True)
class _Watched:
    drift: Bins | None
    challenger: Estimator | None


class Trials:
    """Those of the configuration in force. A drift that is being counted goes on where the head is the same."""

    def __init__(self, tells: Tells, steady: Callable[[], float]) -> None:
        self._tells = tells
        self._steady = steady
        self._drifts: dict[str, Drift] = {}

    def of(self, loaded: Loaded) -> Mapping[str, Trial]:
        """By route. Looks at the disk."""
        settings = loaded.settings
        serving, decided = heads_of(loaded), set(decided_about(settings))
        found: dict[str, _Watched] = {}
        out = {}
        for name in learning_of(settings):
            route = settings.routes[name]
            head = next((each for each in route.small if each in serving), next(iter(route.small), ""))
            if head not in decided:
                continue
            if head not in found:
                found[head] = self._watched(loaded, head, serving.get(head))
            watched = found[head]
            if watched.drift is None and watched.challenger is None:
                continue
            drift = None if watched.drift is None else self._drift(head, watched.drift)
            out[name] = Trial(head, route.threshold, self._tells, self._steady, drift, watched.challenger)
        return out

    def _drift(self, deployment: str, bins: Bins) -> Drift:
        if deployment not in self._drifts or self._drifts[deployment].bins != bins:
            self._drifts[deployment] = Drift(bins)
        return self._drifts[deployment]

    def _watched(self, loaded: Loaded, deployment: str, champion: Path | None) -> _Watched:
        path = learned_heads_of(loaded.state_directory, deployment).challenger()
        card = {} if champion is None else _card(champion)
        if path is None:
            self._tells.head_scored(deployment, "champion", _brier(card, 1))
            self._tells.head_scored(deployment, "challenger", None)
            return _Watched(Bins.of_card(card), None)
        beside = _card(path)
        self._tells.head_scored(deployment, "champion", _brier(beside, 0))
        self._tells.head_scored(deployment, "challenger", _brier(beside, 1))
        try:
            return _Watched(Bins.of_card(card), Estimator.load(path))
        except ArtifactError as error:
            _log.warning("deployment %s: its challenger is not watched: %s", deployment, error)
            return _Watched(Bins.of_card(card), None)


def _card(path: Path) -> Mapping[str, object]:
    try:
        return artifact.read_card(path, FORMAT)
    except ArtifactError:
        return {}


def _brier(card: Mapping[str, object], which: int) -> float | None:
    """Of the head before (0) or of this one (1), on the rows that it was judged by."""
    figures = card.get("figures")
    brier = figures.get("brier") if isinstance(figures, dict) else None
    try:
        return float(brier["old" if which == 0 else "new"][0]) if isinstance(brier, dict) else None
    except (KeyError, IndexError, TypeError, ValueError):
        return None
