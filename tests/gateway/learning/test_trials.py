"""A user loses: the comparison of champion and challenger, or routes that learn nothing pay for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gateway.config.load import load
from gateway.config.loaded import Loaded
from gateway.learning.drift import Bins
from gateway.learning.heads import heads_of
from gateway.learning.trials import Trials
from router.difficulty.model import DifficultyModel
from tests.gateway.cli.test_learn import CONFIG
from tests.harness.heads import write_head

SHIPPED = DifficultyModel.shipped()
BINS = Bins.cut([number / 200 for number in range(200)])
FIGURES = {"brier": {"old": [0.3, 0.2, 0.4], "new": [0.2, 0.1, 0.3], "change": None}}


class Told:
    def __init__(self) -> None:
        self.scores: dict[tuple[str, str], float | None] = {}

    def head_said(self, deployment: str, champion: str, challenger: str) -> None: ...

    def head_drifted(self, deployment: str, index: float) -> None: ...

    def head_scored(self, deployment: str, head: str, brier: float | None) -> None:
        self.scores[deployment, head] = brier


def loaded_in(directory: Path, text: str = CONFIG) -> Loaded:
    file = directory / "tidegate.yaml"
    file.write_text(text)
    return load(file)


def on_trial(loaded: Loaded, *, promoted: bool) -> None:
    heads = heads_of(loaded.state_directory, "small")
    with heads.changing():
        assert BINS is not None
        card = {"figures": FIGURES, "difficulty": BINS.card()}
        replace(SHIPPED, card=card).save(heads.draft())
        heads.on_trial()
        if promoted:
            heads.promote(1.0)


def test_where_nothing_was_learned_nothing_is_watched(tmp_path: Path) -> None:
    assert Trials(Told(), lambda: 0.0).of(loaded_in(tmp_path)) == {}


def test_a_refused_challenger_is_watched_beside_the_shipped_one(tmp_path: Path) -> None:
    loaded, told = loaded_in(tmp_path), Told()
    on_trial(loaded, promoted=False)
    trial = Trials(told, lambda: 0.0).of(loaded)["auto"]
    assert trial.challenger is not None
    assert trial.drift is None
    assert (trial.deployment, trial.threshold) == ("small", 0.5)
    assert told.scores == {("small", "champion"): 0.3, ("small", "challenger"): 0.2}


def test_a_promoted_head_is_watched_for_drift(tmp_path: Path) -> None:
    loaded, told = loaded_in(tmp_path), Told()
    on_trial(loaded, promoted=True)
    trials = Trials(told, lambda: 0.0)
    trial = trials.of(loaded)["auto"]
    assert trial.challenger is None
    assert trial.drift is not None
    assert trials.of(loaded)["auto"].drift is trial.drift  # a reload does not begin anew
    assert told.scores == {("small", "champion"): 0.2, ("small", "challenger"): None}


def test_a_route_that_does_not_learn_pays_nothing(tmp_path: Path) -> None:
    loaded = loaded_in(tmp_path, CONFIG.replace(", learning: {enabled: true}", ""))
    on_trial(loaded, promoted=True)
    assert Trials(Told(), lambda: 0.0).of(loaded) == {}


def test_a_challenger_that_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    loaded = loaded_in(tmp_path)
    on_trial(loaded, promoted=False)
    path = heads_of(loaded.state_directory, "small").challenger()
    assert path is not None
    (path / "arrays.npz").write_bytes(b"damaged")
    assert Trials(Told(), lambda: 0.0).of(loaded) == {}


def test_a_head_that_the_configuration_names_has_no_bins(tmp_path: Path) -> None:
    write_head(tmp_path / "mine", 0.0)
    loaded = loaded_in(tmp_path, CONFIG.replace("zone: local,", "zone: local, difficulty: mine,", 1))
    assert Trials(Told(), lambda: 0.0).of(loaded) == {}
