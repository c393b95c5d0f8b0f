"""A user loses: an alarm where what is asked has changed, or gets one where nothing has."""

from __future__ import annotations

import json

import numpy as np
import pytest

from gateway.learning.drift import BINS, WINDOW, Bins, Drift


def cut(seed: int = 1) -> Bins:
    bins = Bins.cut(drawn(seed, 0.4).tolist())
    assert bins is not None
    return bins


def drawn(seed: int, centre: float, count: int = 2 * WINDOW) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.random.Generator(np.random.PCG64(seed)).normal(centre, 0.1, count).clip(0, 1)


def last_told(drift: Drift, difficulties: list[float]) -> float | None:
    told = None
    for difficulty in difficulties:
        if drift.add(difficulty):
            told = drift.told()
    return told


def test_the_same_traffic_does_not_drift() -> None:
    told = last_told(Drift(cut()), drawn(2, 0.4).tolist())
    assert told is not None
    assert told < 0.05


def test_other_traffic_does() -> None:
    told = last_told(Drift(cut()), drawn(3, 0.5).tolist())
    assert told is not None
    assert told > 0.25


def test_drift_is_forgotten_once_the_traffic_is_as_before() -> None:
    drift = Drift(cut())
    last_told(drift, drawn(3, 0.6).tolist())
    told = last_told(drift, drawn(4, 0.4).tolist())
    assert told is not None
    assert told < 0.05


def test_nothing_is_told_before_a_window_is_full() -> None:
    assert last_told(Drift(cut()), drawn(5, 0.9, WINDOW - 1).tolist()) is None


def test_bins_come_back_from_a_card() -> None:
    bins = cut()
    assert Bins.of_card(json.loads(json.dumps({"difficulty": bins.card()}))) == bins
    assert sum(bins.shares) == pytest.approx(1, abs=1e-4)
    assert len(bins.shares) == BINS


@pytest.mark.parametrize(
    "card",
    [
        {},
        {"difficulty": None},
        {"difficulty": {"edges": [0.5], "shares": [1.0]}},
        {"difficulty": {"edges": [0.9] * 8 + [0.1], "shares": [0.1] * 10}},
        {"difficulty": {"edges": ["x"] * 9, "shares": [0.1] * 10}},
    ],
)
def test_a_card_without_sound_bins_has_none(card: dict[str, object]) -> None:
    assert Bins.of_card(card) is None


def test_difficulties_that_are_all_the_same_can_be_cut() -> None:
    bins = Bins.cut([0.3] * 500)
    assert bins is not None
    assert bins.index([0] * (BINS - 1) + [1000]) < 0.1


def test_too_few_are_not_cut() -> None:
    assert Bins.cut([0.5] * 99) is None
