"""A user loses: labels that are read as if another head had given the difficulty that was noted with them."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.learning.heads import Heads, heads_of
from gateway.learning.study import UNSURE, Family
from router.artifact import ArtifactError
from router.difficulty.model import Calibration, DifficultyModel
from router.difficulty.relearning.lineage import LEARNED, root_of
from tests.gateway.learning.samples import sample

SHIPPED = DifficultyModel.shipped()


def learn(heads: Heads, now: float, shift: float, root: str | None = None) -> DifficultyModel:
    """The shipped head, with every probability moved, as if it had been learned then."""
    calibration = Calibration(SHIPPED.calibration.slope, SHIPPED.calibration.shift + shift)
    card = {LEARNED: {"root": root_of(SHIPPED) if root is None else root, "factor": 1.0, "at": now}}
    with heads.changing():
        replace(SHIPPED, calibration=calibration, card=card).save(heads.draft())
        heads.on_trial()
        heads.promote(now)
    path = heads.champion()
    assert path is not None
    return DifficultyModel.load(path)


def logit(p: float) -> float:
    return math.log(p / (1 - p))


@pytest.fixture
def heads(tmp_path: Path) -> Heads:
    return heads_of(tmp_path, "small")


def test_before_anything_was_learned_the_root_served(heads: Heads) -> None:
    family = Family.of(heads, SHIPPED)
    assert family.champion is SHIPPED
    assert family.logit(sample(at=5.0, difficulty=0.3), SHIPPED) == pytest.approx(logit(0.3))


def test_each_label_is_read_as_of_the_head_that_served_then(heads: Heads) -> None:
    learn(heads, 1000.0, 1.0)
    learn(heads, 2000.0, -1.0)
    family = Family.of(heads, SHIPPED)
    for at, moved in ((500.0, -1.0), (1500.0, -2.0), (2500.0, 0.0)):
        found = family.logit(sample(at=at, difficulty=0.5), family.champion)
        assert found == pytest.approx(moved, abs=1e-6)


def test_around_a_change_of_heads_nobody_knows(heads: Heads) -> None:
    learn(heads, 1000.0, 1.0)
    family = Family.of(heads, SHIPPED)
    assert family.served(1000.0 + UNSURE / 2) is None
    assert family.logit(sample(at=1000.0 + UNSURE / 2), family.champion) is None
    assert family.logit(sample(at=1000.0 + UNSURE), family.champion) is not None


def test_after_a_rollback_it_is_the_head_before(heads: Heads) -> None:
    learn(heads, 1000.0, 1.0)
    with heads.changing():
        heads.rollback(2000.0)
    family = Family.of(heads, SHIPPED)
    assert family.champion is SHIPPED
    assert family.logit(sample(at=1500.0, difficulty=0.5), SHIPPED) == pytest.approx(-1.0, abs=1e-6)
    assert family.logit(sample(at=2500.0, difficulty=0.5), SHIPPED) == pytest.approx(0.0, abs=1e-6)


def test_what_a_head_of_another_family_said_is_not_used(heads: Heads) -> None:
    learn(heads, 1000.0, 1.0, root="of an earlier release")
    family = Family.of(heads, SHIPPED)
    assert family.logit(sample(at=500.0), family.champion) is None
    assert family.logit(sample(at=1500.0), family.champion) is not None


def test_a_champion_that_was_copied_without_its_history_served_since_it_was_learned(heads: Heads) -> None:
    learn(heads, 1000.0, 1.0)
    (heads.directory / "history.json").unlink()
    family = Family.of(heads, SHIPPED)
    assert family.served(1500.0) is family.members[str(family.champion.card["sha256"])]
    assert family.served(500.0) is SHIPPED


def test_a_sample_without_a_difficulty_says_nothing(heads: Heads) -> None:
    assert Family.of(heads, SHIPPED).logit(sample(difficulty=None), SHIPPED) is None


def test_a_champion_of_another_release_serves_no_more(heads: Heads) -> None:
    learn(heads, 1000.0, 1.0)
    path = heads.champion()
    assert path is not None
    card = path / "card.json"
    card.write_text(card.read_text().replace('"features_version": ', '"features_version": 9'))
    family = Family.of(heads, SHIPPED)
    assert family.champion is SHIPPED
    assert family.logit(sample(at=1500.0, difficulty=0.5), SHIPPED) == pytest.approx(0.0, abs=1e-6)


def test_a_champion_that_cannot_be_read_is_said(heads: Heads) -> None:
    learn(heads, 1000.0, 1.0)
    path = heads.champion()
    assert path is not None
    (path / "arrays.npz").write_bytes(b"damaged")
    with pytest.raises(ArtifactError, match="checksum"):
        Family.of(heads, SHIPPED)
