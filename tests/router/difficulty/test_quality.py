"""A user loses: a threshold chosen by figures that another threshold has."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from router.difficulty.labels import Labels
from router.difficulty.quality import FIGURES, Costs, Quality, figures

DIFFICULTY = np.array([0.9, 0.8, 0.4, 0.3, 0.2, 0.1])
LABELS = Labels(np.array([0.0, 0.0, 1.0, 0.0, 1.0, 1.0]), np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.0]))
COSTS = [Costs(Decimal("0.001"), Decimal("0.1"))] * 6


def test_a_threshold_sends_what_is_at_least_as_difficult() -> None:
    quality = Quality.of(DIFFICULTY, LABELS, (0.5, 0.4, 0.0), COSTS)
    shares = [sent.share.value for sent in quality.sent]
    assert shares == [pytest.approx(2 / 6), pytest.approx(3 / 6), 1.0]
    assert [sent.score for sent in quality.sent] == [pytest.approx(5 / 6)] * 3
    assert [sent.recovered.value for sent in quality.sent] == [1.0, 1.0, 1.0]
    assert quality.hard == 3
    assert quality.weak == 0.5
    assert quality.strong == pytest.approx(5 / 6)


def test_costs_are_exact_and_per_thousand() -> None:
    quality = Quality.of(DIFFICULTY, LABELS, (0.5,), COSTS)
    assert quality.cost == (Decimal("1.000"), Decimal("100.0"))
    assert quality.sent[0].cost == Decimal("0.204") * 1000 / 6


def test_without_costs_none_is_known() -> None:
    quality = Quality.of(DIFFICULTY, LABELS, (0.5,))
    assert quality.cost == (None, None)
    assert quality.sent[0].cost is None


def test_costs_must_fit_the_rows() -> None:
    with pytest.raises(ValueError, match="zip"):
        Quality.of(DIFFICULTY, LABELS, (0.5,), COSTS[:5])


def test_no_rows_are_refused() -> None:
    nothing = np.array([])
    with pytest.raises(ValueError, match="no rows"):
        Quality.of(nothing, Labels(nothing, nothing))


def test_a_gap_that_is_none_has_no_figures_of_ranking_but_those_that_are_defined() -> None:
    same = Labels(LABELS.weak, LABELS.weak)
    found = figures(DIFFICULTY, same)
    assert list(found) == list(FIGURES)
    assert found["apgr"].value is found["cpt50"].value is found["auroc"].value is None
    assert Quality.of(DIFFICULTY, same, (0.5,)).sent[0].recovered.value is None
