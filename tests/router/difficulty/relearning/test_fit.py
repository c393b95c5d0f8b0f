"""A user loses: a head that forgets everything for a few labels, or serves another number than it was judged by."""

from __future__ import annotations

import numpy as np
import pytest

from router.difficulty.model import Calibration
from router.difficulty.relearning.anchors import Anchors, logits
from router.difficulty.relearning.fit import LEAST_FACTOR, Rows, Scaling, fit, head, sigmoid
from router.difficulty.relearning.told import evidence
from tests.router.difficulty.relearning.traffic import SHIPPED, reading, requests, told

ANCHORS = Anchors.shipped()


def rows(count: int, seed: int = 1) -> tuple[Rows, Scaling, Rows]:
    found = evidence(told(requests(count, seed)))
    scaling = Scaling.of(SHIPPED, np.vstack((found.structure, ANCHORS.structure())))
    return Rows.of(found, scaling, found.said), scaling, ANCHORS.rows(SHIPPED, scaling)


def test_labels_that_weigh_nothing_leave_the_champion_as_it_is() -> None:
    own, scaling, anchors = rows(50)
    still = Rows(own.columns, own.logit, own.target, np.zeros(own.logit.size))
    fitted = fit(still, anchors, 3.0)
    assert fitted.factor == pytest.approx(1.0)
    assert np.abs(fitted.delta).max() < 1e-6
    same = head(SHIPPED, fitted, scaling, Calibration(1.0, 0.0))
    for one in requests(20, 2):
        seen = reading(one.text)
        ours, theirs = (logits(model, (seen,))[0] for model in (same, SHIPPED))
        assert ours == pytest.approx(theirs, abs=1e-3)


def test_a_few_labels_move_it_a_little_and_many_a_lot() -> None:
    moved = []
    for count in (30, 600):
        own, _, anchors = rows(count)
        moved.append(float(np.linalg.norm(fit(own, anchors, 3.0).delta)))
    assert moved[0] < moved[1] / 2


def test_the_head_gives_the_numbers_of_the_fit() -> None:
    own, scaling, anchors = rows(300)
    fitted = fit(own, anchors, 3.0)
    made = head(SHIPPED, fitted, scaling, Calibration(0.8, -0.1))
    readings = ANCHORS.rehearsed[:50]
    found = sigmoid(logits(made, readings))
    wanted = sigmoid(0.8 * fitted.logits(anchors.take(np.arange(anchors.logit.size) < 50)) - 0.1)
    assert np.abs(found - wanted).max() < 1e-3


def test_a_head_that_was_learned_can_learn_again() -> None:
    own, scaling, anchors = rows(300)
    first = head(SHIPPED, fit(own, anchors, 3.0), scaling, Calibration(1.0, 0.0))
    again = Scaling.of(first, ANCHORS.structure())
    assert np.allclose(again.mean, scaling.mean)
    rehearsed = ANCHORS.rows(first, again)
    second = head(first, fit(rehearsed, rehearsed, 3.0), again, Calibration(1.0, 0.0))
    assert np.abs(logits(second, ANCHORS.judging) - logits(first, ANCHORS.judging)).max() < 0.02


def test_labels_that_say_the_opposite_do_not_turn_the_champion_around() -> None:
    own, _, anchors = rows(300)
    turned = Rows(np.zeros_like(own.columns), own.logit, (own.logit < 0).astype(float), 50 * own.weight)
    assert fit(turned, Rows(*(part[:0] for part in (own.columns, own.logit, own.target, own.weight))), 3.0).factor == (
        pytest.approx(LEAST_FACTOR, abs=1e-3)
    )
    assert anchors.logit.size > 100
